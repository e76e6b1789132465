//! A community in which something of everything happened, and a browser's way of asking for its pages.

use axum::{Router, body::Body, http::Request};
use commons::{
    Commons,
    billing::{self, Quote, Service, UsageLine},
    effects::{CreateOrganisation, Effects},
    identity::Caller,
    ids::{Charge, Job},
    jobs::{self, Ending, JobState, Kinds, Resources, Submission},
    pack::Pack,
    provenance::{self, Artifact, Contribution},
};
use compute::{Compute, Config};
use console::Console;
use corpus::Corpus;
use evaluation::{Estimate, Evaluation, Outcome, TaskOutcome, types::Better};
use finance::Finance;
use hub::{CommitRequest, Content, Hub, RepoKind, Visibility};
use kernel::Id;
use model::{Models, Served};
use serde_json::{Value, json};
use services::Services;
use testkit::{Kit, Reply};

/// Micros of one yuan.
const YUAN: i64 = 1_000_000;

/// The community.
pub struct World {
    kit: Kit,
    router: Router,
    console: Console,
    /// The operator and its token.
    pub operator: (Caller, String),
    /// A start-up that publishes.
    pub acme: (Caller, String),
    /// A start-up that has nothing yet.
    pub beta: (Caller, String),
}

/// The addresses of what happened.
pub struct Places {
    /// A charge of the model, settled.
    pub charge: Id<Charge>,
    /// A job that succeeded, and one that waits.
    pub jobs: [Id<Job>; 2],
    /// A case that waits for the operator.
    pub case: String,
}

fn job(kind: &str, name: &str) -> Submission {
    Submission {
        kind: kind.into(),
        name: name.into(),
        spec: json!({"seed": 7}),
        inputs: vec![],
        priority: 50,
        resources: Resources::new(1, 64, 60),
        scheduling: Default::default(),
        idempotency: None,
    }
}

impl World {
    pub async fn new(kit: Kit) -> Self {
        let pack = Pack::embedded("shanghai").unwrap();
        let finance = Finance::open(&kit.commons, &pack).await.unwrap();
        let commons = kit.commons.clone().with_settlement(finance.settlement());
        let hub = Hub::open(&commons).await.unwrap();
        let corpus = Corpus::open(&commons, &hub);
        let models = Models::open(&commons, &hub, model::Limits::default()).await.unwrap();
        let evaluation = Evaluation::open(&commons, &hub).await.unwrap();
        let effects = Effects::default().with(CreateOrganisation).with(compute::GrantQuota);
        let services = Services::open(&commons, &pack, finance.add_effects(effects)).await.unwrap();
        let kinds = Kinds::default().with(corpus.clone()).with(models.clone()).with(evaluation.clone());
        let compute = Compute::open(&commons, kinds, Config::this_machine(YUAN)).await.unwrap();
        let console = Console { commons, compute, corpus, evaluation, finance, hub, models, services };
        let router = console.routes().into_router();
        let (operator, acme, beta) = (kit.operator().await, kit.org("acme").await, kit.org("beta").await);
        Self { kit, router, console, operator, acme, beta }
    }

    /// Asks for a page as a browser would; with `token` where somebody is signed in.
    pub async fn get(&self, path: &str, token: Option<&str>) -> Reply {
        self.kit.call(&self.router, "GET", path, token, None).await
    }

    /// Sends a form as a page of `origin` would.
    pub async fn post(&self, path: &str, origin: &str, cookie: &str, form: &str) -> Reply {
        let request =
            Request::builder().method("POST").uri(path).header("host", "localhost").header("origin", origin);
        let request =
            request.header("content-type", "application/x-www-form-urlencoded").header("cookie", cookie);
        self.kit.send(&self.router, request.body(Body::from(form.to_owned())).unwrap()).await
    }

    /// Asks for a page with a cookie.
    pub async fn get_with(&self, path: &str, cookie: &str) -> Reply {
        let request = Request::builder().uri(path).header("host", "localhost").header("cookie", cookie);
        self.kit.send(&self.router, request.body(Body::empty()).unwrap()).await
    }

    /// Lets something of everything happen.
    pub async fn happen(&self) -> Places {
        self.kit.fund(&self.beta.0, 100 * YUAN).await;
        let given = self
            .console
            .finance
            .fund_programme("operator".into(), "model-voucher", 1000 * YUAN, "first")
            .await;
        given.unwrap();
        let dataset = self.commit(RepoKind::Dataset, "notes", dataset_files()).await;
        let model = self.commit(RepoKind::Model, "tiny", model_files()).await;
        let done = self.train(&dataset, &model).await;
        self.score(done, &dataset, &model).await;
        let waiting = self.job("evaluation.run", "score", vec![], vec![]).await;
        let charge = self.charge(&model).await;
        Places { charge, jobs: [done, waiting], case: self.apply().await }
    }

    async fn commit(&self, kind: RepoKind, name: &str, files: Vec<(&str, Vec<u8>)>) -> String {
        let request = CommitRequest {
            kind,
            org: self.acme.0.org,
            name: name.into(),
            visibility: Visibility::Public,
            message: "First version".into(),
            author: "acme".into(),
            files: files
                .into_iter()
                .map(|(path, bytes)| (path.to_owned(), Content::Bytes(bytes.into())))
                .collect(),
            replace_all: true,
            idempotency: name.into(),
        };
        self.console.hub.commit(request).await.unwrap().reference
    }

    /// Records that acme trained `model` on `dataset`, to which three people contributed.
    async fn train(&self, dataset: &str, model: &str) -> Id<Job> {
        let (commons, org) = (self.console.commons.clone(), self.acme.0.org);
        let (from, to) = (dataset.to_owned(), model.to_owned());
        let served = Served {
            name: "acme/tiny".into(),
            reference: to.clone(),
            org,
            price_input_micros: YUAN,
            price_output_micros: 4 * YUAN,
            context: 256,
            parameters: 812_544,
            job: None,
            dataset: Some(from.clone()),
            registered_at: commons.now(),
        };
        let write = self.console.commons.db.write(move |tx| {
            Box::pin(async move {
                for (reference, kind) in [(&from, "dataset"), (&to, "model")] {
                    let (reference, kind, created_at) = (reference.clone(), kind.to_owned(), commons.now());
                    let title = reference.clone();
                    let artifact =
                        Artifact { reference, org, kind, title, job: None, meta: json!({}), created_at };
                    provenance::record(tx, &artifact).await?;
                }
                let given = [("serde <authors>", 600), ("tokio & co", 300), ("axum \"authors\"", 100)];
                let given = given.map(|(who, tokens)| Contribution {
                    contributor: who.into(),
                    source: format!("{who} 1.0.0"),
                    licence: "MIT".into(),
                    documents: 2,
                    bytes: tokens * 4,
                    tokens,
                    example: "README.md".into(),
                });
                provenance::contribute(tx, &from, &given).await?;
                model::ops::register(tx, &served).await
            })
        });
        write.await.unwrap();
        self.job("model.train", "tiny", vec![dataset.into()], vec![model.into()]).await
    }

    /// A job of acme; one with outputs has succeeded, another waits.
    async fn job(&self, kind: &str, name: &str, inputs: Vec<String>, outputs: Vec<String>) -> Id<Job> {
        let (commons, caller, submission) =
            (self.console.commons.clone(), self.acme.0.clone(), job(kind, name));
        let write = self.console.commons.db.write(move |tx| {
            Box::pin(async move {
                let offer = jobs::Offer::free(inputs);
                let mut job = jobs::submit_in(&commons, tx, &caller, &submission, offer).await?;
                if outputs.is_empty() {
                    return Ok(job.id);
                }
                for to in [JobState::Starting, JobState::Running, JobState::Finishing] {
                    assert!(jobs::transition(&commons, tx, job.id, job.state, to, None).await?);
                    job.state = to;
                }
                let ending = Ending {
                    state: JobState::Succeeded,
                    reason: None,
                    outputs,
                    result: json!({"loss": 2.3}),
                    usage: None,
                };
                assert!(jobs::finish(&commons, tx, &job, &ending).await?);
                Ok(job.id)
            })
        });
        write.await.unwrap()
    }

    async fn score(&self, job: Id<Job>, dataset: &str, model: &str) {
        let estimate = |value: f64| Estimate { value, low: value - 0.1, high: value + 0.1 };
        let task = TaskOutcome {
            task: "heldout_bits_per_byte".into(),
            metric: "bits_per_byte".into(),
            better: Better::Lower,
            items: 100,
            model: estimate(2.1),
            baseline: estimate(2.5),
            difference: estimate(-0.4),
            samples: vec![],
        };
        let outcome = Outcome {
            model: "acme/tiny".into(),
            options: Default::default(),
            tasks: vec![task],
            requests: 100,
            baseline_bytes: 1,
        };
        let run = evaluation::Run {
            job,
            org: self.acme.0.org,
            model: "acme/tiny".into(),
            model_reference: Some(model.into()),
            dataset: dataset.into(),
            outcome,
            recorded_at: self.console.commons.now(),
        };
        self.console.evaluation.record(run).await.unwrap();
    }

    /// Beta calls acme's model and pays.
    async fn charge(&self, model: &str) -> Id<Charge> {
        let quote = Quote {
            org: self.beta.0.org,
            payee: self.acme.0.org,
            service: Service::Model,
            resource: model.into(),
            max_micros: 20 * YUAN,
            idempotency: "call-1".into(),
            expires_seconds: Some(600),
        };
        let line = UsageLine {
            unit: "output_tokens".into(),
            quantity: 2_500_000,
            price_micros: 4 * YUAN,
            per: 1_000_000,
        };
        let commons: Commons = self.console.commons.clone();
        let write = self.console.commons.db.write(move |tx| {
            Box::pin(async move {
                let charge = billing::open(&commons, tx, quote).await?;
                Ok(billing::settle(&commons, tx, charge.id, vec![line]).await?.id)
            })
        });
        write.await.unwrap()
    }

    async fn apply(&self) -> String {
        let form = json!({"use": "train a small model", "purpose": "research", "cpu_hours": 10});
        let form = form.as_object().unwrap().clone();
        let opened =
            self.console.services.open_case(Some(&self.acme.0), "compute-voucher", form).await.unwrap();
        opened.case.id.to_string()
    }
}

fn dataset_files() -> Vec<(&'static str, Vec<u8>)> {
    let step = |name: &str, came: u64, went: u64, drops: Value| {
        json!({"name": name, "documents_in": came, "bytes_in": came * 900, "documents_out": went,
               "bytes_out": went * 900, "drops": drops})
    };
    let drop = json!([{"reason": "near_duplicate", "documents": 40, "bytes": 36_000,
                       "examples": [{"id": "d9", "path": "a/LICENSE"}]}]);
    let report = json!({
        "title": "Notes", "toolchain": "0.1.0", "recipe": corpus::recipe::builtin("default").unwrap(), "fingerprint": "0",
        "steps": [step("read", 120, 110, json!([])), step("near", 110, 70, drop)],
        "splits": [{"name": "train", "files": ["data/train-00000-of-00001.jsonl"], "documents": 60, "bytes": 54_000, "tokens": 900},
                   {"name": "heldout", "files": ["data/heldout-00000-of-00001.jsonl"], "documents": 10, "bytes": 9000, "tokens": 100}],
        "licences": [{"name": "MIT", "documents": 70, "bytes": 63_000, "tokens": 1000}],
        "sources": [], "sources_total": 3, "documents_cjk": 0, "clusters": []
    });
    let line = json!({"id": "d1", "text": "The <script>alert(1)</script> crate.", "source": "serde 1.0", "author": "a", "licence": "MIT", "path": "README.md"});
    vec![
        ("README.md", b"---\nlicense: mit\n---\n# Notes\nA card.".to_vec()),
        ("report.json", report.to_string().into_bytes()),
        ("data/train-00000-of-00001.jsonl", format!("{line}\n").into_bytes()),
    ]
}

fn model_files() -> Vec<(&'static str, Vec<u8>)> {
    vec![("README.md", b"# Tiny".to_vec()), ("config.json", br#"{"model_type": "gpt2"}"#.to_vec())]
}

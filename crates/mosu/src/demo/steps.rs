//! The eight steps.

use super::bars::{Bar, Bars};
use crate::{
    cli::{Demo, Train},
    client::{Client, UserError, write_key},
    commands::{corpus as corpora, evaluate, job, train},
};
use anyhow::{Context, Result, anyhow};
use serde_json::{Value, json};
use std::{
    path::{Path, PathBuf},
    time::Duration,
};

/// The packages that this program was built from.
const LOCK: &str = include_str!("../../../../Cargo.lock");
/// The corpus and the model that the demo makes.
pub const DATASET: &str = "acme-ai/package-docs";
pub const MODEL: &str = "acme-ai/package-tiny";
/// What the demo puts into the programmes' pots, in CNY micros.
const POTS: [(&str, i64); 2] =
    [("compute-voucher", 600_000_000_000_000), ("model-voucher", 300_000_000_000_000)];
/// Calls that the second start-up makes.
const CALLS: u64 = 8;
/// What the second start-up asks the model to go on with.
const PROMPTS: [&str; 4] =
    ["This crate provides", "The following features", "## Installation", "Permission is hereby"];

/// The demo on its way: what was made so far.
pub struct Tour<'a> {
    operator: Client,
    data: &'a Path,
    args: &'a Demo,
    bars: &'a Bars,
    /// The start-up that makes the corpus and the model.
    pub maker: Client,
    /// The start-up that calls the model.
    pub user: Client,
    /// Packages whose documentation was read; none with a folder of one's own.
    pub packages: Option<usize>,
    /// The dataset, as the API tells it.
    pub dataset: Value,
    /// The training job.
    pub training: Value,
    /// What the model wrote.
    pub samples: Vec<(String, String)>,
    /// The charge that is followed.
    pub charge: String,
    /// What the contributors were paid.
    pub distribution: Value,
    /// The evaluation.
    pub evaluation: Value,
    /// The path behind the charge.
    pub trace: Value,
    /// The proof of the ledger.
    pub verification: Value,
}

impl<'a> Tour<'a> {
    /// A demo that has not gone anywhere yet.
    pub fn new(operator: Client, data: &'a Path, args: &'a Demo, bars: &'a Bars) -> Self {
        Self {
            maker: operator.clone(),
            user: operator.clone(),
            operator,
            data,
            args,
            bars,
            packages: None,
            dataset: Value::Null,
            training: Value::Null,
            samples: Vec::new(),
            charge: String::new(),
            distribution: Value::Null,
            evaluation: Value::Null,
            trace: Value::Null,
            verification: Value::Null,
        }
    }

    /// What `demo.json` says of it.
    pub fn marks(&self) -> Value {
        json!({"dataset": DATASET, "model": MODEL, "charge": self.charge, "orgs": ["operator", "acme-ai", "bistro-bot"]})
    }

    /// Goes through all the steps.
    pub fn run(mut self) -> Result<Self> {
        let bars = self.bars;
        bars.step("  Programmes", "the budget funds the voucher programmes", |_| self.fund())?;
        bars.step("2 Residency", "two start-ups apply", |_| self.move_in())?;
        bars.step("3 Corpus", "reading the documentation of this program's packages", |bar| {
            self.build_corpus(bar)
        })?;
        bars.step("4 Train", "training from scratch", |bar| self.train(bar))?;
        bars.step("5 Serve", "the model answers", |bar| self.serve(bar))?;
        bars.step("6 Pay", "the second start-up calls the model", |bar| self.pay(bar))?;
        bars.step("7 Evaluate", "scoring on held-out documents", |bar| self.evaluate(bar))?;
        bars.step("8 Prove", "following a charge, proving the ledger", |_| self.prove())?;
        Ok(self)
    }

    fn fund(&self) -> Result<()> {
        for (policy, amount_micros) in POTS {
            let path = format!("/api/v1/programmes/{policy}/fund");
            self.operator.post_once(
                &path,
                &format!("demo-{policy}"),
                &json!({"amount_micros": amount_micros}),
            )?;
        }
        Ok(())
    }

    fn move_in(&mut self) -> Result<()> {
        let apply = |slug: &str, name: &str, purpose: &str, summary: &str| {
            self.reside(&json!({
                "organisation": name, "short_name": slug, "organisation_type": "startup",
                "contact_name": "林晓 Lin Xiao", "contact_email": format!("hello@{slug}.example"),
                "team_size": 6, "purpose": purpose, "summary": summary,
            }))
        };
        let maker = apply("acme-ai", "Acme 智能", "large-model", "Small language models for developers")?;
        let user = apply(
            "bistro-bot",
            "Bistro Bot",
            "vertical-application",
            "An assistant for restaurants' kitchens",
        )?;
        (self.maker, self.user) = (maker, user);
        Ok(())
    }

    /// Applies, lets the operator approve, and claims the token, as three different people would.
    fn reside(&self, form: &Value) -> Result<Client> {
        let anyone = Client::new(&self.operator.endpoint, None);
        let opened = anyone.post("/api/v1/services/residency/cases", &json!({"form": form}))?;
        let id = opened["case"]["id"].as_str().context("an opened case has an id")?;
        let note = "资料齐全,同意入驻。 The documents are complete.";
        let ruling = json!({"step": "review", "verdict": "approve", "note": note});
        self.operator.post(&format!("/api/v1/cases/{id}/decisions"), &ruling)?;
        let claimed =
            anyone.post(&format!("/api/v1/cases/{id}/claim"), &json!({"code": opened["claim_code"]}))?;
        let secret = claimed["secret"].as_str().context("a claim brings a token")?;
        write_key(self.data, form["short_name"].as_str().unwrap_or_default(), secret)?;
        Ok(anyone.with_token(secret))
    }

    fn build_corpus(&mut self, bar: &Bar) -> Result<()> {
        let bundle = self.data.join("bundle.zip");
        let title = match &self.args.text {
            Some(folder) => {
                corpus::bundle::from_folder(folder, &bundle)?;
                format!("Text of {}", folder.display())
            }
            None => {
                let gathered = corpus::packages::gather(LOCK, &cargo_home()?, &bundle, &mut |done| {
                    bar.tell(
                        done * 0.3,
                        "gathering READMEs, Markdown and licences from cargo's source cache",
                    );
                })?;
                if gathered.packages == 0 {
                    let text = "cargo's source cache holds none of this program's packages; name a folder of text \
                                of your own with --text DIR";
                    return Err(anyhow!(UserError(text.into())));
                }
                self.packages = Some(gathered.packages);
                "Documentation of the packages behind Mosu".to_owned()
            }
        };
        let submitted = corpora::submit(&self.maker, &bundle, DATASET, &title, &recipe()?)?;
        std::fs::remove_file(&bundle).context("the bundle can't be removed")?;
        self.watch(&submitted, |fraction, text| bar.tell(0.3 + 0.7 * fraction, text))?;
        self.dataset = self.maker.get(&format!("/api/v1/datasets/{DATASET}"))?;
        Ok(())
    }

    fn train(&mut self, bar: &Bar) -> Result<()> {
        let order = Train {
            dataset: self.dataset["reference"].as_str().unwrap_or(DATASET).to_owned(),
            repo: MODEL.to_owned(),
            seconds: self.args.train_seconds,
            seed: 1,
            price_input: "1.00".into(),
            price_output: "4.00".into(),
            wait: false,
        };
        let submitted = train::submit(&self.maker, &order)?;
        self.training = self.watch(&submitted, |fraction, text| bar.tell(fraction, text))?;
        Ok(())
    }

    fn watch(&self, submitted: &Value, tell: impl FnMut(f64, &str)) -> Result<Value> {
        job::watch(&self.maker, submitted["id"].as_str().unwrap_or_default(), tell)
    }

    /// The owner tries its own model: both of OpenAI's doors.
    fn serve(&mut self, bar: &Bar) -> Result<()> {
        for (index, prompt) in PROMPTS.iter().enumerate() {
            bar.tell(index as f64 / PROMPTS.len() as f64, prompt);
            let body =
                json!({"model": MODEL, "prompt": prompt, "max_tokens": 48, "temperature": 0.7, "seed": 7});
            let answer = self.maker.post("/v1/completions", &body)?;
            let text = answer["choices"][0]["text"].as_str().unwrap_or_default().to_owned();
            self.samples.push(((*prompt).to_owned(), text));
        }
        let messages = json!([{"role": "user", "content": "How do I install this?"}]);
        let body =
            json!({"model": MODEL, "messages": messages, "max_tokens": 32, "temperature": 0.7, "seed": 7});
        let answer = self.maker.post("/v1/chat/completions", &body)?;
        answer["choices"][0]["message"]["content"].as_str().context("a chat answer has content")?;
        Ok(())
    }

    /// The other start-up is a customer: a voucher bears its share, the contributors get theirs.
    fn pay(&mut self, bar: &Bar) -> Result<()> {
        for call in 0..CALLS {
            bar.tell(call as f64 / CALLS as f64, "calls are metered, held and settled");
            let prompt = PROMPTS[call as usize % PROMPTS.len()];
            let body =
                json!({"model": MODEL, "prompt": prompt, "max_tokens": 64, "temperature": 0.8, "seed": call});
            self.user.post("/v1/completions", &body)?;
        }
        self.charge = self.settled_charge()?;
        let path = format!("/api/v1/datasets/{DATASET}/distribute");
        self.distribution = self.operator.post_once(&path, "demo-distribution", &json!({}))?;
        Ok(())
    }

    /// The customer's newest charge, once it is settled: the pump settles just after the last byte.
    fn settled_charge(&self) -> Result<String> {
        for _ in 0..100 {
            let charges = self.user.get("/api/v1/charges?limit=1")?;
            let newest = &charges["items"][0];
            if newest["state"] == "settled" {
                return Ok(newest["id"].as_str().unwrap_or_default().to_owned());
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Err(anyhow!("the calls' charges were not settled within five seconds"))
    }

    fn evaluate(&mut self, bar: &Bar) -> Result<()> {
        let dataset = self.dataset["reference"].as_str().unwrap_or(DATASET);
        let submitted = evaluate::submit(&self.maker, MODEL, dataset, 1)?;
        let ended = self.watch(&submitted, |fraction, text| bar.tell(fraction, text))?;
        let id = ended["id"].as_str().unwrap_or_default();
        self.evaluation = self.maker.get(&format!("/api/v1/evaluations/{id}"))?;
        Ok(())
    }

    fn prove(&mut self) -> Result<()> {
        self.trace = self.user.get(&format!("/api/v1/charges/{}/trace", self.charge))?;
        self.verification = self.operator.get("/api/v1/ledger/verification")?;
        if self.verification["holds"] != true {
            return Err(anyhow!("the ledger does not hold: {}", self.verification["faults"]));
        }
        Ok(())
    }
}

/// The usual recipe; a small corpus holds out more than the usual share, so that the evaluation has enough to go by.
fn recipe() -> Result<String> {
    let mut recipe = corpus::recipe::builtin("default")?;
    recipe.output.heldout.documents = 48;
    Ok(recipe.to_toml()?)
}

/// Where cargo keeps the packages' sources.
fn cargo_home() -> Result<PathBuf> {
    if let Some(home) = std::env::var_os("CARGO_HOME") {
        return Ok(home.into());
    }
    let home = std::env::var_os("HOME").context("neither CARGO_HOME nor HOME is set")?;
    Ok(PathBuf::from(home).join(".cargo"))
}

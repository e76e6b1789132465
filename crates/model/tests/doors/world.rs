//! A hub with a dataset, a model trained on it and served, its owner and a customer.

use axum::Router;
use commons::{
    identity::Caller,
    jobs::{Job, JobKind, JobState, Resources, Submission, Task, TaskFile},
};
use hub::{CommitRequest, Content, Hub, RepoKind, Visibility};
use kernel::Id;
use model::{Limits, Models};
use serde_json::{Value, json};
use std::path::Path;
use testkit::{Kit, Reply};

/// The name that the model is served under.
pub const MODEL: &str = "acme/tiny";

pub struct World {
    pub kit: Kit,
    pub models: Models,
    pub router: Router,
    pub owner: Caller,
    pub owner_token: String,
    pub customer: Caller,
    pub customer_token: String,
    pub dataset: String,
}

impl World {
    /// Everything but the model.
    pub async fn new(kit: Kit) -> Self {
        let (owner, owner_token) = kit.org("acme").await;
        let (customer, customer_token) = kit.org("bolt").await;
        kit.fund(&customer, 1_000_000).await;
        let hub = Hub::open(&kit.commons).await.unwrap();
        let models = Models::open(&kit.commons, &hub, Limits::default()).await.unwrap();
        let line =
            json!({"id": "1", "text": "The crate reads a file and writes a file. 模速空间。\n"}).to_string();
        let request = CommitRequest {
            kind: RepoKind::Dataset,
            org: owner.org,
            name: "notes".into(),
            visibility: Visibility::Private,
            message: "Notes".into(),
            author: "acme".into(),
            files: vec![(
                "data/train-00000-of-00001.jsonl".into(),
                Content::Bytes(format!("{line}\n").repeat(30).into()),
            )],
            replace_all: true,
            idempotency: "notes".into(),
        };
        let dataset = hub.commit(request).await.unwrap().reference;
        let router = models.routes(&kit.commons).into_router();
        Self { kit, models, router, owner, owner_token, customer, customer_token, dataset }
    }

    /// With the model trained and published through its job.
    pub async fn serving(kit: Kit) -> Self {
        let world = Self::new(kit).await;
        let job = world.job(&world.submission(json!({}))).await;
        let result = world.work(&job).await;
        let output = world.folder(&job).join("output");
        world.models.publish(&world.kit.commons, &job, &output, &result).await.unwrap();
        world
    }

    pub fn submission(&self, change: Value) -> Submission {
        let mut spec = json!({
            "dataset": "acme/notes", "repo": MODEL, "vocabulary": 300, "layers": 1, "width": 32, "heads": 2,
            "context": 64, "tokens": 150_000, "seed": 3,
            "price_input_micros": 1_000_000, "price_output_micros": 4_000_000
        });
        for (key, value) in change.as_object().unwrap() {
            spec[key] = value.clone();
        }
        Submission {
            kind: "model.train".into(),
            name: "tiny".into(),
            spec,
            inputs: Vec::new(),
            priority: 50,
            resources: Resources::new(1, 512, 600),
            scheduling: Default::default(),
            idempotency: None,
        }
    }

    /// The job that a submission makes.
    pub async fn job(&self, submission: &Submission) -> Job {
        self.models.check(submission).unwrap();
        let inputs = self.models.inputs(&self.kit.commons, &self.owner, submission).await.unwrap();
        Job {
            id: Id::generate(),
            org: self.owner.org,
            person: self.owner.person,
            kind: submission.kind.clone(),
            name: submission.name.clone(),
            spec: submission.spec.clone(),
            state: JobState::Finishing,
            reason: None,
            priority: 50,
            resources: submission.resources,
            scheduling: Default::default(),
            member: None,
            submitted_at: self.kit.commons.now(),
            started_at: None,
            ended_at: None,
            inputs,
            outputs: Vec::new(),
            charge: None,
            usage: None,
            result: Value::Null,
            cancel_requested: false,
            attempt: 1,
        }
    }

    pub fn folder(&self, job: &Job) -> std::path::PathBuf {
        self.kit.folder.path().join("jobs").join(job.id.to_string())
    }

    /// Stages and runs a job's task as its process does.
    pub async fn work(&self, job: &Job) -> Value {
        let folder = self.folder(job);
        self.models.stage(&self.kit.commons, job, &folder.join("input")).await.unwrap();
        let file = TaskFile {
            job: job.id.to_string(),
            kind: job.kind.clone(),
            spec: job.spec.clone(),
            cpus: 1,
            memory_mib: 512,
            wall_seconds: 600,
        };
        tokio::task::spawn_blocking(move || model::jobs::run_task(&task(&folder, &file)).unwrap())
            .await
            .unwrap()
    }

    /// The customer posts to a door.
    pub async fn post(&self, path: &str, body: Value) -> Reply {
        self.kit.call(&self.router, "POST", path, Some(&self.customer_token), Some(body)).await
    }

    pub async fn get(&self, path: &str, token: Option<&str>) -> Reply {
        self.kit.call(&self.router, "GET", path, token, None).await
    }
}

fn task(folder: &Path, file: &TaskFile) -> Task {
    Task::open(folder, file).unwrap()
}

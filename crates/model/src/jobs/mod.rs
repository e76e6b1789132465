//! The job kind `model.train`: a small transformer from scratch on a dataset of the hub, published and served.

mod card;
mod spec;
mod work;

pub use spec::Spec;
pub use work::run_task;

use crate::{Models, ops, types::Served};
use async_trait::async_trait;
use commons::{
    Commons,
    identity::{Caller, Scope},
    jobs::{Job, JobKind, Published, Submission},
    provenance::{self, Artifact},
};
use engine::Config;
use hub::{CommitRequest, Content, RepoKind, Viewer, Visibility, rules::names::is_under};
use kernel::{Error, Result};
use serde_json::{Value, json};
use std::path::Path;

/// Name of the kind.
const KIND: &str = "model.train";
/// What the task leaves, and the repository gets.
const FILES: [&str; 7] = [
    "README.md",
    "config.json",
    "generation_config.json",
    "model.safetensors",
    "tokenizer.json",
    "tokenizer_config.json",
    "training.json",
];

#[async_trait]
impl JobKind for Models {
    fn name(&self) -> &'static str {
        KIND
    }

    fn check(&self, submission: &Submission) -> Result<()> {
        Spec::of(&submission.spec)?.check(submission.resources.wall_seconds)
    }

    async fn inputs(&self, _: &Commons, caller: &Caller, submission: &Submission) -> Result<Vec<String>> {
        caller.require(Scope::Write)?;
        let spec = Spec::of(&submission.spec)?;
        if !is_under(&spec.repo, &caller.org_slug) {
            let text = format!("repo must begin with your organisation's name: {}/…", caller.org_slug);
            return Err(Error::invalid("train_spec_invalid", text));
        }
        let viewer = Viewer::Org(caller.org);
        let revision = match spec.dataset.contains(':') {
            true => self.hub.resolve_reference(viewer, &spec.dataset).await?,
            false => self.hub.resolve(viewer, RepoKind::Dataset, &spec.dataset, "main").await?,
        };
        if !revision.entries.iter().any(|entry| is_train(&entry.path)) {
            let text =
                format!("{} has no train part to learn from; build it with corpus.build", spec.dataset);
            return Err(Error::invalid("train_dataset_unsuitable", text));
        }
        Ok(vec![revision.commit.reference])
    }

    async fn stage(&self, _: &Commons, job: &Job, input: &Path) -> Result<()> {
        let viewer = Viewer::Org(job.org);
        self.hub.export(viewer, dataset_of(job)?, input, |entry| is_train(&entry.path)).await.map(drop)
    }

    async fn publish(
        &self,
        commons: &Commons,
        job: &Job,
        output: &Path,
        result: &Value,
    ) -> Result<Published> {
        let spec = Spec::of(&job.spec)?;
        let dataset = dataset_of(job)?.to_owned();
        let config = read_config(output).await?;
        let reference = self.commit(job, &spec, &dataset, output).await?;
        let served = Served {
            name: spec.repo.clone(),
            reference: reference.clone(),
            org: job.org,
            price_input_micros: spec.price_input_micros,
            price_output_micros: spec.price_output_micros,
            context: config.context as i64,
            parameters: config.parameters() as i64,
            job: Some(job.id),
            dataset: Some(dataset.clone()),
            registered_at: commons.now(),
        };
        let artifact = Artifact {
            reference: reference.clone(),
            org: job.org,
            kind: "model".into(),
            title: spec.repo.clone(),
            job: Some(job.id),
            meta: json!({"dataset": dataset, "training": result}),
            created_at: commons.now(),
        };
        let write = commons.db.write(move |tx| {
            Box::pin(async move {
                provenance::record(tx, &artifact).await?;
                ops::register(tx, &served).await
            })
        });
        write.await?;
        let mut result = result.clone();
        result["reference"] = json!(reference);
        result["model"] = json!(spec.repo);
        Ok(Published { outputs: vec![reference], result })
    }
}

impl Models {
    /// Commits what the task wrote; the job's id makes that happen once.
    async fn commit(&self, job: &Job, spec: &Spec, dataset: &str, output: &Path) -> Result<String> {
        let files = FILES.iter().map(|name| ((*name).to_owned(), Content::File(output.join(name))));
        let (_, name) = spec.repo.split_once('/').unwrap_or(("", &spec.repo));
        let request = CommitRequest {
            kind: RepoKind::Model,
            org: job.org,
            name: name.to_owned(),
            visibility: Visibility::Public,
            message: format!("Train on {dataset}\n\nBy job {}.", job.id),
            author: job.id.to_string(),
            files: files.collect(),
            replace_all: true,
            idempotency: job.id.to_string(),
        };
        Ok(self.hub.commit(request).await?.reference)
    }
}

/// Documents to learn from; what is held out is never staged.
fn is_train(path: &str) -> bool {
    intake::is_of_split(path, "train")
}

/// The dataset's version, as it was when the job was submitted.
fn dataset_of(job: &Job) -> Result<&str> {
    let dataset = job.inputs.iter().find(|input| input.starts_with("dataset:"));
    dataset
        .map(String::as_str)
        .ok_or_else(|| Error::internal("a training job without a dataset among its inputs"))
}

async fn read_config(output: &Path) -> Result<Config> {
    let text = tokio::fs::read(output.join("config.json")).await.map_err(|cause| {
        let text = "the job left no config.json, so there is no model to publish; its log says why";
        Error::invalid("train_output_incomplete", text).with_source(cause)
    })?;
    Config::from_json(&text)
}

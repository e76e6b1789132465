//! The job kind `evaluation.run`: scores a served model on a dataset of the hub, as any user could.

use crate::{
    Endpoint, Evaluation,
    board::Run,
    run,
    types::{Limits, Options, Outcome},
};
use async_trait::async_trait;
use commons::{
    Commons,
    identity::{Caller, Scope},
    jobs::{Job, JobKind, Published, Submission, Task},
};
use hub::{RepoKind, Viewer};
use kernel::{Error, Result};
use serde::Deserialize;
use serde_json::{Value, json};
use std::path::Path;

/// The parts of a data set: what models learn from, and what nothing learns from.
const SPLITS: [&str; 2] = ["train", "heldout"];
/// What the task leaves for publishing.
const OUTCOME: &str = "outcome.json";
/// Largest outcome that is taken, in bytes.
const OUTCOME_BYTES: u64 = 16 << 20;

/// What a submission says.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Spec {
    /// Name under which the model is served.
    model: String,
    /// The dataset's version, as `dataset:org/name@commit`.
    dataset: String,
    /// Decides which passages are drawn.
    #[serde(default)]
    seed: u64,
    /// How much is read and asked.
    #[serde(default)]
    limits: Limits,
}

impl Spec {
    fn of(spec: &Value) -> Result<Self> {
        let invalid = |why: String| {
            let shape =
                "a spec is {\"model\": \"org/name\", \"dataset\": \"dataset:org/name@commit\", \"seed\": 1}";
            Error::invalid("evaluation_spec_invalid", format!("{why}; {shape}"))
        };
        let spec = Self::deserialize(spec).map_err(|cause| invalid(cause.to_string()))?;
        if spec.model.is_empty() || spec.model.len() > 200 {
            return Err(invalid("model has 1 to 200 bytes".to_owned()));
        }
        let dataset: hub::Reference = spec.dataset.parse()?;
        if dataset.kind != RepoKind::Dataset {
            return Err(invalid(format!("{dataset} is no dataset")));
        }
        spec.limits.check()?;
        Ok(spec)
    }
}

#[async_trait]
impl JobKind for Evaluation {
    fn name(&self) -> &'static str {
        "evaluation.run"
    }

    fn check(&self, submission: &Submission) -> Result<()> {
        Spec::of(&submission.spec).map(drop)
    }

    async fn inputs(&self, _: &Commons, caller: &Caller, submission: &Submission) -> Result<Vec<String>> {
        caller.require(Scope::Read)?;
        caller.require(Scope::Call)?;
        let spec = Spec::of(&submission.spec)?;
        let viewer = Viewer::Org(caller.org);
        let revision = self.hub.resolve_reference(viewer, &spec.dataset).await?;
        for split in SPLITS {
            if !revision.entries.iter().any(|entry| intake::is_of_split(&entry.path, split)) {
                let text = format!(
                    "{} has no {split} part; evaluate on a dataset that a corpus job has built",
                    spec.dataset
                );
                return Err(Error::invalid("evaluation_dataset_unsuitable", text));
            }
        }
        // A model may be served under a name that is no repository's; then the lineage ends at its name.
        let model = self.hub.resolve(viewer, RepoKind::Model, &spec.model, "main").await.ok();
        let model = model.map(|revision| revision.commit.reference);
        Ok(std::iter::once(spec.dataset).chain(model).collect())
    }

    async fn stage(&self, _: &Commons, job: &Job, input: &Path) -> Result<()> {
        let spec = Spec::of(&job.spec)?;
        let wanted = |entry: &hub::Entry| SPLITS.iter().any(|split| intake::is_of_split(&entry.path, split));
        self.hub.export(Viewer::Org(job.org), &spec.dataset, input, wanted).await.map(drop)
    }

    async fn publish(
        &self,
        commons: &Commons,
        job: &Job,
        output: &Path,
        result: &Value,
    ) -> Result<Published> {
        let spec = Spec::of(&job.spec)?;
        let outcome = read_outcome(&output.join(OUTCOME)).await?;
        let model_reference = job.inputs.iter().find(|input| input.starts_with("model:")).cloned();
        let recorded_at = commons.now();
        let (job, org, model, dataset) = (job.id, job.org, spec.model, spec.dataset);
        let reference =
            self.record(Run { job, org, model, model_reference, dataset, outcome, recorded_at }).await?;
        Ok(Published { outputs: vec![reference], result: result.clone() })
    }
}

/// The work of `evaluation.run`, in its own process.
pub fn run_task(task: &Task) -> Result<Value> {
    let spec = Spec::of(&task.spec)?;
    let missing = || {
        let text = "the task got no server address in MOSU_ENDPOINT, and needs one to ask the model";
        Error::unavailable("evaluation_endpoint_missing", text)
    };
    let endpoint =
        Endpoint::new(task.endpoint.as_deref().ok_or_else(missing)?, task.token.clone(), &spec.model)?;
    let options = Options { seed: spec.seed, limits: spec.limits };
    let progress = |fraction: f64, text: &str| task.progress(fraction, text);
    let outcome = run::score(&endpoint, &task.input(), &options, &progress)?;
    write_outcome(&task.output(), &outcome)?;
    for score in &outcome.tasks {
        let (model, baseline) = (score.model, score.baseline);
        let (low, high) = (model.low, model.high);
        task.log(&format!(
            "{}: {:.3} [{low:.3}, {high:.3}], baseline {:.3}",
            score.task, model.value, baseline.value
        ));
    }
    let scores = outcome.tasks.iter().map(|score| {
        let significant = score.is_significant();
        json!({"task": score.task, "metric": score.metric, "items": score.items, "model": score.model,
               "baseline": score.baseline, "difference": score.difference, "significant": significant})
    });
    Ok(json!({"tasks": scores.collect::<Vec<_>>(), "requests": outcome.requests}))
}

fn write_outcome(folder: &Path, outcome: &Outcome) -> Result<()> {
    let (staged, path) = (folder.join("outcome.json.part"), folder.join(OUTCOME));
    let text = serde_json::to_vec(outcome).map_err(Error::internal)?;
    std::fs::write(&staged, text).and_then(|()| std::fs::rename(&staged, &path)).map_err(|cause| {
        let text = format!(
            "{} can't be written: {cause}; free some space, then submit the job again",
            path.display()
        );
        Error::unavailable("evaluation_outcome_unwritable", text)
    })
}

async fn read_outcome(path: &Path) -> Result<Outcome> {
    let size = tokio::fs::metadata(path).await.map_err(Error::internal)?.len();
    if size > OUTCOME_BYTES {
        return Err(Error::internal(format!("the evaluation's outcome has {size} bytes")));
    }
    let bytes = tokio::fs::read(path).await.map_err(Error::internal)?;
    serde_json::from_slice(&bytes).map_err(Error::internal)
}

//! Verbs: record a run, read leaderboards and runs.

use crate::{
    board::{Leaderboard, Run, rank},
    sql,
};
use commons::{
    Commons, audit,
    identity::Caller,
    ids::Job,
    provenance::{self, Artifact},
};
use hub::Hub;
use kernel::{Error, Id, Result};
use serde_json::json;
use store::Tx;

/// The evaluation service. Clones share everything.
#[derive(Clone)]
pub struct Evaluation {
    pub(crate) commons: Commons,
    pub(crate) hub: Hub,
}

impl Evaluation {
    /// Brings the tables up to date.
    pub async fn open(commons: &Commons, hub: &Hub) -> Result<Self> {
        commons.db.migrate("evaluation", sql::STEPS).await?;
        Ok(Self { commons: commons.clone(), hub: hub.clone() })
    }

    /// Records a run with its scores and as an artifact; returns the artifact's reference. Recording the same
    /// job's run again changes nothing.
    pub async fn record(&self, run: Run) -> Result<String> {
        let reference = format!("evaluation:{}", run.job);
        let artifact = Artifact {
            reference: reference.clone(),
            org: run.org,
            kind: "evaluation".to_owned(),
            title: format!("Evaluation of {}", run.model),
            job: Some(run.job),
            meta: json!({"model": run.model, "dataset": run.dataset}),
            created_at: run.recorded_at,
        };
        self.commons.db.write(move |tx| Box::pin(async move { write(tx, &run, &artifact).await })).await?;
        Ok(reference)
    }

    /// The leaderboards of all tasks.
    pub async fn leaderboards(&self) -> Result<Vec<Leaderboard>> {
        Ok(rank(sql::scores(self.commons.db.pool(), "").await?))
    }

    /// The leaderboard of one task.
    pub async fn leaderboard(&self, task: &str) -> Result<Leaderboard> {
        let scores = sql::scores(self.commons.db.pool(), task).await?;
        rank(scores).into_iter().find(|board| board.task == task).ok_or_else(|| {
            let text = "no run has been scored on a task of this name; GET /api/v1/leaderboards lists those that are";
            Error::not_found("leaderboard_missing", text)
        })
    }

    /// The run that a job of the caller's organisation made.
    pub async fn run(&self, caller: &Caller, job: Id<Job>) -> Result<Run> {
        let missing = || {
            let text = "there is no evaluation of this job that you may see; it is recorded when the job has succeeded";
            Error::not_found("evaluation_missing", text)
        };
        let run = sql::run(self.commons.db.pool(), job).await?.ok_or_else(missing)?;
        caller.require_org(run.org).map_err(|_| missing())?;
        Ok(run)
    }
}

async fn write(tx: &mut Tx, run: &Run, artifact: &Artifact) -> Result<()> {
    if !sql::insert_run(tx, run).await? {
        return Ok(());
    }
    for task in &run.outcome.tasks {
        sql::insert_score(tx, run, task).await?;
    }
    provenance::record(tx, artifact).await?;
    let (subject, detail) = (run.job.to_string(), artifact.meta.clone());
    audit::record(tx, run.recorded_at, "system", "evaluation.record", &subject, detail).await
}

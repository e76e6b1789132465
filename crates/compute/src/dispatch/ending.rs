//! Publishes what a job made, settles what it used, and records how it ended.

use super::open;
use crate::{
    Compute,
    local::{
        Exit,
        folder::read_record,
        records::{Outcome, reason_of},
    },
    ops::blocking,
    rules::price,
    sql,
};
use commons::{
    billing::{self, UsageLine},
    jobs::{self, Ending, Job, JobState, Published},
};
use kernel::{Error, Kind, Result};
use serde_json::Value;
use std::{fs, time::Duration};

/// How long to wait before each further try to publish.
const RETRIES: [Duration; 3] = [Duration::from_secs(1), Duration::from_secs(3), Duration::from_secs(9)];

impl Compute {
    /// Publishes a job that is finishing, in a task of its own, then ends it.
    pub(super) fn publish(&self, job: Job, exit: Exit) {
        let Some(busy) = self.occupy(job.id) else { return };
        let compute = self.clone();
        tokio::spawn(async move {
            let ended = match compute.published(&job).await {
                Ok(Published { outputs, result }) => {
                    let state = JobState::Succeeded;
                    compute
                        .end(&job, Ending { state, reason: None, outputs, result, usage: Some(exit.usage) })
                        .await
                }
                Err(error) => {
                    tracing::warn!(job = %job.id, error = error.chain(), "what a job made couldn't be published");
                    let reason = reason_of(&error);
                    compute
                        .close(&job, Exit { usage: exit.usage, ..Exit::failed(reason.code, reason.text) })
                        .await
                }
            };
            drop(busy);
            if let Err(error) = ended {
                compute.rest(job.id, &error);
            }
        });
    }

    async fn published(&self, job: &Job) -> Result<Published> {
        let folder = self.folder(job.id, job.attempt);
        let kind = self.kinds.find(&job.kind)?;
        let outcome = folder.outcome();
        let Some(Outcome::Result(result)) = blocking(move || read_record(&outcome)).await? else {
            return Err(Error::unavailable("job_folder", "the job's result is gone from its folder"));
        };
        let mut waits = RETRIES.iter();
        loop {
            let (kind, commons, job_here) = (kind.clone(), self.commons.clone(), job.clone());
            let (output, result) = (folder.output(), result.clone());
            // In a task of its own, so that a panic is a failure like others.
            let task = tokio::spawn(async move { kind.publish(&commons, &job_here, &output, &result).await });
            let error = match task.await.unwrap_or_else(|panic| Err(Error::internal(panic))) {
                Ok(published) => return Ok(published),
                Err(error) => error,
            };
            // What is wrong with the request stays wrong; what is wrong with us may mend.
            let passing = matches!(error.kind, Kind::Unavailable | Kind::Internal);
            let Some(wait) = waits.next().filter(|_| passing) else { return Err(error) };
            tracing::warn!(job = %job.id, error = error.chain(), "publishing failed; trying again");
            tokio::time::sleep(*wait).await;
        }
    }

    /// Ends a job that made nothing.
    pub(super) async fn close(&self, job: &Job, exit: Exit) -> Result<()> {
        let cancelled = exit.reason.as_ref().is_some_and(|reason| reason.code == "cancelled");
        let state = if cancelled { JobState::Cancelled } else { JobState::Failed };
        let usage = (exit.usage.wall_micros > 0).then_some(exit.usage);
        self.end(job, Ending { state, reason: exit.reason, outputs: Vec::new(), result: Value::Null, usage })
            .await
    }

    /// Ends a job, pays for what it used and counts that against the quota, in one transaction and once.
    async fn end(&self, job: &Job, ending: Ending) -> Result<()> {
        let used =
            ending.usage.map_or(0, |usage| price::charged_milliseconds(usage.cpu_micros, &job.resources));
        let (compute, job_here) = (self.clone(), job.clone());
        let write = self.commons.db.write(move |tx| {
            Box::pin(async move {
                let (commons, job) = (&compute.commons, job_here);
                if !jobs::finish(commons, tx, &job, &ending).await? {
                    return Ok(());
                }
                match job.charge {
                    Some(charge) if ending.usage.is_none() => billing::void(commons, tx, charge).await?,
                    Some(charge) => {
                        let line = UsageLine {
                            unit: price::UNIT.into(),
                            quantity: used,
                            price_micros: compute.config.cpu_hour_micros,
                            per: price::PER,
                        };
                        billing::settle(commons, tx, charge, vec![line]).await?;
                    }
                    None => {}
                }
                sql::use_up(tx, commons.now(), job.org, used).await
            })
        });
        write.await?;
        self.forget(job);
        Ok(())
    }

    /// Lets go of what the job held here; its log and events stay, what it read and wrote is in the blobs.
    fn forget(&self, job: &Job) {
        open(&self.dispatch.children).remove(&job.id);
        open(&self.dispatch.cores).remove(&job.id);
        self.commons.job_bell.notify_one();
        let folder = self.folder(job.id, job.attempt);
        tokio::task::spawn_blocking(move || {
            // What is left behind only takes room.
            [folder.input(), folder.output(), folder.scratch()].map(fs::remove_dir_all)
        });
    }
}

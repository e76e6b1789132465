//! Publishes what a job made, settles what it used, and records how it ended.

use super::{Live, News, open};
use crate::{
    Compute,
    local::{
        Exit,
        folder::read_record,
        records::{Outcome, reason_of},
    },
    ops::blocking,
    rules::{Interval, price},
    sql::{self, RunEnd},
};
use commons::{
    billing,
    jobs::{self, Ending, Job, JobState, Preemptible, Published, transition},
};
use kernel::{Error, Kind, Result};
use serde_json::Value;
use std::{fs, time::Duration};
use store::Tx;

/// How long to wait before each further try to publish.
const RETRIES: [Duration; 3] = [Duration::from_secs(1), Duration::from_secs(3), Duration::from_secs(9)];

impl Compute {
    /// Publishes a job that is finishing, in a task of its own, then ends it.
    pub(super) fn publish(&self, live: Live, exit: Exit, interval: Option<Interval>) {
        let Some(busy) = self.occupy(live.job.id) else { return };
        let compute = self.clone();
        tokio::spawn(async move {
            let ended = match compute.published(&live.job).await {
                Ok(Published { outputs, result }) => {
                    let state = JobState::Succeeded;
                    let ending = Ending { state, reason: None, outputs, result, usage: Some(exit.usage) };
                    compute
                        .end(&live.job, ending, Some(compute.run_end(&live, &exit, interval, "done")))
                        .await
                }
                Err(error) => {
                    tracing::warn!(job = %live.job.id, error = error.chain(), "what a job made couldn't be published");
                    let reason = reason_of(&error);
                    let exit = Exit { usage: exit.usage, ..Exit::failed(reason.code, reason.text) };
                    compute.close(&live, exit, interval).await
                }
            };
            drop(busy);
            if let Err(error) = ended {
                compute.rest(live.job.id, &error);
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

    /// Ends a started job that made nothing.
    pub(super) async fn close(&self, live: &Live, exit: Exit, interval: Option<Interval>) -> Result<()> {
        let end = self.run_end(live, &exit, interval, "done");
        self.end(&live.job, ending(exit), Some(end)).await
    }

    /// Ends a job that never started, in a task of its own.
    pub(super) fn close_soon(&self, job: Job, exit: Exit) {
        let Some(busy) = self.occupy(job.id) else { return };
        let compute = self.clone();
        tokio::spawn(async move {
            let ended = compute.end(&job, ending(exit), None).await;
            drop(busy);
            if let Err(error) = ended {
                compute.rest(job.id, &error);
            }
        });
    }

    /// What a run comes to.
    fn run_end(&self, live: &Live, exit: &Exit, interval: Option<Interval>, outcome: &'static str) -> RunEnd {
        let need = &live.job.resources;
        let known = interval.or_else(|| {
            // The engine has forgotten it: the supervisor's own measure.
            let started = live.started_at?;
            let ended = started.0.saturating_add(exit.usage.wall_micros);
            Some(Interval { started, ended: kernel::Timestamp(ended) })
        });
        RunEnd {
            outcome,
            started: known.map(|interval| interval.started),
            ended: known.map_or_else(|| self.commons.now(), |interval| interval.ended),
            device_milliseconds: known.map_or(0, |interval| price::device_milliseconds(&interval, need)),
            cpu_milliseconds: price::cpu_milliseconds(exit.usage.cpu_micros, need),
            // A run that never began costs nothing.
            charged: known.is_some() || exit.usage.cpu_micros > 0,
        }
    }

    /// Puts a run's job back into the queue. What it ran is charged only if its work isn't lost.
    pub(super) async fn requeue(
        &self,
        live: &Live,
        code: &'static str,
        interval: Option<Interval>,
    ) -> Result<()> {
        let folder = self.folder(live.job.id, live.job.attempt);
        let paths = (folder.exit(), folder.usage());
        let measured = blocking(move || Ok(read_record(&paths.0)?.or(read_record(&paths.1)?))).await?;
        let exit: Exit = measured.unwrap_or_default();
        let keeps = live.job.scheduling.preemptible == Preemptible::Checkpoint && code == "preempted";
        let mut end = self.run_end(live, &exit, interval, code);
        end.charged &= keeps;
        let (compute, live_here) = (self.clone(), live.clone());
        let write = self.commons.db.write(move |tx| {
            Box::pin(async move {
                let (commons, job) = (&compute.commons, &live_here.job);
                if !transition(commons, tx, job.id, job.state, JobState::Queued, None).await? {
                    return Ok(false);
                }
                compute.settle_run(tx, job, &end).await.map(|()| true)
            })
        });
        if write.await? {
            let job = Job { state: JobState::Queued, ..live.job.clone() };
            self.tell(News::Requeued { job: Box::new(job), replan: code != "preempted" });
        }
        Ok(())
    }

    async fn settle_run(&self, tx: &mut Tx, job: &Job, end: &RunEnd) -> Result<()> {
        if sql::end_run(tx, job.id, job.attempt, end).await? && end.charged {
            let cpu = if job.resources.devices == 0 { end.cpu_milliseconds } else { 0 };
            sql::use_up(tx, self.commons.now(), job.org, cpu, end.device_milliseconds).await?;
        }
        Ok(())
    }

    /// Ends a job, pays for what it used and counts that against the quota, in one transaction and once.
    async fn end(&self, job: &Job, ending: Ending, run: Option<RunEnd>) -> Result<()> {
        let (compute, job_here, state) = (self.clone(), job.clone(), ending.state);
        let write = self.commons.db.write(move |tx| {
            Box::pin(async move {
                let (commons, job) = (&compute.commons, job_here);
                if !jobs::finish(commons, tx, &job, &ending).await? {
                    return Ok(false);
                }
                if let Some(run) = &run {
                    compute.settle_run(tx, &job, run).await?;
                }
                compute.settle(tx, &job).await.map(|()| true)
            })
        });
        if write.await? {
            self.clear(job);
            self.live.counts.note_end(job, state);
            self.tell(News::Ended(job.id, state));
        }
        Ok(())
    }

    /// Pays for a job whose last run has ended; for an array with its last member.
    async fn settle(&self, tx: &mut Tx, job: &Job) -> Result<()> {
        let Some(charge) = job.charge else { return Ok(()) };
        if let Some(member) = &job.member
            && jobs::array_is_open(tx, member.array).await?
        {
            return Ok(());
        }
        let lines = sql::usage_lines(tx, charge, self.config.cpu_hour_micros).await?;
        if lines.is_empty() {
            return billing::void(&self.commons, tx, charge).await;
        }
        billing::settle(&self.commons, tx, charge, lines).await.map(|_| ())
    }

    /// Lets go of a job's files; its log and events stay, what it read and wrote is in the blobs.
    fn clear(&self, job: &Job) {
        let folder = self.folder(job.id, job.attempt);
        tokio::task::spawn_blocking(move || {
            // What is left behind only takes room.
            [folder.input(), folder.output(), folder.scratch(), folder.work()].map(fs::remove_dir_all)
        });
    }
}

fn ending(exit: Exit) -> Ending {
    let cancelled = exit.reason.as_ref().is_some_and(|reason| reason.code == "cancelled");
    let state = if cancelled { JobState::Cancelled } else { JobState::Failed };
    let usage = (exit.usage.wall_micros > 0).then_some(exit.usage);
    Ending { state, reason: exit.reason, outputs: Vec::new(), result: Value::Null, usage }
}

impl Compute {
    /// Runs that hold something now.
    pub(super) fn lives(&self) -> Vec<Live> {
        open(&self.live.runs).values().cloned().collect()
    }
}

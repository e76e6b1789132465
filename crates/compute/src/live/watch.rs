//! Looks at started runs, each engine's in one batch, and does what the rules say about each.

use super::{Live, Round, open};
use crate::{
    Compute,
    engine::{Seen, Target},
    local::{Exit, folder::read_record},
    ops::blocking,
    rules::{Phase, Step, Stopping, step},
    sql,
};
use commons::{
    ids,
    jobs::{JobState, transition},
};
use kernel::{Id, Result, Timestamp};
use std::time::{Duration, Instant};

/// How long after a polite request a run is ended hard.
const HARD: Duration = Duration::from_secs(15);
/// How often the measurements of running jobs are read.
const MEASURE: Duration = Duration::from_secs(5);

impl Compute {
    /// Looks at all runs that no task of this server has.
    pub(super) async fn watch(&self, round: &mut Round) {
        for cluster in 0..self.live.clusters.len() {
            if self.look_is_due(cluster) {
                self.watch_cluster(round, cluster).await;
            }
        }
    }

    fn look_is_due(&self, cluster: usize) -> bool {
        let state = &self.live.clusters[cluster];
        let pause = Duration::from_millis(state.engine.poll_millis());
        let mut health = open(&state.health);
        if health.looked.is_some_and(|at| at.elapsed() < pause) {
            return false;
        }
        health.looked = Some(Instant::now());
        true
    }

    async fn watch_cluster(&self, round: &mut Round, cluster: usize) {
        // Who is busy is asked first: a task that ended before has told its news, which takes its run away.
        let busy = open(&self.live.busy).clone();
        self.hear(round);
        let of = |live: &&Live| live.cluster == cluster && !busy.contains(&live.job.id);
        let lives: Vec<_> = open(&self.live.runs).values().filter(of).cloned().collect();
        if lives.is_empty() {
            return;
        }
        let targets: Vec<Target> = lives.iter().map(|live| self.target(live)).collect();
        let seen = match self.engine(cluster).look(&targets).await {
            Ok(seen) => seen,
            Err(error) => return self.note_trouble(cluster, Some(error)),
        };
        for ((live, target), seen) in lives.into_iter().zip(targets).zip(seen) {
            let id = live.job.id;
            let done = match seen {
                Ok(seen) => self.act(live, &target, seen).await,
                Err(error) => Err(error),
            };
            if let Err(error) = done {
                self.rest(id, &error);
            }
        }
        self.read_usage(cluster).await;
    }

    async fn act(&self, mut live: Live, target: &Target, seen: Seen) -> Result<()> {
        if seen.engine_id.is_some() && seen.engine_id != live.engine_id {
            self.note_started(&live, seen.engine_id.clone(), None).await?;
            live.engine_id = seen.engine_id;
        }
        if let Some((why, since, told)) = live.stopping {
            let hard = since.elapsed() > HARD;
            if !told || hard {
                self.engine(live.cluster).stop(target, hard).await?;
                self.change(live.job.id, |live| live.stopping = Some((why, Instant::now(), true)));
            }
        }
        let (id, attempt) = (live.job.id, live.job.attempt);
        match step(live.phase, attempt, live.stopping.map(|(why, ..)| why), seen.observation) {
            Step::Wait => Ok(()),
            Step::StartAgain => self.start_again(live).await,
            Step::MarkRunning(since) => {
                self.note_started(&live, None, Some(since)).await?;
                self.move_to(&mut live, JobState::Running).await.map(|_| ())
            }
            Step::Publish(exit, interval) => {
                if live.job.state == JobState::Finishing
                    || self.move_to(&mut live, JobState::Finishing).await?
                {
                    self.publish(live, exit, interval);
                }
                Ok(())
            }
            Step::Close(exit, interval) => self.close(&live, exit, interval).await,
            Step::Requeue { code, text, interval } => {
                tracing::info!(job = %id, attempt, code, text, "a job waits again");
                self.requeue(&live, code, interval).await
            }
        }
    }

    /// Asks a run to end, unless it was asked before or isn't there.
    pub(super) async fn stop_run(&self, job: Id<ids::Job>, why: Stopping) {
        let asked = {
            let mut runs = open(&self.live.runs);
            let Some(live) = runs.get_mut(&job) else { return };
            // Whoever cancels means it, whatever else was asked.
            let new = live.stopping.is_none_or(|(before, ..)| why == Stopping::Cancel && before != why);
            if new {
                live.stopping = Some((why, Instant::now(), false));
            }
            new.then_some(live.job.attempt)
        };
        if let Some(attempt) = asked
            && why != Stopping::Cancel
        {
            let write =
                self.commons.db.write(move |tx| Box::pin(sql::set_stopping(tx, job, attempt, why.name())));
            if let Err(error) = write.await {
                tracing::error!(%job, error = error.chain(), "why a job is stopped couldn't be noted");
                self.change(job, |live| live.stopping = None);
            }
        }
    }

    /// Changes what is known of a run, if it is still there.
    pub(super) fn change(&self, job: Id<ids::Job>, change: impl FnOnce(&mut Live)) {
        if let Some(live) = open(&self.live.runs).get_mut(&job) {
            change(live);
        }
    }

    pub(super) async fn note_started(
        &self,
        live: &Live,
        engine_id: Option<String>,
        started: Option<Timestamp>,
    ) -> Result<()> {
        let (job, attempt, id) = (live.job.id, live.job.attempt, engine_id.clone());
        let write = self.commons.db.write(move |tx| {
            Box::pin(async move { sql::set_started(tx, job, attempt, id.as_deref(), started).await })
        });
        write.await?;
        self.change(job, |live| {
            live.engine_id = engine_id.or(live.engine_id.take());
            live.started_at = started.or(live.started_at);
        });
        Ok(())
    }

    /// Moves a job on; `false` when it has left its state meanwhile.
    async fn move_to(&self, live: &mut Live, to: JobState) -> Result<bool> {
        let (commons, id, from) = (self.commons.clone(), live.job.id, live.job.state);
        let write = self
            .commons
            .db
            .write(move |tx| Box::pin(async move { transition(&commons, tx, id, from, to, None).await }));
        let moved = write.await?;
        (live.job.state, live.phase) = (to, Phase::Running);
        self.change(id, |known| (known.job.state, known.phase) = (to, Phase::Running));
        Ok(moved)
    }

    /// Reads what runs have used, and parks those that hold accelerators and were idle for too long.
    async fn read_usage(&self, cluster: usize) {
        let pause = open(&self.live.clusters[cluster].health).measured.replace(Instant::now());
        if let Some(before) = pause.filter(|at| at.elapsed() < MEASURE) {
            open(&self.live.clusters[cluster].health).measured = Some(before);
            return;
        }
        let due = |live: &&Live| live.cluster == cluster && live.phase == Phase::Running;
        let lives: Vec<_> = open(&self.live.runs).values().filter(due).cloned().collect();
        let paths: Vec<_> = lives.iter().map(|live| self.target(live).folder.usage()).collect();
        let read = blocking(move || {
            Ok(paths.iter().map(|path| read_record::<Exit>(path).ok().flatten()).collect::<Vec<_>>())
        });
        let Ok(records) = read.await else { return };
        let limit = self.config.park_idle_seconds;
        for (live, record) in lives.into_iter().zip(records) {
            let Some(usage) = record.map(|exit| exit.usage) else { continue };
            self.change(live.job.id, |known| {
                known.measured = Some(known.measured.unwrap_or_default().then(usage));
            });
            let idle = usage.idle_seconds.unwrap_or_default();
            if limit > 0 && idle >= limit && live.job.resources.devices > 0 {
                tracing::info!(job = %live.job.id, idle, "parked");
                self.stop_run(live.job.id, Stopping::Park).await;
            }
        }
    }
}

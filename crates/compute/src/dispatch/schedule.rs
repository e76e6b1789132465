//! Asks the rules which jobs start, and starts them.

use super::{Look, open};
use crate::{
    Compute,
    local::Exit,
    rules::{Active, Decisions, QueueState, Queued, decide},
    sql,
    types::QueuePlace,
};
use commons::{
    ids,
    jobs::{Job, JobState, list_in_states, transition},
};
use kernel::{Id, Result};
use std::collections::HashMap;

impl Compute {
    /// Starts whichever queued jobs may start, and notes why the others wait.
    pub(super) async fn schedule(&self) -> Result<()> {
        let pool = self.commons.db.pool();
        let active = list_in_states(pool, &[JobState::Starting, JobState::Running]).await?;
        let mut queued = Vec::new();
        for job in list_in_states(pool, &[JobState::Queued]).await? {
            if job.cancel_requested {
                let exit = Exit::failed("cancelled", "the job was cancelled before it started");
                self.close(&job, exit).await?;
            } else {
                queued.push(job);
            }
        }
        let state = self.queue_state(&active, &queued).await?;
        let decisions = decide(&state, self.commons.now());
        let mut jobs: HashMap<_, _> = queued.into_iter().map(|job| (job.id, job)).collect();
        self.note(&state, &decisions);
        for id in decisions.start {
            if let Some(job) = jobs.remove(&id) {
                self.begin(job).await?;
            }
        }
        Ok(())
    }

    async fn queue_state(&self, active: &[Job], queued: &[Job]) -> Result<QueueState> {
        let now = self.commons.now();
        let quotas = sql::quotas(self.commons.db.pool()).await?;
        Ok(QueueState {
            capacity: self.config.capacity,
            active: active
                .iter()
                .map(|job| {
                    let since = job.started_at.unwrap_or(now);
                    Active { id: job.id, org: job.org, need: job.resources, since }
                })
                .collect(),
            queued: queued
                .iter()
                .map(|job| Queued {
                    id: job.id,
                    org: job.org,
                    need: job.resources,
                    priority: job.priority,
                    submitted_at: job.submitted_at,
                })
                .collect(),
            allowances: quotas.into_iter().map(|(org, quota)| (org, quota.allowance())).collect(),
        })
    }

    fn note(&self, state: &QueueState, decisions: &Decisions) {
        let queued: HashMap<Id<ids::Job>, &Queued> = state.queued.iter().map(|job| (job.id, job)).collect();
        let mut look = Look { active: state.active.len() + decisions.start.len(), ..Look::default() };
        state.active.iter().for_each(|job| look.used.give(&job.need));
        decisions.start.iter().filter_map(|id| queued.get(id)).for_each(|job| look.used.give(&job.need));
        let waiting = decisions.waiting.iter().enumerate();
        look.waiting = waiting
            .filter_map(|(ahead, (id, waiting))| {
                let org = queued.get(id)?.org;
                Some(QueuePlace { job: *id, org, ahead, waiting: waiting.clone() })
            })
            .collect();
        *open(&self.dispatch.look) = look;
    }

    /// Takes a job from the queue and launches it, unless it has left the queue meanwhile.
    async fn begin(&self, mut job: Job) -> Result<()> {
        let Some(busy) = self.occupy(job.id) else { return Ok(()) };
        let (compute, id) = (self.clone(), job.id);
        (job.state, job.attempt) = (JobState::Starting, 1);
        let starting = job.clone();
        let write = self.commons.db.write(move |tx| {
            Box::pin(async move {
                if !transition(&compute.commons, tx, id, JobState::Queued, JobState::Starting, None).await? {
                    return Ok(None);
                }
                compute.equip(tx, &starting).await.map(Some)
            })
        });
        if let Some(secret) = write.await? {
            self.launch(busy, job, secret);
        }
        Ok(())
    }
}

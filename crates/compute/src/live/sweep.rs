//! Runs that an engine still holds although they are over here, or should run elsewhere: ended there.
//!
//! A controller that loses its power forgets the ends that it heard last, and holds their nodes for nobody. A node
//! that is closed starts nothing any more, and what it was sent waits there for ever.

use super::{Live, launch::bar, open};
use crate::{
    Compute,
    engine::{self, NodeFacts},
    ops::blocking,
    rules::Phase,
};
use commons::{
    ids,
    jobs::{self, Job, JobState},
};
use kernel::{Id, Result};
use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

/// How long a run may wait on a node that is closed before it goes elsewhere.
const PATIENCE: Duration = Duration::from_secs(10);

impl Compute {
    /// Takes back runs that wait on nodes of a cluster that are closed or gone: they wait again, for others.
    pub(super) async fn take_back_stuck(&self, cluster: usize, facts: &[NodeFacts]) {
        let up: HashSet<_> = facts.iter().filter(|fact| fact.up).map(|fact| fact.name.as_str()).collect();
        let late = self.commons.now().0 - PATIENCE.as_micros() as i64;
        let is_stuck = |live: &&Live| {
            (live.cluster, live.phase) == (cluster, Phase::Starting)
                && live.stopping.is_none()
                && live.placed_at.0 < late
                && !live.places.iter().all(|place| up.contains(place.node.as_str()))
        };
        let stuck: Vec<_> = open(&self.live.runs).values().filter(is_stuck).cloned().collect();
        for live in stuck {
            if let Err(error) = self.take_back(&live).await {
                self.rest(live.job.id, &error);
            }
        }
    }

    /// Makes sure that a run never begins, then lets its job wait again.
    async fn take_back(&self, live: &Live) -> Result<()> {
        let Some(_busy) = self.occupy(live.job.id) else { return Ok(()) };
        let (folder, at) = (self.folder(live.job.id, live.job.attempt), self.commons.now());
        if !blocking(move || bar(&folder, at)).await? {
            return Ok(()); // it has begun
        }
        tracing::info!(job = %live.job.id, places = ?live.places, "its nodes were closed before it began");
        self.engine(live.cluster).end(&[engine::name(&live.job)]).await?;
        self.requeue(live, "not_started", None).await
    }

    /// Ends what a cluster holds for jobs that have no such run any more.
    pub(super) async fn sweep(&self, cluster: usize) -> Result<()> {
        let engine = self.engine(cluster);
        // Asked before the jobs are: a run that starts in between isn't among them.
        let held = engine.held().await?;
        let runs: Vec<_> = held.iter().filter_map(|name| Some((name, engine::parse_name(name)?))).collect();
        let ids: Vec<_> = runs.iter().map(|(_, (job, _))| *job).collect();
        let jobs = jobs::find_all(self.commons.db.pool(), &ids).await?;
        let jobs: HashMap<_, _> = jobs.into_iter().map(|job| (job.id, job)).collect();
        // A job that isn't in our books may be another server's.
        let over = |job: &Job, attempt| {
            job.state.is_final() || job.state == JobState::Queued || job.attempt > attempt
        };
        let is_stray = |(name, (job, attempt)): &(&String, (Id<ids::Job>, i64))| {
            jobs.get(job).is_some_and(|job| over(job, *attempt)).then(|| (*name).clone())
        };
        let strays: Vec<_> = runs.iter().filter_map(is_stray).collect();
        if strays.is_empty() {
            return Ok(());
        }
        tracing::warn!(?strays, "held for runs that are over; ended again");
        engine.end(&strays).await
    }
}

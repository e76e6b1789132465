//! Runs that an engine still holds although they are over here: ended again.
//!
//! A controller that loses its power forgets the ends that it heard last, and holds their nodes for nobody.

use crate::{Compute, engine};
use commons::{
    ids,
    jobs::{self, Job, JobState},
};
use kernel::{Id, Result};
use std::collections::HashMap;

impl Compute {
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

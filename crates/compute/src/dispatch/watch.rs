//! Looks at started jobs, all in one batch, and does what the rules say about each.

use super::open;
use crate::{
    Compute,
    local::observe::observe,
    ops::blocking,
    rules::{Observation, Phase, Step, step},
};
use commons::jobs::{Job, JobState, list_in_states, transition};
use kernel::{Error, Result};
use std::{fs, io};

impl Compute {
    /// Looks at all started jobs that no task of this server has.
    pub(super) async fn watch(&self) -> Result<()> {
        let states = [JobState::Starting, JobState::Running, JobState::Finishing];
        // Who is busy is asked before the rows are read: a task that ends in between has changed its job's row.
        let busy = open(&self.dispatch.busy).clone();
        let mut jobs = list_in_states(self.commons.db.pool(), &states).await?;
        jobs.retain(|job| !busy.contains(&job.id));
        if jobs.is_empty() {
            return Ok(());
        }
        // What is known of a child is asked before its folder is read: one that ends in between has claimed.
        let asked = jobs.iter().map(|job| {
            (self.folder(job.id, job.attempt), self.dispatch.child(job.id, job.attempt), job.cancel_requested)
        });
        let asked: Vec<_> = asked.collect();
        let look = move || {
            let one = |(folder, child, cancel): (crate::local::Folder, _, _)| {
                let seen = observe(&folder, child)?;
                if cancel && matches!(seen, Observation::Running(_) | Observation::NotClaimed { .. }) {
                    touch(&folder.cancel())?;
                }
                Ok(seen)
            };
            Ok(asked.into_iter().map(one).collect::<Vec<io::Result<_>>>())
        };
        for (job, seen) in jobs.into_iter().zip(blocking(look).await?) {
            let id = job.id;
            let done = match seen {
                Ok(seen) => self.act(job, seen).await,
                Err(error) => {
                    Err(Error::unavailable("job_folder", "a job's folder can't be read").with_source(error))
                }
            };
            if let Err(error) = done {
                self.rest(id, &error);
            }
        }
        Ok(())
    }

    async fn act(&self, mut job: Job, seen: Observation) -> Result<()> {
        let phase = match job.state {
            JobState::Starting => Phase::Starting,
            _ => Phase::Running,
        };
        match step(phase, job.attempt, seen) {
            Step::Wait => Ok(()),
            Step::StartAgain => self.start_again(job).await,
            Step::MarkRunning(_) => self.move_to(&mut job, JobState::Running).await.map(|_| ()),
            Step::Publish(exit) => {
                if job.state == JobState::Finishing || self.move_to(&mut job, JobState::Finishing).await? {
                    self.publish(job, exit);
                }
                Ok(())
            }
            Step::Close(exit) => self.close(&job, exit).await,
        }
    }

    /// Moves a job on; `false` when it has left its state meanwhile.
    async fn move_to(&self, job: &mut Job, to: JobState) -> Result<bool> {
        let (commons, id, from) = (self.commons.clone(), job.id, job.state);
        let moved = self
            .commons
            .db
            .write(move |tx| Box::pin(async move { transition(&commons, tx, id, from, to, None).await }));
        job.state = to;
        moved.await
    }
}

fn touch(path: &std::path::Path) -> io::Result<()> {
    match fs::OpenOptions::new().write(true).create_new(true).open(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

//! What tasks of this server tell the next round.

use super::{Round, open};
use crate::{Compute, engine::Target, local::Exit};
use commons::{
    ids,
    jobs::{Job, JobState},
};
use kernel::{Id, Timestamp};

/// Something that a task of this server did.
pub(super) enum News {
    /// A job ended, for good, in this state.
    Ended(Id<ids::Job>, JobState),
    /// A job waits again; its run has ended.
    Requeued {
        /// It.
        job: Box<Job>,
        /// The scheduler doesn't know yet: it wasn't the one who stopped it.
        replan: bool,
    },
}

impl Compute {
    pub(super) fn tell(&self, news: News) {
        open(&self.live.news).push(news);
        self.commons.job_bell.ring();
    }

    /// Hears what tasks did.
    pub(super) fn hear(&self, round: &mut Round) {
        let now = self.commons.now();
        for news in std::mem::take(&mut *open(&self.live.news)) {
            match news {
                News::Ended(job, state) => self.heard_end(round, job, state, now),
                News::Requeued { job, replan } => {
                    self.let_go(job.id);
                    if replan {
                        open(&self.live.planner).requeue(job.id, now);
                    }
                    round.queued.insert(job.id, job);
                    round.dirty = true;
                }
            }
        }
    }

    fn heard_end(&self, round: &mut Round, job: Id<ids::Job>, state: JobState, now: Timestamp) {
        // Before the scheduler hears of the end, so that nothing starts that can't.
        for (dependent, how) in round.dependents.remove(&job).unwrap_or_default() {
            if !how.accepts(state)
                && let Some(waiting) = self.withdraw(round, dependent, now)
            {
                self.close_soon(waiting, unfulfilled(job, state));
            }
        }
        self.let_go(job);
        self.withdraw(round, job, now);
        round.dirty = true;
    }

    /// Takes a job out of all plans; returns it if it was queued.
    fn withdraw(&self, round: &mut Round, job: Id<ids::Job>, now: Timestamp) -> Option<Job> {
        open(&self.live.planner).end(job, now);
        round.placed.retain(|(placed, _)| *placed != job);
        round.queued.remove(&job).map(|job| *job)
    }

    /// Forgets a run that has ended.
    fn let_go(&self, job: Id<ids::Job>) -> Option<Target> {
        let live = open(&self.live.runs).remove(&job)?;
        let target = self.target(&live);
        self.engine(live.cluster).forget(&target);
        Some(target)
    }
}

/// The end of a job that waited for one that ended otherwise than it must.
pub(super) fn unfulfilled(on: Id<ids::Job>, state: JobState) -> Exit {
    let text = format!("it waits for {on}, which ended as {}; so it can't start any more", state.name());
    Exit::failed("cancelled", text)
}

//! Tells the scheduler that something about jobs has changed.

use super::Job;
use crate::ids;
use kernel::Id;
use std::{
    collections::BTreeSet,
    sync::{Mutex, PoisonError},
};
use tokio::sync::Notify;

/// What has changed since the scheduler last looked. One server writes a database, so this needs no table; what
/// a crash forgets is found again when the next server reads all jobs.
#[derive(Debug, Default)]
pub struct Bell {
    changed: Mutex<Changed>,
    notify: Notify,
}

/// What the bell was rung for.
#[derive(Debug, Default)]
pub struct Changed {
    /// Jobs to look up.
    pub named: BTreeSet<Id<ids::Job>>,
    /// Jobs that were submitted, as they are in the database.
    pub submitted: Vec<Job>,
}

impl Bell {
    /// Notes a job that was submitted or is to be cancelled, and wakes the scheduler. To be called once that is
    /// durable, with [`store::Database::write_then`], so that a caller who leaves can't keep it secret.
    pub fn note(&self, job: Id<ids::Job>) {
        self.changed.lock().unwrap_or_else(PoisonError::into_inner).named.insert(job);
        self.ring();
    }

    /// Brings jobs that were submitted, many at a time: nobody needs to look them up. As [`note`](Self::note).
    pub fn bring(&self, jobs: &[Job]) {
        self.changed.lock().unwrap_or_else(PoisonError::into_inner).submitted.extend_from_slice(jobs);
        self.ring();
    }

    /// Wakes the scheduler.
    pub fn ring(&self) {
        self.notify.notify_one();
    }

    /// What has changed since the last call.
    pub fn take(&self) -> Changed {
        std::mem::take(&mut *self.changed.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Waits until the bell rings.
    pub async fn rung(&self) {
        self.notify.notified().await;
    }
}

//! Tells the scheduler that something about jobs has changed.

use crate::ids::Job;
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
    changed: Mutex<BTreeSet<Id<Job>>>,
    notify: Notify,
}

impl Bell {
    /// Notes a job that was submitted or is to be cancelled. Called inside the transaction, so that a caller who
    /// leaves can't keep it secret; the scheduler may look before the commit, and then looks again.
    pub fn note(&self, job: Id<Job>) {
        self.changed.lock().unwrap_or_else(PoisonError::into_inner).insert(job);
    }

    /// Wakes the scheduler.
    pub fn ring(&self) {
        self.notify.notify_one();
    }

    /// The jobs that were noted since the last call.
    pub fn take(&self) -> BTreeSet<Id<Job>> {
        std::mem::take(&mut *self.changed.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Waits until the bell rings.
    pub async fn rung(&self) {
        self.notify.notified().await;
    }
}

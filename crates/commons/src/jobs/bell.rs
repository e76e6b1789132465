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
    /// Notes jobs that were submitted or are to be cancelled, and wakes the scheduler. To be called once that is
    /// durable, with [`store::Database::write_then`], so that a caller who leaves can't keep it secret.
    pub fn note(&self, jobs: impl IntoIterator<Item = Id<Job>>) {
        self.changed.lock().unwrap_or_else(PoisonError::into_inner).extend(jobs);
        self.ring();
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

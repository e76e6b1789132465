//! The loop that starts, watches and ends jobs on this machine.
//!
//! All that must survive is in the database and the jobs' folders; what is kept here only saves looking twice.
//! [`schedule`] asks the rules and starts jobs · [`launch`] stages and spawns · [`watch`] looks at started jobs ·
//! [`ending`] publishes, settles and records.

mod ending;
mod launch;
mod schedule;
mod watch;

use crate::{
    Compute,
    local::{TaskFile, folder::read_record},
    rules::{Capacity, step::Child},
    types::QueuePlace,
};
use commons::{ids, jobs::Job};
use kernel::{Error, Id, Result};
use std::{
    collections::{HashMap, HashSet},
    path::PathBuf,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// How often the queue is looked at when nothing rings.
const QUIET: Duration = Duration::from_secs(5);
/// How long a job is left alone after handling it failed.
const REST: Duration = Duration::from_secs(5);

/// What this server knows beyond database and folders.
#[derive(Default)]
pub(crate) struct State {
    /// Held for a round, so that rounds follow each other.
    round: tokio::sync::Mutex<()>,
    /// Jobs that a task of this server is staging or publishing.
    busy: Mutex<HashSet<Id<ids::Job>>>,
    /// Supervisors that this server spawned.
    children: Mutex<HashMap<Id<ids::Job>, Spawned>>,
    /// Cores that started jobs were given.
    cores: Mutex<HashMap<Id<ids::Job>, Vec<usize>>>,
    look: Mutex<Look>,
}

/// A supervisor that this server spawned.
struct Spawned {
    attempt: i64,
    at: Instant,
    ended: Option<(&'static str, String)>,
}

/// What the scheduler saw last.
#[derive(Clone, Default)]
pub(crate) struct Look {
    pub used: Capacity,
    pub active: usize,
    pub waiting: Vec<QueuePlace>,
}

/// What a panicking thread left behind is still whole: every change under these locks is a single step.
fn open<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

impl State {
    pub(crate) fn look(&self) -> Look {
        open(&self.look).clone()
    }

    /// What is known of the child that should claim this attempt.
    fn child(&self, id: Id<ids::Job>, attempt: i64) -> Child {
        match open(&self.children).get(&id) {
            Some(spawned) if spawned.attempt == attempt => match &spawned.ended {
                Some((code, text)) => Child::Ended(code, text.clone()),
                None => Child::Alive(spawned.at.elapsed().as_secs_f64()),
            },
            _ => Child::Unknown,
        }
    }
}

/// Marks a job as being worked on by a task of this server, until dropped.
struct Busy(Compute, Id<ids::Job>);

impl Drop for Busy {
    fn drop(&mut self) {
        open(&self.0.dispatch.busy).remove(&self.1);
        self.0.commons.job_bell.notify_one();
    }
}

impl Compute {
    /// Runs jobs until the process ends. Jobs outlive it; the next server finds them again.
    pub async fn run(self) {
        let mut looked = Instant::now();
        let mut rung = true;
        loop {
            let full = rung || looked.elapsed() >= QUIET;
            let done = if full { self.tick().await } else { self.glance().await };
            if full {
                looked = Instant::now();
            }
            if let Err(error) = done {
                tracing::error!(code = error.code, error = error.chain(), "the scheduler's round failed");
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
            rung = tokio::select! {
                () = self.commons.job_bell.notified() => true,
                () = tokio::time::sleep(self.config.heartbeat) => false,
            };
        }
    }

    /// One round: looks at started jobs, then starts whichever may start.
    pub async fn tick(&self) -> Result<()> {
        let _round = self.dispatch.round.lock().await;
        self.watch().await?;
        self.schedule().await
    }

    async fn glance(&self) -> Result<()> {
        let _round = self.dispatch.round.lock().await;
        self.watch().await
    }

    /// Takes the job for a task of its own; `None` when one has it.
    fn occupy(&self, id: Id<ids::Job>) -> Option<Busy> {
        open(&self.dispatch.busy).insert(id).then(|| Busy(self.clone(), id))
    }

    /// Logs that handling a job failed, and leaves it alone for a while: what is wrong may mend.
    fn rest(&self, id: Id<ids::Job>, error: &Error) {
        tracing::error!(job = %id, code = error.code, error = error.chain(), "a job couldn't be handled; trying again");
        if let Some(busy) = self.occupy(id) {
            tokio::spawn(async move {
                tokio::time::sleep(REST).await;
                drop(busy);
            });
        }
    }

    /// Notes the cores that jobs of a server before this one hold.
    pub(crate) async fn recall_cores(&self, started: Vec<Job>) -> Result<()> {
        let folders: Vec<_> =
            started.iter().map(|job| (job.id, self.folder(job.id, job.attempt).task())).collect();
        let known = crate::ops::blocking(move || {
            let read = |(id, path): (Id<ids::Job>, PathBuf)| {
                read_record::<TaskFile>(&path).ok().flatten().map(|file| (id, file.cores))
            };
            Ok(folders.into_iter().filter_map(read).collect::<Vec<_>>())
        });
        let known = known.await?;
        open(&self.dispatch.cores).extend(known);
        Ok(())
    }
}

//! The loop that starts, watches and ends jobs.
//!
//! All that must survive is in the database and the jobs' folders; what is kept here is read again from there by
//! the next server. Each round hears what happened ([`news`]), learns of new jobs, quotas and nodes ([`learn`]),
//! looks at runs ([`watch`]), lets the scheduler decide ([`planner`]) and starts what has its place ([`begin`]).
//!
//! [`launch`] stages and starts · [`ending`] publishes, settles and records · [`view`] what others see of it ·
//! [`counts`] what is counted · [`sweep`] ends what an engine holds for nobody · [`record`] what can be replayed.

mod begin;
mod counts;
mod ending;
mod launch;
mod learn;
mod news;
mod planner;
mod record;
mod sweep;
mod view;
mod watch;

use crate::{
    Compute,
    engine::{self, Engine, Target},
    rules::{Measured, Phase, Stopping},
    types::{Place, Run},
};
use commons::{
    ids,
    jobs::{Ended, Job},
};
use kernel::{Error, Id, Result, Timestamp};
use news::News;
use planner::{Placement, Planner};
use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};
use tokio::sync::Semaphore;

/// How often everything is looked at when nothing rings.
const QUIET: Duration = Duration::from_secs(5);
/// Runs whose folders are staged at once. Inputs may be large and slow, so not too few.
const STAGING: usize = 32;
/// How long a job is left alone after handling it failed.
const REST: Duration = Duration::from_secs(5);

/// What this server knows beyond database and folders.
pub(crate) struct Shared {
    /// Held for a round, so that rounds follow each other.
    round: tokio::sync::Mutex<Round>,
    planner: Mutex<Planner>,
    /// Runs that have started and not ended.
    runs: Mutex<BTreeMap<Id<ids::Job>, Live>>,
    /// Jobs that a task of this server is staging or publishing.
    busy: Mutex<HashSet<Id<ids::Job>>>,
    /// Turns to stage a run's folder: more at a time only crowd the disk.
    staging: Arc<Semaphore>,
    /// What such tasks tell the next round.
    news: Mutex<Vec<News>>,
    clusters: Vec<ClusterState>,
    counts: counts::Counts,
}

/// What rounds tell each other.
#[derive(Default)]
struct Round {
    /// Something happened since the scheduler decided last.
    dirty: bool,
    /// When to decide again though nothing happens.
    wake: Option<Timestamp>,
    /// Everything was looked at last.
    looked: Option<Instant>,
    /// Jobs that were decided to start and wait for their place to be cleared.
    placed: Vec<(Id<ids::Job>, Placement)>,
    /// Queued jobs, as the database had them.
    queued: HashMap<Id<ids::Job>, Box<Job>>,
    /// Jobs that wait for a job's end, and how it must end.
    dependents: HashMap<Id<ids::Job>, Vec<(Id<ids::Job>, Ended)>>,
    /// Jobs that were submitted since the last round.
    submitted: Vec<Job>,
    /// Jobs to read: the bell named them, or they were found queued.
    named: BTreeSet<Id<ids::Job>>,
}

/// A cluster's engine, and how it is.
struct ClusterState {
    name: String,
    kind: crate::facility::EngineKind,
    engine: Arc<dyn Engine>,
    health: Mutex<Health>,
}

/// How a cluster is.
#[derive(Default)]
struct Health {
    /// Why it can't be used.
    trouble: Option<String>,
    /// When its nodes were asked for last.
    asked: Option<Instant>,
    /// Whether they were learned, or it was seen that it doesn't tell.
    told: bool,
    /// When its runs were looked at last.
    looked: Option<Instant>,
    /// When the measurements of its runs were read last.
    measured: Option<Instant>,
}

/// A run that has started and not ended.
#[derive(Clone)]
struct Live {
    job: Job,
    phase: Phase,
    cluster: usize,
    places: Vec<Place>,
    device: String,
    engine_id: Option<String>,
    placed_at: Timestamp,
    started_at: Option<Timestamp>,
    stopping: Option<(Stopping, Instant, bool)>,
    /// Cores of this machine that it was given.
    cores: Vec<usize>,
    /// What it has used, once it was looked at.
    measured: Option<Measured>,
}

/// What a panicking thread left behind is still whole: every change under these locks is a single step.
fn open<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Marks a job as being worked on by a task of this server, until dropped.
struct Busy(Compute, Id<ids::Job>);

impl Drop for Busy {
    fn drop(&mut self) {
        open(&self.0.live.busy).remove(&self.1);
        self.0.commons.job_bell.ring();
    }
}

impl Shared {
    /// Nothing known yet.
    pub fn new(
        commons: &commons::Commons,
        config: &crate::types::Config,
        clusters: impl IntoIterator<Item = (crate::facility::Cluster, Arc<dyn Engine>)>,
    ) -> Result<Self> {
        let recording = record::Recording::begin(&commons.data.join("schedule"), commons.now());
        let planner = Planner::new(&config.facility, Some(recording))?;
        let clusters = clusters.into_iter().map(|(cluster, engine)| ClusterState {
            name: cluster.name,
            kind: cluster.engine,
            engine,
            health: Mutex::default(),
        });
        Ok(Self {
            round: tokio::sync::Mutex::default(),
            planner: Mutex::new(planner),
            runs: Mutex::default(),
            busy: Mutex::default(),
            staging: Arc::new(Semaphore::new(STAGING)),
            news: Mutex::default(),
            clusters: clusters.collect(),
            counts: counts::Counts::new(&commons.metrics),
        })
    }

    fn cluster(&self, name: &str) -> Option<usize> {
        self.clusters.iter().position(|cluster| cluster.name == name)
    }
}

impl Compute {
    /// Runs jobs until the process ends. Jobs outlive it; the next server finds them again.
    pub async fn run(self) {
        loop {
            if let Err(error) = self.tick().await {
                tracing::error!(code = error.code, error = error.chain(), "the scheduler's round failed");
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
            tokio::select! {
                () = self.commons.job_bell.rung() => {}
                () = tokio::time::sleep(self.config.heartbeat) => {}
            }
        }
    }

    /// One round.
    pub async fn tick(&self) -> Result<()> {
        let mut round = self.live.round.lock().await;
        let round = &mut *round;
        self.hear(round);
        self.learn(round).await?;
        self.watch(round).await;
        self.hear(round);
        let now = self.commons.now();
        if round.dirty || round.wake.is_some_and(|wake| wake <= now) {
            self.decide(round, now).await;
        }
        self.begin(round).await
    }

    /// Lets the scheduler decide, and asks who gives way to end.
    async fn decide(&self, round: &mut Round, now: Timestamp) {
        let began = Instant::now();
        let plan = open(&self.live.planner).decide(now);
        self.live.counts.decisions.observe(began.elapsed().as_secs_f64());
        round.dirty = false;
        round.wake = plan.wake;
        for (job, preemptor) in plan.stops {
            tracing::info!(%job, ?preemptor, "a job gives way");
            // One that has only been placed hasn't started: it waits again, and that is all.
            round.placed.retain(|(placed, _)| *placed != job);
            self.stop_run(job, Stopping::Preempt).await;
        }
        round.placed.extend(plan.starts);
    }

    /// Takes the job for a task of its own; `None` when one has it.
    fn occupy(&self, id: Id<ids::Job>) -> Option<Busy> {
        open(&self.live.busy).insert(id).then(|| Busy(self.clone(), id))
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

    /// How a run is known to its engine.
    fn target(&self, live: &Live) -> Target {
        Target {
            name: engine::name(&live.job),
            engine_id: live.engine_id.clone(),
            folder: self.folder(live.job.id, live.job.attempt),
            placed_at: live.placed_at,
        }
    }

    fn engine(&self, cluster: usize) -> Arc<dyn Engine> {
        self.live.clusters[cluster].engine.clone()
    }
}

impl Live {
    fn of(job: Job, run: &Run, cluster: usize) -> Self {
        let running =
            matches!(job.state, commons::jobs::JobState::Running | commons::jobs::JobState::Finishing);
        Self {
            phase: if running { Phase::Running } else { Phase::Starting },
            cluster,
            places: run.places.clone(),
            device: run.device.clone(),
            engine_id: run.engine_id.clone(),
            placed_at: run.placed_at,
            started_at: run.started_at,
            stopping: None,
            cores: Vec::new(),
            measured: None,
            job,
        }
    }
}

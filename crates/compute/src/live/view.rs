//! What others see of the scheduler: why jobs wait, what runs where, what was used.

use super::{Live, open};
use crate::{
    Compute,
    facility::world,
    rules::Waiting,
    sql,
    types::{
        Capacity, ClusterView, DeviceView, NodeView, Overview, QueuePlace, Run, Running, UsageHistory,
        UsageHour, UsedDevice,
    },
};
use commons::{
    identity::{Caller, Scope},
    ids,
    jobs::{self, Job, Usage},
};
use kernel::{Error, Id, Result, Timestamp};
use std::collections::{BTreeMap, HashMap};

/// Waiting jobs that an overview lists.
const LISTED: usize = 200;
/// Micros in an hour.
const HOUR: i64 = 3_600_000_000;
/// Days that usage is told for at the most.
const MOST_DAYS: i64 = 92;

impl Compute {
    /// Why a queued job waits, as of the scheduler's last look; `None` for others.
    pub fn why_waiting(&self, id: Id<ids::Job>) -> Option<Waiting> {
        let planner = open(&self.live.planner);
        match planner.why(id, self.commons.now()) {
            None if planner.knows(id) && !open(&self.live.runs).contains_key(&id) => {
                Some(Waiting::place_cleared())
            }
            why => why,
        }
    }

    /// What a run that goes on has used, once it was looked at.
    pub(crate) fn usage_so_far(&self, id: Id<ids::Job>) -> Option<Usage> {
        Some(open(&self.live.runs).get(&id)?.measured?.usage)
    }

    /// All clusters and the queue, as the caller may see them.
    pub async fn overview(&self, caller: &Caller) -> Result<Overview> {
        let lives = self.lives();
        let (places, queued) = self.waiting();
        let ids: Vec<_> = places.iter().map(|(job, _)| *job).collect();
        let known: HashMap<_, _> = jobs::find_all(self.commons.db.pool(), &ids)
            .await?
            .into_iter()
            .map(|job| (job.id, job))
            .collect();
        let waiting = places.into_iter().enumerate().filter_map(|(ahead, (id, waiting))| {
            let job = known.get(&id)?;
            Some(QueuePlace {
                job: id,
                org: job.org,
                name: seen(caller, job, &job.name),
                member: seen(caller, job, &job.member),
                need: job.resources,
                submitted_at: job.submitted_at,
                ahead,
                waiting,
            })
        });
        let mut used = Capacity::default();
        lives.iter().for_each(|live| used.add(&live.job.resources));
        let clusters = self.clusters();
        let fragmentation_percent = {
            let planner = open(&self.live.planner);
            let (_, all) = planner.state().devices_milli();
            100.0 * planner.state().fragmentation_milli() / (all.max(1) as f64)
        };
        let forecast = open(&self.live.planner).state().accuracy();
        Ok(Overview {
            capacity: capacity(&clusters),
            used,
            cpu_hour_micros: self.config.cpu_hour_micros,
            active: lives.len(),
            queued,
            waiting: waiting.collect(),
            running: lives.iter().map(|live| self.running(caller, live)).collect(),
            quota: sql::quota(self.commons.db.pool(), caller.org).await?,
            fragmentation_percent,
            forecast,
            commands: self.commands(),
            clusters,
        })
    }

    /// How many of `tasks` all nodes would hold if they were empty, and the dearest hour of their accelerators.
    pub(crate) fn room(&self, shape: &schedule::world::Shape, tasks: i64) -> (i64, i64) {
        let planner = open(&self.live.planner);
        let (possible, models) = world::room(&self.config.facility, planner.world(), shape, tasks);
        let shape = schedule::world::Shape { models, ..*shape };
        (possible, world::dearest_hour_micros(planner.world(), &shape))
    }

    /// Whether every cluster has told its nodes. Until then nothing is too large.
    pub(crate) fn knows_all_nodes(&self) -> bool {
        self.live.clusters.iter().all(|cluster| {
            let health = open(&cluster.health);
            health.told && health.trouble.is_none()
        })
    }

    /// The first of those that wait, with reasons, and how many there are.
    fn waiting(&self) -> (Vec<(Id<ids::Job>, Waiting)>, usize) {
        let (planner, now) = (open(&self.live.planner), self.commons.now());
        let mut all = 0;
        let mut first = Vec::new();
        for waiting in planner.state().queue(world::seconds(now)) {
            all += 1;
            if first.len() < LISTED
                && let Some(job) = planner.job(waiting.job)
            {
                let starts_by = waiting.start.map(world::instant);
                first.push((job, Waiting::of(waiting.reason.words(world::seconds(now)), starts_by)));
            }
        }
        (first, all)
    }

    fn running(&self, caller: &Caller, live: &Live) -> Running {
        let need = live.job.resources;
        let mut nodes: Vec<_> = live.places.iter().map(|place| place.node.clone()).collect();
        nodes.dedup();
        Running {
            job: live.job.id,
            org: live.job.org,
            name: seen(caller, &live.job, &live.job.name),
            member: seen(caller, &live.job, &live.job.member),
            attempt: live.job.attempt,
            cluster: self.live.clusters[live.cluster].name.clone(),
            nodes,
            device: Some(live.device.clone()).filter(|device| !device.is_empty()),
            device_milli: need.all_device_milli(),
            cpus: need.all_cpus(),
            memory_mib: need.all_memory_mib(),
            started_at: live.started_at,
            ends_by: live.started_at.unwrap_or(live.placed_at).plus_seconds(need.wall_seconds),
            idle_seconds: live.measured.and_then(|measured| measured.usage.idle_seconds).unwrap_or_default(),
            usage: seen(caller, &live.job, &live.measured),
        }
    }

    pub(super) fn clusters(&self) -> Vec<ClusterView> {
        let planner = open(&self.live.planner);
        let up = planner.up();
        let mut views: Vec<_> = self
            .live
            .clusters
            .iter()
            .map(|cluster| {
                let note = open(&cluster.health).trouble.clone();
                let (name, engine) = (cluster.name.clone(), cluster.kind.name());
                ClusterView { name, engine, up: note.is_none(), note, nodes: Vec::new() }
            })
            .collect();
        for (id, node) in planner.world().nodes.iter().enumerate() {
            let (free_cpu, free_memory_mib) = planner.state().free_host_of(id as u32).unwrap_or_default();
            let device = world::device(&self.config.facility, node.model).filter(|_| node.devices > 0);
            let view = NodeView {
                name: node.name.clone(),
                up: up.contains(&(id as u32)),
                device: device.map(|device| DeviceView {
                    name: device.name.clone(),
                    vendor: device.vendor.clone(),
                    domestic: device.domestic,
                    hour_micros: device.hour_micros,
                }),
                free_milli: planner.state().free_of(id as u32).unwrap_or_default().to_vec(),
                cpus: node.cpu_milli / 1000,
                free_cpus: free_cpu / 1000,
                memory_mib: node.memory_mib,
                free_memory_mib,
            };
            if let Some(cluster) = views.get_mut(usize::from(node.cluster)) {
                cluster.nodes.push(view);
            }
        }
        views
    }

    /// The attempts of a job that the caller may see.
    pub async fn runs(&self, caller: &Caller, id: Id<ids::Job>) -> Result<Vec<Run>> {
        self.job(caller, id).await?;
        sql::runs_of(self.commons.db.pool(), id).await
    }

    /// What was used in the last `days`, hour by hour: by the caller's organisation, or by all for the operator.
    pub async fn usage(&self, caller: &Caller, days: i64) -> Result<UsageHistory> {
        if !(1..=MOST_DAYS).contains(&days) {
            return Err(Error::invalid("days_out_of_bounds", format!("days goes from 1 to {MOST_DAYS}")));
        }
        let now = self.commons.now();
        let first = (now.0 / HOUR - days * 24 + 1) * HOUR;
        let org = if caller.may(Scope::Operate) { None } else { Some(caller.org) };
        let runs = sql::runs_since(self.commons.db.pool(), org, Timestamp(first)).await?;
        let capacity = capacity(&self.clusters()).device_milli;
        let hours = (0..days * 24).map(|hour| Timestamp(first + hour * HOUR));
        Ok(UsageHistory { hours: hours.map(|at| self.used_in(at, capacity, &runs, now)).collect() })
    }

    fn used_in(&self, at: Timestamp, device_capacity_milli: i64, runs: &[Run], now: Timestamp) -> UsageHour {
        let mut devices = BTreeMap::<&str, i64>::new();
        let mut cpu_milliseconds = 0;
        for run in runs {
            let Some(started) = run.started_at else { continue };
            let ended = run.ended_at.unwrap_or(now);
            let held = (ended.0.min(at.0 + HOUR) - started.0.max(at.0)).max(0) / 1000;
            cpu_milliseconds += held * run.cpus;
            if !run.device.is_empty() {
                *devices.entry(&run.device).or_default() += held * run.device_milli / 1000;
            }
        }
        let used = devices.into_iter().filter(|(_, milliseconds)| *milliseconds > 0);
        let domestic = |model: &str| self.config.facility.device(model).is_some_and(|device| device.domestic);
        UsageHour {
            at,
            device_capacity_milli,
            devices: used
                .map(|(model, milliseconds)| UsedDevice {
                    model: model.into(),
                    domestic: domestic(model),
                    milliseconds,
                })
                .collect(),
            cpu_milliseconds,
        }
    }
}

/// What the caller may know of a job: nothing where it is a stranger's.
fn seen<T: Clone + Default>(caller: &Caller, job: &Job, what: &T) -> T {
    if job.org == caller.org || caller.may(Scope::Operate) { what.clone() } else { T::default() }
}

fn capacity(clusters: &[ClusterView]) -> Capacity {
    let mut all = Capacity::default();
    for node in clusters.iter().flat_map(|cluster| &cluster.nodes).filter(|node| node.up) {
        all.cpus += node.cpus;
        all.memory_mib += node.memory_mib;
        all.device_milli += 1000 * node.free_milli.len() as i64;
    }
    all
}

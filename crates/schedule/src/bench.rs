//! How many decisions a second the core makes, with all constraints on.
//!
//! A *decision* is one waiting job looked at in a round and either placed or told why it waits. The bench
//! fills a fleet of several vendors, queues jobs of 200 tenants with weights, quotas and prepaid money, then
//! plays rounds in the steady state: some jobs end, as many come, and [`State::decide`] goes through the
//! whole queue, with gangs, shares of devices, model constraints, priorities, fair share, preemption, a
//! backfill reservation and overdue jobs. Processor time of the one thread is counted for `decide` alone and,
//! beside it, for everything.

use crate::{
    core::{Event, State},
    fleet::Placement,
    policy::Policy,
    random::Random,
    world::{
        Array, Cluster, DeviceModel, Job, Models, Node, Preempt, Quota, Seconds, Shape, Slicing, Tenant,
        World,
    },
};
use kernel::{Error, Result};
use serde::{Deserialize, Serialize};
use std::time::Instant;

/// What is played.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct BenchOptions {
    /// Nodes of eight devices.
    pub nodes: usize,
    /// Jobs that wait throughout.
    pub jobs: usize,
    /// Tenants, ten under each parent.
    pub tenants: usize,
    /// Rounds that are counted.
    pub rounds: u32,
}

impl Default for BenchOptions {
    fn default() -> Self {
        Self { nodes: 10_000, jobs: 100_000, tenants: 200, rounds: 20 }
    }
}

/// What came out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct BenchReport {
    /// Jobs that were looked at.
    pub decisions: u64,
    /// Of these, how many started.
    pub placements: u64,
    /// Jobs that were stopped for others.
    pub preemptions: u64,
    /// Jobs that waited after the last round.
    pub waiting: usize,
    /// Jobs that ran after the last round.
    pub running: usize,
    /// Devices in use after the last round.
    pub allocation_percent: f64,
    /// Processor seconds in `decide`.
    pub decide_seconds: f64,
    /// Processor seconds for submissions and ends too.
    pub total_seconds: f64,
    /// Seconds on the wall for all of it; on a busy machine much more.
    pub wall_seconds: f64,
    /// Decisions for each processor second in `decide`.
    pub decisions_per_second: f64,
    /// Starts for each second of all, with the submission and the end that belong to each.
    pub starts_per_second: f64,
}

struct Bench {
    state: State,
    random: Random,
    running: Vec<u64>,
    next: u64,
    tenants: usize,
    now: Seconds,
}

/// Plays the steady state and counts.
pub fn bench(options: &BenchOptions) -> Result<BenchReport> {
    if options.nodes == 0 || options.tenants == 0 || options.rounds == 0 {
        return Err(Error::invalid("bench_options", "nodes, tenants and rounds must be at least 1"));
    }
    let policy = Policy { placement: Placement::Fgd, ..Policy::default() };
    let mut bench = Bench {
        state: State::new(world(options), policy)?,
        random: Random::new(1),
        running: Vec::new(),
        next: 0,
        tenants: options.tenants,
        now: 0,
    };
    bench.warm_up(options)?;
    let mut report = BenchReport::default();
    let (began, began_on_wall) = (processor_seconds(), Instant::now());
    let mut deciding = 0.0;
    let before = bench.state.considered();
    for _ in 0..options.rounds {
        bench.now += 60;
        let ends = (bench.running.len() / 50).max(1);
        bench.end_some(ends)?;
        bench.submit(options.jobs.saturating_sub(bench.state.waiting()))?;
        deciding += bench.decide(&mut report)?;
    }
    let (used, total) = bench.state.devices_milli();
    report.decisions = bench.state.considered() - before;
    report.waiting = bench.state.waiting();
    report.running = bench.state.running();
    report.allocation_percent = 100.0 * used as f64 / total.max(1) as f64;
    report.decide_seconds = deciding;
    report.total_seconds = processor_seconds() - began;
    report.wall_seconds = began_on_wall.elapsed().as_secs_f64();
    report.decisions_per_second = report.decisions as f64 / report.decide_seconds.max(1e-9);
    report.starts_per_second = report.placements as f64 / report.total_seconds.max(1e-9);
    Ok(report)
}

/// Processor time of this thread where the system tells (Linux), otherwise time on the wall.
fn processor_seconds() -> f64 {
    static BEGAN: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();
    let began = BEGAN.get_or_init(Instant::now);
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanoseconds = told.as_deref().and_then(|text| text.split_whitespace().next()?.parse::<u64>().ok());
    nanoseconds.map_or_else(|| began.elapsed().as_secs_f64(), |count| count as f64 / 1e9)
}

impl Bench {
    /// Fills the fleet and the queue.
    fn warm_up(&mut self, options: &BenchOptions) -> Result<()> {
        let mut ignored = BenchReport::default();
        for _ in 0..20 {
            self.submit(options.jobs.saturating_sub(self.state.waiting()))?;
            let before = self.running.len();
            self.decide(&mut ignored)?;
            self.now += 60;
            if self.running.len() <= before {
                break;
            }
        }
        self.submit(options.jobs.saturating_sub(self.state.waiting()))
    }

    fn decide(&mut self, report: &mut BenchReport) -> Result<f64> {
        let began = processor_seconds();
        let decisions = self.state.decide(self.now);
        let took = processor_seconds() - began;
        report.placements += decisions.placements.len() as u64;
        report.preemptions += decisions.preemptions.len() as u64;
        for unpaid in decisions.preemptions.iter().filter(|stop| stop.preemptor.is_none()) {
            self.state.apply(Event::End { job: unpaid.job, micros: 100 }, self.now)?;
        }
        if !decisions.preemptions.is_empty() {
            let stopped: std::collections::HashSet<_> =
                decisions.preemptions.iter().map(|stop| stop.job).collect();
            self.running.retain(|job| !stopped.contains(job));
        }
        self.running.extend(decisions.placements.iter().map(|start| start.job));
        Ok(took)
    }

    fn end_some(&mut self, count: usize) -> Result<()> {
        for _ in 0..count.min(self.running.len()) {
            let at = self.random.below(self.running.len() as u64) as usize;
            let job = self.running.swap_remove(at);
            self.state.apply(Event::End { job, micros: 100 }, self.now)?;
        }
        Ok(())
    }

    fn submit(&mut self, count: usize) -> Result<()> {
        for _ in 0..count {
            let job = Box::new(self.job());
            self.state.apply(Event::Submit { job }, self.now)?;
        }
        Ok(())
    }

    /// Shares of devices, single devices, whole nodes and gangs, as clusters see them.
    fn job(&mut self) -> Job {
        const KINDS: [(u32, u8, u16); 10] = [
            (1, 1, 250),
            (1, 1, 500),
            (1, 1, 1000),
            (1, 1, 1000),
            (1, 2, 1000),
            (1, 4, 1000),
            (1, 8, 1000),
            (2, 8, 1000),
            (8, 8, 1000),
            (1, 1, 700),
        ];
        self.next += 1;
        let mut draw = |bound: u64| self.random.below(bound);
        let (tasks, devices, milli) = KINDS[draw(KINDS.len() as u64) as usize];
        let models = [Models::ANY, Models(0b0011), Models(0b1100), Models::ANY][draw(4) as usize];
        let cpu_milli = i64::from(devices) * [4_000, 8_000, 12_000][draw(3) as usize];
        let shape = Shape { devices, milli, cpu_milli, memory_mib: i64::from(devices) * 32_768, models };
        let estimate = 600 << draw(9);
        Job {
            tenant: (self.tenants.div_ceil(10) as u64 + draw(self.tenants as u64)) as u32,
            estimate: Some(estimate),
            limit: Some(estimate * 2),
            priority: i32::from(draw(50) == 0),
            preempt: [Preempt::Never, Preempt::Never, Preempt::Restart, Preempt::Checkpoint]
                [draw(4) as usize],
            array: (draw(10) == 0).then(|| Array { id: draw(500), at_most: 20 }),
            likeness: draw(2000) + 1,
            ..Job::new(self.next, tasks, shape, self.now)
        }
    }
}

fn world(options: &BenchOptions) -> World {
    let model = |name: &str, vendor: &str, slicing| DeviceModel {
        name: name.into(),
        vendor: vendor.into(),
        slicing,
        hour_micros: 10_000_000,
        ..DeviceModel::default()
    };
    let node = |at: usize| Node {
        name: format!("node-{at}"),
        cluster: (at % 3) as u16,
        model: (at % 4) as u16,
        devices: 8,
        cpu_milli: 128_000,
        memory_mib: 1 << 20,
    };
    let parents = options.tenants.div_ceil(10);
    let parent =
        |at: usize| Tenant { name: format!("district {at}"), weight: 1 + at as u32 % 3, ..Tenant::default() };
    let tenant = |at: usize| Tenant {
        name: format!("tenant {at}"),
        parent: Some((at / 10) as u32),
        weight: 1 + at as u32 % 5,
        quota: Quota { device_milli: Some(2_000_000), jobs: Some(5_000), ..Quota::default() },
        balance_micros: Some(1 << 50),
    };
    World {
        models: vec![
            model("A800", "NVIDIA", Slicing::Parts(8)),
            model("H20", "NVIDIA", Slicing::Any),
            model("Ascend910B", "Huawei", Slicing::Any),
            model("MLU590", "Cambricon", Slicing::Parts(4)),
        ],
        clusters: vec![Cluster::default(); 3],
        nodes: (0..options.nodes).map(node).collect(),
        tenants: (0..parents).map(parent).chain((0..options.tenants).map(tenant)).collect(),
    }
}

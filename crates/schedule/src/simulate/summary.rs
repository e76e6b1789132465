//! What came out.

use crate::{
    core::State,
    fleet::Slice,
    trace::{Trace, Traced},
    world::{Seconds, World},
};
use serde::{Deserialize, Serialize};

/// What became of one job.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// Its index in the trace.
    pub job: u64,
    /// Whose it is.
    pub tenant: u32,
    /// Thousandths of devices.
    pub device_milli: i64,
    /// When it came.
    pub submitted: Seconds,
    /// When it first started.
    pub started: Option<Seconds>,
    /// When it ended.
    pub ended: Option<Seconds>,
    /// How long it held devices.
    pub held_seconds: Seconds,
    /// How often it started.
    pub starts: u32,
    /// What it cost.
    pub micros: i64,
    /// The first node that it ran on.
    pub node: u32,
    /// It was never taken in: it asks for the impossible.
    pub refused: bool,
    /// It was ended because prepaid money had run out.
    pub unpaid: bool,
}

impl Outcome {
    pub(super) fn new(traced: &Traced) -> Self {
        let job = &traced.job;
        Self {
            job: job.id,
            tenant: job.tenant,
            device_milli: job.device_milli(),
            submitted: job.submitted,
            ..Self::default()
        }
    }

    pub(super) fn start(&mut self, now: Seconds, slices: &[Slice]) {
        if self.started.is_none() {
            self.started = Some(now);
            self.node = slices.first().map_or(0, |slice| slice.node);
        }
        self.starts += 1;
    }

    pub(super) fn stop(&mut self, held: Seconds, micros: i64) {
        self.held_seconds += held;
        self.micros += micros;
    }

    pub(super) fn end(&mut self, now: Seconds, held: Seconds, micros: i64) {
        self.ended = Some(now);
        self.stop(held, micros);
    }

    /// From submission to end: the job completion time.
    pub fn completion_seconds(&self) -> Option<Seconds> {
        Some(self.ended? - self.submitted)
    }

    /// How long it was there without holding devices.
    pub fn wait_seconds(&self) -> Option<Seconds> {
        Some((self.completion_seconds()? - self.held_seconds).max(0))
    }
}

/// The figures of one policy on one trace.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// The policy.
    pub policy: String,
    /// Jobs that ended; by load, tasks that arrived.
    pub jobs: u64,
    /// Jobs that never ran: refused, or still waiting at the end; by load, tasks that were turned away.
    pub unserved: u64,
    /// Mean time without devices.
    pub average_wait_seconds: f64,
    /// Time without devices that 99 % of jobs don't exceed.
    pub p99_wait_seconds: f64,
    /// The longest time without devices.
    pub longest_wait_seconds: f64,
    /// Mean time from submission to end.
    pub average_jct_seconds: f64,
    /// Time from submission to end that 99 % of jobs don't exceed.
    pub p99_jct_seconds: f64,
    /// Device time in use, of all device time until the last job ended; by load, devices allocated at the
    /// end.
    pub allocation_percent: f64,
    /// Device time idle while jobs waited, of all device time; by load, FGD's measure at the end.
    pub fragmentation_percent: f64,
    /// Jain's index over tenants (over jobs, where there is one tenant) of run time by time from submission
    /// to end.
    pub jain: f64,
    /// Energy of busy devices.
    pub energy_kwh: f64,
    /// Price of what was used, in the world's currency.
    pub cost: f64,
    /// Stops for other jobs.
    pub preemptions: u64,
    /// Length of what was played.
    pub trace_days: f64,
    /// How long the simulation took.
    pub wall_seconds: f64,
}

impl Summary {
    /// The mean of each figure.
    pub(super) fn mean<'a>(all: impl Iterator<Item = &'a Self> + Clone) -> Self {
        let count = all.clone().count().max(1) as f64;
        let mean = |figure: fn(&Self) -> f64| all.clone().map(figure).sum::<f64>() / count;
        Self {
            policy: String::new(),
            jobs: mean(|one| one.jobs as f64) as u64,
            unserved: mean(|one| one.unserved as f64) as u64,
            average_wait_seconds: mean(|one| one.average_wait_seconds),
            p99_wait_seconds: mean(|one| one.p99_wait_seconds),
            longest_wait_seconds: mean(|one| one.longest_wait_seconds),
            average_jct_seconds: mean(|one| one.average_jct_seconds),
            p99_jct_seconds: mean(|one| one.p99_jct_seconds),
            allocation_percent: mean(|one| one.allocation_percent),
            fragmentation_percent: mean(|one| one.fragmentation_percent),
            jain: mean(|one| one.jain),
            energy_kwh: mean(|one| one.energy_kwh),
            cost: mean(|one| one.cost),
            preemptions: mean(|one| one.preemptions as f64) as u64,
            trace_days: mean(|one| one.trace_days),
            wall_seconds: 0.0,
        }
    }
}

/// Adds up device time.
pub(super) struct Meter {
    world: World,
    last: Seconds,
    used: i128,
    idle_while_waiting: i128,
    total: i128,
}

impl Meter {
    pub(super) fn new(world: &World) -> Self {
        let world = World { tenants: Vec::new(), ..world.clone() };
        Self { world, last: 0, used: 0, idle_while_waiting: 0, total: 0 }
    }

    /// Counts the time from the last call to `now`, in which the state was as it is.
    pub(super) fn pass(&mut self, now: Seconds, state: &State) {
        let passed = i128::from(now - self.last);
        let (used, total) = state.devices_milli();
        self.used += i128::from(used) * passed;
        self.total += i128::from(total) * passed;
        if state.waiting() > 0 {
            self.idle_while_waiting += i128::from(total - used) * passed;
        }
        self.last = now;
    }

    /// The price of `slices` for an hour at `now`.
    pub(super) fn hour_micros(&self, slices: &[Slice], now: Seconds) -> i64 {
        let price = |slice: &Slice| {
            let node = &self.world.nodes[slice.node as usize];
            let hour = self.world.models.get(node.model as usize).map_or(0, |model| model.hour_micros);
            let percent =
                self.world.clusters.get(node.cluster as usize).map_or(100, |cluster| cluster.price_at(now));
            hour * i64::from(slice.devices.count_ones()) * i64::from(slice.milli) / 1000 * percent / 100
        };
        slices.iter().map(price).sum()
    }

    pub(super) fn summary(&self, outcomes: &[Outcome], trace: &Trace) -> Summary {
        let ended: Vec<_> = outcomes.iter().filter(|outcome| outcome.ended.is_some()).collect();
        let mut waits: Vec<_> = ended.iter().filter_map(|outcome| outcome.wait_seconds()).collect();
        let mut times: Vec<_> = ended.iter().filter_map(|outcome| outcome.completion_seconds()).collect();
        waits.sort_unstable();
        times.sort_unstable();
        let percent = |part: i128| 100.0 * part as f64 / self.total.max(1) as f64;
        let watts = |outcome: &Outcome| {
            let node = &self.world.nodes[outcome.node as usize];
            self.world.models.get(node.model as usize).map_or(0.0, |model| model.watts)
        };
        let energy = |outcome: &&Outcome| {
            outcome.held_seconds as f64 * outcome.device_milli as f64 / 1000.0 * watts(outcome) / 3.6e6
        };
        Summary {
            policy: String::new(),
            jobs: ended.len() as u64,
            unserved: (outcomes.len() - ended.len()) as u64,
            average_wait_seconds: mean(&waits),
            p99_wait_seconds: quantile(&waits, 0.99),
            longest_wait_seconds: waits.last().map_or(0.0, |wait| *wait as f64),
            average_jct_seconds: mean(&times),
            p99_jct_seconds: quantile(&times, 0.99),
            allocation_percent: percent(self.used),
            fragmentation_percent: percent(self.idle_while_waiting),
            jain: fairness(&ended, trace),
            energy_kwh: ended.iter().map(energy).sum(),
            cost: ended.iter().map(|outcome| outcome.micros as f64 / 1e6).sum(),
            preemptions: ended.iter().map(|outcome| u64::from(outcome.starts.saturating_sub(1))).sum(),
            trace_days: self.last as f64 / 86_400.0,
            wall_seconds: 0.0,
        }
    }
}

fn mean(sorted: &[Seconds]) -> f64 {
    sorted.iter().map(|value| *value as f64).sum::<f64>() / sorted.len().max(1) as f64
}

fn quantile(sorted: &[Seconds], part: f64) -> f64 {
    let at = ((sorted.len() as f64 * part).ceil() as usize).clamp(1, sorted.len().max(1)) - 1;
    sorted.get(at).map_or(0.0, |value| *value as f64)
}

/// Jain's index of the values: 1 when all are equal, 1/n when one has all.
pub(super) fn jain(values: &[f64]) -> f64 {
    let (sum, squares) =
        values.iter().fold((0.0, 0.0), |(sum, squares), value| (sum + value, squares + value * value));
    if squares > 0.0 { sum * sum / (values.len() as f64 * squares) } else { 1.0 }
}

fn fairness(ended: &[&Outcome], trace: &Trace) -> f64 {
    let by_job = trace.world.tenants.len() < 2;
    let groups = if by_job { ended.len() } else { trace.world.tenants.len() };
    let mut sums = vec![(0.0, 0.0); groups];
    for (at, outcome) in ended.iter().enumerate() {
        let sum = &mut sums[if by_job { at } else { outcome.tenant as usize }];
        sum.0 += trace.jobs[outcome.job as usize].run as f64;
        sum.1 += outcome.completion_seconds().unwrap_or(0) as f64;
    }
    let parts: Vec<_> = sums.iter().filter(|sum| sum.1 > 0.0).map(|(run, time)| run / time).collect();
    jain(&parts)
}

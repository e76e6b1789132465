//! How the state changes.

use super::{
    Reason, State,
    accounts::Hold,
    state::{Phase, Place, Slot, SlotId},
};
use crate::{
    belief::Belief,
    fleet::Slice,
    policy::Order,
    world::{Job, JobId, NodeId, Quota, Seconds, Shape, TenantId},
};
use kernel::{Error, Result};
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;

/// Tasks in one job at most.
const MOST_TASKS: u32 = 65_536;
/// A job whose end nobody knows and nothing bounds is held for this long.
const UNKNOWN_LIMIT: Seconds = 86_400;
/// Submissions after which the mix of shapes is looked at again for the first time.
const FIRST_MIX: u64 = 256;

/// What happened in the world. A log of these and of the moments of [`State::decide`] replays to the same
/// decisions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// A job came.
    Submit {
        /// It.
        job: Box<Job>,
    },
    /// A job runs already: what a service says when it comes up again.
    Running {
        /// A job that was submitted.
        job: JobId,
        /// Since when it runs.
        since: Seconds,
        /// Where.
        slices: Vec<Slice>,
    },
    /// A running job ended, well or not.
    End {
        /// It.
        job: JobId,
        /// What it cost, in micros.
        micros: i64,
    },
    /// A running job was thrown back: its node failed or its start did. It waits again.
    Requeue {
        /// It.
        job: JobId,
    },
    /// A waiting job was withdrawn.
    Cancel {
        /// It.
        job: JobId,
    },
    /// A node can be used, or no longer.
    Node {
        /// It.
        node: NodeId,
        /// Whether it can.
        up: bool,
    },
    /// A tenant's quota is now this.
    Quota {
        /// Whose.
        tenant: TenantId,
        /// The whole of it.
        quota: Quota,
    },
    /// A tenant's prepaid balance is now this.
    Balance {
        /// Whose.
        tenant: TenantId,
        /// In micros; `None` for tenants who pay later.
        micros: Option<i64>,
    },
    /// A tenant's weight is now this.
    Weight {
        /// Whose.
        tenant: TenantId,
        /// Its part among its siblings.
        weight: u32,
    },
}

impl State {
    /// Takes note of what happened at `now`. Fails, and changes nothing, when it contradicts what is known.
    pub fn apply(&mut self, event: Event, now: Seconds) -> Result<()> {
        match event {
            Event::Submit { job } => self.submit(*job, now),
            Event::Running { job, since, slices } => self.restore(job, since, slices),
            Event::End { job, micros } => self.finish(job, micros, now),
            Event::Requeue { job } => {
                let slot = self.find(job, Phase::Running)?;
                self.requeue(slot, now);
                Ok(())
            }
            Event::Cancel { job } => self.cancel(job, now),
            Event::Node { node, up } => {
                if node as usize >= self.world.nodes.len() {
                    return Err(Error::not_found("node_unknown", format!("there is no node {node}")));
                }
                self.fleet.set_up(node, up);
                Ok(())
            }
            Event::Quota { tenant, quota } => {
                self.tenant(tenant)?;
                self.accounts.set_quota(tenant, quota);
                Ok(())
            }
            Event::Balance { tenant, micros } => {
                self.tenant(tenant)?;
                self.accounts.set_balance(tenant, micros);
                Ok(())
            }
            Event::Weight { tenant, weight } => {
                self.tenant(tenant)?;
                self.accounts.set_weight(tenant, weight);
                Ok(())
            }
        }
    }

    fn tenant(&self, tenant: TenantId) -> Result<()> {
        if (tenant as usize) < self.world.tenants.len() {
            return Ok(());
        }
        Err(Error::not_found("tenant_unknown", format!("there is no tenant {tenant}")))
    }

    fn find(&self, job: JobId, phase: Phase) -> Result<SlotId> {
        match self.ids.get(&job) {
            Some(slot) if self.slots[*slot as usize].phase == phase => Ok(*slot),
            _ => Err(Error::conflict("job_state", format!("job {job} isn't {}", phase_name(phase)))),
        }
    }

    fn submit(&mut self, mut job: Job, now: Seconds) -> Result<()> {
        self.check(&job)?;
        job.shape = normal(&job.shape);
        self.mix(&job.shape);
        let after = std::mem::take(&mut job.after);
        let missing: Vec<_> = after.into_iter().filter(|id| self.ids.contains_key(id)).collect();
        let slot = Slot {
            class: self.fleet.class(&job.shape, job.tasks),
            belief: self.believe(&job),
            phase: if missing.is_empty() { Phase::Waiting } else { Phase::Held },
            place: Place::default(),
            hold: self.hold(&job),
            since: now,
            overdue_at: 0,
            overdue: false,
            remaining: 0,
            backlog: 0.0,
            started: 0,
            ends: 0,
            paid_until: Seconds::MAX,
            attained: 0,
            slices: Vec::new(),
            reason: Reason::New,
            round: 0,
            missing: missing.len() as u32,
            promise: None,
            job,
        };
        let id = slot.job.id;
        let at = match self.empty.pop() {
            Some(at) => {
                self.slots[at as usize] = slot;
                at
            }
            None => {
                self.slots.push(slot);
                (self.slots.len() - 1) as SlotId
            }
        };
        self.ids.insert(id, at);
        for other in &missing {
            self.dependents.entry(*other).or_default().push(at);
        }
        if missing.is_empty() {
            self.admit(at, now);
        }
        Ok(())
    }

    /// A job that waits for nothing but devices joins its queue. It is overdue once it has waited for about
    /// as long as it would have if all were served by arrival, and the policy's own bound more.
    fn admit(&mut self, at: SlotId, now: Seconds) {
        let (devices, ends) = self.busy;
        let ahead = self.backlog + (ends - devices * now as f64).max(0.0);
        let devices = self.fleet.total_milli.max(1000) as f64 / 1000.0;
        let by_arrival = ahead / devices * self.policy.overdue_factor;
        let bound = self.policy.overdue_seconds.unwrap_or(Seconds::MAX / 4);
        self.slots[at as usize].overdue_at = now.saturating_add(bound).saturating_add(by_arrival as Seconds);
        self.enqueue(at, now);
    }

    fn check(&self, job: &Job) -> Result<()> {
        let fail = |text: &str| Err(Error::invalid("job_shape_invalid", format!("job {}: {text}", job.id)));
        self.tenant(job.tenant)?;
        let Shape { devices, milli, cpu_milli, memory_mib, .. } = job.shape;
        if self.ids.contains_key(&job.id) {
            return Err(Error::conflict("job_known", format!("job {} is known already", job.id)));
        }
        if job.tasks == 0 || job.tasks > MOST_TASKS {
            return fail("tasks must be from 1 to 65536");
        }
        if milli > 1000 || (devices > 1 && milli != 1000) || (devices > 0 && milli == 0) {
            return fail("several devices must be whole (1000 thousandths), one may be shared (1 to 1000)");
        }
        if cpu_milli < 0 || memory_mib < 0 {
            return fail("processors and memory can't be negative");
        }
        if job.estimate.is_some_and(|seconds| seconds < 0) || job.limit.is_some_and(|seconds| seconds < 1) {
            return fail("estimate and limit must be positive");
        }
        Ok(())
    }

    /// Counts shapes, and learns what free parts are worth when the mix has grown by half.
    fn mix(&mut self, shape: &Shape) {
        if self.policy.placement == crate::fleet::Placement::BestFit {
            return;
        }
        *self.mix.entry(*shape).or_default() += 1;
        self.mixed += 1;
        let due = self.mixed >= FIRST_MIX && self.mixed.is_power_of_two();
        // Whole devices in one size leave nothing to learn.
        if due && self.mix.keys().any(|shape| shape.milli < 1000 || shape.cpu_milli > 0) {
            self.fleet.learn(&self.mix);
        }
    }

    /// Learns placement from a mix of shapes that is known beforehand, for example from last month's jobs.
    pub fn learn_mix(&mut self, shapes: impl IntoIterator<Item = Shape>) {
        for shape in shapes {
            *self.mix.entry(normal(&shape)).or_default() += 1;
        }
        self.fleet.learn(&self.mix);
        // Known for good: what is submitted later doesn't change it.
        self.mixed = u64::MAX / 2;
    }

    fn believe(&self, job: &Job) -> Belief {
        match job.estimate {
            Some(seconds) if self.policy.oracle => Belief::Sure(seconds),
            _ => self.history.believe(job),
        }
    }

    /// What a job will hold of its tenant's bounds while it runs.
    fn hold(&self, job: &Job) -> Hold {
        let tasks = i64::from(job.tasks);
        let seconds = job.limit.or(job.estimate).unwrap_or(UNKNOWN_LIMIT);
        let allowed =
            self.world.models.iter().enumerate().filter(|(model, _)| job.shape.models.has(*model as u16));
        let dearest = allowed.map(|(_, model)| model.hour_micros).max().unwrap_or(0);
        let percent = self
            .world
            .clusters
            .iter()
            .flat_map(|cluster| &cluster.price_percent)
            .max()
            .map_or(100, |most| i64::from(*most).max(100));
        let device_milli = job.device_milli();
        let cost = i128::from(dearest) * i128::from(device_milli) * i128::from(seconds) * i128::from(percent);
        let cpu_milli = job.shape.cpu_milli.saturating_mul(tasks);
        let by_cpu = if self.fleet.total_milli == 0 {
            cpu_milli
        } else {
            (i128::from(cpu_milli) * i128::from(self.fleet.total_milli)
                / i128::from(self.fleet.total_cpu.max(1))) as i64
        };
        Hold {
            charge_milli: device_milli.max(by_cpu),
            device_milli,
            cpu_milli,
            seconds,
            micros: i64::try_from((cost + 359_999_999) / 360_000_000).unwrap_or(i64::MAX),
        }
    }

    /// Puts a job into its queue.
    pub(super) fn enqueue(&mut self, at: SlotId, now: Seconds) {
        self.number += 1;
        let slot = &self.slots[at as usize];
        let rank = self.rank(slot, slot.attained);
        let remaining = slot.belief.remaining(slot.attained);
        let backlog = remaining * devices(slot);
        let number = self.number;
        let slot = &mut self.slots[at as usize];
        slot.phase = Phase::Waiting;
        slot.since = now;
        slot.round = 0;
        slot.place =
            Place { priority: Reverse(slot.job.priority), rank, submitted: slot.job.submitted, number };
        let queue = if self.policy.fair_share { slot.job.tenant as usize } else { 0 };
        self.queues[queue].insert((slot.place, at));
        slot.backlog = backlog;
        slot.remaining = remaining as Seconds;
        slot.overdue = false;
        self.backlog += backlog;
        self.ages.insert((slot.overdue_at, number, at));
        self.waiting += 1;
    }

    pub(super) fn dequeue(&mut self, at: SlotId) {
        let slot = &self.slots[at as usize];
        let queue = self.queue_of(&slot.job);
        self.queues[queue].remove(&(slot.place, at));
        self.ages.remove(&(slot.overdue_at, slot.place.number, at));
        self.waiting -= 1;
        self.backlog = if self.waiting == 0 { 0.0 } else { self.backlog - slot.backlog };
    }

    /// What the policy sorts by, for a job that has received `attained` seconds of service.
    pub(super) fn rank(&self, slot: &Slot, attained: Seconds) -> i64 {
        let devices = devices(slot);
        let rank = match self.policy.order {
            Order::Arrival => return 0,
            Order::Time => slot.belief.remaining(attained),
            Order::Service => slot.belief.remaining(attained) * devices,
            Order::Attained => levels(attained as f64 * devices),
            Order::Gittins => {
                let index = slot.belief.gittins(attained) * devices.powf(self.policy.size_power);
                let grid = self.policy.grid;
                if grid > 1.0 { grid.powf((index.ln() / grid.ln()).floor()) } else { index }
            }
        };
        (rank * 1000.0).min(1e18) as i64
    }

    fn restore(&mut self, job: JobId, since: Seconds, slices: Vec<Slice>) -> Result<()> {
        let at = self.find(job, Phase::Waiting)?;
        if slices.iter().any(|slice| slice.node as usize >= self.world.nodes.len()) {
            return Err(Error::not_found(
                "node_unknown",
                format!("job {job} runs on a node that isn't known"),
            ));
        }
        self.dequeue(at);
        let shape = self.slots[at as usize].job.shape;
        self.fleet.take(&shape, &slices);
        self.start(at, slices, since);
        Ok(())
    }

    /// Notes that a job runs on `slices`, which are taken already.
    pub(super) fn start(&mut self, at: SlotId, slices: Vec<Slice>, now: Seconds) {
        let stoppable = self.is_stoppable(&self.slots[at as usize].job);
        self.stoppable += usize::from(stoppable);
        let restart = self.policy.restart_seconds;
        let slot = &mut self.slots[at as usize];
        slot.overdue = slot.overdue_at <= now;
        slot.phase = Phase::Running;
        slot.started = now;
        slot.slices = slices;
        slot.ends = now + restart + slot.remaining + 1;
        self.ends.insert((slot.ends, at));
        self.busy.0 += devices(slot);
        self.busy.1 += devices(slot) * slot.ends as f64;
        if self.accounts.left_micros(slot.job.tenant).is_some() {
            slot.paid_until = now.saturating_add(slot.hold.seconds);
            self.paid.insert((slot.paid_until, at));
        }
        if let Some(array) = slot.job.array {
            *self.arrays.entry(array.id).or_default() += 1;
        }
        let (tenant, hold) = (slot.job.tenant, slot.hold);
        self.accounts.start(tenant, &hold, now);
        if let Some((_, told)) = slot.promise.take() {
            self.accuracy.note(slot.since, told, now);
        }
    }

    /// Takes a running job off its devices.
    fn stop(&mut self, at: SlotId, now: Seconds, micros: i64) {
        let slot = &mut self.slots[at as usize];
        let slices = std::mem::take(&mut slot.slices);
        self.ends.remove(&(slot.ends, at));
        self.busy.0 -= devices(slot);
        self.busy.1 -= devices(slot) * slot.ends as f64;
        if self.ends.is_empty() {
            self.busy = (0.0, 0.0);
        }
        if slot.paid_until != Seconds::MAX {
            self.paid.remove(&(slot.paid_until, at));
            slot.paid_until = Seconds::MAX;
        }
        let (tenant, hold, ran) = (slot.job.tenant, slot.hold, (now - slot.started).max(0));
        slot.attained += (ran - self.policy.restart_seconds).max(0);
        self.fleet.release(&slot.job.shape, &slices);
        if let Some(array) = slot.job.array
            && let Some(running) = self.arrays.get_mut(&array.id)
        {
            *running -= 1;
            if *running == 0 {
                self.arrays.remove(&array.id);
            }
        }
        self.accounts.end(tenant, &hold, now, ran, micros);
        let stoppable = self.is_stoppable(&self.slots[at as usize].job);
        self.stoppable -= usize::from(stoppable);
    }

    fn finish(&mut self, job: JobId, micros: i64, now: Seconds) -> Result<()> {
        let at = self.find(job, Phase::Running)?;
        self.stop(at, now, micros);
        let slot = &self.slots[at as usize];
        self.history.note(&slot.job, slot.attained);
        self.forget(at, now);
        Ok(())
    }

    /// Takes a running job off its devices and lets it wait again.
    pub(super) fn requeue(&mut self, at: SlotId, now: Seconds) {
        self.stop(at, now, 0);
        let slot = &mut self.slots[at as usize];
        if slot.job.preempt != crate::world::Preempt::Checkpoint {
            slot.attained = 0;
        }
        self.enqueue(at, now);
    }

    fn cancel(&mut self, job: JobId, now: Seconds) -> Result<()> {
        let at = match self.ids.get(&job) {
            Some(at) if self.slots[*at as usize].phase == Phase::Waiting => *at,
            _ => {
                let at = self.find(job, Phase::Held)?;
                self.dependents.values_mut().for_each(|waiting| waiting.retain(|other| *other != at));
                self.forget(at, now);
                return Ok(());
            }
        };
        self.dequeue(at);
        self.forget(at, now);
        Ok(())
    }

    /// Empties a slot and lets jobs go on that waited for it.
    fn forget(&mut self, at: SlotId, now: Seconds) {
        let slot = &mut self.slots[at as usize];
        slot.phase = Phase::Empty;
        let id = slot.job.id;
        self.ids.remove(&id);
        self.empty.push(at);
        if self.dependents.is_empty() {
            return;
        }
        for dependent in self.dependents.remove(&id).unwrap_or_default() {
            let slot = &mut self.slots[dependent as usize];
            slot.missing -= 1;
            if slot.missing == 0 {
                self.admit(dependent, now);
            }
        }
    }
}

/// Attained service in levels that grow by a factor of four from one device-hour on. Jobs of one level are
/// served by arrival, or they would stop each other all the time (Tiresias, NSDI 2019).
fn levels(service: f64) -> f64 {
    if service < 3600.0 { 0.0 } else { ((service / 3600.0).log2() / 2.0).floor() + 1.0 }
}

/// Devices that a job counts as.
pub(super) fn devices(slot: &Slot) -> f64 {
    slot.hold.charge_milli.max(1) as f64 / 1000.0
}

/// The shape with what doesn't matter taken out, so that equal needs are equal.
fn normal(shape: &Shape) -> Shape {
    if shape.devices == 0 { Shape { milli: 0, models: crate::world::Models::ANY, ..*shape } } else { *shape }
}

fn phase_name(phase: Phase) -> &'static str {
    match phase {
        Phase::Empty => "known",
        Phase::Held => "waiting for other jobs",
        Phase::Waiting => "waiting",
        Phase::Running => "running",
    }
}

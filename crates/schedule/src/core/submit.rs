//! Jobs that come.

use super::{
    Amount, Reason, State,
    accounts::Hold,
    state::{Phase, Place, Slot, SlotId},
};
use crate::{
    belief::Belief,
    world::{Job, Seconds, Shape},
};
use kernel::{Error, Result};

/// Tasks in one job at most.
const MOST_TASKS: u32 = 65_536;
/// A job whose end nobody knows and nothing bounds is held for this long.
const UNKNOWN_LIMIT: Seconds = 86_400;
/// Submissions after which the mix of shapes is looked at again for the first time.
const FIRST_MIX: u64 = 256;
/// No moment is further from zero, and no length of time longer: sums of some stay far from overflow.
pub(super) const MOST_SECONDS: Seconds = 1_000_000_000_000;
/// Thousandths of cores, or mebibytes, of one task at most.
const MOST_OF_ONE: i64 = 1_000_000_000_000;

/// Refuses moments that no clock tells.
pub(super) fn check_moment(moment: Seconds) -> Result<()> {
    if (-MOST_SECONDS..=MOST_SECONDS).contains(&moment) {
        return Ok(());
    }
    Err(Error::invalid("job_shape_invalid", format!("{moment} isn't a moment in seconds that a clock tells")))
}

impl State {
    pub(super) fn submit(&mut self, mut job: Job, now: Seconds) -> Result<()> {
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
            overdue_at: Seconds::MAX,
            late_at: Seconds::MAX,
            turn: 0,
            waited: 0,
            allowed: None,
            overdue: false,
            tenant: job.tenant,
            is_special: job.array.is_some() || job.flexible_until.is_some(),
            remaining: 0,
            started: 0,
            ends: 0,
            paid_until: Seconds::MAX,
            attained: 0,
            slices: Vec::new(),
            reason: Reason::New,
            lacks_room: false,
            round: 0,
            missing: missing.len() as u32,
            promise: None,
            forecast: None,
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
            let arrived = self.slots[at as usize].job.submitted.min(now);
            self.admit(at, arrived, now);
        }
        Ok(())
    }

    /// A job that waits for nothing but devices, and has since `arrived`, joins its queue.
    pub(super) fn admit(&mut self, at: SlotId, arrived: Seconds, now: Seconds) {
        let slot = &mut self.slots[at as usize];
        slot.turn = self.turns.join(at, slot.hold.charge_milli, arrived);
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
        if !(0..=MOST_OF_ONE).contains(&cpu_milli) || !(0..=MOST_OF_ONE).contains(&memory_mib) {
            return fail("processors and memory can't be negative or beyond any machine");
        }
        let lengths = [job.estimate, job.limit.map(|seconds| seconds - 1)];
        if lengths.into_iter().flatten().any(|seconds| !(0..=MOST_SECONDS).contains(&seconds)) {
            return fail("estimate and limit must be positive, and less than thirty thousand years");
        }
        [Some(job.submitted), job.deadline, job.flexible_until]
            .into_iter()
            .flatten()
            .try_for_each(check_moment)
    }

    /// Counts shapes, and learns what free parts are worth when the mix has grown by half.
    pub(super) fn mix(&mut self, shape: &Shape) {
        if self.policy.placement == crate::fleet::Placement::BestFit {
            return;
        }
        *self.mix.entry(*shape).or_default() += 1;
        self.mixed += 1;
        let due = self.mixed >= FIRST_MIX && self.mixed.is_power_of_two();
        // Whole devices in one size leave nothing to learn.
        if due && self.is_mix_telling() {
            self.fleet.learn(&self.mix);
        }
    }

    fn is_mix_telling(&self) -> bool {
        self.mix.keys().any(|shape| shape.milli < 1000 || shape.cpu_milli > 0)
    }

    /// Whether enough has come to learn from.
    pub(super) fn is_mix_known(&self) -> bool {
        self.mixed >= FIRST_MIX && self.is_mix_telling()
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
            Some(seconds) if self.policy.oracle => Belief::sure(job, seconds),
            _ => self.history.believe(job),
        }
    }

    /// What a job will hold of its tenant's bounds while it runs.
    pub(super) fn hold(&self, job: &Job) -> Hold {
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
        let Amount { device_milli, cpu_milli, .. } = asked(job);
        let factors = [device_milli, seconds, percent].map(i128::from);
        let cost = factors.into_iter().fold(i128::from(dearest), i128::saturating_mul);
        let by_cpu = if self.fleet.total_milli == 0 {
            cpu_milli
        } else {
            (i128::from(cpu_milli) * i128::from(self.fleet.total_milli) / self.fleet.total_cpu.max(1)) as i64
        };
        Hold {
            charge_milli: device_milli.max(by_cpu),
            device_milli,
            cpu_milli,
            seconds,
            micros: i64::try_from(cost.saturating_add(359_999_999) / 360_000_000).unwrap_or(i64::MAX),
        }
    }
}

/// The shape with what doesn't matter taken out, so that equal needs are equal.
pub(super) fn normal(shape: &Shape) -> Shape {
    if shape.devices == 0 { Shape { milli: 0, ..*shape } } else { *shape }
}

/// What a job holds while it runs.
pub(super) fn asked(job: &Job) -> Amount {
    let tasks = i64::from(job.tasks);
    Amount {
        device_milli: job.device_milli(),
        cpu_milli: job.shape.cpu_milli.saturating_mul(tasks),
        memory_mib: job.shape.memory_mib.saturating_mul(tasks),
    }
}

//! Jobs that wait: where they stand, and how they leave.

use super::{
    State,
    state::{Phase, Place, Slot, SlotId},
};
use crate::{
    policy::Order,
    world::{JobId, Seconds},
};
use kernel::Result;
use std::cmp::Reverse;

impl State {
    /// A job begins to wait. Its place in a queue is found only when it needs one: most jobs of a fleet that
    /// isn't full come while nobody waits, and start in the next round.
    pub(super) fn enqueue(&mut self, at: SlotId, now: Seconds) {
        self.settle();
        self.number += 1;
        let slot = &mut self.slots[at as usize];
        slot.phase = Phase::Waiting;
        slot.since = now;
        slot.round = 0;
        slot.remaining = slot.belief.remaining(slot.attained) as Seconds;
        slot.overdue = false;
        let (priority, submitted) = (Reverse(slot.job.priority), slot.job.submitted);
        slot.place = Place { priority, rank: 0, submitted, number: self.number };
        slot.set_due();
        self.waiting += 1;
        self.fresh = Some(at);
        if self.waiting > 1 {
            self.settle();
        }
    }

    /// Puts the job that is in no queue yet, if there is one, into its own.
    pub(super) fn settle(&mut self) {
        let Some(at) = self.fresh.take() else { return };
        let rank = self.rank(&self.slots[at as usize], self.slots[at as usize].attained);
        let slot = &mut self.slots[at as usize];
        slot.place.rank = rank;
        let (place, overdue, late) = (slot.place, slot.overdue_at, slot.late_at);
        let queue = self.queue_of(&self.slots[at as usize].job);
        self.queues[queue].insert((place, at));
        if overdue < Seconds::MAX {
            self.ages.insert((overdue, place.number, at));
            self.late.insert((late, at));
        }
    }

    pub(super) fn dequeue(&mut self, at: SlotId) {
        self.waiting -= 1;
        if self.fresh == Some(at) {
            self.fresh = None;
            return;
        }
        let slot = &self.slots[at as usize];
        let queue = self.queue_of(&slot.job);
        self.queues[queue].remove(&(slot.place, at));
        if slot.overdue_at < Seconds::MAX {
            self.ages.remove(&(slot.overdue_at, slot.place.number, at));
            self.late.remove(&(slot.late_at, at));
        }
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

    /// Withdraws a job that doesn't run.
    pub(super) fn cancel(&mut self, job: JobId, now: Seconds) -> Result<()> {
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
        self.turns.withdraw(self.slots[at as usize].turn, now);
        self.forget(at, now);
        Ok(())
    }

    /// Empties a slot and lets jobs go on that waited for it.
    pub(super) fn forget(&mut self, at: SlotId, now: Seconds) {
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
                self.admit(dependent, now, now);
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

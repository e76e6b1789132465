//! Jobs that start and end.

use super::{
    State,
    state::{Phase, SlotId},
    submit::check_moment,
};
use crate::{
    fleet::Slice,
    world::{Job, JobId, NodeId, Seconds, Shape},
};
use kernel::{Error, Result};
use std::collections::HashMap;

impl State {
    /// Whether a job of `tasks` times `shape` can hold `slices` beside what runs. Processors and memory may
    /// be overdrawn, since a node may have become smaller than what runs there; devices may not.
    fn check_slices(&self, shape: &Shape, tasks: u32, slices: &[Slice]) -> Result<()> {
        let fail = |text: String| Err(Error::conflict("placement_conflict", text));
        if slices.len() != tasks as usize {
            return fail(format!("{tasks} tasks can't run in {} places", slices.len()));
        }
        let mut taken = HashMap::<(NodeId, u32), u16>::new();
        for slice in slices {
            let node = self.node(slice.node)?;
            let free = self.fleet.nodes[slice.node as usize].free();
            if slice.devices.count_ones() != u32::from(shape.devices) || slice.milli > 1000 {
                return fail(format!("a task on {} doesn't hold what it asks for", node.name));
            }
            for device in (0..u16::BITS).filter(|device| slice.devices >> device & 1 == 1) {
                let taken = taken.entry((slice.node, device)).or_default();
                *taken = taken.saturating_add(slice.milli);
                if free.get(device as usize).is_none_or(|free| free < taken) {
                    return fail(format!("device {device} of {} isn't free for a task", node.name));
                }
            }
        }
        Ok(())
    }

    /// Notes that a job runs since `since` on `slices`.
    pub(super) fn restore(&mut self, job: JobId, since: Seconds, slices: Vec<Slice>) -> Result<()> {
        let at = self.find(job, Phase::Waiting)?;
        let Job { shape, tasks, .. } = self.slots[at as usize].job;
        check_moment(since)?;
        self.check_slices(&shape, tasks, &slices)?;
        self.dequeue(at);
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
        slot.waited += (now - slot.since).max(0);
        slot.phase = Phase::Running;
        slot.started = now;
        slot.slices = slices;
        slot.ends = now + restart + slot.remaining + 1;
        self.ends.insert((slot.ends, at));
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

    pub(super) fn finish(&mut self, job: JobId, micros: i64, now: Seconds) -> Result<()> {
        let at = self.find(job, Phase::Running)?;
        self.stop(at, now, micros);
        let slot = &self.slots[at as usize];
        self.history.note(&slot.job, slot.attained);
        self.turns.end(slot.turn, slot.attained + self.policy.restart_seconds, now);
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
}

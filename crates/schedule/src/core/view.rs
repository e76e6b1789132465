//! What the state tells whoever asks.

use super::{
    Reason, State,
    state::{Phase, Slot, SlotId},
    submit::asked,
};
use crate::{
    fleet::Slice,
    policy::Policy,
    world::{JobId, Seconds, TenantId, World},
};

/// A job that doesn't run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WaitingJob {
    /// It.
    pub job: JobId,
    /// Whose it is.
    pub tenant: TenantId,
    /// Since when it waits this time.
    pub since: Seconds,
    /// Why.
    pub reason: Reason,
    /// Its probable start, as [`State::forecast`] said last; `None` where it didn't get as far.
    pub start: Option<Seconds>,
}

/// A job that runs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RunningJob<'a> {
    /// It.
    pub job: JobId,
    /// Whose it is.
    pub tenant: TenantId,
    /// Since when it runs this time.
    pub started: Seconds,
    /// When it will probably end.
    pub ends: Seconds,
    /// Where.
    pub slices: &'a [Slice],
}

impl State {
    /// Nodes, models and tenants as they are now.
    pub fn world(&self) -> &World {
        &self.world
    }

    /// The policy that decides.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Jobs that wait, without those that wait for other jobs.
    pub fn waiting(&self) -> usize {
        self.waiting
    }

    /// Jobs that run.
    pub fn running(&self) -> usize {
        self.ends.len()
    }

    /// Thousandths of devices that are taken, and that there are.
    pub fn devices_milli(&self) -> (i64, i64) {
        (self.fleet.total_milli - self.fleet.free_milli, self.fleet.total_milli)
    }

    /// Thousandths of devices that a random next task can't use (FGD's measure); 0 before a mix is learned.
    pub fn fragmentation_milli(&self) -> f64 {
        self.fleet.fragmentation()
    }

    /// Jobs that were looked at since the beginning: placed, or told why they wait.
    pub fn considered(&self) -> u64 {
        self.considered
    }

    /// Where a running job runs.
    pub fn slices(&self, job: JobId) -> Option<&[Slice]> {
        let slot = self.slot(job)?;
        (slot.phase == Phase::Running).then_some(slot.slices.as_slice())
    }

    /// Free thousandths of each device of a node, for a map of the cluster.
    pub fn free_of(&self, node: u32) -> Option<&[u16]> {
        self.fleet.nodes.get(node as usize).map(|node| node.free())
    }

    /// Free thousandths of a node's cores, and its free memory.
    pub fn free_host_of(&self, node: u32) -> Option<(i64, i64)> {
        self.fleet.nodes.get(node as usize).map(|node| node.free_host())
    }

    /// The probable start of a waiting job, as [`State::forecast`] said last.
    pub fn expected_start(&self, job: JobId) -> Option<Seconds> {
        self.slot(job)?.forecast
    }

    /// Thousandths of devices that a tenant's jobs, with all tenants below it, hold.
    pub fn in_use_milli(&self, tenant: TenantId) -> i64 {
        self.accounts.in_use(tenant)
    }

    /// Why a job doesn't run, or `None` when it does or isn't known.
    pub fn why(&self, job: JobId) -> Option<Reason> {
        self.reason(self.slot(job)?)
    }

    /// A waiting job's reason, with the amounts as they are now.
    pub(super) fn with_figures(&self, slot: &Slot) -> Reason {
        match slot.reason {
            Reason::Capacity { .. } => Reason::Capacity { asked: asked(&slot.job), free: self.fleet.free() },
            reason => reason,
        }
    }

    fn reason(&self, slot: &Slot) -> Option<Reason> {
        match slot.phase {
            Phase::Held => Some(Reason::Dependency { jobs: slot.missing }),
            Phase::Waiting => match self.stopped_by {
                Some(first) if slot.round != self.round => Some(Reason::Behind { job: first }),
                _ => Some(self.with_figures(slot)),
            },
            Phase::Empty | Phase::Running => None,
        }
    }

    /// All jobs that don't run: first those that wait to start, about in the order in which they are
    /// served, then those that wait for other jobs.
    pub fn queue(&self, now: Seconds) -> impl Iterator<Item = WaitingJob> + '_ {
        let held = self.slots.iter().enumerate().filter(|(_, slot)| slot.phase == Phase::Held);
        let held = held.map(|(at, _)| at as SlotId);
        self.served(now, usize::MAX).into_iter().chain(held).map(|at| {
            let slot = &self.slots[at as usize];
            let reason = self.reason(slot).unwrap_or_default();
            let job = slot.job.id;
            WaitingJob { job, tenant: slot.job.tenant, since: slot.since, reason, start: slot.forecast }
        })
    }

    /// All jobs that run, by when they will probably end.
    pub fn jobs_running(&self) -> impl Iterator<Item = RunningJob<'_>> + '_ {
        self.ends.iter().map(|(ends, at)| {
            let slot = &self.slots[*at as usize];
            RunningJob {
                job: slot.job.id,
                tenant: slot.job.tenant,
                started: slot.started,
                ends: *ends,
                slices: &slot.slices,
            }
        })
    }
}

//! Whom to stop for whom.
//!
//! Victims are first collected on a copy of the nodes until the waiting job fits, worst first, then let go
//! again where it fits without them. Only then is anything stopped, and the waiting job takes the devices in
//! the same decision: a preemption without a start can't happen.

use super::{
    Decisions, State,
    round::Stop,
    state::{Phase, Slot, SlotId},
};
use crate::{
    fleet::NodeState,
    policy::Preemption,
    world::{NodeId, Preempt, Seconds, Shape},
};
use std::{cmp::Reverse, collections::BTreeMap};

/// Looks at running jobs and nodes that one round may spend on finding victims.
const MOST_EFFORT: usize = 400_000;

/// A running job is left alone for this many times what a start costs.
const LEAVE_ALONE: Seconds = 5;

/// A late job stops one that was overdue itself only if that one may wait for so much longer.
const LEAST_GAIN: Seconds = 3 * 3600;

/// A running job that may be stopped. Ordered: the first is the first to be stopped.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub(super) struct Victim {
    priority: i32,
    /// Negative rank: who ranks worst goes first. Zero for those that would lose work.
    rank: f64,
    /// Device-seconds of work that stopping loses.
    lost: f64,
    at: SlotId,
}

impl State {
    /// Whether any running job can be worse than this one: a quick look before the long one.
    fn may_stop_any(&self, slot: &Slot, now: Seconds) -> bool {
        let ((lowest, worst), Reverse(priority)) = (self.weakest, slot.place.priority);
        let Preemption::Rank(factor) = self.policy.preemption else { return lowest < priority };
        lowest < priority || slot.overdue_at <= now || worst > slot.place.rank as f64 * factor
    }

    /// Running jobs that may be stopped, worst first.
    fn victims(&mut self, now: Seconds) -> Vec<Victim> {
        let mut victims: Vec<_> = self.ends.iter().filter_map(|(_, at)| self.victim(*at, now)).collect();
        victims.sort_by(|a, b| a.partial_cmp(b).unwrap_or(std::cmp::Ordering::Equal));
        let worst = victims.iter().map(|victim| -victim.rank).fold(f64::NEG_INFINITY, f64::max);
        self.weakest = (victims.first().map_or(i32::MAX, |victim| victim.priority), worst);
        victims
    }

    fn victim(&self, at: SlotId, now: Seconds) -> Option<Victim> {
        let slot = &self.slots[at as usize];
        // What this round has started stays.
        if slot.round == self.round {
            return None;
        }
        let ran = now - slot.started;
        let devices = slot.hold.charge_milli.max(1) as f64 / 1000.0;
        let (rank, lost) = match slot.job.preempt {
            Preempt::Never => return None,
            Preempt::Restart => (0.0, (slot.attained + ran) as f64 * devices),
            Preempt::Checkpoint => {
                let attained = slot.attained + (ran - self.policy.restart_seconds).max(0);
                (-(self.rank(slot, attained) as f64), self.policy.restart_seconds as f64 * devices)
            }
        };
        Some(Victim { priority: slot.job.priority, rank, lost, at })
    }

    /// Whether priority and rank allow it.
    fn is_weaker(&self, slot: &Slot, victim: &Victim, now: Seconds) -> bool {
        let Preemption::Rank(factor) = self.policy.preemption else {
            return victim.priority < slot.job.priority;
        };
        victim.priority < slot.job.priority
            || (victim.priority == slot.job.priority
                && (slot.overdue_at <= now || -victim.rank > slot.place.rank as f64 * factor))
    }

    /// Whether this one of those that are weaker may be stopped.
    fn may_stop(&self, slot: &Slot, victim: &Victim, now: Seconds) -> bool {
        let running = &self.slots[victim.at as usize];
        if victim.priority < slot.job.priority {
            return true;
        }
        running.job.preempt == Preempt::Checkpoint
            && now - running.started >= self.policy.restart_seconds * LEAVE_ALONE
            && (!running.overdue
                || (slot.late_at <= now && running.slack(now) > slot.slack(now) + LEAST_GAIN))
            && self.is_due(slot, running, now)
    }

    /// Between tenants rank counts only for the one that has had less of its share.
    fn is_due(&self, slot: &Slot, running: &Slot, now: Seconds) -> bool {
        let (mine, theirs) = (slot.job.tenant, running.job.tenant);
        !self.policy.fair_share
            || mine == theirs
            || self.accounts.standing(mine, now)[0].0 <= self.accounts.standing(theirs, now)[0].0
    }

    /// Stops others for a waiting job and starts it, if that is allowed and enough.
    pub(super) fn make_room(&mut self, at: SlotId, now: Seconds, decisions: &mut Decisions) -> bool {
        if self.effort > MOST_EFFORT {
            return false;
        }
        let victims = self.victims.take().unwrap_or_else(|| self.victims(now));
        let slot = &self.slots[at as usize];
        if !self.may_stop_any(slot, now) {
            self.victims = Some(victims);
            return false;
        }
        let (shape, tasks, class, id) = (slot.job.shape, slot.job.tasks, slot.class, slot.job.id);
        self.effort += victims.len() + self.fleet.nodes.len();
        // They are sorted by what decides: once rank says no, it does for the rest.
        let ranked = victims.iter().take_while(|victim| self.is_weaker(slot, victim, now));
        let allowed: Vec<_> = ranked.filter(|victim| self.may_stop(slot, victim, now)).copied().collect();
        self.victims = Some(victims);
        let chosen = if allowed.is_empty() { allowed } else { self.choose(&allowed, &shape, tasks) };
        if chosen.is_empty() {
            return false;
        }
        for victim in &chosen {
            let slot = &self.slots[victim.at as usize];
            self.fleet.release(&slot.job.shape, &slot.slices);
        }
        let placed = self.fleet.place(class, false, |_| true);
        for victim in &chosen {
            let slot = &mut self.slots[victim.at as usize];
            if placed.is_some() {
                // Given back above already.
                slot.slices.clear();
            } else {
                self.fleet.take(&slot.job.shape, &slot.slices);
            }
        }
        let Some(slices) = placed else { return false };
        for victim in chosen {
            decisions
                .preemptions
                .push(Stop { job: self.slots[victim.at as usize].job.id, preemptor: Some(id) });
            self.requeue(victim.at, now);
            // Whoever was stopped isn't looked at again in this round.
            self.slots[victim.at as usize].round = self.round;
        }
        if let Some(victims) = &mut self.victims {
            victims.retain(|victim| self.slots[victim.at as usize].phase == Phase::Running);
        }
        self.begin(at, slices, now, decisions);
        true
    }

    /// The jobs to stop so that `tasks` of `shape` fit, or none when even all of them don't suffice.
    fn choose(&self, allowed: &[Victim], shape: &Shape, tasks: u32) -> Vec<Victim> {
        let mut fitting: u32 = 0;
        for node in &self.fleet.nodes {
            fitting = fitting.saturating_add(node.holds(shape));
        }
        let mut nodes = BTreeMap::<NodeId, NodeState>::new();
        let mut chosen = Vec::new();
        for victim in allowed {
            if fitting >= tasks {
                break;
            }
            self.lift(victim.at, &mut nodes, shape, &mut fitting, true);
            chosen.push(*victim);
        }
        if fitting < tasks {
            return Vec::new();
        }
        // The last stopped is the best of them: let it go first where it isn't needed.
        let mut needed = Vec::new();
        for victim in chosen.into_iter().rev() {
            self.lift(victim.at, &mut nodes, shape, &mut fitting, false);
            if fitting < tasks {
                self.lift(victim.at, &mut nodes, shape, &mut fitting, true);
                needed.push(victim);
            }
        }
        needed
    }

    /// Takes a running job off the copied nodes, or puts it back.
    fn lift(
        &self,
        at: SlotId,
        nodes: &mut BTreeMap<NodeId, NodeState>,
        shape: &Shape,
        fitting: &mut u32,
        off: bool,
    ) {
        let slot = &self.slots[at as usize];
        for slice in &slot.slices {
            let node =
                nodes.entry(slice.node).or_insert_with(|| self.fleet.nodes[slice.node as usize].clone());
            *fitting = fitting.saturating_sub(node.holds(shape));
            if off {
                node.give(&slot.job.shape, slice)
            } else {
                node.take(&slot.job.shape, slice)
            }
            *fitting = fitting.saturating_add(node.holds(shape));
        }
    }
}

//! Jobs that have waited long enough: nobody waits without bound, whatever its rank and its tenant's share.
//!
//! The measure is the wait that serving by arrival would have meant (see [`super::turns`]). A job is overdue
//! after that wait and [`crate::Policy::overdue_seconds`], and late after twice as much; jobs of several
//! devices, for which nodes must drain first, are late after that wait and half the bound. Overdue jobs go
//! before others of their tenant; late ones go before everything, nothing may pass what is kept for them,
//! and they are served by the moment at which they became late. That leaves at least as long again for nodes
//! to drain until a job would have waited three times as long as by arrival and a day.

use super::{
    Decisions, State,
    round::Outcome,
    state::{Phase, Slot, SlotId},
};
use crate::world::{Preempt, Seconds};
use std::ops::Bound;

/// Overdue jobs that get a reservation, whatever the policy's own number.
const OVERDUE_RESERVATIONS: usize = 2;
/// Late jobs that get a reservation.
const LATE_RESERVATIONS: usize = 8;
/// How much earlier a job is overdue that may be stopped and whose run time nobody has estimated: its rank says
/// little, so the order of arrival counts sooner. Any part from 0.5 to 0.9 keeps the longest waits of Muri's jobs
/// below first-in-first-out's, for no worse an average.
const GUESSED: f64 = 0.8;
/// Nobody should wait longer than so many times what makes it overdue.
const MOST_WAITS: Seconds = 3;
/// Late jobs that are looked at before others in one round.
const MOST_LATE: usize = 256;

impl Slot {
    /// Whether its rank is a guess from other jobs' run times, and its wait may come in several parts.
    fn is_guessed(&self) -> bool {
        self.job.estimate.is_none() && self.job.preempt == Preempt::Checkpoint
    }

    /// Sets by when it is overdue and late, as it waits since `since`.
    pub(super) fn set_due(&mut self) {
        let Some((overdue, late)) = self.allowed else { return };
        let at = |allowed: Seconds| self.since.saturating_add((allowed - self.waited).max(0));
        (self.overdue_at, self.late_at) = (at(overdue), at(late));
    }

    /// How much longer it may wait in all.
    pub(super) fn slack(&self, now: Seconds) -> Seconds {
        let Some((overdue, _)) = self.allowed else { return Seconds::MAX / 2 };
        let waits = if self.phase == Phase::Waiting { now - self.since } else { 0 };
        overdue.saturating_mul(MOST_WAITS) - self.waited - waits
    }
}

impl State {
    /// Lets the plain fleet catch up, and notes by when jobs are overdue whose turn has come there.
    pub(super) fn take_turns(&mut self, now: Seconds) {
        let Some(bound) = self.policy.overdue_seconds else { return };
        let mut turns = std::mem::take(&mut self.turns);
        let mut begun = std::mem::take(&mut self.begun);
        let (slots, restart) = (&self.slots, self.policy.restart_seconds);
        let expect = |at: SlotId| {
            let slot = &slots[at as usize];
            if slot.phase != Phase::Running {
                return slot.attained + slot.remaining + restart;
            }
            let attained = slot.attained + (now - slot.started - restart).max(0);
            attained + slot.belief.remaining(attained) as Seconds + restart
        };
        turns.play(now, self.fleet.charged().1, expect, |at, arrived, turn| begun.push((at, arrived, turn)));
        for (at, arrived, turn) in begun.drain(..) {
            let slot = &mut self.slots[at as usize];
            let factor = self.policy.overdue_factor * if slot.is_guessed() { GUESSED } else { 1.0 };
            let overdue = ((turn - arrived) as f64 * factor) as Seconds + bound;
            let is_wide = slot.job.tasks > 1 || slot.job.shape.devices > 1;
            let late = if is_wide { turn - arrived + bound / 2 } else { overdue.saturating_mul(2) };
            slot.allowed = Some((overdue, late));
            if slot.phase == Phase::Waiting {
                slot.set_due();
                if self.fresh == Some(at) {
                    continue;
                }
                self.ages.insert((slot.overdue_at, slot.place.number, at));
                self.late.insert((slot.late_at, at));
            }
        }
        (self.turns, self.begun) = (turns, begun);
    }

    /// Looks at late jobs, then at overdue ones. `false` ends the round.
    pub(super) fn serve_overdue(&mut self, now: Seconds, decisions: &mut Decisions) -> bool {
        if self.policy.overdue_seconds.is_none() {
            return true;
        }
        let due = self.late.range(..=(now, SlotId::MAX)).take(MOST_LATE);
        for (since, at) in due.copied().collect::<Vec<_>>() {
            if self.reservations.len() >= LATE_RESERVATIONS {
                break;
            }
            if self.consider(at, now, LATE_RESERVATIONS, Some(since), decisions) == Outcome::Ends {
                return false;
            }
        }
        self.ages.first().is_none_or(|(moment, ..)| *moment > now) || self.serve_ages(now, decisions)
    }

    /// Looks at overdue jobs by age. Among several tenants only the one that is furthest behind its share
    /// goes first, and with one job in a round: deep queues of others must not turn shares into arrival
    /// order before they are late.
    fn serve_ages(&mut self, now: Seconds, decisions: &mut Decisions) -> bool {
        let lines = (0..self.queues.len()).filter_map(|queue| self.line(queue, None, now));
        let behind = if self.queues.len() > 1 { lines.max().map(|line| line.queue) } else { None };
        let mut after = Bound::Unbounded;
        loop {
            let next = self.ages.range((after, Bound::Unbounded)).next().copied();
            let Some(age) = next.filter(|(moment, ..)| *moment <= now) else { return true };
            after = Bound::Excluded(age);
            let most = self.policy.reservations.max(OVERDUE_RESERVATIONS);
            if self.reservations.len() >= most {
                // The others are looked at in their queues, where they may pass what they don't delay.
                return true;
            }
            if behind.is_some_and(|queue| queue != self.queue_of(&self.slots[age.2 as usize].job)) {
                continue;
            }
            match self.consider(age.2, now, most, None, decisions) {
                Outcome::Ends => return false,
                Outcome::Started if behind.is_some() => return true,
                Outcome::Started | Outcome::Waits => {}
            }
        }
    }
}

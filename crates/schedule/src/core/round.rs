//! One round of decisions.
//!
//! Overdue jobs come first, by age. Then queues are served: the one whose head has the highest priority,
//! among these the one of the tenant with the least of its share, and in it the best ranks. A job that fits
//! starts; one that doesn't may stop others, or gets a reservation that later jobs may only pass without
//! delaying it.

use super::{
    Amount, Reason, Reservation, State,
    accounts::Standing,
    state::{Phase, Place, Slot, SlotId},
};
use crate::{
    fleet::Slice,
    policy::{Backfill, Preemption},
    world::{JobId, Preempt, Seconds},
};
use serde::Serialize;
use std::{cmp::Reverse, collections::BinaryHeap, ops::Bound};

/// Waiting jobs of a queue that are fetched together.
const BATCH: usize = 64;
/// Too little is free; how much is filled in when somebody asks.
const CAPACITY: Reason = Reason::Capacity { asked: Amount::NONE, free: Amount::NONE };

/// A job that starts now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Start {
    /// It.
    pub job: JobId,
    /// What it holds, one entry for each task.
    pub slices: Vec<Slice>,
}

/// A job that is stopped now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Stop {
    /// It.
    pub job: JobId,
    /// The job that starts in its place in the same round; `None` when prepaid money has run out.
    pub preemptor: Option<JobId>,
}

/// What happens now.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Decisions {
    /// Jobs that start, in this order. The state counts them as running already.
    pub placements: Vec<Start>,
    /// Jobs that are stopped before that. Those with a preemptor wait again; the others are to be ended.
    pub preemptions: Vec<Stop>,
    /// Promises to jobs that don't fit yet.
    pub reservations: Vec<Reservation>,
    /// Jobs whose reason to wait is new or another than before.
    pub reasons: Vec<(JobId, Reason)>,
    /// The next moment at which another decision may be due though nothing happens.
    pub wake: Option<Seconds>,
}

/// A queue in a round: by its head's priority, then its tenant's standing.
#[derive(Clone)]
pub(super) struct Line {
    priority: Reverse<i32>,
    standing: Standing,
    pub queue: usize,
    from: Option<(Place, SlotId)>,
}

impl Line {
    fn key(&self) -> (Reverse<i32>, &Standing, usize) {
        (self.priority, &self.standing, self.queue)
    }
}

impl PartialEq for Line {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}
impl Eq for Line {}
impl PartialOrd for Line {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Line {
    /// Reversed, so that the greatest is to be served first.
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        let standing = |line: &Self| line.standing;
        let by_standing = || {
            let pairs = standing(self).into_iter().zip(standing(other));
            pairs.map(|(a, b)| b.0.total_cmp(&a.0).then(b.1.cmp(&a.1))).find(|order| order.is_ne())
        };
        let (mine, others) = (self.key(), other.key());
        others.0.cmp(&mine.0).then_with(|| by_standing().unwrap_or_else(|| others.2.cmp(&mine.2)))
    }
}

/// What looking at a job came to.
#[derive(PartialEq, Eq)]
pub(super) enum Outcome {
    Started,
    Waits,
    /// Nothing may pass it.
    Ends,
}

impl State {
    /// Decides what happens at `now`, and counts it as happening.
    pub fn decide(&mut self, now: Seconds) -> Decisions {
        let mut decisions = Decisions::default();
        self.round += 1;
        self.take_in_growth();
        self.stopped_by = None;
        self.reservations.clear();
        self.promises.clear(self.fleet.nodes.len());
        self.victims = None;
        self.effort = 0;
        self.expect_anew(now);
        self.take_turns(now);
        self.stop_unpaid(now, &mut decisions);
        if self.waiting > 0
            && !self.start_fresh(now, &mut decisions)
            && self.serve_overdue(now, &mut decisions)
        {
            self.serve_queues(now, &mut decisions);
        }
        decisions.reservations.clone_from(&self.reservations);
        decisions.wake = self.wake(now);
        decisions
    }

    fn wake(&self, now: Seconds) -> Option<Seconds> {
        let overdue = self.ages.first().map(|(moment, ..)| *moment).filter(|moment| *moment > now);
        let overdue = overdue.filter(|_| self.policy.overdue_seconds.is_some());
        let paid = self.paid.first().map(|(until, _)| *until).filter(|moment| *moment > now);
        let delayed = Some(self.delayed_until).filter(|moment| *moment > now && *moment < Seconds::MAX);
        [overdue, paid, delayed].into_iter().flatten().min()
    }

    /// Jobs that outlive what was expected of them are expected to go on as jobs like them do.
    fn expect_anew(&mut self, now: Seconds) {
        while let Some(&(ends, at)) = self.ends.first()
            && ends <= now
        {
            self.ends.pop_first();
            let slot = &mut self.slots[at as usize];
            let attained = slot.attained + (now - slot.started - self.policy.restart_seconds).max(0);
            slot.ends = now + (slot.belief.remaining(attained).min(1e12) as Seconds).max(1);
            self.ends.insert((slot.ends, at));
        }
    }

    /// Starts the only job that waits if it fits; otherwise it takes its place in a queue.
    fn start_fresh(&mut self, now: Seconds, decisions: &mut Decisions) -> bool {
        let Some(at) = self.fresh else { return false };
        let slot = &self.slots[at as usize];
        let (class, is_due) = (slot.class, slot.overdue_at.min(slot.late_at) <= now);
        let may_start = !is_due && !self.fleet.is_blocked(class) && self.refused(at, now).is_none();
        let started = may_start && self.try_place(at, now, decisions);
        self.considered += u64::from(started);
        self.settle();
        started
    }

    fn serve_queues(&mut self, now: Seconds, decisions: &mut Decisions) {
        let mut lines = std::mem::take(&mut self.lines);
        lines.clear();
        let mut lines = BinaryHeap::from(lines);
        for queue in 0..self.queues.len() {
            lines.extend(self.line(queue, None, now));
        }
        while let Some(line) = lines.pop() {
            // Shares only grow in a round, so a line that is still first with its present share is first.
            let line = if self.policy.fair_share && self.shares_grew {
                let present = Line { standing: self.accounts.standing(line.queue as u32, now), ..line };
                if lines.peek().is_some_and(|next| *next > present) {
                    lines.push(present);
                    continue;
                }
                present
            } else {
                line
            };
            match self.serve_line(line, now, decisions) {
                Ok(rest) => lines.extend(rest),
                Err(()) => break,
            }
        }
        self.shares_grew = false;
        lines.clear();
        self.lines = lines.into_vec();
    }

    pub(super) fn line(&self, queue: usize, after: Option<(Place, SlotId)>, now: Seconds) -> Option<Line> {
        if self.queues[queue].is_empty() {
            return None;
        }
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        let (place, _) = self.queues[queue].range((from, Bound::Unbounded)).next()?;
        let standing = if self.policy.fair_share {
            self.accounts.standing(queue as u32, now)
        } else {
            Standing::default()
        };
        Some(Line { priority: place.priority, standing, queue, from: after })
    }

    /// Serves a queue until one of its jobs starts or the priority falls. `Err` ends the round.
    fn serve_line(
        &mut self,
        line: Line,
        now: Seconds,
        decisions: &mut Decisions,
    ) -> Result<Option<Line>, ()> {
        let mut batch = std::mem::take(&mut self.batch);
        let mut last = line.from;
        let result = 'serve: loop {
            batch.clear();
            let from = last.map_or(Bound::Unbounded, Bound::Excluded);
            // Looking at all of them first lets the processor fetch many slots at once.
            let looked = |at: SlotId| self.slots[at as usize].round == self.round;
            let entries = self.queues[line.queue].range((from, Bound::Unbounded)).take(BATCH);
            batch.extend(entries.map(|(place, at)| (*place, *at, looked(*at))));
            if batch.is_empty() {
                break Ok(None);
            }
            for entry in &batch {
                if entry.0.priority != line.priority {
                    break 'serve Ok(self.line(line.queue, last, now));
                }
                last = Some((entry.0, entry.1));
                if entry.2 {
                    continue;
                }
                match self.consider(entry.1, now, self.policy.reservations, None, decisions) {
                    Outcome::Waits => {}
                    Outcome::Started if self.policy.fair_share => {
                        self.shares_grew = true;
                        break 'serve Ok(self.line(line.queue, last, now));
                    }
                    Outcome::Started => {}
                    Outcome::Ends => break 'serve Err(()),
                }
            }
        };
        self.batch = batch;
        result
    }

    /// Starts a job, or notes why it waits.
    pub(super) fn consider(
        &mut self,
        at: SlotId,
        now: Seconds,
        most: usize,
        late: Option<Seconds>,
        decisions: &mut Decisions,
    ) -> Outcome {
        let slot = &self.slots[at as usize];
        if slot.round == self.round || slot.phase != Phase::Waiting {
            return Outcome::Waits;
        }
        self.considered += 1;
        let class = slot.class;
        if let Some(reason) = self.refused(at, now) {
            // What only its tenant can mend holds up nobody else.
            return self.wait(at, reason, decisions);
        }
        if !self.fleet.is_blocked(class) && self.try_place(at, now, decisions) {
            return Outcome::Started;
        }
        if self.policy.preemption != Preemption::Never
            && self.stoppable > 0
            && self.make_room(at, now, decisions)
        {
            return Outcome::Started;
        }
        let fits = !self.fleet.is_blocked(class);
        let reason = if fits && !self.promises.is_empty() {
            Reason::Reserved { until: self.reservations.iter().map(|kept| kept.at).min().unwrap_or(now) }
        } else {
            CAPACITY
        };
        if self.policy.backfill == Backfill::None {
            self.stopped_by = Some(self.slots[at as usize].job.id);
            self.wait(at, reason, decisions);
            return Outcome::Ends;
        }
        let reserves = self.policy.backfill != Backfill::Greedy && self.reservations.len() < most;
        if reserves && self.reserve(at, now, late).is_none() && self.too_large(at) {
            let tasks_possible = self.fleet.holds(&self.slots[at as usize].job.shape, u32::MAX);
            return self.wait(at, Reason::TooLarge { tasks_possible }, decisions);
        }
        self.wait(at, reason, decisions)
    }

    fn too_large(&self, at: SlotId) -> bool {
        let job = &self.slots[at as usize].job;
        self.fleet.holds(&job.shape, job.tasks) < job.tasks
    }

    fn wait(&mut self, at: SlotId, reason: Reason, decisions: &mut Decisions) -> Outcome {
        let round = self.round;
        let slot = &mut self.slots[at as usize];
        slot.round = round;
        let lacks_room = reason == CAPACITY;
        if lacks_room && slot.lacks_room {
            return Outcome::Waits; // as before, and as nearly all do
        }
        slot.lacks_room = lacks_room;
        // Only the kind of a reason is news: how much is free changes all the time.
        if std::mem::discriminant(&slot.reason) != std::mem::discriminant(&reason) {
            slot.reason = reason;
            let slot = &self.slots[at as usize];
            decisions.reasons.push((slot.job.id, self.with_figures(slot)));
        } else {
            slot.reason = reason;
        }
        Outcome::Waits
    }

    /// Why a job may not start even where devices are free.
    fn refused(&mut self, at: SlotId, now: Seconds) -> Option<Reason> {
        let slot = &self.slots[at as usize];
        if slot.is_special
            && let Some(array) = slot.job.array
            && self.arrays.get(&array.id).is_some_and(|running| *running >= array.at_most)
        {
            return Some(Reason::Array { at_most: array.at_most });
        }
        if let Some(reason) = self.accounts.refuses(slot.tenant, &slot.hold) {
            return Some(reason);
        }
        if !slot.is_special {
            return None;
        }
        let until = self.better_hour(&self.slots[at as usize], now)?;
        self.delayed_until = if self.delayed_until > now { self.delayed_until.min(until) } else { until };
        Some(Reason::Delayed { until })
    }

    /// When a cheaper or cleaner hour begins that a flexible job can wait for.
    fn better_hour(&self, slot: &Slot, now: Seconds) -> Option<Seconds> {
        let job = &slot.job;
        let latest = job.flexible_until?;
        let left = job.limit.map_or(Seconds::MAX, |limit| limit - slot.attained);
        let run = job.estimate.unwrap_or(3600).min(left);
        let latest = job.deadline.map_or(latest, |deadline| latest.min(deadline - run));
        let cost = |moment: Seconds| {
            let costs = self
                .world
                .clusters
                .iter()
                .map(|cluster| (cluster.price_at(moment), cluster.carbon_at(moment)));
            costs.min()
        };
        let (mut best, mut least) = (None, cost(now)?);
        let mut moment = now - now.rem_euclid(3600) + 3600;
        for _ in 0..48 {
            if moment > latest {
                break;
            }
            let there = cost(moment)?;
            if there < least {
                (best, least) = (Some(moment), there);
            }
            moment += 3600;
        }
        best
    }

    fn try_place(&mut self, at: SlotId, now: Seconds, decisions: &mut Decisions) -> bool {
        let slot = &self.slots[at as usize];
        let (class, shape) = (slot.class, slot.job.shape);
        let run = slot.remaining;
        let ends = now + self.policy.restart_seconds + run;
        // What can be stopped again delays nobody.
        let stoppable =
            slot.job.preempt == Preempt::Checkpoint && matches!(self.policy.preemption, Preemption::Rank(_));
        let restricted = !stoppable && !self.promises.is_empty() && ends > self.promises.first();
        if restricted && self.tried(class, run) {
            return false;
        }
        let promises = &self.promises;
        let placed = self.fleet.place(class, restricted, |node| promises.allow(node, &shape, ends));
        let Some(slices) = placed else {
            if restricted {
                self.note_tried(class, run);
            }
            return false;
        };
        if restricted {
            slices.iter().for_each(|slice| self.promises.pass(&shape, slice, ends));
        }
        self.begin(at, slices, now, decisions);
        true
    }

    /// Whether a job of this class that is no longer was refused in this round because of promises.
    fn tried(&self, class: u32, run: Seconds) -> bool {
        self.tries.get(class as usize).is_some_and(|(round, least)| *round == self.round && run >= *least)
    }

    fn note_tried(&mut self, class: u32, run: Seconds) {
        if self.tries.len() <= class as usize {
            self.tries.resize(class as usize + 1, (0, 0));
        }
        self.tries[class as usize] = (self.round, run);
    }

    /// A job starts on slices that are taken already.
    pub(super) fn begin(&mut self, at: SlotId, slices: Vec<Slice>, now: Seconds, decisions: &mut Decisions) {
        self.dequeue(at);
        self.slots[at as usize].round = self.round;
        decisions.placements.push(Start { job: self.slots[at as usize].job.id, slices: slices.clone() });
        self.start(at, slices, now);
    }

    /// Stops jobs whose prepaid money has run out.
    fn stop_unpaid(&mut self, now: Seconds, decisions: &mut Decisions) {
        while let Some(&(until, at)) = self.paid.first()
            && until <= now
        {
            self.paid.pop_first();
            let slot = &mut self.slots[at as usize];
            slot.paid_until = Seconds::MAX;
            decisions.preemptions.push(Stop { job: slot.job.id, preemptor: None });
        }
    }
}

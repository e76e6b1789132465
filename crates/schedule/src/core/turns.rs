//! When jobs would have started had all been served strictly by arrival: what the bound on waits is held
//! against.
//!
//! Beside the real fleet a plain one is kept in mind, a sum of devices without nodes, in which nothing may
//! pass. Jobs join it when they come and run there as long as they really run, once that is known, and as
//! long as is believed until then. A job whose turn has come there, and which still waits here, gets a moment
//! by which it is overdue. Since the plain fleet has no fragments and forgets what it can't know, turns come
//! rather early than late.

use super::state::SlotId;
use crate::world::Seconds;
use std::collections::{BTreeSet, VecDeque};

/// Index of a job's turn. Turns are used again.
pub(super) type TurnId = u32;

/// Turns that are kept at most for jobs that have ended here but not in the plain fleet.
const MOST_ENDED: usize = 200_000;

/// A job in the plain fleet.
#[derive(Debug, Clone, Default)]
struct Turn {
    /// Where it is, as long as it hasn't ended.
    slot: SlotId,
    charge_milli: i64,
    arrived: Seconds,
    /// How long it really ran, once it has ended.
    ran: Option<Seconds>,
    /// Since when it runs in the plain fleet, and until when.
    span: Option<(Seconds, Seconds)>,
    withdrawn: bool,
}

/// The plain fleet.
#[derive(Debug, Clone, Default)]
pub(super) struct Turns {
    turns: Vec<Turn>,
    empty: Vec<TurnId>,
    queue: VecDeque<TurnId>,
    ends: BTreeSet<(Seconds, TurnId)>,
    used_milli: i64,
    /// Until when it has been played.
    clock: Seconds,
    /// Turns in the queue of jobs that have ended.
    ended: usize,
}

impl Turns {
    /// A job comes.
    pub(super) fn join(&mut self, slot: SlotId, charge_milli: i64, arrived: Seconds) -> TurnId {
        let turn = Turn { slot, charge_milli, arrived, ..Turn::default() };
        let at = match self.empty.pop() {
            Some(at) => {
                self.turns[at as usize] = turn;
                at
            }
            None => {
                self.turns.push(turn);
                (self.turns.len() - 1) as TurnId
            }
        };
        self.queue.push_back(at);
        at
    }

    /// A job has ended after it ran for so long. Its turn isn't the caller's any more.
    pub(super) fn end(&mut self, at: TurnId, ran: Seconds, now: Seconds) {
        let turn = &mut self.turns[at as usize];
        turn.ran = Some(ran);
        match turn.span {
            Some((since, until)) => {
                self.ends.remove(&(until, at));
                let until = since.saturating_add(ran).max(self.clock.min(now));
                turn.span = Some((since, until));
                self.ends.insert((until, at));
            }
            None => {
                self.ended += 1;
                if self.ended > MOST_ENDED {
                    self.drop_ended();
                }
            }
        }
    }

    /// A job was withdrawn before it ran. Its turn isn't the caller's any more.
    pub(super) fn withdraw(&mut self, at: TurnId, now: Seconds) {
        self.turns[at as usize].withdrawn = true;
        self.end(at, 0, now);
    }

    /// Forgets turns in the queue whose jobs have ended: a plain fleet that falls behind without end must not
    /// grow without end.
    fn drop_ended(&mut self) {
        let (turns, empty) = (&self.turns, &mut self.empty);
        self.queue.retain(|at| {
            let keep = turns[*at as usize].ran.is_none();
            if !keep {
                empty.push(*at);
            }
            keep
        });
        self.ended = 0;
    }

    /// Plays on until `now` with `total_milli` devices. `expect` says how long a job that hasn't
    /// ended will probably run in all; `begin` is told whose turn comes,
    /// since when it was there, and when.
    pub(super) fn play(
        &mut self,
        now: Seconds,
        total_milli: i64,
        expect: impl Fn(SlotId) -> Seconds,
        mut begin: impl FnMut(SlotId, Seconds, Seconds),
    ) {
        loop {
            self.fill(total_milli, &expect, &mut begin);
            let Some(&(until, at)) = self.ends.first().filter(|(until, _)| *until <= now) else { break };
            self.ends.pop_first();
            self.clock = self.clock.max(until);
            let turn = &mut self.turns[at as usize];
            let since = turn.span.map_or(until, |(since, _)| since);
            if turn.ran.is_none() {
                let run = expect(turn.slot);
                if run > until - since {
                    turn.span = Some((since, since + run));
                    self.ends.insert((since + run, at));
                    continue;
                }
            }
            self.used_milli -= turn.charge_milli;
            turn.charge_milli = 0;
            if turn.ran.is_some() {
                self.empty.push(at);
            }
        }
        self.clock = now.max(self.clock);
    }

    fn fill(
        &mut self,
        total_milli: i64,
        expect: &impl Fn(SlotId) -> Seconds,
        begin: &mut impl FnMut(SlotId, Seconds, Seconds),
    ) {
        while let Some(&at) = self.queue.front() {
            let turn = &mut self.turns[at as usize];
            if turn.withdrawn || turn.charge_milli > total_milli {
                // What can never run there holds up nobody.
                turn.charge_milli = 0;
            }
            if self.used_milli.saturating_add(turn.charge_milli) > total_milli {
                break;
            }
            self.queue.pop_front();
            let since = self.clock.max(turn.arrived);
            let run = match turn.ran {
                Some(ran) => {
                    self.ended = self.ended.saturating_sub(1);
                    ran
                }
                None => {
                    begin(turn.slot, turn.arrived, since);
                    expect(turn.slot)
                }
            };
            if turn.withdrawn {
                self.empty.push(at);
                continue;
            }
            let until = since.saturating_add(run);
            turn.span = Some((since, until));
            self.used_milli = self.used_milli.saturating_add(turn.charge_milli);
            self.ends.insert((until, at));
        }
    }
}

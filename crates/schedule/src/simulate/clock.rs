//! Play in time.

use super::{Options, Outcome, Simulation, estimate, summary::Meter};
use crate::{
    core::{Event, State},
    policy::Policy,
    random::Random,
    trace::Trace,
    world::{Preempt, Seconds},
};
use kernel::Result;
use std::{cmp::Reverse, collections::BinaryHeap};

/// How a job is doing.
#[derive(Debug, Clone, Default)]
struct Doing {
    /// Seconds of useful work that are left.
    left: Seconds,
    started: Seconds,
    /// Counts starts, so that the end of a start that was cut short isn't taken for the present one's.
    starts: u32,
    price_micros: i64,
    /// Seconds of this start that did no useful work.
    idle: Seconds,
}

struct Play<'a> {
    trace: &'a Trace,
    state: State,
    doing: Vec<Doing>,
    outcomes: Vec<Outcome>,
    ends: BinaryHeap<Reverse<(Seconds, u32, u32)>>,
    meter: Meter,
    restart: Seconds,
    renews: bool,
    tick: Option<Seconds>,
    wake: Option<Seconds>,
}

/// Plays `trace` once.
pub(super) fn play(trace: &Trace, policy: &Policy, options: &Options, seed: u64) -> Result<Simulation> {
    let restart = options.restart_seconds.unwrap_or(trace.restart_seconds);
    let policy = Policy { restart_seconds: restart, ..policy.clone() };
    let mut play = Play {
        state: State::new(trace.world.clone(), policy.clone())?,
        doing: trace.jobs.iter().map(|traced| Doing { left: traced.run, ..Doing::default() }).collect(),
        outcomes: trace.jobs.iter().map(Outcome::new).collect(),
        ends: BinaryHeap::new(),
        meter: Meter::new(&trace.world),
        restart,
        renews: trace.renews && options.tick_seconds.is_none(),
        tick: options.tick_seconds.or(trace.tick_seconds),
        wake: None,
        trace,
    };
    let mut random = Random::new(seed);
    let mut next = 0;
    while let Some(now) = play.next_moment(next) {
        play.meter.pass(now, &play.state);
        let ended = play.end_jobs(now)?;
        let first = next;
        while next < trace.jobs.len() && trace.jobs[next].job.submitted <= now {
            let mut job = trace.jobs[next].job.clone();
            job.estimate = estimate(&trace.jobs[next], &policy, options, &mut random);
            if play.state.apply(Event::Submit { job: Box::new(job) }, now).is_err() {
                play.outcomes[next].refused = true;
            }
            next += 1;
        }
        let woken = play.wake.is_some_and(|wake| wake <= now);
        let news = ended || next > first;
        if news && play.renews {
            play.renew();
        }
        if news || woken || play.tick.is_some() {
            play.decide(now)?;
        }
    }
    let summary = play.meter.summary(&play.outcomes, trace);
    Ok(Simulation { summary, outcomes: play.outcomes })
}

impl Play<'_> {
    /// The next moment at which something happens, or at which decisions are due.
    fn next_moment(&self, next: usize) -> Option<Seconds> {
        let arrival = self.trace.jobs.get(next).map(|traced| traced.job.submitted);
        let end = self.ends.peek().map(|Reverse((moment, ..))| *moment);
        // Once nothing more happens by itself, waking up helps only jobs that wait for an hour or a bound.
        let wake = self.wake.filter(|_| self.state.waiting() > 0);
        let moment = [arrival, end, wake].into_iter().flatten().min()?;
        match self.tick {
            // Ends are noted when they happen; devices are given out again at the next tick.
            Some(tick) => {
                Some(moment.div_euclid(tick) * tick + if moment.rem_euclid(tick) == 0 { 0 } else { tick })
            }
            None => Some(moment),
        }
    }

    fn end_jobs(&mut self, now: Seconds) -> Result<bool> {
        let mut any = false;
        while let Some(&Reverse((moment, job, starts))) = self.ends.peek()
            && moment <= now
        {
            self.ends.pop();
            let doing = &mut self.doing[job as usize];
            if doing.starts != starts {
                continue;
            }
            any = true;
            let ran = moment - doing.started;
            let micros = (i128::from(doing.price_micros) * i128::from(ran) / 3600) as i64;
            doing.left = 0;
            let outcome = &mut self.outcomes[job as usize];
            outcome.end(moment, ran, micros);
            self.state.apply(Event::End { job: u64::from(job), micros }, now)?;
        }
        Ok(any)
    }

    /// Starts all that runs once more, as Muri's testbed does whenever a job came or ended.
    fn renew(&mut self) {
        let running: Vec<_> = self.ends.drain().collect();
        for Reverse((moment, job, starts)) in running {
            if self.doing[job as usize].starts == starts {
                self.doing[job as usize].idle += self.restart;
                self.ends.push(Reverse((moment + self.restart, job, starts)));
            }
        }
    }

    fn decide(&mut self, now: Seconds) -> Result<()> {
        let decisions = self.state.decide(now);
        for stop in &decisions.preemptions {
            let job = stop.job as usize;
            let doing = &mut self.doing[job];
            let ran = now - doing.started;
            doing.starts += 1;
            let micros = (i128::from(doing.price_micros) * i128::from(ran) / 3600) as i64;
            self.outcomes[job].stop(ran, micros);
            if stop.preemptor.is_none() {
                self.outcomes[job].end(now, 0, 0);
                self.outcomes[job].unpaid = true;
                self.state.apply(Event::End { job: stop.job, micros }, now)?;
            } else if self.trace.jobs[job].job.preempt == Preempt::Checkpoint {
                doing.left -= (ran - doing.idle).clamp(0, doing.left);
            } else {
                doing.left = self.trace.jobs[job].run;
            }
        }
        for start in &decisions.placements {
            let doing = &mut self.doing[start.job as usize];
            doing.started = now;
            doing.starts += 1;
            doing.idle = self.restart;
            doing.price_micros = self.meter.hour_micros(&start.slices, now);
            self.outcomes[start.job as usize].start(now, &start.slices);
            self.ends.push(Reverse((now + self.restart + doing.left, start.job as u32, doing.starts)));
        }
        self.wake = decisions.wake;
        Ok(())
    }
}

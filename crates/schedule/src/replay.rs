//! Recordings played again: the same events must give the same decisions.

use crate::{
    core::State,
    record::{Decided, Record},
    world::{JobId, Seconds},
};
use kernel::{Error, Result};
use serde::Serialize;
use std::collections::HashMap;

/// What a recording holds, and whether it repeats.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Replayed {
    /// Times that the scheduler began.
    pub begins: u64,
    /// Events that it took.
    pub events: u64,
    /// Rounds of decisions.
    pub rounds: u64,
    /// Jobs that were submitted; after a restart those that are still there count again.
    pub jobs: u64,
    /// Jobs that were started.
    pub starts: u64,
    /// Jobs that were stopped for others, or because prepaid money had run out.
    pub stops: u64,
    /// Mean time from submission to a start, over all starts.
    pub average_wait_seconds: f64,
    /// The longest time from submission to a start.
    pub longest_wait_seconds: Seconds,
    /// Lines that were cut off when the service was killed: at the end, or before it began again.
    pub cut_lines: u64,
    /// Where decisions first differ. `None` when all are the same.
    pub difference: Option<Difference>,
}

/// Decisions that weren't the recorded ones.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// The line, from 1.
    pub line: u64,
    /// The moment.
    pub at: Seconds,
    /// What was recorded and what comes out now, in words.
    pub what: String,
}

/// Plays a recording's lines again. Fails with `record_invalid` on what isn't a recording at all; that
/// decisions differ is an answer, not an error. After a difference nothing is compared until the scheduler
/// begins again, since all later decisions rest on it.
pub fn replay<L: AsRef<str>>(lines: impl IntoIterator<Item = L>) -> Result<Replayed> {
    let mut play = Play::default();
    // A line that can't be read may be one that was cut off: only what follows tells.
    let mut unread: Option<Error> = None;
    for (number, line) in (1..).zip(lines) {
        let line = line.as_ref().trim();
        if line.is_empty() {
            continue;
        }
        let record = Record::parse(line).map_err(|error| at_line(number, &error));
        if let Some(error) = unread.take() {
            if !matches!(record, Ok(Record::Begin { .. })) {
                return Err(error);
            }
            play.replayed.cut_lines += 1;
        }
        match record {
            Ok(record) => play.line(number, record)?,
            Err(error) => unread = Some(error),
        }
    }
    play.replayed.cut_lines += u64::from(unread.is_some());
    if play.replayed.begins == 0 {
        return Err(Error::invalid("record_invalid", "there is no line with a world and a policy"));
    }
    Ok(play.replayed)
}

/// Moments that a clock may tell, in seconds.
const MOMENTS: std::ops::Range<Seconds> = -1_000_000_000_000..1_000_000_000_000;

fn at_line(number: u64, error: &Error) -> Error {
    Error::invalid("record_invalid", format!("line {number}: {error}"))
}

#[derive(Default)]
struct Play {
    replayed: Replayed,
    /// `None` before the first line and after a difference.
    state: Option<State>,
    submitted: HashMap<JobId, Seconds>,
}

impl Play {
    fn line(&mut self, number: u64, record: Record) -> Result<()> {
        if self.replayed.begins == 0 && !matches!(record, Record::Begin { .. }) {
            return Err(Error::invalid("record_invalid", "the first line must hold a world and a policy"));
        }
        match record {
            Record::Begin { world, policy } => {
                self.replayed.begins += 1;
                self.submitted.clear();
                self.state = Some(State::new(*world, *policy).map_err(|error| at_line(number, &error))?);
            }
            Record::Event { at, event } => {
                self.replayed.events += 1;
                if let crate::Event::Submit { job } = &event {
                    self.replayed.jobs += 1;
                    self.submitted.insert(job.id, job.submitted);
                }
                if let Some(Err(error)) = self.state.as_mut().map(|state| state.apply(event, at)) {
                    self.differs(number, at, format!("the event was taken, and is refused now: {error}"));
                }
            }
            Record::Decided { at, .. } if !MOMENTS.contains(&at) => {
                return Err(at_line(
                    number,
                    &Error::invalid("record_invalid", format!("{at} isn't a moment")),
                ));
            }
            Record::Decided { at, decided } => {
                self.count(at, &decided);
                if let Some(now) = self.state.as_mut().map(|state| Decided::from(&state.decide(at)))
                    && now != decided
                {
                    self.differs(number, at, difference(&decided, &now));
                }
            }
        }
        Ok(())
    }

    fn differs(&mut self, line: u64, at: Seconds, what: String) {
        self.state = None;
        self.replayed.difference.get_or_insert(Difference { line, at, what });
    }

    fn count(&mut self, at: Seconds, decided: &Decided) {
        let replayed = &mut self.replayed;
        replayed.rounds += 1;
        replayed.stops += decided.stops.len() as u64;
        for (job, _) in &decided.starts {
            replayed.starts += 1;
            let wait = self.submitted.get(job).map_or(0, |submitted| at.saturating_sub(*submitted));
            replayed.longest_wait_seconds = replayed.longest_wait_seconds.max(wait);
            replayed.average_wait_seconds +=
                (wait as f64 - replayed.average_wait_seconds) / replayed.starts as f64;
        }
    }
}

/// The first thing in which two rounds differ.
fn difference(recorded: &Decided, now: &Decided) -> String {
    let first = |recorded: Option<String>, now: Option<String>| {
        let or = |text: Option<String>| text.unwrap_or_else(|| "nothing".into());
        format!("recorded: {}; now: {}", or(recorded), or(now))
    };
    let stop = |decided: &Decided, at: usize| decided.stops.get(at).map(|stop| format!("stop {stop:?}"));
    let start = |decided: &Decided, at: usize| decided.starts.get(at).map(|start| format!("start {start:?}"));
    let stops = recorded.stops.len().max(now.stops.len());
    if let Some(at) = (0..stops).find(|at| recorded.stops.get(*at) != now.stops.get(*at)) {
        return first(stop(recorded, at), stop(now, at));
    }
    let starts = recorded.starts.iter().zip(&now.starts).take_while(|(one, other)| one == other).count();
    first(start(recorded, starts), start(now, starts))
}

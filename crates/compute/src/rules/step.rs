//! What one observation of a started job means.

use crate::local::Exit;
use kernel::Timestamp;

/// How often a start may be repeated. Only a crash of the server between spawn and claim costs one.
pub const MAX_ATTEMPTS: i64 = 100;
/// A child that hasn't claimed its folder after this long never will.
pub const CLAIM_SECONDS: f64 = 30.0;

/// What the records say about a started job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Its process was or is about to be spawned.
    Starting,
    /// Its process was seen to have claimed the run.
    Running,
}

/// From when to when a run held what it was given, as its engine says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Interval {
    /// Its start.
    pub started: Timestamp,
    /// Its end.
    pub ended: Timestamp,
}

impl Stopping {
    /// Its name in rows; cancelling is noted with the job itself.
    pub fn name(self) -> &'static str {
        match self {
            Self::Cancel => "cancel",
            Self::Preempt => "preempt",
            Self::Park => "park",
        }
    }

    /// The reason of this name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Cancel, Self::Preempt, Self::Park].into_iter().find(|reason| reason.name() == name)
    }
}

impl Interval {
    /// Its length in milliseconds.
    pub fn milliseconds(&self) -> i64 {
        (self.ended.0 - self.started.0).max(0) / 1000
    }
}

/// What the job's engine and folder say.
#[derive(Debug, Clone, PartialEq)]
pub enum Observation {
    /// Nobody has claimed the run.
    NotClaimed {
        /// The child that this server spawned for it.
        child: Child,
    },
    /// The engine has it and hasn't started it, for this reason of its own.
    Waiting(String),
    /// The supervisor lives.
    Running {
        /// When the engine says that it started.
        since: Timestamp,
    },
    /// The run ended and says how.
    Exited {
        /// How.
        exit: Exit,
        /// When, as the engine says.
        interval: Option<Interval>,
    },
    /// The run was claimed, its supervisor is gone and left no word.
    Vanished {
        /// What was measured before, where something was.
        measured: Option<Exit>,
        /// When it ran, as far as is known.
        interval: Option<Interval>,
    },
    /// The engine lost the run or threw it out, which isn't the job's fault.
    Lost {
        /// In words.
        why: String,
        /// When it ran, as the engine says.
        interval: Option<Interval>,
    },
}

/// What this server knows of the child that should claim a run.
#[derive(Debug, Clone, PartialEq)]
pub enum Child {
    /// Inputs are being staged, or it was spawned this many seconds ago and lives.
    Alive(f64),
    /// It ended without a claim, for this reason.
    Ended(&'static str, String),
    /// It was spawned by a server before this one, or never.
    Unknown,
}

/// Why a run was asked to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stopping {
    /// Somebody cancelled the job.
    Cancel,
    /// Another job takes its place; it waits again.
    Preempt,
    /// It held accelerators and did nothing.
    Park,
}

/// What to do about a started job.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// Nothing now.
    Wait,
    /// Take the claim away from whoever may come late, then start again in a new folder.
    StartAgain,
    /// Record that it runs, since then.
    MarkRunning(Timestamp),
    /// Publish what it made, then settle.
    Publish(Exit, Option<Interval>),
    /// Settle what was measured and record the failure or the cancellation.
    Close(Exit, Option<Interval>),
    /// Put it back into the queue.
    Requeue {
        /// Why, as a stable name: `preempted`, `lost`.
        code: &'static str,
        /// Why, in words.
        text: String,
        /// When it ran.
        interval: Option<Interval>,
    },
}

/// What `observed` means for a job in `phase` that was started `attempts` times and perhaps asked to end.
pub fn step(phase: Phase, attempts: i64, stopping: Option<Stopping>, observed: Observation) -> Step {
    match (phase, observed) {
        (_, Observation::Waiting(_)) => Step::Wait,
        (_, Observation::Exited { exit, interval }) if exit.succeeded() => Step::Publish(exit, interval),
        (
            _,
            Observation::Exited { interval, .. }
            | Observation::Vanished { interval, .. }
            | Observation::Lost { interval, .. },
        ) if stopping == Some(Stopping::Preempt) => {
            let text = "it was stopped for a job that goes before it; it waits again".into();
            Step::Requeue { code: "preempted", text, interval }
        }
        (_, Observation::Exited { exit, interval }) => Step::Close(worded(exit, stopping), interval),
        (_, Observation::Vanished { measured, interval }) => Step::Close(vanished(measured), interval),
        (_, Observation::Lost { why, interval }) if stopping.is_some() || attempts >= MAX_ATTEMPTS => {
            Step::Close(worded(Exit::failed("lost", why), stopping), interval)
        }
        (_, Observation::Lost { why, interval }) => Step::Requeue { code: "lost", text: why, interval },
        (Phase::Running, Observation::Running { .. }) => Step::Wait,
        (Phase::Starting, Observation::Running { since }) => Step::MarkRunning(since),
        (Phase::Running, Observation::NotClaimed { .. }) => Step::Close(vanished(None), None),
        (Phase::Starting, Observation::NotClaimed { child }) => match child {
            Child::Alive(seconds) if seconds < CLAIM_SECONDS => Step::Wait,
            Child::Ended(code, text) => Step::Close(Exit::failed(code, text), None),
            _ if attempts >= MAX_ATTEMPTS => {
                let text = format!(
                    "the job's process was started {attempts} times and never came up; submit it again"
                );
                Step::Close(Exit::failed("start_failed", text), None)
            }
            _ => Step::StartAgain,
        },
    }
}

/// An end that we asked for bears our reason, whatever the process said.
fn worded(exit: Exit, stopping: Option<Stopping>) -> Exit {
    let (code, text) = match stopping {
        Some(Stopping::Cancel) => ("cancelled", "the job was cancelled while it ran"),
        Some(Stopping::Park) => (
            "parked_idle",
            "the job held accelerators and did nothing for longer than this community allows; submit it again when \
             it has work to do",
        ),
        Some(Stopping::Preempt) | None => return exit,
    };
    Exit { usage: exit.usage, ..Exit::failed(code, text) }
}

fn vanished(measured: Option<Exit>) -> Exit {
    let exit = Exit::failed(
        "vanished",
        "the job's process disappeared without a word: the machine restarted or the process was killed; \
         nothing was published, and only the time measured until then is charged; submit it again",
    );
    Exit { usage: measured.map(|known| known.usage).unwrap_or_default(), ..exit }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unclaimed_run_is_repeated_only_when_nobody_can_still_claim_it() {
        let seen = |child| step(Phase::Starting, 1, None, Observation::NotClaimed { child });
        assert_eq!(seen(Child::Alive(0.5)), Step::Wait);
        assert_eq!(seen(Child::Alive(CLAIM_SECONDS)), Step::StartAgain);
        assert_eq!(seen(Child::Unknown), Step::StartAgain);
        let Step::Close(exit, None) = seen(Child::Ended("disk_full", "full".into())) else { panic!() };
        assert_eq!(exit.reason.unwrap().code, "disk_full");
        let tired =
            step(Phase::Starting, MAX_ATTEMPTS, None, Observation::NotClaimed { child: Child::Unknown });
        assert!(matches!(tired, Step::Close(exit, None) if !exit.succeeded()));
    }

    #[test]
    fn a_claimed_run_is_never_started_again() {
        let measured =
            Exit { usage: crate::local::Usage { cpu_micros: 7, ..Default::default() }, ..Exit::default() };
        for phase in [Phase::Starting, Phase::Running] {
            for observed in [
                Observation::Running { since: Timestamp(3) },
                Observation::Exited { exit: Exit::default(), interval: None },
                Observation::Exited { exit: Exit::failed("x", "y"), interval: None },
                Observation::Vanished { measured: None, interval: None },
                Observation::Vanished { measured: Some(measured.clone()), interval: None },
            ] {
                for stopping in [None, Some(Stopping::Cancel), Some(Stopping::Preempt)] {
                    assert_ne!(step(phase, 1, stopping, observed.clone()), Step::StartAgain);
                }
            }
        }
        let lost = Observation::Vanished { measured: Some(measured), interval: None };
        let Step::Close(exit, None) = step(Phase::Running, 1, None, lost) else { panic!() };
        assert_eq!((exit.usage.cpu_micros, exit.succeeded()), (7, false), "measured time is kept");
    }
    #[test]
    fn who_is_stopped_for_another_waits_again_unless_it_was_done() {
        let ended = |exit| Observation::Exited { exit, interval: None };
        let preempt = Some(Stopping::Preempt);
        let seen = step(Phase::Running, 1, preempt, ended(Exit::failed("cancelled", "")));
        assert!(matches!(seen, Step::Requeue { code: "preempted", .. }), "{seen:?}");
        assert!(matches!(step(Phase::Running, 1, preempt, ended(Exit::default())), Step::Publish(..)));
        let lost = Observation::Lost { why: "node".into(), interval: None };
        assert!(matches!(step(Phase::Running, 1, None, lost.clone()), Step::Requeue { code: "lost", .. }));
        let Step::Close(exit, _) = step(Phase::Running, 1, Some(Stopping::Cancel), lost) else { panic!() };
        assert_eq!(exit.reason.unwrap().code, "cancelled");
    }
}

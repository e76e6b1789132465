//! What one observation of a started job means.

use crate::local::{Claim, Exit};

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

/// What the job's folder and our own children say.
#[derive(Debug, Clone, PartialEq)]
pub enum Observation {
    /// Nobody has claimed the run.
    NotClaimed {
        /// The child that this server spawned for it.
        child: Child,
    },
    /// The supervisor lives.
    Running(Claim),
    /// The run ended and says how.
    Exited(Exit),
    /// The run was claimed, its supervisor is gone and left no word.
    Vanished {
        /// What was measured before, where something was.
        measured: Option<Exit>,
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

/// What to do about a started job.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// Nothing now.
    Wait,
    /// Take the claim away from whoever may come late, then start again in a new folder.
    StartAgain,
    /// Record that it runs.
    MarkRunning(Claim),
    /// Publish what it made, then settle.
    Publish(Exit),
    /// Settle what was measured and record the failure or the cancellation.
    Close(Exit),
}

/// What `observed` means for a job in `phase` that was started `attempts` times.
pub fn step(phase: Phase, attempts: i64, observed: Observation) -> Step {
    match (phase, observed) {
        (_, Observation::Exited(exit)) if exit.succeeded() => Step::Publish(exit),
        (_, Observation::Exited(exit)) => Step::Close(exit),
        (_, Observation::Vanished { measured }) => Step::Close(vanished(measured)),
        (Phase::Running, Observation::Running(_)) => Step::Wait,
        (Phase::Starting, Observation::Running(claim)) => Step::MarkRunning(claim),
        (Phase::Running, Observation::NotClaimed { .. }) => Step::Close(vanished(None)),
        (Phase::Starting, Observation::NotClaimed { child }) => match child {
            Child::Alive(seconds) if seconds < CLAIM_SECONDS => Step::Wait,
            Child::Ended(code, text) => Step::Close(Exit::failed(code, text)),
            _ if attempts >= MAX_ATTEMPTS => Step::Close(Exit::failed(
                "start_failed",
                format!("the job's process was started {attempts} times and never came up; submit it again"),
            )),
            _ => Step::StartAgain,
        },
    }
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
        let seen = |child| step(Phase::Starting, 1, Observation::NotClaimed { child });
        assert_eq!(seen(Child::Alive(0.5)), Step::Wait);
        assert_eq!(seen(Child::Alive(CLAIM_SECONDS)), Step::StartAgain);
        assert_eq!(seen(Child::Unknown), Step::StartAgain);
        let Step::Close(exit) = seen(Child::Ended("disk_full", "full".into())) else { panic!() };
        assert_eq!(exit.reason.unwrap().code, "disk_full");
        let tired = step(Phase::Starting, MAX_ATTEMPTS, Observation::NotClaimed { child: Child::Unknown });
        assert!(matches!(tired, Step::Close(exit) if !exit.succeeded()));
    }

    #[test]
    fn a_claimed_run_is_never_started_again() {
        let claim =
            Claim { pid: 1, started_ticks: 2, boot: "b".into(), at: kernel::Timestamp(3), barred: false };
        let measured =
            Exit { usage: crate::local::Usage { cpu_micros: 7, ..Default::default() }, ..Exit::default() };
        for phase in [Phase::Starting, Phase::Running] {
            for observed in [
                Observation::Running(claim.clone()),
                Observation::Exited(Exit::default()),
                Observation::Exited(Exit::failed("x", "y")),
                Observation::Vanished { measured: None },
                Observation::Vanished { measured: Some(measured.clone()) },
            ] {
                assert_ne!(step(phase, 1, observed), Step::StartAgain);
            }
        }
        let lost = step(Phase::Running, 1, Observation::Vanished { measured: Some(measured) });
        let Step::Close(exit) = lost else { panic!() };
        assert_eq!((exit.usage.cpu_micros, exit.succeeded()), (7, false), "measured time is kept");
    }
}

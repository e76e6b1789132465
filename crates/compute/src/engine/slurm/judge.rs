//! How a run stands by what Slurm and its folder say together. Pure.
//!
//! A controller that loses its power forgets what it heard in its last seconds: that it took a job, that one ended.
//! What the supervisor left in the folder then tells which of the two it was.

use super::{Target, traces::Traces};
use crate::{
    local::Exit,
    rules::{Interval, Observation, step::Child},
};
use kernel::Timestamp;
use slurm::{JobInfo, JobState};

/// How long a run that Slurm doesn't know is looked for before it counts as never taken: the answer to its
/// submission may have been lost while the controller was still reading.
const LOST_SECONDS: i64 = 15;
/// How long a supervisor, which writes every second, may be silent before it counts as gone. The clocks of a Slurm
/// agree better than this, or its own credentials fail.
const SILENT_SECONDS: i64 = 60;
/// How long Slurm may call a run running whose supervisor has left its last word.
const OVERSTAY_SECONDS: i64 = 30;

/// What `told` and `traces` together mean.
pub fn judge(told: Option<&JobInfo>, run: &Target, traces: Traces, now: Timestamp) -> Observation {
    let Some(info) = told else { return forgotten(run, traces, now) };
    let at = |seconds: i64| Timestamp(seconds.saturating_mul(1_000_000));
    let started = info.started.map(at);
    let interval = started.zip(info.ended.map(at)).map(|(started, ended)| Interval { started, ended });
    match (&info.state, traces.exit) {
        (state, _) if !state.is_over() => match started {
            Some(since) if state.has_nodes() => Observation::Running { since },
            _ => Observation::Waiting(info.reason.clone()),
        },
        (JobState::NodeFail | JobState::Preempted | JobState::BootFail, _) => {
            Observation::Lost { why: format!("Slurm ended it: {}", word(info)), interval }
        }
        (_, Some(exit)) => Observation::Exited { exit, interval },
        _ if traces.barred => Observation::NotClaimed { child: Child::Unknown },
        (JobState::Cancelled, None) if !traces.claimed && !info.nodes.is_empty() => {
            // Slurm itself, not a person: its node had another job of that number, or couldn't launch it.
            Observation::Lost { why: "Slurm took its nodes back before it began".into(), interval }
        }
        (_, None) => Observation::Exited { exit: silent(info), interval },
    }
}

/// A run that Slurm doesn't know.
fn forgotten(run: &Target, traces: Traces, now: Timestamp) -> Observation {
    if let Some(exit) = traces.exit {
        return Observation::Exited { exit, interval: None };
    }
    if traces.claimed {
        let why = "Slurm doesn't know it any more";
        return match traces.silent_for(SILENT_SECONDS, now) {
            true => Observation::Lost { why: why.into(), interval: None },
            // Its node ends it soon, or it comes to its end.
            false => Observation::Waiting(why.into()),
        };
    }
    match now.0 - run.placed_at.0 < LOST_SECONDS * 1_000_000 {
        true => Observation::Waiting(String::new()),
        false => Observation::NotClaimed { child: Child::Unknown },
    }
}

/// Whether Slurm still holds devices for a run that has ended: it was told so and forgot it.
pub fn overstays(info: &JobInfo, traces: &Traces, now: Timestamp) -> bool {
    info.state == JobState::Running && traces.exit.is_some() && traces.silent_for(OVERSTAY_SECONDS, now)
}

fn word(info: &JobInfo) -> String {
    format!("{:?} ({})", info.state, info.reason)
}

/// The end of a run whose folder is silent, as Slurm tells it.
fn silent(info: &JobInfo) -> Exit {
    match info.state {
        JobState::Cancelled => Exit::failed("cancelled", "the job was cancelled in Slurm"),
        JobState::Timeout | JobState::Deadline => {
            Exit::failed("timed_out", "Slurm stopped the job at its limit")
        }
        JobState::OutOfMemory => Exit::failed("out_of_memory", "Slurm stopped the job at its memory limit"),
        _ => Exit::failed("crashed", format!("the job ended in Slurm without a word: {}", word(info))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::local::Folder;

    const NOW: Timestamp = Timestamp(1_000_000_000);

    fn ago(seconds: i64) -> Timestamp {
        Timestamp(NOW.0 - seconds * 1_000_000)
    }

    fn of_a_forgotten(traces: Traces) -> Observation {
        judge(None, &run(), traces, NOW)
    }

    fn told(state: JobState) -> JobInfo {
        JobInfo {
            id: 7,
            name: "mosu-1-1".into(),
            state,
            reason: String::new(),
            nodes: vec!["n1".into()],
            submitted: None,
            started: Some(900),
            ended: None,
            exit: None,
            cpus: 1,
            gres: Vec::new(),
        }
    }

    fn run() -> Target {
        Target {
            name: "mosu-1-1".into(),
            engine_id: Some("7".into()),
            folder: Folder::at("nowhere"),
            placed_at: ago(100),
        }
    }

    #[test]
    fn who_is_cancelled_on_its_nodes_before_it_began_is_lost_and_else_cancelled() {
        let of = |info: &JobInfo, traces| judge(Some(info), &run(), traces, NOW);
        let mut info = told(JobState::Cancelled);
        assert!(matches!(of(&info, Traces::default()), Observation::Lost { .. }));
        let barred = Traces { barred: true, ..Traces::default() };
        assert!(matches!(of(&info, barred), Observation::NotClaimed { .. }));
        let claimed = Traces { claimed: true, ..Traces::default() };
        assert!(matches!(of(&info, claimed), Observation::Exited { exit, .. } if !exit.succeeded()));
        info.nodes.clear();
        assert!(
            matches!(of(&info, Traces::default()), Observation::Exited { exit, .. } if !exit.succeeded())
        );
    }

    #[test]
    fn a_run_that_slurm_forgot_is_lost_only_once_it_is_silent() {
        let claimed = |seconds| Traces { claimed: true, wrote: Some(ago(seconds)), ..Traces::default() };
        assert!(matches!(of_a_forgotten(claimed(2)), Observation::Waiting(_)));
        assert!(matches!(of_a_forgotten(claimed(SILENT_SECONDS)), Observation::Lost { .. }));
        let ended = Traces { exit: Some(Exit::default()), ..claimed(2) };
        assert!(matches!(of_a_forgotten(ended), Observation::Exited { .. }));
        assert!(matches!(of_a_forgotten(Traces::default()), Observation::NotClaimed { .. }));
    }

    #[test]
    fn a_run_that_left_its_last_word_overstays_after_a_while() {
        let mut info = told(JobState::Running);
        let claimed = Traces { claimed: true, ..Traces::default() };
        let left =
            |seconds| Traces { exit: Some(Exit::default()), wrote: Some(ago(seconds)), ..claimed.clone() };
        assert!(!overstays(&info, &left(3), NOW));
        assert!(overstays(&info, &left(OVERSTAY_SECONDS), NOW));
        assert!(!overstays(&info, &Traces { exit: None, ..left(OVERSTAY_SECONDS) }, NOW));
        info.state = JobState::Completing;
        assert!(!overstays(&info, &left(OVERSTAY_SECONDS), NOW));
    }
}

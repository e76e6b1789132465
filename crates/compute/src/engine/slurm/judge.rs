//! How a run stands by what Slurm and its folder say together. Pure.
//!
//! A controller that loses its power forgets what it heard in its last seconds: that it took a job, that one ended.
//! What the supervisor left in the folder then tells which of the two it was.

use crate::{
    engine::{Target, traces::Traces},
    local::Exit,
    rules::{Interval, Observation, step::Child},
};
use kernel::Timestamp;
use slurm::{JobInfo, JobState};

/// How long Slurm may call a run running whose supervisor has left its last word.
const OVERSTAY_SECONDS: i64 = 30;

/// What `told` and `traces` together mean.
pub fn judge(told: Option<&JobInfo>, run: &Target, traces: Traces, now: Timestamp) -> Observation {
    let Some(info) = told else { return traces.of_a_forgotten(run, now) };
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

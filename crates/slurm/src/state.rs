//! Slurm's words for the states of jobs and nodes.

use crate::{JobState, NodeState};

/// Words that stand beside a job's state, or in its place, and say more than it does.
fn job_flag(word: &str) -> Option<JobState> {
    Some(match word {
        "COMPLETING" | "STAGE_OUT" | "SIGNALING" => JobState::Completing,
        "CONFIGURING" | "POWER_UP_NODE" => JobState::Configuring,
        "REQUEUED" | "REQUEUE_HOLD" | "REQUEUE_FED" | "SPECIAL_EXIT" => JobState::Requeued,
        "STOPPED" => JobState::Suspended,
        _ => return None,
    })
}

fn job_base(word: &str) -> Option<JobState> {
    Some(match word {
        "PENDING" | "RESV_DEL_HOLD" => JobState::Pending,
        "RUNNING" | "RESIZING" => JobState::Running,
        "SUSPENDED" => JobState::Suspended,
        "COMPLETED" => JobState::Completed,
        "CANCELLED" | "REVOKED" => JobState::Cancelled,
        "FAILED" | "LAUNCH_FAILED" | "RECONFIG_FAIL" => JobState::Failed,
        "TIMEOUT" => JobState::Timeout,
        "NODE_FAIL" => JobState::NodeFail,
        "PREEMPTED" => JobState::Preempted,
        "BOOT_FAIL" => JobState::BootFail,
        "DEADLINE" => JobState::Deadline,
        "OUT_OF_MEMORY" => JobState::OutOfMemory,
        _ => return None,
    })
}

/// Reads one word, as `squeue` (`CANCELLED`) and `sacct` (`CANCELLED by 0`) write it, or the list of the newer HTTP
/// service, in which `COMPLETING` and the like stand beside the state.
pub(crate) fn job<'a>(words: impl IntoIterator<Item = &'a str>) -> JobState {
    let words: Vec<String> = words
        .into_iter()
        .filter_map(|word| word.split_whitespace().next())
        .map(str::to_ascii_uppercase)
        .collect();
    let first = |read: fn(&str) -> Option<JobState>| words.iter().find_map(|word| read(word));
    first(job_flag)
        .or_else(|| first(job_base))
        .unwrap_or_else(|| JobState::Other(words.join("+").chars().take(64).collect()))
}

/// Reads a node's state and flags: `MIXED+DRAIN`, `idle*`, or words of a list.
pub(crate) fn node<'a>(words: impl IntoIterator<Item = &'a str>) -> NodeState {
    let mut found = NodeState::Other(String::new());
    for word in words.into_iter().flat_map(|word| word.split('+')) {
        let silent = word.contains('*');
        let word =
            word.trim_end_matches(|c: char| !c.is_ascii_alphanumeric() && c != '_').to_ascii_uppercase();
        let state = if silent { NodeState::Down } else { node_word(&word) };
        if weight(&state) > weight(&found) || found == NodeState::Other(String::new()) {
            found = state;
        }
    }
    found
}

fn node_word(word: &str) -> NodeState {
    match word {
        "DOWN" | "ERROR" | "FAIL" | "FAILING" | "NOT_RESPONDING" | "NO_RESPOND" | "POWERED_DOWN"
        | "POWER_DOWN" | "POWERING_DOWN" | "POWERING_UP" | "POWER_UP" | "REBOOT_ISSUED" | "REBOOT"
        | "FUTURE" | "UNKNOWN" | "INVAL" | "INVALID" | "INVALID_REG" | "UNK" => NodeState::Down,
        "DRAIN" | "DRAINED" | "DRAINING" | "MAINT" | "MAINTENANCE" | "RESERVED" | "REBOOT_REQUESTED" => {
            NodeState::Drained
        }
        "IDLE" | "MIXED" | "ALLOCATED" | "COMPLETING" | "PLANNED" | "CLOUD" | "DYNAMIC_NORM"
        | "DYNAMIC_FUTURE" | "COMP" | "DYNAMIC" | "BLOCKED" => NodeState::Up,
        other => NodeState::Other(other.chars().take(64).collect()),
    }
}

/// The worst word decides.
fn weight(state: &NodeState) -> u8 {
    match state {
        NodeState::Up => 0,
        NodeState::Other(_) => 1,
        NodeState::Drained => 2,
        NodeState::Down => 3,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jobs_states_are_read_from_words_and_lists() {
        assert_eq!(job(["CANCELLED by 1000"]), JobState::Cancelled);
        assert_eq!(job(["running"]), JobState::Running);
        assert_eq!(job(["FAILED", "COMPLETING"]), JobState::Completing);
        assert_eq!(job(["PENDING", "REQUEUED"]), JobState::Requeued);
        assert_eq!(job(["OUT_OF_MEMORY"]), JobState::OutOfMemory);
        assert_eq!(job(["ODD"]), JobState::Other("ODD".into()));
    }

    #[test]
    fn the_worst_word_of_a_node_decides() {
        assert_eq!(node(["IDLE+PLANNED"]), NodeState::Up);
        assert_eq!(node(["MIXED+DRAIN"]), NodeState::Drained);
        assert_eq!(node(["idle*"]), NodeState::Down);
        assert_eq!(node(["IDLE", "DRAIN", "NOT_RESPONDING"]), NodeState::Down);
        assert_eq!(node(["IDLE+STRANGE"]), NodeState::Other("STRANGE".into()));
        assert_eq!(node([]), NodeState::Other(String::new()));
    }
}

//! How a run ended, from what its process left behind. Pure.

use crate::local::records::{Outcome, Reason, TaskFile};
use std::{os::unix::process::ExitStatusExt, process::ExitStatus};

const SIGABRT: i32 = 6;
const SIGKILL: i32 = 9;
const SIGXFSZ: i32 = 25;
/// What a Rust program exits with when it panics.
const PANICKED: i32 = 101;

/// A reason with its figures.
pub fn because(code: &str, text: impl Into<String>) -> Option<Reason> {
    Some(Reason { code: code.into(), text: text.into() })
}

/// The job went over its memory limit.
pub fn out_of_memory(file: &TaskFile, peak_bytes: i64) -> Option<Reason> {
    let (limit, peak) = (file.task.memory_mib, peak_bytes >> 20);
    because(
        "out_of_memory",
        format!(
            "the job was stopped at its memory limit of {limit} MiB (it had {peak} MiB); ask for more memory"
        ),
    )
}

/// The job went over its wall limit.
pub fn timed_out(file: &TaskFile) -> Option<Reason> {
    let limit = file.task.wall_seconds;
    because(
        "timed_out",
        format!("the job was stopped at its limit of {limit} s; ask for more time or do less at once"),
    )
}

/// Somebody asked for the job to be cancelled.
pub fn cancelled() -> Option<Reason> {
    because("cancelled", "the job was cancelled while it ran")
}

/// Exit code and reason of a process that wasn't stopped by its supervisor; no reason when it succeeded.
pub fn judge(
    status: ExitStatus,
    outcome: Option<Outcome>,
    starved: bool,
    file: &TaskFile,
    peak_bytes: i64,
) -> (i32, Option<Reason>) {
    let code = status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or_default());
    let reason = match (status.code(), status.signal(), outcome) {
        (Some(0), _, Some(Outcome::Result(_))) => None,
        (_, _, Some(Outcome::Failed(reason))) => Some(reason),
        (Some(PANICKED), ..) => {
            because("task_panicked", "the task panicked, which is our fault; its log says where")
        }
        (_, Some(SIGABRT), _) if starved => out_of_memory(file, peak_bytes),
        (_, Some(SIGXFSZ), _) => {
            let limit = file.bounds.file_bytes >> 20;
            because(
                "task_file_too_large",
                format!("the job wrote a file larger than the {limit} MiB that one may have"),
            )
        }
        (_, Some(SIGKILL), _) => because(
            "killed",
            "the job's process was killed from outside, perhaps because the machine ran out of memory",
        ),
        (_, Some(signal), _) => {
            because("crashed", format!("the job's process ended by signal {signal}; its log may say why"))
        }
        (code, ..) => {
            let code = code.unwrap_or_default();
            because(
                "crashed",
                format!("the job's process ended with code {code} and left no result; its log may say why"),
            )
        }
    };
    (code, reason)
}

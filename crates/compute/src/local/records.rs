//! The records in an attempt's folder.

pub use commons::jobs::{Reason, Usage};
use kernel::{Error, Kind, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::{borrow::Cow, collections::BTreeMap, io, path::PathBuf};

/// `task.json`: all that a supervisor must know.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TaskFile {
    /// What the job kind is told, and the limits that the supervisor enforces.
    #[serde(flatten)]
    pub task: commons::jobs::TaskFile,
    /// Processor cores to run on; all when empty.
    pub cores: Vec<usize>,
    /// Bounds that don't depend on the job.
    pub bounds: Bounds,
    /// Address that the job reaches the server at.
    #[serde(default)]
    pub endpoint: Option<String>,
    /// Variables that whoever placed the job sets: accelerators, names that scripts of other schedulers read.
    #[serde(default)]
    pub environment: BTreeMap<String, String>,
    /// Control group that attempts get their own groups below, as a path under the hierarchies' mounts; no groups
    /// when absent.
    #[serde(default)]
    pub cgroup: Option<String>,
    /// Folders of software that tenants' commands may read beside the system's own.
    #[serde(default)]
    pub software: Vec<PathBuf>,
}

/// Bounds on what any job may do to the machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bounds {
    /// Size at which the log is cut off.
    pub log_bytes: u64,
    /// Size of the largest file that the job may write.
    pub file_bytes: u64,
    /// How long a job may clean up after SIGTERM before SIGKILL.
    pub grace_millis: u64,
    /// How much the job yields to the server, as in nice(1).
    pub nice: i32,
    /// The most processes and threads that a tenant's command may have at a time.
    #[serde(default = "processes")]
    pub processes: u64,
}

/// Plenty for a program with many threads, little for a machine.
fn processes() -> u64 {
    4096
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            log_bytes: 64 << 20,
            file_bytes: 64 << 30,
            grace_millis: 5000,
            nice: 5,
            processes: processes(),
        }
    }
}

/// `claim`: who runs the job, so that a process id used again by the system can't be mistaken for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// Process id of the supervisor.
    pub pid: u32,
    /// When that process started, in clock ticks after the machine did.
    pub started_ticks: u64,
    /// The machine's boot id.
    pub boot: String,
    /// When the claim was taken.
    pub at: Timestamp,
    /// Taken by a server, so that a process which comes late can't run: the attempt is void.
    pub barred: bool,
}

/// `exit.json`: how a run ended.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Exit {
    /// Exit code of the process; 128 + n when signal n ended it.
    pub code: i32,
    /// Why it failed; absent when it succeeded.
    pub reason: Option<Reason>,
    /// What was measured.
    pub usage: Usage,
}

impl Exit {
    /// A failure for which nothing was measured.
    pub fn failed(code: impl Into<Cow<'static, str>>, text: impl Into<String>) -> Self {
        let reason = Reason { code: code.into().into_owned(), text: text.into() };
        Self { code: 1, reason: Some(reason), usage: Usage::default() }
    }

    /// Whether the run did what it should.
    pub fn succeeded(&self) -> bool {
        self.reason.is_none()
    }
}

/// `outcome.json`: what the job kind itself returned.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Its result.
    Result(Value),
    /// Its error.
    Failed(Reason),
}

/// What the job's owner reads of `error`.
pub fn reason_of(error: &Error) -> Reason {
    let mut cause = std::error::Error::source(error);
    while let Some(next) = cause {
        if let Some(io) = next.downcast_ref::<io::Error>()
            && matches!(io.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
        {
            let text = "the disk became full while the job wrote; free some space, then submit it again";
            return Reason { code: "disk_full".into(), text: text.into() };
        }
        cause = next.source();
    }
    let text = match error.kind {
        Kind::Internal => "the task failed; its log says more".into(),
        _ => error.text.to_string(),
    };
    let code = if error.kind == Kind::Internal { "task_failed" } else { error.code };
    Reason { code: code.into(), text }
}

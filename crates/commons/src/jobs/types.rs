//! Nouns of work.

use crate::ids::{self, Charge, Org, Person};
use kernel::{Error, Id, Result, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What a job asks of machines: `tasks` equal parts that start together, and what each of them holds on one
/// node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Resources {
    /// Cores of each task.
    pub cpus: i64,
    /// Memory of each task in MiB.
    pub memory_mib: i64,
    /// The longest it may run, in seconds.
    pub wall_seconds: i64,
    /// Equal parts that start together or not at all.
    #[serde(default = "one")]
    pub tasks: i64,
    /// Accelerators of each task.
    #[serde(default)]
    pub devices: i64,
    /// Thousandths of each accelerator: 1000 is a whole one. Less is possible with one device only.
    #[serde(default = "whole")]
    pub device_milli: i64,
}

fn one() -> i64 {
    1
}

fn whole() -> i64 {
    1000
}

impl Resources {
    /// One task without accelerators.
    pub fn new(cpus: i64, memory_mib: i64, wall_seconds: i64) -> Self {
        Self { cpus, memory_mib, wall_seconds, tasks: one(), devices: 0, device_milli: whole() }
    }

    /// Cores of all tasks.
    pub fn all_cpus(&self) -> i64 {
        self.cpus.saturating_mul(self.tasks)
    }

    /// Memory of all tasks in MiB.
    pub fn all_memory_mib(&self) -> i64 {
        self.memory_mib.saturating_mul(self.tasks)
    }

    /// Thousandths of accelerators of all tasks.
    pub fn all_device_milli(&self) -> i64 {
        self.devices.saturating_mul(self.device_milli).saturating_mul(self.tasks)
    }
}

/// Whether a running job may be stopped for another.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Preemptible {
    /// Never.
    #[default]
    Never,
    /// It may be stopped and starts over. What it ran until then isn't charged.
    Restart,
    /// It may be stopped and goes on from the files in its work folder.
    Checkpoint,
}

/// How another job must have ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ended {
    /// Well, or this job is cancelled.
    #[default]
    Ok,
    /// In any way.
    Any,
    /// Badly, or this job is cancelled.
    Failed,
}

impl Ended {
    /// Whether an end in `state` fulfils it.
    pub fn accepts(self, state: JobState) -> bool {
        match self {
            Self::Ok => state == JobState::Succeeded,
            Self::Any => true,
            Self::Failed => state != JobState::Succeeded,
        }
    }
}

/// A job that must have ended first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct After {
    /// It, of the same organisation.
    pub job: Id<ids::Job>,
    /// How.
    #[serde(default)]
    pub ended: Ended,
}

/// When and where a job may run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Scheduling {
    /// Names of accelerator models that will do; any when empty.
    pub device_models: Vec<String>,
    /// The only cluster that will do.
    pub cluster: Option<String>,
    /// How long it will probably run, in seconds; the wall limit isn't taken for it.
    pub estimate_seconds: Option<i64>,
    /// When it should be done.
    pub deadline: Option<Timestamp>,
    /// Whether it may be stopped for another.
    pub preemptible: Preemptible,
    /// It may be put off until here for a cheaper or cleaner hour.
    pub flexible_until: Option<Timestamp>,
    /// Jobs that must have ended first.
    pub after: Vec<After>,
}

/// A job's place in an array of equal jobs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// The array: the id of its first job.
    pub array: Id<ids::Job>,
    /// Its index, which its task reads as `SLURM_ARRAY_TASK_ID`.
    pub index: i64,
    /// Members that may run at the same time.
    pub at_most: i64,
}

/// The indexes of an array.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Indexes {
    /// Ascending, each once.
    pub indexes: Vec<i64>,
    /// Members that may run at the same time.
    pub at_most: i64,
}

/// A job to be done.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Submission {
    /// Which kind of work, such as `corpus.build`.
    pub kind: String,
    /// What its owner calls it.
    pub name: String,
    /// What the kind needs to know.
    pub spec: Value,
    /// References of the artifacts that it reads.
    #[serde(default)]
    pub inputs: Vec<String>,
    /// 0 to 100; higher goes first among the own organisation's.
    #[serde(default = "middle")]
    pub priority: i64,
    /// What it asks of a machine.
    pub resources: Resources,
    /// When and where it may run.
    #[serde(default)]
    pub scheduling: Scheduling,
    /// Submitting again with the same key answers with the first job.
    #[serde(default)]
    pub idempotency: Option<String>,
}

fn middle() -> i64 {
    50
}

/// Where a job stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum JobState {
    /// Waits for its turn.
    Queued,
    /// Chosen; its process is being started.
    Starting,
    /// Its process runs.
    Running,
    /// Its process has ended well; what it wrote is being published.
    Finishing,
    /// Done.
    Succeeded,
    /// Ended without a result.
    Failed,
    /// Ended because somebody asked for it.
    Cancelled,
}

impl JobState {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Queued,
        Self::Starting,
        Self::Running,
        Self::Finishing,
        Self::Succeeded,
        Self::Failed,
        Self::Cancelled,
    ];

    /// Its name in rows and answers.
    pub fn name(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Starting => "starting",
            Self::Running => "running",
            Self::Finishing => "finishing",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// Whether nothing will happen to the job any more.
    pub fn is_final(self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed | Self::Cancelled)
    }

    pub(super) fn parse(text: &str) -> Result<Self> {
        let found = Self::ALL.into_iter().find(|state| state.name() == text);
        found.ok_or_else(|| Error::internal(format!("unknown job state {text}")))
    }
}

/// Why a job waits or ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// For programs: `out_of_memory`, `timeout`, `exit`.
    pub code: String,
    /// For people.
    pub text: String,
}

/// What a job used, as measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Usage {
    /// Time from start to end, in microseconds.
    pub wall_micros: i64,
    /// Processor time of user and system, in microseconds.
    pub cpu_micros: i64,
    /// The most memory at one time, in bytes.
    pub peak_memory_bytes: i64,
    /// For how long up to the end it has used less than a hundredth of a core, in seconds, where that is watched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idle_seconds: Option<i64>,
    /// Energy that its accelerators took, in joules, where the machine tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub energy_joules: Option<i64>,
}

/// A job.
#[derive(Debug, Clone, Serialize)]
pub struct Job {
    /// Identity.
    pub id: Id<ids::Job>,
    /// Whose.
    pub org: Id<Org>,
    /// Who submitted it.
    pub person: Option<Id<Person>>,
    /// Which kind of work.
    pub kind: String,
    /// What its owner calls it.
    pub name: String,
    /// What the kind needs to know.
    pub spec: Value,
    /// Where it stands.
    pub state: JobState,
    /// Why it waits or ended.
    pub reason: Option<Reason>,
    /// 0 to 100; higher goes first.
    pub priority: i64,
    /// What it asks of a machine.
    pub resources: Resources,
    /// When and where it may run.
    pub scheduling: Scheduling,
    /// Its place in an array.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub member: Option<Member>,
    /// When it was submitted.
    pub submitted_at: Timestamp,
    /// When its process was started.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// References of what it reads.
    pub inputs: Vec<String>,
    /// References of what it wrote.
    pub outputs: Vec<String>,
    /// What it costs.
    pub charge: Option<Id<Charge>>,
    /// What it used.
    pub usage: Option<Usage>,
    /// What it found, as its kind tells it.
    pub result: Value,
    /// Whether somebody asked to end it.
    pub cancel_requested: bool,
    /// How many times a start was tried; it runs at most once all the same.
    pub attempt: i64,
}

/// How a job ended, for [`super::finish`].
#[derive(Debug, Clone)]
pub struct Ending {
    /// A final state.
    pub state: JobState,
    /// Why, when it didn't succeed.
    pub reason: Option<Reason>,
    /// References of what it wrote.
    pub outputs: Vec<String>,
    /// What it found.
    pub result: Value,
    /// What it used.
    pub usage: Option<Usage>,
}

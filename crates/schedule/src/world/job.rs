//! What is to be run.

use super::{Models, Seconds, TenantId};
use serde::{Deserialize, Serialize};

/// The caller's name of a job.
pub type JobId = u64;

/// What each task of a job holds. All of it comes from one node.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Shape {
    /// Devices.
    pub devices: u8,
    /// Thousandths of each device: 1000 is a whole one. Less is possible with one device only.
    pub milli: u16,
    /// Thousandths of processor cores.
    pub cpu_milli: i64,
    /// Memory.
    pub memory_mib: i64,
    /// Models that the node may have; for tasks without devices too, so that a node's model can stand for its cluster.
    pub models: Models,
}

impl Shape {
    /// `devices` whole devices of any model, nothing else.
    pub fn devices(devices: u8) -> Self {
        Self { devices, milli: 1000, ..Self::default() }
    }

    /// Thousandths of devices in all.
    pub fn device_milli(&self) -> i64 {
        i64::from(self.devices) * i64::from(self.milli)
    }
}

/// Whether a running job may be stopped for another.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Preempt {
    /// Never.
    #[default]
    Never,
    /// It may be stopped and starts over: all its work is lost.
    Restart,
    /// It may be stopped and goes on from where it was.
    Checkpoint,
}

/// A member of an array of equal jobs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Array {
    /// Names the array.
    pub id: u64,
    /// Members that may run at the same time.
    pub at_most: u32,
}

/// A job: `tasks` equal parts that start together or not at all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Job {
    /// The caller's name for it.
    pub id: JobId,
    /// Whose it is.
    pub tenant: TenantId,
    /// Parts; several may share a node.
    pub tasks: u32,
    /// What each part holds.
    pub shape: Shape,
    /// When it came.
    pub submitted: Seconds,
    /// How long it will run, as its owner believes.
    pub estimate: Option<Seconds>,
    /// The wall-time limit at which it is stopped; what quotas and prepaid money are checked against.
    pub limit: Option<Seconds>,
    /// Higher goes first and may preempt lower.
    pub priority: i32,
    /// When it should be done.
    pub deadline: Option<Seconds>,
    /// Whether it may be stopped for another.
    pub preempt: Preempt,
    /// It may be put off until here for a cheaper or cleaner hour.
    pub flexible_until: Option<Seconds>,
    /// Jobs that must end first.
    pub after: Vec<JobId>,
    /// The array that it is part of.
    pub array: Option<Array>,
    /// Equal for jobs that resemble one another (name, script, model): run times are learned by it.
    pub likeness: u64,
}

impl Job {
    /// A job of `tasks` times `shape`, with nothing else asked for.
    pub fn new(id: JobId, tasks: u32, shape: Shape, submitted: Seconds) -> Self {
        Self {
            id,
            tenant: 0,
            tasks,
            shape,
            submitted,
            estimate: None,
            limit: None,
            priority: 0,
            deadline: None,
            preempt: Preempt::Never,
            flexible_until: None,
            after: Vec::new(),
            array: None,
            likeness: 0,
        }
    }

    /// Thousandths of devices in all.
    pub fn device_milli(&self) -> i64 {
        self.shape.device_milli() * i64::from(self.tasks)
    }
}

//! Why a job waits: as data for programs. [`super::words`] says it to people.

use crate::world::{JobId, Seconds};
use serde::{Deserialize, Serialize};

/// What a job asks for, or what is free, in all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Amount {
    /// Thousandths of devices.
    pub device_milli: i64,
    /// Thousandths of processor cores.
    pub cpu_milli: i64,
    /// Memory.
    pub memory_mib: i64,
}

impl Amount {
    /// Nothing.
    pub const NONE: Self = Self { device_milli: 0, cpu_milli: 0, memory_mib: 0 };
}

/// Why a job doesn't run now. Small, so that one is kept for each of many waiting jobs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum Reason {
    /// Not looked at yet.
    #[default]
    New,
    /// No nodes exist that could hold it, even when empty.
    TooLarge {
        /// Tasks that would fit side by side on the empty fleet.
        tasks_possible: u32,
    },
    /// Too little is free.
    Capacity {
        /// What it asks for.
        asked: Amount,
        /// What is free, wherever it is.
        free: Amount,
    },
    /// It fits, but would delay a job before it.
    Reserved {
        /// When the reservation begins; a job that ends before may start.
        until: Seconds,
    },
    /// A job before it must start first.
    Behind {
        /// That job.
        job: JobId,
    },
    /// Jobs that it depends on haven't ended.
    Dependency {
        /// How many.
        jobs: u32,
    },
    /// As many members of its array run as may.
    Array {
        /// That many.
        at_most: u32,
    },
    /// It asks for more than its tenant may ever use.
    QuotaTooSmall {
        /// What is bounded.
        what: Bounded,
        /// What it asks for.
        asked: i64,
        /// What is allowed.
        quota: i64,
    },
    /// Other jobs of its tenant use the quota.
    QuotaInUse {
        /// What is bounded.
        what: Bounded,
        /// What is in use or held.
        used: i64,
        /// What is allowed.
        quota: i64,
    },
    /// The most that it can cost isn't covered.
    Balance {
        /// What it can cost, in micros.
        needed_micros: i64,
        /// What isn't held for other jobs, in micros.
        left_micros: i64,
    },
    /// Its owner allows to wait for a cheaper or cleaner hour.
    Delayed {
        /// When that hour begins.
        until: Seconds,
    },
}

/// What a quota counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bounded {
    /// Thousandths of devices at the same time.
    DeviceMilli,
    /// Thousandths of cores at the same time.
    CpuMilli,
    /// Device-seconds left.
    DeviceSeconds,
    /// CPU-seconds left.
    CpuSeconds,
    /// Jobs at the same time.
    Jobs,
}

//! Nouns of compute.

use crate::{
    local::{records::Bounds, series::Series},
    rules::{Allowance, Capacity, Waiting},
    task::machine,
};
use commons::{ids, jobs::Job};
use kernel::Id;
use serde::Serialize;
use std::{ffi::OsString, path::PathBuf, time::Duration};

/// What this platform is told when it is opened.
#[derive(Debug, Clone)]
pub struct Config {
    /// What jobs may use of this machine.
    pub capacity: Capacity,
    /// Address that jobs reach this server at.
    pub endpoint: Option<String>,
    /// Price of a CPU-hour in micros of CNY.
    pub cpu_hour_micros: i64,
    /// Short name of the organisation that runs the machine and is paid.
    pub operator: String,
    /// What a job's process runs.
    pub program: Program,
    /// Bounds that hold for all jobs.
    pub bounds: Bounds,
    /// How often running jobs are looked at.
    pub heartbeat: Duration,
}

impl Config {
    /// All of this machine, less a share of the memory for the server, at `cpu_hour_micros`.
    pub fn this_machine(cpu_hour_micros: i64) -> Self {
        let cpus = i64::try_from(machine::present_cores().len()).unwrap_or(1);
        let memory_mib = (machine::memory_mib() * 4 / 5).max(256);
        Self {
            capacity: Capacity { cpus, memory_mib },
            endpoint: None,
            cpu_hour_micros,
            operator: "operator".into(),
            program: Program::default(),
            bounds: Bounds::default(),
            heartbeat: Duration::from_millis(250),
        }
    }
}

/// A program that ends in [`crate::task::main`], called with `arguments` and the attempt's folder.
#[derive(Debug, Clone)]
pub struct Program {
    /// The file to run.
    pub path: PathBuf,
    /// What stands before the folder.
    pub arguments: Vec<OsString>,
}

impl Default for Program {
    /// This very program with the subcommand `task`; also when its file was replaced meanwhile.
    fn default() -> Self {
        let path = if cfg!(target_os = "linux") { None } else { std::env::current_exe().ok() };
        Self { path: path.unwrap_or_else(|| "/proc/self/exe".into()), arguments: vec!["task".into()] }
    }
}

/// What an organisation was granted and has used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Quota {
    /// Processor cores at the same time.
    pub cpus: i64,
    /// CPU-milliseconds granted.
    pub granted_milliseconds: i64,
    /// CPU-milliseconds used by jobs that ended.
    pub used_milliseconds: i64,
}

impl Quota {
    /// What is left of it, for the scheduler.
    pub fn allowance(&self) -> Allowance {
        let left = self.granted_milliseconds.saturating_sub(self.used_milliseconds).max(0);
        Allowance { cpus: self.cpus, cpu_seconds_left: left / 1000 }
    }
}

/// A job with all that a page about it shows.
#[derive(Debug, Clone, Serialize)]
pub struct JobDetail {
    /// The job; while it waits, its reason says why.
    #[serde(flatten)]
    pub job: Job,
    /// Why it waits, in both languages.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waiting: Option<Waiting>,
    /// How far it is and what it measured.
    pub series: Series,
}

/// The machine and its queue, as one organisation may see them.
#[derive(Debug, Clone, Serialize)]
pub struct Overview {
    /// What jobs may use.
    pub capacity: Capacity,
    /// What they use now.
    pub used: Capacity,
    /// Price of a CPU-hour in micros of CNY.
    pub cpu_hour_micros: i64,
    /// Jobs that hold resources, everybody's.
    pub active: usize,
    /// Jobs that wait, everybody's.
    pub queued: usize,
    /// The own jobs that wait, in the order in which they are looked at, with reasons; the operator sees all.
    pub waiting: Vec<QueuePlace>,
    /// The own quota.
    pub quota: Option<Quota>,
}

/// One job's place in the queue.
#[derive(Debug, Clone, Serialize)]
pub struct QueuePlace {
    /// The job.
    pub job: Id<ids::Job>,
    /// Whose.
    pub org: Id<ids::Org>,
    /// How many jobs are looked at before it.
    pub ahead: usize,
    /// Why it waits.
    pub waiting: Waiting,
}

//! Nouns of compute.

use crate::{
    command::Isolation,
    facility::Facility,
    local::{records::Bounds, series::Series},
    rules::{Measured, Waiting},
    task::machine,
};
use commons::{
    ids::{self, Org},
    jobs::{Job, Member, Resources},
};
use kernel::{Id, Timestamp};
use serde::Serialize;
use std::{ffi::OsString, path::PathBuf, time::Duration};

/// What this platform is told when it is opened.
#[derive(Debug, Clone)]
pub struct Config {
    /// Cores of this machine that jobs may use.
    pub cpus: i64,
    /// Memory of this machine that jobs may use, in MiB.
    pub memory_mib: i64,
    /// Accelerators, and clusters beside this machine.
    pub facility: Facility,
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
    /// Whether tenants' own commands run, and what holds them.
    pub isolation: Isolation,
    /// Control group that runs get their own groups below, as a path under the hierarchies' mounts.
    pub cgroup: Option<String>,
    /// Folders of software that tenants' commands may read beside the system's own.
    pub software: Vec<PathBuf>,
    /// A job that holds accelerators and has used practically no processor for this long is stopped; 0 for never.
    pub park_idle_seconds: i64,
}

impl Config {
    /// All of this machine, less a share of the memory for the server, at `cpu_hour_micros`.
    pub fn this_machine(cpu_hour_micros: i64) -> Self {
        let cpus = i64::try_from(machine::present_cores().len()).unwrap_or(1);
        let memory_mib = (machine::memory_mib() * 4 / 5).max(256);
        Self {
            cpus,
            memory_mib,
            facility: Facility::default(),
            endpoint: None,
            cpu_hour_micros,
            operator: "operator".into(),
            program: Program::default(),
            bounds: Bounds::default(),
            heartbeat: Duration::from_millis(250),
            isolation: Isolation::off(),
            cgroup: None,
            software: Vec::new(),
            park_idle_seconds: 0,
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

/// What there is of something, or what of it is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Capacity {
    /// Processor cores.
    pub cpus: i64,
    /// Memory in MiB.
    pub memory_mib: i64,
    /// Thousandths of accelerators.
    pub device_milli: i64,
}

impl Capacity {
    /// Adds what all tasks of a job of `need` hold.
    pub fn add(&mut self, need: &Resources) {
        self.cpus += need.all_cpus();
        self.memory_mib += need.all_memory_mib();
        self.device_milli += need.all_device_milli();
    }
}

/// What an organisation was granted and has used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Quota {
    /// Processor cores at the same time.
    pub cpus: i64,
    /// CPU-milliseconds granted.
    pub granted_milliseconds: i64,
    /// CPU-milliseconds used by jobs that ended.
    pub used_milliseconds: i64,
    /// Accelerators at the same time, over all clusters.
    pub devices: i64,
    /// Accelerator-milliseconds granted.
    pub granted_device_milliseconds: i64,
    /// Accelerator-milliseconds used by runs that ended.
    pub used_device_milliseconds: i64,
}

impl Quota {
    /// CPU-seconds that are left.
    pub fn cpu_seconds_left(&self) -> i64 {
        self.granted_milliseconds.saturating_sub(self.used_milliseconds).max(0) / 1000
    }

    /// Accelerator-seconds that are left.
    pub fn device_seconds_left(&self) -> i64 {
        self.granted_device_milliseconds.saturating_sub(self.used_device_milliseconds).max(0) / 1000
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

/// One attempt to run a job, as it was metered.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Run {
    /// The job.
    pub job: Id<ids::Job>,
    /// Whose.
    pub org: Id<Org>,
    /// Which attempt, from 1.
    pub attempt: i64,
    /// The cluster.
    pub cluster: String,
    /// Where, one entry for each task.
    pub places: Vec<Place>,
    /// Model of its accelerators; empty without.
    pub device: String,
    /// Thousandths of accelerators that it holds.
    pub device_milli: i64,
    /// Cores that it holds.
    pub cpus: i64,
    /// Price of one accelerator for one hour, in micros of CNY.
    pub hour_micros: i64,
    /// The engine's own name for it, such as Slurm's job id.
    pub engine_id: Option<String>,
    /// When it was placed.
    pub placed_at: Timestamp,
    /// When the engine says that it started.
    pub started_at: Option<Timestamp>,
    /// When the engine says that it ended.
    pub ended_at: Option<Timestamp>,
    /// Why it was asked to end: `preempt`, `park`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stopping: Option<String>,
    /// How it ended: `done`, `preempted`, `lost`, `not_started`.
    pub outcome: Option<String>,
    /// Accelerator-milliseconds between start and end.
    pub device_milliseconds: i64,
    /// Whether they are charged.
    pub charged: bool,
}

/// What a task holds on one node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, serde::Deserialize)]
pub struct Place {
    /// The node's name in its cluster.
    pub node: String,
    /// Its accelerators there, one bit each.
    pub devices: u16,
    /// Thousandths of each of these.
    pub milli: u16,
}

/// All clusters and the queue, as one organisation may see them.
#[derive(Debug, Clone, Serialize)]
pub struct Overview {
    /// Where jobs run.
    pub clusters: Vec<ClusterView>,
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
    /// Jobs that wait, in the order in which they are looked at; those of others without their names.
    pub waiting: Vec<QueuePlace>,
    /// Jobs that hold resources; those of others without their names.
    pub running: Vec<Running>,
    /// The own quota.
    pub quota: Option<Quota>,
    /// Part of the accelerators that a random next task can't use although they are free, in percent.
    pub fragmentation_percent: f64,
    /// How good estimates of starts have been.
    pub forecast: schedule::Accuracy,
    /// Whether tenants' own commands run here.
    pub commands: Commands,
}

/// Whether tenants' own commands run here, and why.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Commands {
    /// Whether they do.
    pub allowed: bool,
    /// What holds them, or why they don't, in English.
    pub en: String,
    /// The same in Chinese.
    pub zh: String,
}

/// A provider and its nodes.
#[derive(Debug, Clone, Serialize)]
pub struct ClusterView {
    /// Its name.
    pub name: String,
    /// What runs jobs there: `local`, `slurm`, `kubernetes`.
    pub engine: &'static str,
    /// Whether it answers.
    pub up: bool,
    /// What is wrong with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Its nodes.
    pub nodes: Vec<NodeView>,
}

/// A node and what is free of it.
#[derive(Debug, Clone, Serialize)]
pub struct NodeView {
    /// Its name in its cluster.
    pub name: String,
    /// Whether jobs may run there.
    pub up: bool,
    /// What its accelerators are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub device: Option<DeviceView>,
    /// Free thousandths of each accelerator.
    pub free_milli: Vec<u16>,
    /// Processor cores.
    pub cpus: i64,
    /// Of these, free.
    pub free_cpus: i64,
    /// Memory in MiB.
    pub memory_mib: i64,
    /// Of this, free.
    pub free_memory_mib: i64,
}

/// A model of accelerators.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DeviceView {
    /// Its name.
    pub name: String,
    /// Who makes it.
    pub vendor: String,
    /// Whether it counts as domestic.
    pub domestic: bool,
    /// Price of one for one hour, in micros of CNY.
    pub hour_micros: i64,
}

/// One job's place in the queue.
#[derive(Debug, Clone, Serialize)]
pub struct QueuePlace {
    /// The job.
    pub job: Id<ids::Job>,
    /// Whose.
    pub org: Id<Org>,
    /// What its owner calls it; empty for strangers.
    pub name: String,
    /// Its place in an array.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub member: Option<Member>,
    /// What it asks for.
    pub need: Resources,
    /// Since when it waits.
    pub submitted_at: Timestamp,
    /// How many jobs are looked at before it.
    pub ahead: usize,
    /// Why it waits.
    pub waiting: Waiting,
}

/// A job that holds resources.
#[derive(Debug, Clone, Serialize)]
pub struct Running {
    /// The job.
    pub job: Id<ids::Job>,
    /// Whose.
    pub org: Id<Org>,
    /// What its owner calls it; empty for strangers.
    pub name: String,
    /// Its place in an array.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub member: Option<Member>,
    /// Which attempt.
    pub attempt: i64,
    /// Its cluster.
    pub cluster: String,
    /// Its nodes, each once.
    pub nodes: Vec<String>,
    /// Model of its accelerators.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub device: Option<String>,
    /// Thousandths of accelerators.
    pub device_milli: i64,
    /// Cores.
    pub cpus: i64,
    /// Memory in MiB.
    pub memory_mib: i64,
    /// Since when it runs.
    pub started_at: Option<Timestamp>,
    /// When its wall limit is reached.
    pub ends_by: Timestamp,
    /// How long it has used practically no processor.
    pub idle_seconds: i64,
    /// What it has used, once that was looked at; not told to strangers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usage: Option<Measured>,
}

/// What was used, hour by hour.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct UsageHistory {
    /// Oldest first.
    pub hours: Vec<UsageHour>,
}

/// What was used in one hour.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct UsageHour {
    /// Its beginning.
    pub at: Timestamp,
    /// Thousandths of accelerators that there are now.
    pub device_capacity_milli: i64,
    /// Accelerator time by model.
    pub devices: Vec<UsedDevice>,
    /// Core time held, in milliseconds.
    pub cpu_milliseconds: i64,
}

/// Time of one model of accelerators.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UsedDevice {
    /// The model.
    pub model: String,
    /// Whether it counts as domestic.
    pub domestic: bool,
    /// Accelerator-milliseconds.
    pub milliseconds: i64,
}

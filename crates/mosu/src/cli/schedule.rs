//! The shape of `mosu simulate` and `mosu bench`.

use clap::{Args, Subcommand, ValueHint};
use std::path::PathBuf;

/// `mosu bench`.
#[derive(Debug, Subcommand)]
pub enum Bench {
    /// How many decisions a second the scheduler makes on one core, with all constraints on
    Schedule(BenchSchedule),
}

/// `mosu bench schedule`.
#[derive(Debug, Args)]
pub struct BenchSchedule {
    /// Nodes of eight devices
    #[arg(long, default_value_t = 10_000)]
    pub nodes: usize,
    /// Jobs that wait throughout
    #[arg(long, default_value_t = 100_000)]
    pub jobs: usize,
    /// Tenants
    #[arg(long, default_value_t = 200)]
    pub tenants: usize,
}

/// `mosu simulate`.
#[derive(Debug, Args)]
pub struct Simulate {
    /// Traces: .csv, .csv.zst or .swf
    #[arg(required_unless_present = "replay", value_hint = ValueHint::FilePath)]
    pub files: Vec<PathBuf>,
    /// openb, itp, muri, philly, helios, acme, pai or swf
    #[arg(long, required_unless_present = "replay")]
    pub format: Option<String>,
    /// Instead: play a live scheduler's recording again, and say whether it decides the same
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, conflicts_with_all = ["files", "format"])]
    pub replay: Option<PathBuf>,
    /// The cluster's list of nodes, for formats that have one
    #[arg(long, value_hint = ValueHint::FilePath)]
    pub nodes: Option<PathBuf>,
    /// Devices of the cluster, for formats that don't tell
    #[arg(long)]
    pub gpus: Option<u32>,
    /// Devices of a node
    #[arg(long)]
    pub gpus_per_node: Option<u8>,
    /// How it decides; may be given several times. Left out: the default beside FIFO, EASY and SRTF with an oracle
    #[arg(long)]
    pub policy: Vec<String>,
    /// Make users' estimates wrong by a lognormal factor of this scale
    #[arg(long, value_name = "SIGMA")]
    pub estimate_noise: Option<f64>,
    /// Play by load: tasks arrive until so many times all devices were asked for
    #[arg(long, value_name = "FACTOR")]
    pub arrived_load: Option<f64>,
    /// Repetitions with other random numbers, averaged
    #[arg(long, default_value_t = 1)]
    pub seeds: u64,
    /// Decide at multiples of so many seconds only
    #[arg(long, value_name = "SECONDS")]
    pub tick: Option<i64>,
    /// What each start costs
    #[arg(long, value_name = "SECONDS")]
    pub restart: Option<i64>,
    /// What if the world were another.
    #[command(flatten)]
    pub what_if: WhatIf,
    /// Draw the timeline of the last policy here
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub svg: Option<PathBuf>,
}

/// Changes of the world that a trace is played in.
#[derive(Debug, Args)]
pub struct WhatIf {
    /// What if there were so many percent of the nodes
    #[arg(long = "what-if-nodes", value_name = "PERCENT")]
    pub nodes_percent: Option<u32>,
    /// What if each tenant had this much prepaid money, in CNY
    #[arg(long = "what-if-balance", value_name = "CNY")]
    pub balance: Option<String>,
}

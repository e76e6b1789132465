//! What is submitted.

use crate::Gres;
use std::{path::PathBuf, time::Duration};

/// One job: a script that Slurm starts on exactly these nodes, and never puts back into its queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The submitter's own name for this attempt: 1 to 128 of `A-Z a-z 0-9 . _ -`. It is how a job is found again when
    /// the answer to its submission got lost, so no two attempts may share one.
    pub name: String,
    /// The script, run once, on the first node; begins with `#!`.
    pub script: String,
    /// The nodes; all of them, and no others.
    pub nodes: Vec<String>,
    /// Tasks on each node, for `srun` within the script.
    pub tasks_per_node: u32,
    /// Processors for each task.
    pub cpus_per_task: u32,
    /// Memory on each node. 0 means all that the node has.
    pub memory_mib: u64,
    /// Devices on each node.
    pub gres: Vec<Gres>,
    /// How long it may run; Slurm counts whole minutes, so it is rounded up.
    pub wall: Duration,
    /// The folder that the script starts in, an absolute path on the nodes.
    pub folder: PathBuf,
    /// The file that takes its output and errors, an absolute path on the nodes.
    pub output: PathBuf,
    /// A remark that Slurm keeps with the job; may be empty.
    pub comment: String,
    /// All variables that the script sees besides Slurm's own. Names that begin with `SLURM` or `SBATCH` are
    /// Slurm's and refused.
    pub environment: Vec<(String, String)>,
    /// The partition; without it Slurm's default.
    pub partition: Option<String>,
    /// The account that Slurm charges; without it the user's default.
    pub account: Option<String>,
    /// The quality of service; without it Slurm's default.
    pub qos: Option<String>,
}

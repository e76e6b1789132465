//! What Slurm says of a node.

use crate::Gres;

/// A node of the cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeInfo {
    /// Slurm's name of it, the one that a job's list of nodes uses.
    pub name: String,
    /// Whether jobs can start there.
    pub state: NodeState,
    /// Why it is drained or down, in the words of whoever or whatever did it.
    pub reason: String,
    /// Processors that Slurm gives out.
    pub cpus: u32,
    /// Processors given to jobs, anybody's.
    pub cpus_used: u32,
    /// Memory that Slurm gives out.
    pub memory_mib: u64,
    /// Memory given to jobs, anybody's.
    pub memory_used_mib: u64,
    /// Devices.
    pub gres: Vec<Gres>,
    /// Devices given to jobs, anybody's.
    pub gres_used: Vec<Gres>,
    /// The partitions that it belongs to.
    pub partitions: Vec<String>,
}

/// Whether jobs can start on a node.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum NodeState {
    /// Jobs run or can start there.
    Up,
    /// Nothing new starts there; jobs may still run. An operator or a health check wanted it so.
    Drained,
    /// It doesn't answer, failed, or is switched off.
    Down,
    /// A word that this client doesn't know: better not used.
    Other(String),
}

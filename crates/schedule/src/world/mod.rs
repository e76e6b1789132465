//! The nouns: nodes and their devices, tenants, jobs.
//!
//! Times are whole seconds since any fixed moment (the service uses 1970, a trace its first line); devices
//! are counted in thousandths, so that a tenth of a card and eight cards are the same kind of number.

mod device;
mod job;
mod tenant;

pub use device::{
    Cluster, ClusterId, DeviceModel, MAX_DEVICES, MAX_MODELS, ModelId, Models, Node, NodeId, Slicing,
};
pub use job::{Array, Job, JobId, Preempt, Shape};
pub use tenant::{Quota, Tenant, TenantId};

/// Seconds since a fixed moment, or a length of time in seconds.
pub type Seconds = i64;

/// All that doesn't wait or run: what the scheduler schedules onto, and for whom.
#[derive(Debug, Clone, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct World {
    /// Kinds of accelerators, at most [`MAX_MODELS`].
    pub models: Vec<DeviceModel>,
    /// Providers.
    pub clusters: Vec<Cluster>,
    /// Machines.
    pub nodes: Vec<Node>,
    /// Tenants; parents come before their children.
    pub tenants: Vec<Tenant>,
}

impl World {
    /// `nodes` equal machines with `devices` devices each, one tenant, and processors and memory without
    /// bound.
    pub fn uniform(nodes: usize, devices: u8) -> Self {
        let node = Node { devices, cpu_milli: i64::MAX / 4, memory_mib: i64::MAX / 4, ..Node::default() };
        Self {
            models: vec![DeviceModel { name: "device".into(), ..DeviceModel::default() }],
            clusters: vec![Cluster::default()],
            nodes: vec![node; nodes],
            tenants: vec![Tenant::default()],
        }
    }
}

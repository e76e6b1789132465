//! What Kubernetes says of a node.

use crate::{
    failure::{Class, Failure},
    quantity,
};
use serde::Deserialize;
use std::collections::BTreeMap;

/// A node of the cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeInfo {
    /// Its name.
    pub name: String,
    /// Whether pods can start there.
    pub state: NodeState,
    /// Processors that pods may have, whole ones.
    pub cpus: u32,
    /// Memory that pods may have.
    pub memory_mib: u64,
    /// Devices that pods may have, by their resource's name.
    pub devices: BTreeMap<String, u64>,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
}

/// Whether pods can start on a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NodeState {
    /// They can.
    Up,
    /// Somebody closed it for new ones.
    Drained,
    /// It isn't ready.
    Down,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Object {
    metadata: Metadata,
    spec: Spec,
    status: Status,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Metadata {
    name: String,
    labels: BTreeMap<String, String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Spec {
    unschedulable: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Status {
    allocatable: BTreeMap<String, String>,
    conditions: Vec<Condition>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Condition {
    r#type: String,
    status: String,
}

impl Object {
    /// What it says.
    pub fn info(self) -> Result<NodeInfo, Failure> {
        let name = self.metadata.name;
        let amounts = self.status.allocatable;
        let amount = |key: &str, read: fn(&str) -> Option<u64>| {
            let missing = || Failure::new(Class::Unreadable, format!("the {key} of node {name}"));
            amounts.get(key).and_then(|text| read(text)).ok_or_else(missing)
        };
        let cpus = u32::try_from(amount("cpu", quantity::thousandths)? / 1000).unwrap_or(u32::MAX);
        let memory_mib = amount("memory", quantity::mebibytes)?;
        // What isn't Kubernetes' own has a domain in its name.
        let devices = amounts.iter().filter(|(key, _)| key.contains('/'));
        let devices = devices
            .filter_map(|(key, text)| Some((key.clone(), quantity::thousandths(text)? / 1000)))
            .filter(|(_, count)| *count > 0)
            .collect();
        let is_ready = |condition: &Condition| condition.r#type == "Ready" && condition.status == "True";
        let state = match (self.status.conditions.iter().any(is_ready), self.spec.unschedulable) {
            (false, _) => NodeState::Down,
            (true, true) => NodeState::Drained,
            (true, false) => NodeState::Up,
        };
        Ok(NodeInfo { state, cpus, memory_mib, devices, labels: self.metadata.labels, name })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_is_read_with_its_devices() {
        let text = r#"{"metadata":{"name":"gpu-1","labels":{"pool":"a100"}},"spec":{"unschedulable":true},"status":{
            "allocatable":{"cpu":"63500m","memory":"263856000Ki","nvidia.com/gpu":"8","pods":"110"},
            "conditions":[{"type":"MemoryPressure","status":"False"},{"type":"Ready","status":"True"}]}}"#;
        let node = serde_json::from_str::<Object>(text).unwrap().info().unwrap();
        assert_eq!((node.cpus, node.memory_mib, node.state), (63, 257_671, NodeState::Drained));
        assert_eq!(node.devices, BTreeMap::from([("nvidia.com/gpu".into(), 8)]));
        assert!(serde_json::from_str::<Object>("{}").unwrap().info().is_err());
    }
}

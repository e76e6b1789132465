//! What `/nodes` and `/ping` say.

use super::{
    answer,
    http::Reply,
    shape::{self, Number, Words},
};
use crate::{
    NodeInfo,
    failure::{Class, Failure},
    state, tres,
};
use serde::Deserialize;

#[derive(Deserialize)]
struct Nodes {
    #[serde(default)]
    nodes: Vec<Node>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Node {
    #[serde(deserialize_with = "shape::text")]
    name: String,
    state: Words,
    state_flags: Words,
    #[serde(deserialize_with = "shape::text")]
    reason: String,
    cpus: Number,
    effective_cpus: Number,
    alloc_cpus: Number,
    real_memory: Number,
    alloc_memory: Number,
    #[serde(deserialize_with = "shape::text")]
    gres: String,
    #[serde(deserialize_with = "shape::text")]
    gres_used: String,
    partitions: Words,
}

/// All nodes.
pub fn read(reply: &Reply) -> Result<Vec<NodeInfo>, Failure> {
    let all: Nodes = answer::read(reply, answer::is_none)?;
    all.nodes.into_iter().map(node).collect()
}

fn node(node: Node) -> Result<NodeInfo, Failure> {
    let cpus = node.effective_cpus.0.map_or(node.cpus, |_| node.effective_cpus);
    if node.name.is_empty() || cpus.0.is_none() || node.real_memory.0.is_none() {
        return Err(Failure::new(
            Class::Unreadable,
            format!("a node without name or size (“{}”)", node.name),
        ));
    }
    Ok(NodeInfo {
        state: state::node(node.state.iter().chain(node.state_flags.iter())),
        name: node.name,
        reason: node.reason,
        cpus: cpus.processors(),
        cpus_used: node.alloc_cpus.processors(),
        memory_mib: node.real_memory.count(),
        memory_used_mib: node.alloc_memory.count(),
        gres: tres::gres(&node.gres),
        gres_used: tres::gres(&node.gres_used),
        partitions: node.partitions.0,
    })
}

/// Whether `/ping` knows of a controller that is up. The word's key changed twice.
pub fn is_up(reply: &Reply) -> Result<bool, Failure> {
    #[derive(Deserialize)]
    struct Pings {
        #[serde(default)]
        pings: Vec<Ping>,
    }
    #[derive(Deserialize, Default)]
    #[serde(default)]
    struct Ping {
        ping: Words,
        pinged: Words,
        responding: bool,
    }
    let up = |words: &Words| words.iter().any(|word| word == "UP");
    let all: Pings = answer::read(reply, answer::is_none)?;
    Ok(all.pings.iter().any(|ping| ping.responding || up(&ping.ping) || up(&ping.pinged)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::NodeState;

    fn reply(body: &str) -> Reply {
        Reply { status: 200, body: body.as_bytes().to_vec() }
    }

    #[test]
    fn both_shapes_tell_the_same_of_a_node() {
        let older = r#"{"errors":[],"nodes":[{"name":"n1","state":"mixed","state_flags":["DRAIN"],"reason":"fan",
            "cpus":64,"alloc_cpus":4,"real_memory":64000,"alloc_memory":1000,"gres":"gpu:a100:8",
            "gres_used":"gpu:a100:2(IDX:0-1)","partitions":["main","spot"],"tres_used":null}]}"#;
        let newer = r#"{"errors":[],"nodes":[{"name":"n1","state":["MIXED","DRAIN"],"reason":"fan","cpus":64,
            "effective_cpus":64,"alloc_cpus":4,"real_memory":64000,"alloc_memory":1000,"gres":"gpu:a100:8",
            "free_mem":{"set":true,"infinite":false,"number":20000},
            "gres_used":"gpu:a100:2(IDX:0-1)","partitions":["main","spot"]}]}"#;
        let nodes = read(&reply(older)).unwrap();
        assert_eq!(nodes, read(&reply(newer)).unwrap());
        assert_eq!((&nodes[0].state, nodes[0].gres_used[0].count), (&NodeState::Drained, 2));
    }

    #[test]
    fn a_ping_is_read_in_each_of_its_forms() {
        assert!(is_up(&reply(r#"{"pings":[{"hostname":"a","ping":"UP","mode":"primary"}]}"#)).unwrap());
        assert!(is_up(&reply(r#"{"pings":[{"hostname":"a","pinged":"UP","latency":1}]}"#)).unwrap());
        assert!(is_up(&reply(r#"{"pings":[{"hostname":"a","responding":true}]}"#)).unwrap());
        assert!(!is_up(&reply(r#"{"pings":[{"hostname":"a","pinged":"DOWN"}]}"#)).unwrap());
        assert!(!is_up(&reply(r#"{"pings":[]}"#)).unwrap());
    }
}

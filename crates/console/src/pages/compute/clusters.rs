//! The clusters: each node and what is free of it.

use super::{View, milli};
use crate::{
    charts::{Fleet, FleetGroup, FleetNode},
    lang::Lang,
    pages::names::word,
    show,
    views::{Block, Mark, State as Standing},
};
use compute::types::{ClusterView, DeviceView, NodeView};

/// The most clusters on a page.
const MOST_CLUSTERS: usize = 8;

pub(super) fn blocks(view: &View<'_>) -> Vec<Block> {
    let lang = view.lang();
    let mut blocks = Vec::new();
    for cluster in view.overview.clusters.iter().take(MOST_CLUSTERS) {
        let title = format!("{} · {}", cluster.name, word(lang, "engine", cluster.engine));
        if !cluster.up {
            let note = cluster.note.clone().unwrap_or_else(|| lang.t("compute-cluster-silent"));
            let state = Standing { mark: Mark::Bad, word: lang.t("compute-down") };
            blocks.push(Block::Notice { state, text: format!("{title}: {note}") });
        }
        if !cluster.nodes.is_empty() {
            blocks.push(Block::figure(title, sentence(lang, cluster), &fleet(lang, cluster)));
        }
    }
    blocks
}

/// What is free of a cluster, in words.
fn sentence(lang: Lang, cluster: &ClusterView) -> String {
    let up = || cluster.nodes.iter().filter(|node| node.up);
    let free: i64 = up().flat_map(|node| &node.free_milli).map(|&milli| i64::from(milli)).sum();
    let devices: usize = up().map(|node| node.free_milli.len()).sum();
    let down = cluster.nodes.len() - up().count();
    let mut text = lang.ta(
        "compute-cluster-cores",
        &[
            ("nodes", cluster.nodes.len().into()),
            ("free", up().map(|node| node.free_cpus).sum::<i64>().into()),
            ("cores", up().map(|node| node.cpus).sum::<i64>().into()),
        ],
    );
    if devices > 0 {
        text +=
            &lang.ta("compute-cluster-devices", &[("free", milli(free).into()), ("devices", devices.into())]);
    }
    if down > 0 {
        text += &lang.ta("compute-cluster-down", &[("count", down.into())]);
    }
    text
}

fn fleet(lang: Lang, cluster: &ClusterView) -> Fleet {
    let mut kinds: Vec<(Option<&DeviceView>, Vec<&NodeView>)> = Vec::new();
    for node in &cluster.nodes {
        match kinds.iter_mut().find(|(device, _)| *device == node.device.as_ref()) {
            Some((_, nodes)) => nodes.push(node),
            None => kinds.push((node.device.as_ref(), vec![node])),
        }
    }
    let group = |(device, nodes): (Option<&DeviceView>, Vec<&NodeView>)| FleetGroup {
        title: heading(lang, device),
        nodes: nodes.into_iter().map(|node| cell(lang, node)).collect(),
    };
    Fleet {
        title: cluster.name.clone(),
        description: sentence(lang, cluster),
        groups: kinds.into_iter().map(group).collect(),
        more: lang.t("compute-more-nodes"),
    }
}

/// Model, maker, whether it is domestic, and its price.
fn heading(lang: Lang, device: Option<&DeviceView>) -> String {
    let Some(device) = device else { return lang.t("compute-cores-only") };
    let mut parts = vec![device.name.clone()];
    parts.extend(Some(device.vendor.clone()).filter(|vendor| !vendor.is_empty()));
    if device.domestic {
        parts.push(lang.t("compute-domestic"));
    }
    let price = show::cny(lang, device.hour_micros);
    parts.push(lang.ta("compute-hour-price", &[("amount", price.into())]));
    parts.join(" · ")
}

fn cell(lang: Lang, node: &NodeView) -> FleetNode {
    let free: i64 = node.free_milli.iter().map(|&milli| i64::from(milli)).sum();
    let of = |key: &'static str, free: String, all: String| {
        lang.ta(key, &[("free", free.into()), ("all", all.into())])
    };
    let cores = of("compute-free-cores", node.free_cpus.to_string(), node.cpus.to_string());
    let memory = |mib: i64| show::bytes(mib.saturating_mul(1 << 20));
    let text = match (node.up, node.free_milli.len()) {
        (false, _) => lang.t("compute-node-down"),
        (true, 0) => cores.clone(),
        (true, all) => of("compute-free-devices", milli(free), all.to_string()),
    };
    let used = |free: &u16| 1000_u16.saturating_sub(*free);
    let each = node.free_milli.iter().enumerate().filter(|(_, free)| **free < 1000);
    let each = each.map(|(index, free)| format!("#{index} {}", show::percent(f64::from(used(free)), 1000.0)));
    let each: Vec<String> = each.take(16).collect();
    let mut hint = vec![format!("{}: {text}", node.name)];
    hint.extend(
        (!each.is_empty()).then(|| lang.ta("compute-in-use", &[("devices", each.join(", ").into())])),
    );
    if !node.free_milli.is_empty() {
        hint.push(cores);
    }
    hint.push(of("compute-free-memory", memory(node.free_memory_mib), memory(node.memory_mib)));
    FleetNode {
        name: node.name.clone(),
        text,
        hint: hint.join(" · "),
        up: node.up,
        used_milli: node.free_milli.iter().map(used).collect(),
        used_cores: 1.0 - node.free_cpus as f64 / node.cpus.max(1) as f64,
    }
}

//! The picture of what came from what.

use super::names::{href_of, word};
use crate::{
    Console,
    charts::{Edge, LineageChart, Node},
    lang::Lang,
    show,
    web::Visit,
};
use commons::{
    Commons,
    ids::Job,
    jobs,
    provenance::{Artifact, Lineage},
};
use hub::Viewer;
use kernel::{Id, Result};
use std::collections::HashMap;

/// The most boxes in the picture.
const MOST: usize = 40;

/// The part of a lineage that the reader may know of: what is theirs, and what the hub lets them read.
pub async fn visible(console: &Console, visit: &Visit, mut line: Lineage) -> Result<Lineage> {
    let (viewer, sees) = (Viewer::of(visit.caller.as_ref()), visit.sees()?);
    let mut nodes = Vec::new();
    for node in line.nodes {
        let theirs = sees.is_none_or(|org| org == node.org);
        if theirs || console.hub.resolve_reference(viewer, &node.reference).await.is_ok() {
            nodes.push(node);
        }
    }
    let known = |reference: &String| nodes.iter().any(|node| node.reference == *reference);
    line.edges.retain(|edge| known(&edge.from) && known(&edge.to));
    Ok(Lineage { nodes, edges: line.edges })
}

/// The lineage around `here`, with the jobs between the artifacts.
pub async fn picture(lang: Lang, line: &Lineage, here: &str, commons: &Commons) -> Result<LineageChart> {
    let mut nodes: Vec<Node> =
        line.nodes.iter().take(MOST).map(|artifact| box_of(lang, artifact, here)).collect();
    let index: HashMap<&str, usize> = line
        .nodes
        .iter()
        .take(MOST)
        .enumerate()
        .map(|(at, artifact)| (artifact.reference.as_str(), at))
        .collect();
    let mut of_job = HashMap::<Id<Job>, usize>::new();
    let mut edges = Vec::new();
    for edge in &line.edges {
        let (Some(&from), Some(&to)) = (index.get(edge.from.as_str()), index.get(edge.to.as_str())) else {
            continue;
        };
        let job = match of_job.get(&edge.job) {
            Some(&known) => known,
            None if nodes.len() >= MOST => continue,
            None => {
                nodes.push(job_box(lang, commons, edge.job).await?);
                of_job.insert(edge.job, nodes.len() - 1);
                nodes.len() - 1
            }
        };
        edges.push((from, job));
        edges.push((job, to));
    }
    edges.sort_unstable();
    edges.dedup();
    let edges = edges.into_iter().map(|(from, to)| Edge { from, to }).collect();
    let names: Vec<&str> = nodes.iter().map(|node| node.label.as_str()).collect();
    let description = names.join(", ");
    Ok(LineageChart { title: lang.t("lineage-question"), description, nodes, edges })
}

fn box_of(lang: Lang, artifact: &Artifact, here: &str) -> Node {
    let (_, rest) = artifact.reference.split_once(':').unwrap_or_default();
    let (name, at) = rest.split_once('@').unwrap_or((rest, ""));
    let hash = if at.is_empty() { name } else { at };
    let label = if at.is_empty() { artifact.title.clone() } else { name.to_owned() };
    Node {
        kind: word(lang, "artifact", &artifact.kind),
        label,
        note: show::short(hash),
        href: href_of(&artifact.reference),
        here: artifact.reference == here,
    }
}

async fn job_box(lang: Lang, commons: &Commons, id: Id<Job>) -> Result<Node> {
    let job = jobs::find(commons.db.pool(), id).await?;
    let seconds = job
        .as_ref()
        .and_then(|job| job.ended_at.zip(job.started_at))
        .map(|(end, start)| end.seconds_since(start));
    Ok(Node {
        kind: lang.t("artifact-job"),
        label: job.as_ref().map(|job| word(lang, "kind", &job.kind)).unwrap_or_default(),
        note: seconds.map(|seconds| show::duration(lang, seconds)).unwrap_or_default(),
        href: Some(format!("/jobs/{id}")),
        here: false,
    })
}

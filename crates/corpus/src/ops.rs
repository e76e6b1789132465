//! Reading data sets that were published: list and detail.

use crate::{
    report::Report,
    types::{Dataset, DatasetDetail, Sample},
};
use commons::{
    Commons,
    provenance::{self, Artifact, Lineage},
};
use futures::TryStreamExt;
use hub::{Hub, Listing, Repo, RepoKind, Revision, Viewer};
use kernel::{Page, PageRequest, Result};
use serde_json::Value;

/// Largest report that is read, in bytes.
const REPORT_BYTES: u64 = 16 << 20;
/// How much of the training file is read for samples, how many are shown, and how much of each.
const SAMPLE_BYTES: u64 = 256 << 10;
const SAMPLES: usize = 5;
const SAMPLE_CHARS: usize = 1200;

/// The platform. Clones share everything.
#[derive(Clone)]
pub struct Corpus {
    pub(crate) hub: Hub,
    commons: Commons,
}

impl Corpus {
    /// Opens the platform. It has no tables: data sets live in the hub, their origins in [`provenance`].
    pub fn open(commons: &Commons, hub: &Hub) -> Self {
        Self { hub: hub.clone(), commons: commons.clone() }
    }

    /// Data sets that `viewer` may read, the latest first.
    pub async fn list(&self, viewer: Viewer, page: &PageRequest) -> Result<Page<Dataset>> {
        let repos = self.hub.list(viewer, &Listing::of(RepoKind::Dataset), page).await?;
        let mut items = Vec::with_capacity(repos.items.len());
        for repo in &repos.items {
            items.push(self.dataset(repo, &repo.head).await);
        }
        Ok(Page { items, next_cursor: repos.next_cursor })
    }

    /// All about the version `revision` (`main` or a commit) of the data set `name` (`org/name`).
    pub async fn detail(&self, viewer: Viewer, name: &str, revision: &str) -> Result<DatasetDetail> {
        let revision = self.hub.resolve(viewer, RepoKind::Dataset, name, revision).await?;
        let dataset = self.dataset(&revision.repo, &revision.oid).await;
        let pool = self.commons.db.pool();
        let contributions = provenance::contributions(pool, &dataset.reference).await?;
        let lineage = provenance::lineage(pool, &dataset.reference).await?;
        Ok(DatasetDetail {
            report: self.report(viewer, &revision, &dataset.reference).await?,
            contributions,
            lineage: self.visible(viewer, lineage).await,
            samples: self.samples(&revision).await?,
            dataset,
        })
    }

    async fn dataset(&self, repo: &Repo, oid: &str) -> Dataset {
        let reference = format!("dataset:{}@{oid}", repo.name);
        // A version that something else committed has no record here, and that is no failure.
        let facts = provenance::find(self.commons.db.pool(), &reference).await.map(|artifact| artifact.meta);
        Dataset {
            name: repo.name.clone(),
            reference,
            visibility: repo.visibility.as_str(),
            updated_at: repo.updated_at.to_string(),
            facts: facts.unwrap_or(Value::Null),
        }
    }

    async fn report(&self, viewer: Viewer, revision: &Revision, reference: &str) -> Result<Option<Report>> {
        let known =
            revision.entries.iter().any(|entry| entry.path == "report.json" && entry.size <= REPORT_BYTES);
        if !known {
            return Ok(None);
        }
        let bytes = self.hub.read_small(viewer, reference, "report.json", REPORT_BYTES).await?;
        // A report of another toolchain is not ours to read.
        Ok(serde_json::from_slice(&bytes).ok())
    }

    /// The first documents of the first data file.
    async fn samples(&self, revision: &Revision) -> Result<Vec<Sample>> {
        let data = |path: &str| path.ends_with(".jsonl") && path.starts_with("data/train");
        let Some(entry) = revision.entries.iter().find(|entry| data(&entry.path)) else {
            return Ok(Vec::new());
        };
        let range = 0..entry.size.min(SAMPLE_BYTES);
        let whole = range.end == entry.size;
        let read =
            self.hub.open_file(entry, Some(range)).await?.map_ok(|bytes| bytes.to_vec()).try_concat().await;
        let bytes = read.map_err(kernel::Error::internal)?;
        let mut lines: Vec<&[u8]> = bytes.split(|byte| *byte == b'\n').collect();
        if !whole {
            lines.pop();
        }
        let samples = lines.into_iter().filter_map(|line| serde_json::from_slice::<Sample>(line).ok());
        let short =
            |sample: Sample| Sample { text: sample.text.chars().take(SAMPLE_CHARS).collect(), ..sample };
        Ok(samples.take(SAMPLES).map(short).collect())
    }

    /// The part of a lineage that `viewer` may know of: its own, and what the hub lets it read.
    async fn visible(&self, viewer: Viewer, lineage: Lineage) -> Lineage {
        let mut nodes = Vec::new();
        for node in lineage.nodes {
            if self.may_see(viewer, &node).await {
                nodes.push(node);
            }
        }
        let known = |reference: &String| nodes.iter().any(|node| node.reference == *reference);
        let edges = lineage.edges.into_iter().filter(|edge| known(&edge.from) && known(&edge.to)).collect();
        Lineage { nodes, edges }
    }

    async fn may_see(&self, viewer: Viewer, node: &Artifact) -> bool {
        match viewer {
            Viewer::Operator => true,
            Viewer::Org(org) if org == node.org => true,
            _ => self.hub.resolve_reference(viewer, &node.reference).await.is_ok(),
        }
    }
}

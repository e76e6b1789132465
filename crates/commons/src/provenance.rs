//! What came from what: artifacts, the jobs between them, and who contributed.
//!
//! An artifact is named by a reference: `dataset:acme/notes@<commit>`, `model:acme/tiny@<commit>`,
//! `upload:<sha256>`. Jobs record what they read and wrote, so lineage is a walk, not paperwork.

use crate::ids::{Job, Org};
use kernel::{Error, Id, Result, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sqlx::any::AnyRow;
use std::collections::{BTreeSet, VecDeque};
use store::{AnyPool, RowExt, SqlExt, Tx};

/// Artifacts that a lineage shows at the most.
const MAX_NODES: usize = 200;

/// Something made by a job or brought in from outside.
#[derive(Debug, Clone, Serialize)]
pub struct Artifact {
    /// Its name for ever.
    pub reference: String,
    /// Whose it is.
    pub org: Id<Org>,
    /// `dataset`, `model`, `upload`, `evaluation`.
    pub kind: String,
    /// For people.
    pub title: String,
    /// The job that made it.
    pub job: Option<Id<Job>>,
    /// More about it.
    pub meta: Value,
    /// When it was made.
    pub created_at: Timestamp,
}

/// What one contributor gave to a dataset.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contribution {
    /// Who: authors of a package, an organisation.
    pub contributor: String,
    /// From where: a package with its version, a site.
    pub source: String,
    /// Under which licence, as an SPDX expression where the source gives one.
    pub licence: String,
    /// Documents kept.
    pub documents: i64,
    /// Bytes of UTF-8 kept.
    pub bytes: i64,
    /// Tokens kept, as the dataset's card defines them; revenue is shared by these.
    pub tokens: i64,
    /// The id of one of the documents.
    pub example: String,
}

/// A step from one artifact to another.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Edge {
    /// What was read.
    pub from: String,
    /// What was written.
    pub to: String,
    /// The job between.
    pub job: Id<Job>,
}

/// The artifacts around one, and the jobs between them.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Lineage {
    /// Artifacts, nearest first.
    pub nodes: Vec<Artifact>,
    /// Steps.
    pub edges: Vec<Edge>,
}

/// Records an artifact. Recording it again changes nothing.
pub async fn record(tx: &mut Tx, artifact: &Artifact) -> Result<()> {
    sqlx::query(
        "INSERT INTO commons_artifact (reference, org, kind, title, job, meta, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (reference) DO NOTHING",
    )
    .bind(&artifact.reference)
    .bind(artifact.org.to_string())
    .bind(&artifact.kind)
    .bind(&artifact.title)
    .bind(artifact.job.map(|job| job.to_string()))
    .bind(artifact.meta.to_string())
    .bind(artifact.created_at.0)
    .execute(tx)
    .await
    .sql()?;
    Ok(())
}

/// Records who gave what to a dataset. Recording it again changes nothing.
pub async fn contribute(tx: &mut Tx, reference: &str, contributions: &[Contribution]) -> Result<()> {
    for contribution in contributions {
        sqlx::query(
            "INSERT INTO commons_contribution
                 (reference, contributor, source, licence, documents, bytes, tokens, example)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (reference, contributor, source) DO NOTHING",
        )
        .bind(reference)
        .bind(&contribution.contributor)
        .bind(&contribution.source)
        .bind(&contribution.licence)
        .bind(contribution.documents)
        .bind(contribution.bytes)
        .bind(contribution.tokens)
        .bind(&contribution.example)
        .execute(&mut *tx)
        .await
        .sql()?;
    }
    Ok(())
}

/// Who gave what to a dataset, most tokens first.
pub async fn contributions(pool: &AnyPool, reference: &str) -> Result<Vec<Contribution>> {
    let rows = sqlx::query(
        "SELECT * FROM commons_contribution WHERE reference = $1 ORDER BY tokens DESC, contributor, source",
    )
    .bind(reference)
    .fetch_all(pool)
    .await
    .sql()?;
    rows.iter().map(contribution_of).collect()
}

fn contribution_of(row: &AnyRow) -> Result<Contribution> {
    Ok(Contribution {
        contributor: row.text("contributor")?,
        source: row.text("source")?,
        licence: row.text("licence")?,
        documents: row.int("documents")?,
        bytes: row.int("bytes")?,
        tokens: row.int("tokens")?,
        example: row.text("example")?,
    })
}

fn artifact_of(row: &AnyRow) -> Result<Artifact> {
    Ok(Artifact {
        reference: row.text("reference")?,
        org: row.text("org")?.parse()?,
        kind: row.text("kind")?,
        title: row.text("title")?,
        job: row.text_or_null("job")?.map(|job| job.parse()).transpose()?,
        meta: serde_json::from_str(&row.text("meta")?).unwrap_or(Value::Null),
        created_at: row.time("created_at")?,
    })
}

/// The artifact with this reference.
pub async fn find(pool: &AnyPool, reference: &str) -> Result<Artifact> {
    let row = sqlx::query("SELECT * FROM commons_artifact WHERE reference = $1")
        .bind(reference)
        .fetch_optional(pool)
        .await;
    row.sql()?.as_ref().map(artifact_of).unwrap_or_else(|| {
        Err(Error::not_found("artifact_missing", "there is no such artifact that you may see"))
    })
}

const READ_BY_MAKER: &str = "SELECT i.reference AS from_ref, o.reference AS to_ref, o.job AS job
     FROM commons_job_artifact o JOIN commons_job_artifact i ON i.job = o.job AND i.direction = 'in'
     WHERE o.direction = 'out' AND o.reference = $1";
const WRITTEN_BY_READERS: &str = "SELECT i.reference AS from_ref, o.reference AS to_ref, o.job AS job
     FROM commons_job_artifact i JOIN commons_job_artifact o ON o.job = i.job AND o.direction = 'out'
     WHERE i.direction = 'in' AND i.reference = $1";

/// All that `reference` came from, and all that came from it; bounded.
pub async fn lineage(pool: &AnyPool, reference: &str) -> Result<Lineage> {
    let up = walk(pool, reference, READ_BY_MAKER, |edge| &edge.from).await?;
    let down = walk(pool, reference, WRITTEN_BY_READERS, |edge| &edge.to).await?;
    let edges: BTreeSet<Edge> = up.1.into_iter().chain(down.1).collect();
    let mut nodes = Vec::new();
    let mut seen = BTreeSet::new();
    for name in up.0.into_iter().chain(down.0) {
        if seen.insert(name.clone())
            && let Ok(artifact) = find(pool, &name).await
        {
            nodes.push(artifact);
        }
    }
    Ok(Lineage { nodes, edges: edges.into_iter().collect() })
}

/// The ancestors of `reference`, nearest first, itself included.
pub async fn ancestors(pool: &AnyPool, reference: &str) -> Result<Vec<String>> {
    Ok(walk(pool, reference, READ_BY_MAKER, |edge| &edge.from).await?.0)
}

async fn walk(
    pool: &AnyPool,
    start: &str,
    sql: &'static str,
    next: impl Fn(&Edge) -> &String,
) -> Result<(Vec<String>, Vec<Edge>)> {
    let mut seen = vec![start.to_owned()];
    let mut edges = Vec::new();
    let mut queue = VecDeque::from([start.to_owned()]);
    while let Some(name) = queue.pop_front() {
        for row in sqlx::query(sql).bind(&name).fetch_all(pool).await.sql()? {
            let edge =
                Edge { from: row.text("from_ref")?, to: row.text("to_ref")?, job: row.text("job")?.parse()? };
            if !seen.contains(next(&edge)) && seen.len() < MAX_NODES {
                seen.push(next(&edge).clone());
                queue.push_back(next(&edge).clone());
            }
            edges.push(edge);
        }
    }
    Ok((seen, edges))
}

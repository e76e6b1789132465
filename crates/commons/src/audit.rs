//! The audit log: who did what to what, hash-chained.

use crate::chain::{self, Head};
use kernel::{Result, Timestamp};
use serde_json::Value;
use store::{AnyPool, RowExt, SqlExt, Tx};

/// Name of the audit log's chain.
pub const CHAIN: &str = "audit";

/// One entry of the log.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Entry {
    /// Position, from 1 without gaps.
    pub seq: i64,
    /// When it happened.
    pub at: Timestamp,
    /// Who did it: an id, `operator`, `system`.
    pub actor: String,
    /// What was done, as `noun.verb`.
    pub action: String,
    /// What it was done to.
    pub subject: String,
    /// More about it; never a secret.
    pub detail: Value,
}

/// Adds an entry, in the transaction of the change that it tells of.
pub async fn record(
    tx: &mut Tx,
    now: Timestamp,
    actor: &str,
    action: &str,
    subject: &str,
    detail: Value,
) -> Result<()> {
    let head = chain::head(tx, CHAIN).await?;
    let (seq, detail) = (head.seq + 1, detail.to_string());
    let hash = entry_hash(&head.hash, seq, now, actor, action, subject, &detail);
    sqlx::query(
        "INSERT INTO commons_audit (seq, at, actor, action, subject, detail, hash)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(seq)
    .bind(now.0)
    .bind(actor)
    .bind(action)
    .bind(subject)
    .bind(detail)
    .bind(&hash)
    .execute(&mut *tx)
    .await
    .sql()?;
    chain::advance(tx, CHAIN, &Head { seq, hash }).await
}

/// The hash of an entry with these fields after `previous`.
pub(crate) fn entry_hash(
    previous: &str,
    seq: i64,
    at: Timestamp,
    actor: &str,
    action: &str,
    subject: &str,
    detail: &str,
) -> String {
    chain::link(previous, &[&seq.to_string(), &at.0.to_string(), actor, action, subject, detail])
}

/// The newest entries about `subject`, or about everything when it is `None`; newest first.
pub async fn list(pool: &AnyPool, subject: Option<&str>, limit: u32) -> Result<Vec<Entry>> {
    let rows = sqlx::query(
        "SELECT seq, at, actor, action, subject, detail FROM commons_audit
         WHERE ($1 = '' OR subject = $1) ORDER BY seq DESC LIMIT $2",
    )
    .bind(subject.unwrap_or_default())
    .bind(i64::from(limit))
    .fetch_all(pool)
    .await
    .sql()?;
    rows.iter()
        .map(|row| {
            Ok(Entry {
                seq: row.int("seq")?,
                at: row.time("at")?,
                actor: row.text("actor")?,
                action: row.text("action")?,
                subject: row.text("subject")?,
                detail: serde_json::from_str(&row.text("detail")?).unwrap_or(Value::Null),
            })
        })
        .collect()
}

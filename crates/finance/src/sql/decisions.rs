//! Rows of policy versions and of decisions.

use crate::{rules::Entry, types::DecisionRecord};
use commons::ids::Charge;
use kernel::{Error, Id, Result, Timestamp};
use serde::Serialize;
use serde_json::json;
use store::{AnyPool, RowExt, SqlExt, Tx};

/// A version of a policy that was once in force here.
#[derive(Debug, Clone, Serialize)]
pub struct StoredVersion {
    /// The first twelve hex digits of the SHA-256 of its file.
    pub version: String,
    /// The file's path in its pack.
    pub path: String,
    /// When it was first loaded.
    pub loaded_at: Timestamp,
}

/// Keeps the text of a policy version for as long as decisions may point at it.
pub(crate) async fn store_policy(tx: &mut Tx, entry: &Entry, now: Timestamp) -> Result<()> {
    sqlx::query(
        "INSERT INTO finance_policy_version (id, version, path, text, loaded_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (id, version) DO NOTHING",
    )
    .bind(&entry.policy.id)
    .bind(&entry.version)
    .bind(&entry.path)
    .bind(&entry.text)
    .bind(now.0)
    .execute(tx)
    .await
    .sql()?;
    Ok(())
}

/// The versions of a policy that this platform has loaded, newest first.
pub(crate) async fn stored_versions(pool: &AnyPool, id: &str) -> Result<Vec<StoredVersion>> {
    let rows = sqlx::query(
        "SELECT version, path, loaded_at FROM finance_policy_version WHERE id = $1
         ORDER BY loaded_at DESC, version LIMIT 100",
    )
    .bind(id)
    .fetch_all(pool)
    .await
    .sql()?;
    rows.iter()
        .map(|row| {
            let loaded_at = row.time("loaded_at")?;
            Ok(StoredVersion { version: row.text("version")?, path: row.text("path")?, loaded_at })
        })
        .collect()
}

/// The file of one version of a policy.
pub(crate) async fn stored_policy(pool: &AnyPool, id: &str, version: &str) -> Result<Option<String>> {
    sqlx::query_scalar("SELECT text FROM finance_policy_version WHERE id = $1 AND version = $2")
        .bind(id)
        .bind(version)
        .fetch_optional(pool)
        .await
        .sql()
}

/// Keeps a decision; the one made when a charge is settled replaces the one made before.
pub(crate) async fn store_decision(tx: &mut Tx, record: &DecisionRecord) -> Result<()> {
    sqlx::query(
        "INSERT INTO finance_decision (charge, policy, version, body, borne_micros, as_of)
         VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (charge, policy) DO UPDATE SET version = excluded.version, body = excluded.body,
             borne_micros = excluded.borne_micros, as_of = excluded.as_of",
    )
    .bind(record.charge.to_string())
    .bind(&record.decision.policy)
    .bind(&record.decision.version)
    .bind(json!(record).to_string())
    .bind(record.borne_micros)
    .bind(record.as_of.0)
    .execute(tx)
    .await
    .sql()?;
    Ok(())
}

/// The decisions about a charge, by policy.
pub(crate) async fn decisions_of(pool: &AnyPool, charge: Id<Charge>) -> Result<Vec<DecisionRecord>> {
    let rows = sqlx::query("SELECT body FROM finance_decision WHERE charge = $1 ORDER BY policy")
        .bind(charge.to_string())
        .fetch_all(pool)
        .await
        .sql()?;
    rows.iter().map(|row| serde_json::from_str(&row.text("body")?).map_err(Error::internal)).collect()
}

//! Rows of compute: quotas.

use crate::types::Quota;
use commons::ids::Org;
use kernel::{Id, Result, Timestamp};
use sqlx::any::AnyRow;
use std::collections::BTreeMap;
use store::{AnyPool, RowExt, SqlExt, Tx};

/// Steps in order; a step that has been released is never edited.
pub(crate) const STEPS: &[&str] = &["
CREATE TABLE compute_quota (
    org TEXT PRIMARY KEY, cpus BIGINT NOT NULL, granted_milliseconds BIGINT NOT NULL,
    used_milliseconds BIGINT NOT NULL, updated_at BIGINT NOT NULL);
"];

fn quota_of(row: &AnyRow) -> Result<Quota> {
    Ok(Quota {
        cpus: row.int("cpus")?,
        granted_milliseconds: row.int("granted_milliseconds")?,
        used_milliseconds: row.int("used_milliseconds")?,
    })
}

/// All quotas.
pub(crate) async fn quotas(pool: &AnyPool) -> Result<BTreeMap<Id<Org>, Quota>> {
    let rows = sqlx::query("SELECT * FROM compute_quota").fetch_all(pool).await.sql()?;
    rows.iter().map(|row| Ok((row.text("org")?.parse()?, quota_of(row)?))).collect()
}

/// An organisation's quota.
pub(crate) async fn quota(pool: &AnyPool, org: Id<Org>) -> Result<Option<Quota>> {
    let found = sqlx::query("SELECT * FROM compute_quota WHERE org = $1").bind(org.to_string());
    found.fetch_optional(pool).await.sql()?.as_ref().map(quota_of).transpose()
}

/// Adds to an organisation's quota: the larger number of cpus, the sum of the time.
pub(crate) async fn grant(
    tx: &mut Tx,
    now: Timestamp,
    org: Id<Org>,
    cpus: i64,
    milliseconds: i64,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO compute_quota (org, cpus, granted_milliseconds, used_milliseconds, updated_at)
         VALUES ($1, $2, $3, 0, $4)
         ON CONFLICT (org) DO UPDATE SET
             cpus = CASE WHEN compute_quota.cpus > $2 THEN compute_quota.cpus ELSE $2 END,
             granted_milliseconds = compute_quota.granted_milliseconds + $3, updated_at = $4",
    )
    .bind(org.to_string())
    .bind(cpus)
    .bind(milliseconds)
    .bind(now.0)
    .execute(tx)
    .await
    .sql()?;
    Ok(())
}

/// Notes time that a job used.
pub(crate) async fn use_up(tx: &mut Tx, now: Timestamp, org: Id<Org>, milliseconds: i64) -> Result<()> {
    let update =
        "UPDATE compute_quota SET used_milliseconds = used_milliseconds + $2, updated_at = $3 WHERE org = $1";
    sqlx::query(update).bind(org.to_string()).bind(milliseconds).bind(now.0).execute(tx).await.sql()?;
    Ok(())
}

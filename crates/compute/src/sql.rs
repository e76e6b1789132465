//! Rows of compute: quotas and runs.

use crate::types::{Place, Quota, Run};
use commons::{
    billing::UsageLine,
    ids::{self, Charge, Org},
};
use kernel::{Error, Id, Result, Timestamp};
use serde::Serialize;
use sqlx::any::AnyRow;
use std::collections::BTreeMap;
use store::{AnyPool, Columns, Json, RowExt, Rows, SqlExt, Tx};

/// Steps in order; a step that has been released is never edited.
pub(crate) const STEPS: &[&str] = &[
    "
CREATE TABLE compute_quota (
    org TEXT PRIMARY KEY, cpus BIGINT NOT NULL, granted_milliseconds BIGINT NOT NULL,
    used_milliseconds BIGINT NOT NULL, updated_at BIGINT NOT NULL);
",
    "
ALTER TABLE compute_quota ADD COLUMN devices BIGINT NOT NULL DEFAULT 0;
ALTER TABLE compute_quota ADD COLUMN granted_device_milliseconds BIGINT NOT NULL DEFAULT 0;
ALTER TABLE compute_quota ADD COLUMN used_device_milliseconds BIGINT NOT NULL DEFAULT 0;
CREATE TABLE compute_run (
    job TEXT NOT NULL, attempt BIGINT NOT NULL, org TEXT NOT NULL, charge TEXT, cluster TEXT NOT NULL,
    places TEXT NOT NULL, device TEXT NOT NULL, device_milli BIGINT NOT NULL, cpus BIGINT NOT NULL,
    hour_micros BIGINT NOT NULL, engine_id TEXT, placed_at BIGINT NOT NULL, started_at BIGINT, ended_at BIGINT,
    stopping TEXT, outcome TEXT, device_milliseconds BIGINT NOT NULL, cpu_milliseconds BIGINT NOT NULL, charged BIGINT NOT NULL,
    PRIMARY KEY (job, attempt));
CREATE INDEX compute_run_charge ON compute_run (charge);
CREATE INDEX compute_run_ended ON compute_run (ended_at, job);
",
];

fn quota_of(row: &AnyRow) -> Result<Quota> {
    Ok(Quota {
        cpus: row.int("cpus")?,
        granted_milliseconds: row.int("granted_milliseconds")?,
        used_milliseconds: row.int("used_milliseconds")?,
        devices: row.int("devices")?,
        granted_device_milliseconds: row.int("granted_device_milliseconds")?,
        used_device_milliseconds: row.int("used_device_milliseconds")?,
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

/// Adds `grant` to an organisation's quota: the larger numbers at a time, the sums of times.
pub(crate) async fn grant(tx: &mut Tx, now: Timestamp, org: Id<Org>, grant: &Quota) -> Result<()> {
    sqlx::query(
        "INSERT INTO compute_quota (org, cpus, granted_milliseconds, used_milliseconds, devices,
             granted_device_milliseconds, used_device_milliseconds, updated_at)
         VALUES ($1, $2, $3, 0, $4, $5, 0, $6)
         ON CONFLICT (org) DO UPDATE SET
             cpus = CASE WHEN compute_quota.cpus > $2 THEN compute_quota.cpus ELSE $2 END,
             granted_milliseconds = compute_quota.granted_milliseconds + $3,
             devices = CASE WHEN compute_quota.devices > $4 THEN compute_quota.devices ELSE $4 END,
             granted_device_milliseconds = compute_quota.granted_device_milliseconds + $5, updated_at = $6",
    )
    .bind(org.to_string())
    .bind(grant.cpus)
    .bind(grant.granted_milliseconds)
    .bind(grant.devices)
    .bind(grant.granted_device_milliseconds)
    .bind(now.0)
    .execute(tx)
    .await
    .sql()?;
    Ok(())
}

/// Notes time that a run used.
pub(crate) async fn use_up(tx: &mut Tx, now: Timestamp, org: Id<Org>, cpu: i64, device: i64) -> Result<()> {
    let update = "UPDATE compute_quota SET used_milliseconds = used_milliseconds + $2,
        used_device_milliseconds = used_device_milliseconds + $3, updated_at = $4 WHERE org = $1";
    let query = sqlx::query(update).bind(org.to_string()).bind(cpu).bind(device).bind(now.0);
    query.execute(tx).await.sql()?;
    Ok(())
}

fn run_of(row: &AnyRow) -> Result<Run> {
    Ok(Run {
        job: row.text("job")?.parse()?,
        org: row.text("org")?.parse()?,
        attempt: row.int("attempt")?,
        cluster: row.text("cluster")?,
        places: serde_json::from_str::<Vec<Place>>(&row.text("places")?).map_err(Error::internal)?,
        device: row.text("device")?,
        device_milli: row.int("device_milli")?,
        cpus: row.int("cpus")?,
        hour_micros: row.int("hour_micros")?,
        engine_id: row.text_or_null("engine_id")?,
        placed_at: row.time("placed_at")?,
        started_at: row.time_or_null("started_at")?,
        ended_at: row.time_or_null("ended_at")?,
        stopping: row.text_or_null("stopping")?,
        outcome: row.text_or_null("outcome")?,
        device_milliseconds: row.int("device_milliseconds")?,
        charged: row.int("charged")? != 0,
    })
}

/// What is written of a new run.
const NEW_RUN: Columns = Columns {
    table: "compute_run",
    texts: &["job", "org", "charge", "cluster", "places", "device", "engine_id"],
    integers: &[
        "attempt",
        "device_milli",
        "cpus",
        "hour_micros",
        "placed_at",
        "device_milliseconds",
        "cpu_milliseconds",
        "charged",
    ],
};

/// A new run's texts and integers.
fn row((run, charge): &(Run, Option<Id<Charge>>)) -> (impl Serialize, impl Serialize) {
    let places = Json(&run.places);
    let texts = (run.job, run.org, *charge, &run.cluster, places, &run.device, &run.engine_id);
    let integers = (run.attempt, run.device_milli, run.cpus, run.hour_micros, run.placed_at.0, 0, 0, 0);
    (texts, integers)
}

/// Rows of runs that are about to start, each with the charge that pays for it.
pub(crate) fn new_runs(runs: &[(Run, Option<Id<Charge>>)]) -> Result<Rows> {
    NEW_RUN.rows(runs.iter().map(row))
}

/// Notes what the engine calls a run, and when it started.
pub(crate) async fn set_started(
    tx: &mut Tx,
    job: Id<ids::Job>,
    attempt: i64,
    engine_id: Option<&str>,
    started: Option<Timestamp>,
) -> Result<()> {
    let update = "UPDATE compute_run SET engine_id = COALESCE($3, engine_id),
        started_at = COALESCE($4, started_at) WHERE job = $1 AND attempt = $2";
    let query = sqlx::query(update).bind(job.to_string()).bind(attempt).bind(engine_id);
    query.bind(started.map(|at| at.0)).execute(tx).await.sql()?;
    Ok(())
}

/// Notes why a run is asked to end, before it is asked.
pub(crate) async fn set_stopping(tx: &mut Tx, job: Id<ids::Job>, attempt: i64, why: &str) -> Result<()> {
    let update = "UPDATE compute_run SET stopping = $3 WHERE job = $1 AND attempt = $2 AND ended_at IS NULL";
    sqlx::query(update).bind(job.to_string()).bind(attempt).bind(why).execute(tx).await.sql()?;
    Ok(())
}

/// What a run that ended comes to.
#[derive(Debug, Clone)]
pub(crate) struct RunEnd {
    pub outcome: &'static str,
    pub started: Option<Timestamp>,
    pub ended: Timestamp,
    pub device_milliseconds: i64,
    pub cpu_milliseconds: i64,
    pub charged: bool,
}

/// Ends a run, once; `false` when it had ended before.
pub(crate) async fn end_run(tx: &mut Tx, job: Id<ids::Job>, attempt: i64, end: &RunEnd) -> Result<bool> {
    let update = "UPDATE compute_run SET outcome = $3, started_at = COALESCE($4, started_at), ended_at = $5,
        device_milliseconds = $6, cpu_milliseconds = $7, charged = $8
        WHERE job = $1 AND attempt = $2 AND ended_at IS NULL";
    let query = sqlx::query(update).bind(job.to_string()).bind(attempt).bind(end.outcome);
    let query = query.bind(end.started.map(|at| at.0)).bind(end.ended.0).bind(end.device_milliseconds);
    let done = query.bind(end.cpu_milliseconds).bind(i64::from(end.charged)).execute(tx).await.sql()?;
    Ok(done.rows_affected() == 1)
}

/// Ends a run that nobody claimed; returns its price, which the next one in its place keeps.
pub(crate) async fn end_unclaimed(
    tx: &mut Tx,
    job: Id<ids::Job>,
    attempt: i64,
    now: Timestamp,
) -> Result<i64> {
    let end = RunEnd {
        outcome: "not_started",
        started: None,
        ended: now,
        device_milliseconds: 0,
        cpu_milliseconds: 0,
        charged: false,
    };
    end_run(tx, job, attempt, &end).await?;
    let row = sqlx::query("SELECT hour_micros FROM compute_run WHERE job = $1 AND attempt = $2");
    let row = row.bind(job.to_string()).bind(attempt).fetch_optional(tx).await.sql()?;
    row.map_or(Ok(0), |row| row.int("hour_micros"))
}

/// Usage lines of all charged runs of a charge, by price.
pub(crate) async fn usage_lines(
    tx: &mut Tx,
    charge: Id<Charge>,
    cpu_hour_micros: i64,
) -> Result<Vec<UsageLine>> {
    use crate::rules::price::{CPU_UNIT, DEVICE_UNIT, PER};
    let sums = "SELECT device, hour_micros, CAST(SUM(device_milliseconds) AS BIGINT) AS devices,
        CAST(SUM(cpu_milliseconds) AS BIGINT) AS cpus
        FROM compute_run WHERE charge = $1 AND charged = 1 GROUP BY device, hour_micros ORDER BY device, hour_micros";
    let rows = sqlx::query(sums).bind(charge.to_string()).fetch_all(tx).await.sql()?;
    let line = |row: &AnyRow| {
        let without = row.text("device")?.is_empty();
        let (unit, column) = if without { (CPU_UNIT, "cpus") } else { (DEVICE_UNIT, "devices") };
        let price_micros = if without { cpu_hour_micros } else { row.int("hour_micros")? };
        Ok(UsageLine { unit: unit.into(), quantity: row.int(column)?, price_micros, per: PER })
    };
    rows.iter().map(line).collect()
}

/// Runs that haven't ended.
pub(crate) async fn open_runs(pool: &AnyPool) -> Result<Vec<Run>> {
    let rows = sqlx::query("SELECT * FROM compute_run WHERE ended_at IS NULL ORDER BY job, attempt");
    rows.fetch_all(pool).await.sql()?.iter().map(run_of).collect()
}

/// The attempts of a job, first to last.
pub(crate) async fn runs_of(pool: &AnyPool, job: Id<ids::Job>) -> Result<Vec<Run>> {
    let rows = sqlx::query("SELECT * FROM compute_run WHERE job = $1 ORDER BY attempt").bind(job.to_string());
    rows.fetch_all(pool).await.sql()?.iter().map(run_of).collect()
}

/// Runs of an organisation, or of all, that held something after `since`; at most 100,000.
pub(crate) async fn runs_since(pool: &AnyPool, org: Option<Id<Org>>, since: Timestamp) -> Result<Vec<Run>> {
    let rows = sqlx::query(
        "SELECT * FROM compute_run WHERE (ended_at IS NULL OR ended_at >= $1) AND ($2 = '' OR org = $2)
         ORDER BY job, attempt LIMIT 100000",
    );
    let rows = rows.bind(since.0).bind(org.map(|org| org.to_string()).unwrap_or_default());
    rows.fetch_all(pool).await.sql()?.iter().map(run_of).collect()
}

/// Seconds for which charged runs of a job have held what it asks for.
pub(crate) async fn seconds_used(tx: &mut Tx, job: Id<ids::Job>) -> Result<i64> {
    let sum = "SELECT CAST(COALESCE(SUM(ended_at - started_at), 0) AS BIGINT) AS micros
        FROM compute_run WHERE job = $1 AND charged = 1 AND ended_at IS NOT NULL AND started_at IS NOT NULL";
    Ok(sqlx::query(sum).bind(job.to_string()).fetch_one(tx).await.sql()?.int("micros")? / 1_000_000)
}

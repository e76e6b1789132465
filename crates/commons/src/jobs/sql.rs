//! Rows of work.

use super::{Ending, Job, JobState, Reason, Resources};
use crate::ids::{self, Charge, Org};
use kernel::{Error, Id, Page, PageRequest, Result, Timestamp};
use serde_json::{Value, json};
use sqlx::any::AnyRow;
use store::{AnyPool, RowExt, SqlExt, Tx};

fn missing() -> Error {
    Error::not_found("job_missing", "there is no such job that you may see")
}

fn job_of(row: &AnyRow) -> Result<Job> {
    let json = |text: Option<String>| text.and_then(|text| serde_json::from_str::<Value>(&text).ok());
    let typed = |column: &str| row.text_or_null(column).map(|text| json(text).unwrap_or(Value::Null));
    Ok(Job {
        id: row.text("id")?.parse()?,
        org: row.text("org")?.parse()?,
        person: row.text_or_null("person")?.map(|id| id.parse()).transpose()?,
        kind: row.text("kind")?,
        name: row.text("name")?,
        spec: typed("spec")?,
        state: JobState::parse(&row.text("state")?)?,
        reason: serde_json::from_value(typed("reason")?).map_err(Error::internal)?,
        priority: row.int("priority")?,
        resources: Resources {
            cpus: row.int("cpus")?,
            memory_mib: row.int("memory_mib")?,
            wall_seconds: row.int("wall_seconds")?,
        },
        submitted_at: row.time("submitted_at")?,
        started_at: row.time_or_null("started_at")?,
        ended_at: row.time_or_null("ended_at")?,
        inputs: Vec::new(),
        outputs: Vec::new(),
        charge: row.text_or_null("charge")?.map(|id| id.parse()).transpose()?,
        usage: serde_json::from_value(typed("usage")?).map_err(Error::internal)?,
        result: typed("result")?,
        cancel_requested: row.int("cancel_requested")? != 0,
        attempt: row.int("attempt")?,
    })
}

fn attach(job: &mut Job, rows: &[AnyRow]) -> Result<()> {
    for row in rows {
        let list = if row.text("direction")? == "in" { &mut job.inputs } else { &mut job.outputs };
        list.push(row.text("reference")?);
    }
    Ok(())
}

const ARTIFACTS: &str =
    "SELECT direction, reference FROM commons_job_artifact WHERE job = $1 ORDER BY reference";

pub(super) async fn insert(tx: &mut Tx, job: &Job) -> Result<()> {
    sqlx::query(
        "INSERT INTO commons_job (id, org, person, kind, name, spec, state, priority, cpus, memory_mib,
             wall_seconds, submitted_at, result, cancel_requested, attempt)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 'null', 0, 0)",
    )
    .bind(job.id.to_string())
    .bind(job.org.to_string())
    .bind(job.person.map(|person| person.to_string()))
    .bind(&job.kind)
    .bind(&job.name)
    .bind(job.spec.to_string())
    .bind(job.state.name())
    .bind(job.priority)
    .bind(job.resources.cpus)
    .bind(job.resources.memory_mib)
    .bind(job.resources.wall_seconds)
    .bind(job.submitted_at.0)
    .execute(&mut *tx)
    .await
    .sql()?;
    insert_artifacts(tx, job.id, "in", &job.inputs).await
}

pub(super) async fn insert_artifacts(
    tx: &mut Tx,
    job: Id<ids::Job>,
    direction: &str,
    references: &[String],
) -> Result<()> {
    for reference in references {
        sqlx::query(
            "INSERT INTO commons_job_artifact (job, direction, reference) VALUES ($1, $2, $3)
             ON CONFLICT (job, direction, reference) DO NOTHING",
        )
        .bind(job.to_string())
        .bind(direction)
        .bind(reference)
        .execute(&mut *tx)
        .await
        .sql()?;
    }
    Ok(())
}

pub(super) async fn find_by_key(
    tx: &mut Tx,
    org: Id<Org>,
    key: &str,
) -> Result<Option<(Id<ids::Job>, String)>> {
    let row: Option<(String, String)> =
        sqlx::query_as("SELECT job, digest FROM commons_job_key WHERE org = $1 AND idempotency = $2")
            .bind(org.to_string())
            .bind(key)
            .fetch_optional(tx)
            .await
            .sql()?;
    row.map(|(job, digest)| Ok((job.parse()?, digest))).transpose()
}

pub(super) async fn insert_key(
    tx: &mut Tx,
    org: Id<Org>,
    key: &str,
    digest: &str,
    job: Id<ids::Job>,
) -> Result<()> {
    sqlx::query("INSERT INTO commons_job_key (org, idempotency, digest, job) VALUES ($1, $2, $3, $4)")
        .bind(org.to_string())
        .bind(key)
        .bind(digest)
        .bind(job.to_string())
        .execute(tx)
        .await
        .sql()?;
    Ok(())
}

/// Moves the job's state if it still is `from`; stamps the start when it goes to `Starting`.
pub(super) async fn set_state(
    tx: &mut Tx,
    id: Id<ids::Job>,
    from: JobState,
    to: JobState,
    reason: Option<&Reason>,
    now: Timestamp,
) -> Result<bool> {
    let started = if to == JobState::Starting { Some(now.0) } else { None };
    let done = sqlx::query(
        "UPDATE commons_job SET state = $3, reason = $4, started_at = COALESCE($5, started_at)
         WHERE id = $1 AND state = $2",
    )
    .bind(id.to_string())
    .bind(from.name())
    .bind(to.name())
    .bind(reason.map(|reason| json!(reason).to_string()))
    .bind(started)
    .execute(tx)
    .await
    .sql()?;
    Ok(done.rows_affected() == 1)
}

pub(super) async fn set_ending(tx: &mut Tx, id: Id<ids::Job>, ending: &Ending, now: Timestamp) -> Result<()> {
    sqlx::query("UPDATE commons_job SET ended_at = $2, usage = $3, result = $4 WHERE id = $1")
        .bind(id.to_string())
        .bind(now.0)
        .bind(ending.usage.map(|usage| json!(usage).to_string()))
        .bind(ending.result.to_string())
        .execute(tx)
        .await
        .sql()?;
    Ok(())
}

pub(super) async fn set_cancel_requested(tx: &mut Tx, id: Id<ids::Job>) -> Result<()> {
    let update = "UPDATE commons_job SET cancel_requested = 1 WHERE id = $1";
    sqlx::query(update).bind(id.to_string()).execute(tx).await.sql()?;
    Ok(())
}

/// Notes which charge pays for a job.
pub async fn set_charge(tx: &mut Tx, id: Id<ids::Job>, charge: Id<Charge>) -> Result<()> {
    let update = "UPDATE commons_job SET charge = $2 WHERE id = $1";
    sqlx::query(update).bind(id.to_string()).bind(charge.to_string()).execute(tx).await.sql()?;
    Ok(())
}

/// Notes which start of a job this is.
pub async fn set_attempt(tx: &mut Tx, id: Id<ids::Job>, attempt: i64) -> Result<()> {
    let update = "UPDATE commons_job SET attempt = $2 WHERE id = $1";
    sqlx::query(update).bind(id.to_string()).bind(attempt).execute(tx).await.sql()?;
    Ok(())
}

/// The job with this identity, inside a transaction.
pub async fn read(tx: &mut Tx, id: Id<ids::Job>) -> Result<Job> {
    let found = sqlx::query("SELECT * FROM commons_job WHERE id = $1").bind(id.to_string());
    let mut job = job_of(&found.fetch_optional(&mut *tx).await.sql()?.ok_or_else(missing)?)?;
    attach(&mut job, &sqlx::query(ARTIFACTS).bind(id.to_string()).fetch_all(tx).await.sql()?)?;
    Ok(job)
}

/// The job with this identity.
pub async fn get(pool: &AnyPool, id: Id<ids::Job>) -> Result<Job> {
    find(pool, id).await?.ok_or_else(missing)
}

/// The job with this identity, if there is one.
pub async fn find(pool: &AnyPool, id: Id<ids::Job>) -> Result<Option<Job>> {
    let found = sqlx::query("SELECT * FROM commons_job WHERE id = $1").bind(id.to_string());
    let Some(row) = found.fetch_optional(pool).await.sql()? else { return Ok(None) };
    let mut job = job_of(&row)?;
    attach(&mut job, &sqlx::query(ARTIFACTS).bind(id.to_string()).fetch_all(pool).await.sql()?)?;
    Ok(Some(job))
}

async fn with_artifacts(pool: &AnyPool, rows: &[AnyRow]) -> Result<Vec<Job>> {
    let mut jobs = Vec::with_capacity(rows.len());
    for row in rows {
        let mut job = job_of(row)?;
        let artifacts = sqlx::query(ARTIFACTS).bind(job.id.to_string()).fetch_all(pool).await.sql()?;
        attach(&mut job, &artifacts)?;
        jobs.push(job);
    }
    Ok(jobs)
}

/// All jobs in one of `states`, in the order they were submitted; at most 10,000 of each.
pub async fn list_in_states(pool: &AnyPool, states: &[JobState]) -> Result<Vec<Job>> {
    let mut jobs = Vec::new();
    for state in states {
        let rows = sqlx::query("SELECT * FROM commons_job WHERE state = $1 ORDER BY id LIMIT 10000")
            .bind(state.name())
            .fetch_all(pool)
            .await
            .sql()?;
        jobs.extend(with_artifacts(pool, &rows).await?);
    }
    jobs.sort_by_key(|job| job.id);
    Ok(jobs)
}

pub(super) async fn list(pool: &AnyPool, org: Option<Id<Org>>, page: &PageRequest) -> Result<Page<Job>> {
    let limit = page.limit()?;
    let rows = sqlx::query(
        "SELECT * FROM commons_job WHERE ($1 = '' OR org = $1) AND id < $2 ORDER BY id DESC LIMIT $3",
    )
    .bind(org.map(|org| org.to_string()).unwrap_or_default())
    .bind(page.below())
    .bind(i64::from(limit) + 1)
    .fetch_all(pool)
    .await
    .sql()?;
    let jobs = with_artifacts(pool, &rows).await?;
    Ok(Page::from_rows(jobs, limit, |job| job.id.to_string()))
}

/// Jobs that were submitted since `since`, newest first; at most a thousand.
pub async fn recent(pool: &AnyPool, org: Option<Id<Org>>, since: Timestamp) -> Result<Vec<Job>> {
    let rows = sqlx::query(
        "SELECT * FROM commons_job WHERE ($1 = '' OR org = $1) AND submitted_at >= $2 ORDER BY id DESC LIMIT 1000",
    )
    .bind(org.map(|org| org.to_string()).unwrap_or_default())
    .bind(since.0)
    .fetch_all(pool)
    .await
    .sql()?;
    with_artifacts(pool, &rows).await
}

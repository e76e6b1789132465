//! Rows of work.

use super::{Ending, Job, JobState, Member, Reason, Resources};
use crate::ids::{self, Org};
use kernel::{Error, Id, Page, PageRequest, Result, Timestamp};
use serde::Serialize;
use serde_json::{Value, json};
use sqlx::any::AnyRow;
use std::collections::HashMap;
use store::{AnyPool, Columns, Json, RowExt, SqlExt, Tx, page_rows};

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
            tasks: row.int("tasks")?,
            devices: row.int("devices")?,
            device_milli: row.int("device_milli")?,
        },
        scheduling: serde_json::from_value(typed("scheduling")?).map_err(Error::internal)?,
        member: member_of(row)?,
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

fn member_of(row: &AnyRow) -> Result<Option<Member>> {
    let Some(array) = row.text_or_null("array_id")? else { return Ok(None) };
    Ok(Some(Member {
        array: array.parse()?,
        index: row.int("array_index")?,
        at_most: row.int("array_at_most")?,
    }))
}

fn attach(job: &mut Job, direction: &str, reference: String) {
    let list = if direction == "in" { &mut job.inputs } else { &mut job.outputs };
    list.push(reference);
}

/// What is written of a new job.
const NEW_JOB: Columns = Columns {
    table: "commons_job",
    texts: &[
        "id",
        "org",
        "person",
        "kind",
        "name",
        "spec",
        "state",
        "scheduling",
        "array_id",
        "charge",
        "result",
    ],
    integers: &[
        "priority",
        "cpus",
        "memory_mib",
        "wall_seconds",
        "tasks",
        "devices",
        "device_milli",
        "array_index",
        "array_at_most",
        "submitted_at",
        "cancel_requested",
        "attempt",
    ],
};

/// A new job's texts and integers.
fn row(job: &Job) -> (impl Serialize, impl Serialize) {
    let state = job.state.name();
    let (spec, scheduling) = (Json(&job.spec), Json(&job.scheduling));
    let member = job.member.as_ref();
    let array = member.map(|one| one.array);
    let (index, at_most) = (member.map(|one| one.index), member.map(|one| one.at_most));
    let (name, charge) = (&job.name, job.charge);
    let texts =
        (job.id, job.org, job.person, &job.kind, name, spec, state, scheduling, array, charge, "null");
    let Resources { cpus, memory_mib, wall_seconds, tasks, devices, device_milli } = job.resources;
    let (priority, at) = (job.priority, job.submitted_at.0);
    let integers =
        (priority, cpus, memory_mib, wall_seconds, tasks, devices, device_milli, index, at_most, at, 0, 0);
    (texts, integers)
}

pub(super) async fn insert(tx: &mut Tx, jobs: &[Job]) -> Result<()> {
    NEW_JOB.rows(jobs.iter().map(row))?.insert(tx).await?;
    for job in jobs {
        insert_artifacts(tx, job.id, "in", &job.inputs).await?;
    }
    Ok(())
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

/// Whether a member of the array has yet to end.
pub async fn array_is_open(tx: &mut Tx, array: Id<ids::Job>) -> Result<bool> {
    // From the last on, since the first mostly end first.
    let open = "SELECT 1 FROM commons_job WHERE array_id = $1
        AND state IN ('queued', 'starting', 'running', 'finishing') ORDER BY array_index DESC LIMIT 1";
    Ok(sqlx::query(open).bind(array.to_string()).fetch_optional(tx).await.sql()?.is_some())
}

/// Starts a further attempt of each of `jobs` that is still queued; returns which were.
pub async fn start_attempts(tx: &mut Tx, jobs: &[Id<ids::Job>], now: Timestamp) -> Result<Vec<Id<ids::Job>>> {
    let (asked, these) = (json!(jobs).to_string(), store::bulk::texts(tx));
    let update = format!(
        "UPDATE commons_job SET state = 'starting', reason = NULL, started_at = $2, attempt = attempt + 1
         WHERE state = 'queued' AND cancel_requested = 0 AND id IN ({these})"
    );
    let query = sqlx::query(sqlx::AssertSqlSafe(update)).bind(asked.clone()).bind(now.0);
    let started = query.execute(&mut *tx).await.sql()?.rows_affected();
    if started == jobs.len() as u64 {
        return Ok(jobs.to_vec()); // nearly always; to name them costs more than to start them
    }
    let which = format!(
        "SELECT id FROM commons_job WHERE state = 'starting' AND started_at = $2 AND id IN ({these})"
    );
    let query = sqlx::query(sqlx::AssertSqlSafe(which)).bind(asked).bind(now.0);
    query.fetch_all(tx).await.sql()?.iter().map(|row| row.text("id")?.parse()).collect()
}

/// Ids in one statement.
const IDS: usize = 128;

/// `$first, …` for `count` values.
fn numbered(first: usize, count: usize) -> String {
    (first..first + count).map(|number| format!("${number}")).collect::<Vec<_>>().join(", ")
}

/// Notes which start of a starting job this is; `false` when the job has left that state.
pub async fn set_attempt(tx: &mut Tx, id: Id<ids::Job>, attempt: i64) -> Result<bool> {
    let update = "UPDATE commons_job SET attempt = $2 WHERE id = $1 AND state = 'starting'";
    let done = sqlx::query(update).bind(id.to_string()).bind(attempt).execute(tx).await.sql()?;
    Ok(done.rows_affected() == 1)
}

/// The job with this identity, inside a transaction.
pub async fn read(tx: &mut Tx, id: Id<ids::Job>) -> Result<Job> {
    let found = sqlx::query("SELECT * FROM commons_job WHERE id = $1").bind(id.to_string());
    let mut job = job_of(&found.fetch_optional(&mut *tx).await.sql()?.ok_or_else(missing)?)?;
    let artifacts = format!("{ARTIFACTS} WHERE job = $1 ORDER BY reference");
    for row in sqlx::query(sqlx::AssertSqlSafe(artifacts)).bind(id.to_string()).fetch_all(tx).await.sql()? {
        attach(&mut job, &row.text("direction")?, row.text("reference")?);
    }
    Ok(job)
}

/// The job with this identity.
pub async fn get(pool: &AnyPool, id: Id<ids::Job>) -> Result<Job> {
    find(pool, id).await?.ok_or_else(missing)
}

/// The job with this identity, if there is one.
pub async fn find(pool: &AnyPool, id: Id<ids::Job>) -> Result<Option<Job>> {
    Ok(find_all(pool, &[id]).await?.pop())
}

/// Those of `ids` that there are.
pub async fn find_all(pool: &AnyPool, ids: &[Id<ids::Job>]) -> Result<Vec<Job>> {
    let mut jobs = Vec::with_capacity(ids.len());
    for some in ids.chunks(IDS) {
        let text = format!("SELECT * FROM commons_job WHERE id IN ({})", numbered(1, some.len()));
        let query =
            some.iter().fold(sqlx::query(sqlx::AssertSqlSafe(text)), |query, id| query.bind(id.to_string()));
        jobs.extend(with_artifacts(pool, &query.fetch_all(pool).await.sql()?).await?);
    }
    Ok(jobs)
}

const ARTIFACTS: &str = "SELECT job, direction, reference FROM commons_job_artifact";

/// Jobs of `rows`, with what they read and wrote.
async fn with_artifacts(pool: &AnyPool, rows: &[AnyRow]) -> Result<Vec<Job>> {
    let mut jobs = rows.iter().map(job_of).collect::<Result<Vec<_>>>()?;
    let places: HashMap<_, _> =
        jobs.iter().enumerate().map(|(place, job)| (job.id.to_string(), place)).collect();
    let ids: Vec<_> = jobs.iter().map(|job| job.id.to_string()).collect();
    for some in ids.chunks(IDS) {
        let text = format!("{ARTIFACTS} WHERE job IN ({}) ORDER BY reference", numbered(1, some.len()));
        let query = some.iter().fold(sqlx::query(sqlx::AssertSqlSafe(text)), |query, id| query.bind(id));
        for row in query.fetch_all(pool).await.sql()? {
            let job = places.get(&row.text("job")?).map(|place| &mut jobs[*place]);
            let (direction, reference) = (row.text("direction")?, row.text("reference")?);
            job.into_iter().for_each(|job| attach(job, &direction, reference.clone()));
        }
    }
    Ok(jobs)
}

/// All jobs in one of `states`, in the order they were submitted.
pub async fn list_in_states(pool: &AnyPool, states: &[JobState]) -> Result<Vec<Job>> {
    let mut jobs = Vec::new();
    for state in states {
        let query = sqlx::query("SELECT * FROM commons_job WHERE state = $1 ORDER BY id").bind(state.name());
        jobs.extend(with_artifacts(pool, &query.fetch_all(pool).await.sql()?).await?);
    }
    jobs.sort_by_key(|job| job.id);
    Ok(jobs)
}

/// Ids of queued jobs.
pub async fn queued(pool: &AnyPool) -> Result<Vec<Id<ids::Job>>> {
    let rows = sqlx::query("SELECT id FROM commons_job WHERE state = 'queued' ORDER BY id");
    rows.fetch_all(pool).await.sql()?.iter().map(|row| row.text("id")?.parse()).collect()
}

const MEMBERS: &str = "SELECT * FROM commons_job WHERE array_id = $1 ORDER BY array_index";

/// The members of an array, by index.
pub async fn members(pool: &AnyPool, array: Id<ids::Job>) -> Result<Vec<Job>> {
    let rows = sqlx::query(MEMBERS).bind(array.to_string()).fetch_all(pool).await.sql()?;
    with_artifacts(pool, &rows).await
}

/// The members of an array, by index, inside a transaction; without what they read and wrote.
pub(super) async fn members_in(tx: &mut Tx, array: Id<ids::Job>) -> Result<Vec<Job>> {
    let rows = sqlx::query(MEMBERS).bind(array.to_string()).fetch_all(tx).await.sql()?;
    rows.iter().map(job_of).collect()
}

pub(super) async fn list(pool: &AnyPool, org: Option<Id<Org>>, page: &PageRequest) -> Result<Page<Job>> {
    let sql = "SELECT * FROM commons_job WHERE ($1 = '' OR org = $1) AND id < $2 ORDER BY id DESC LIMIT $3";
    let rows = page_rows(pool, sql, org, page).await?;
    let jobs = with_artifacts(pool, &rows).await?;
    Ok(Page::from_rows(jobs, page.limit()?, |job| job.id.to_string()))
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

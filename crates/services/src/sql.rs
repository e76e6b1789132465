//! Rows of services.

use crate::{
    book::Entry,
    file::Service,
    rules::CaseState,
    types::{CaseEvent, CaseRecord},
};
use commons::ids::{Case, Org};
use kernel::{Error, Id, Page, PageRequest, Result, Timestamp};
use serde_json::{Value, json};
use sqlx::any::AnyRow;
use store::{AnyPool, RowExt, SqlExt, Tx, page_rows};

/// Keeps a version of a service for as long as cases may go by it.
pub(crate) async fn store_version(tx: &mut Tx, entry: &Entry, now: Timestamp) -> Result<()> {
    sqlx::query(
        "INSERT INTO services_version (id, version, path, body, loaded_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (id, version) DO NOTHING",
    )
    .bind(&entry.service.id)
    .bind(&entry.version)
    .bind(&entry.path)
    .bind(json!(entry.service).to_string())
    .bind(now.0)
    .execute(tx)
    .await
    .sql()?;
    Ok(())
}

/// The version of a service that a case goes by.
pub(crate) async fn version_of(pool: &AnyPool, id: &str, version: &str) -> Result<Service> {
    let body: Option<String> =
        sqlx::query_scalar("SELECT body FROM services_version WHERE id = $1 AND version = $2")
            .bind(id)
            .bind(version)
            .fetch_optional(pool)
            .await
            .sql()?;
    let body =
        body.ok_or_else(|| Error::internal(format!("service {id} version {version} is not stored")))?;
    serde_json::from_str(&body).map_err(Error::internal)
}

fn case_of(row: &AnyRow) -> Result<CaseRecord> {
    let state = row.text("state")?;
    let state =
        CaseState::parse(&state).ok_or_else(|| Error::internal(format!("unknown case state {state}")))?;
    let claim_hash = row.text_or_null("claim_hash")?;
    let claimed = row.time_or_null("claimed_at")?.is_some();
    Ok(CaseRecord {
        id: row.text("id")?.parse()?,
        service: row.text("service")?,
        version: row.text("version")?,
        state,
        step: None,
        form: serde_json::from_str(&row.text("form")?).map_err(Error::internal)?,
        org: row.text_or_null("org")?.map(|org| org.parse()).transpose()?,
        opened_by: row.text("opened_by")?,
        opened_at: row.time("opened_at")?,
        due_at: row.time("due_at")?,
        overdue: false,
        closed_at: row.time_or_null("closed_at")?,
        claimable: state == CaseState::Approved && claim_hash.is_some() && !claimed,
        events: Vec::new(),
        step_index: usize::try_from(row.int("step")?).unwrap_or_default(),
        claim_hash,
    })
}

fn missing() -> Error {
    Error::not_found("case_missing", "there is no such case that you may see")
}

pub(crate) async fn insert_case(tx: &mut Tx, case: &CaseRecord) -> Result<()> {
    sqlx::query(
        "INSERT INTO services_case (id, service, version, state, step, form, org, claim_hash, opened_by, opened_at,
             due_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
    )
    .bind(case.id.to_string())
    .bind(&case.service)
    .bind(&case.version)
    .bind(case.state.name())
    .bind(case.step_index as i64)
    .bind(json!(case.form).to_string())
    .bind(case.org.map(|org| org.to_string()))
    .bind(&case.claim_hash)
    .bind(&case.opened_by)
    .bind(case.opened_at.0)
    .bind(case.due_at.0)
    .execute(tx)
    .await
    .sql()?;
    Ok(())
}

pub(crate) async fn update_case(tx: &mut Tx, case: &CaseRecord) -> Result<()> {
    sqlx::query(
        "UPDATE services_case SET state = $2, step = $3, org = $4, due_at = $5, closed_at = $6 WHERE id = $1",
    )
    .bind(case.id.to_string())
    .bind(case.state.name())
    .bind(case.step_index as i64)
    .bind(case.org.map(|org| org.to_string()))
    .bind(case.due_at.0)
    .bind(case.closed_at.map(|at| at.0))
    .execute(tx)
    .await
    .sql()?;
    Ok(())
}

/// Marks a case as claimed; `false` when it was before.
pub(crate) async fn mark_claimed(tx: &mut Tx, id: Id<Case>, now: Timestamp) -> Result<bool> {
    let done = sqlx::query("UPDATE services_case SET claimed_at = $2 WHERE id = $1 AND claimed_at IS NULL")
        .bind(id.to_string())
        .bind(now.0)
        .execute(tx)
        .await
        .sql()?;
    Ok(done.rows_affected() == 1)
}

pub(crate) async fn read_case(tx: &mut Tx, id: Id<Case>) -> Result<CaseRecord> {
    let row = sqlx::query("SELECT * FROM services_case WHERE id = $1")
        .bind(id.to_string())
        .fetch_optional(tx)
        .await;
    case_of(&row.sql()?.ok_or_else(missing)?)
}

pub(crate) async fn find_case(pool: &AnyPool, id: Id<Case>) -> Result<CaseRecord> {
    let row = sqlx::query("SELECT * FROM services_case WHERE id = $1")
        .bind(id.to_string())
        .fetch_optional(pool)
        .await;
    case_of(&row.sql()?.ok_or_else(missing)?)
}

/// The cases of `org`, or all, newest first.
pub(crate) async fn list_cases(
    pool: &AnyPool,
    org: Option<Id<Org>>,
    page: &PageRequest,
) -> Result<Page<CaseRecord>> {
    let sql = "SELECT * FROM services_case WHERE ($1 = '' OR org = $1) AND id < $2 ORDER BY id DESC LIMIT $3";
    let rows = page_rows(pool, sql, org, page).await?;
    let cases = rows.iter().map(case_of).collect::<Result<Vec<_>>>()?;
    Ok(Page::from_rows(cases, page.limit()?, |case| case.id.to_string()))
}

/// Newcomers' cases that were opened since `since`.
pub(crate) async fn count_newcomers(tx: &mut Tx, since: Timestamp) -> Result<i64> {
    sqlx::query_scalar("SELECT COUNT(*) FROM services_case WHERE opened_at > $1 AND claim_hash IS NOT NULL")
        .bind(since.0)
        .fetch_one(tx)
        .await
        .sql()
}

pub(crate) async fn insert_event(tx: &mut Tx, case: Id<Case>, event: &CaseEvent) -> Result<()> {
    let last: i64 = sqlx::query_scalar("SELECT COALESCE(MAX(seq), 0) FROM services_event WHERE case_id = $1")
        .bind(case.to_string())
        .fetch_one(&mut *tx)
        .await
        .sql()?;
    sqlx::query(
        "INSERT INTO services_event (case_id, seq, at, actor, action, step, note, detail)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(case.to_string())
    .bind(last + 1)
    .bind(event.at.0)
    .bind(&event.actor)
    .bind(&event.action)
    .bind(&event.step)
    .bind(&event.note)
    .bind(event.detail.to_string())
    .execute(tx)
    .await
    .sql()?;
    Ok(())
}

/// What happened to a case, in order.
pub(crate) async fn events_of(pool: &AnyPool, case: Id<Case>) -> Result<Vec<CaseEvent>> {
    let rows = sqlx::query("SELECT * FROM services_event WHERE case_id = $1 ORDER BY seq LIMIT 100")
        .bind(case.to_string())
        .fetch_all(pool)
        .await
        .sql()?;
    rows.iter()
        .map(|row| {
            Ok(CaseEvent {
                at: row.time("at")?,
                actor: row.text("actor")?,
                action: row.text("action")?,
                step: row.text("step")?,
                note: row.text("note")?,
                detail: serde_json::from_str(&row.text("detail")?).unwrap_or(Value::Null),
            })
        })
        .collect()
}

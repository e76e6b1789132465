//! Rows of billing.

use super::{Charge, ChargeState, Service};
use crate::ids::{self, Org};
use kernel::{Error, Id, Page, PageRequest, Result, Timestamp};
use serde_json::{Value, json};
use sqlx::any::AnyRow;
use store::{AnyPool, RowExt, SqlExt, Tx, page_rows};

fn charge_of(row: &AnyRow) -> Result<Charge> {
    Ok(Charge {
        id: row.text("id")?.parse()?,
        org: row.text("org")?.parse()?,
        payee: row.text("payee")?.parse()?,
        service: Service::parse(&row.text("service")?)?,
        resource: row.text("resource")?,
        state: ChargeState::parse(&row.text("state")?)?,
        max_micros: row.int("max_micros")?,
        amount_micros: row.int("amount_micros")?,
        lines: serde_json::from_str(&row.text("lines")?).map_err(Error::internal)?,
        plan: serde_json::from_str(&row.text("plan")?).unwrap_or(Value::Null),
        hold: row.text("hold")?.parse()?,
        opened_at: row.time("opened_at")?,
        settled_at: row.time_or_null("settled_at")?,
    })
}

fn missing() -> Error {
    Error::not_found("charge_missing", "there is no such charge that you may see")
}

pub(super) async fn insert(
    tx: &mut Tx,
    charge: &Charge,
    idempotency: &str,
    expires_at: Option<Timestamp>,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO commons_charge (id, org, payee, service, resource, idempotency, state, max_micros,
             amount_micros, lines, plan, hold, opened_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
    )
    .bind(charge.id.to_string())
    .bind(charge.org.to_string())
    .bind(charge.payee.to_string())
    .bind(charge.service.name())
    .bind(&charge.resource)
    .bind(idempotency)
    .bind(charge.state.name())
    .bind(charge.max_micros)
    .bind(charge.amount_micros)
    .bind(json!(charge.lines).to_string())
    .bind(charge.plan.to_string())
    .bind(charge.hold.to_string())
    .bind(charge.opened_at.0)
    .bind(expires_at.map(|at| at.0))
    .execute(tx)
    .await
    .sql()?;
    Ok(())
}

pub(super) async fn update(tx: &mut Tx, charge: &Charge) -> Result<()> {
    sqlx::query(
        "UPDATE commons_charge SET state = $2, amount_micros = $3, lines = $4, plan = $5, settled_at = $6
         WHERE id = $1",
    )
    .bind(charge.id.to_string())
    .bind(charge.state.name())
    .bind(charge.amount_micros)
    .bind(json!(charge.lines).to_string())
    .bind(charge.plan.to_string())
    .bind(charge.settled_at.map(|at| at.0))
    .execute(tx)
    .await
    .sql()?;
    Ok(())
}

pub(super) async fn find_by_key(tx: &mut Tx, idempotency: &str) -> Result<Option<Charge>> {
    let row = sqlx::query("SELECT * FROM commons_charge WHERE idempotency = $1")
        .bind(idempotency)
        .fetch_optional(tx)
        .await
        .sql()?;
    row.as_ref().map(charge_of).transpose()
}

/// The charge with this identity, inside a transaction.
pub async fn read(tx: &mut Tx, id: Id<ids::Charge>) -> Result<Charge> {
    let row =
        sqlx::query("SELECT * FROM commons_charge WHERE id = $1").bind(id.to_string()).fetch_optional(tx);
    charge_of(&row.await.sql()?.ok_or_else(missing)?)
}

/// The charge with this identity.
pub async fn get(pool: &AnyPool, id: Id<ids::Charge>) -> Result<Charge> {
    let row =
        sqlx::query("SELECT * FROM commons_charge WHERE id = $1").bind(id.to_string()).fetch_optional(pool);
    charge_of(&row.await.sql()?.ok_or_else(missing)?)
}

pub(super) async fn expired(pool: &AnyPool, now: Timestamp, limit: i64) -> Result<Vec<Id<ids::Charge>>> {
    let ids: Vec<String> = sqlx::query_scalar(
        "SELECT id FROM commons_charge WHERE state = 'held' AND expires_at <= $1 LIMIT $2",
    )
    .bind(now.0)
    .bind(limit)
    .fetch_all(pool)
    .await
    .sql()?;
    ids.iter().map(|id| id.parse()).collect()
}

/// The charges that `org` pays, or all when it is `None`, newest first.
pub async fn list(pool: &AnyPool, org: Option<Id<Org>>, page: &PageRequest) -> Result<Page<Charge>> {
    let sql =
        "SELECT * FROM commons_charge WHERE ($1 = '' OR org = $1) AND id < $2 ORDER BY id DESC LIMIT $3";
    pages(pool, sql, org, page).await
}

/// The charges that `org` is paid for, newest first.
pub async fn list_of_payee(pool: &AnyPool, org: Id<Org>, page: &PageRequest) -> Result<Page<Charge>> {
    let sql = "SELECT * FROM commons_charge WHERE payee = $1 AND id < $2 ORDER BY id DESC LIMIT $3";
    pages(pool, sql, Some(org), page).await
}

async fn pages(
    pool: &AnyPool,
    sql: &'static str,
    org: Option<Id<Org>>,
    page: &PageRequest,
) -> Result<Page<Charge>> {
    let rows = page_rows(pool, sql, org, page).await?;
    let charges = rows.iter().map(charge_of).collect::<Result<Vec<_>>>()?;
    Ok(Page::from_rows(charges, page.limit()?, |charge| charge.id.to_string()))
}

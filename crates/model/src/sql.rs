//! Rows of the gateway.

use crate::types::{Call, Served, Totals};
use commons::ids::Org;
use kernel::{Error, Id, Page, PageRequest, Result, Timestamp};
use sqlx::any::AnyRow;
use store::{AnyPool, RowExt, SqlExt, Tx, page_rows};

pub(crate) const MIGRATIONS: &[&str] = &["
CREATE TABLE model_served (
    name TEXT PRIMARY KEY,
    reference TEXT NOT NULL,
    org TEXT NOT NULL,
    price_input_micros BIGINT NOT NULL,
    price_output_micros BIGINT NOT NULL,
    context BIGINT NOT NULL,
    parameters BIGINT NOT NULL,
    job TEXT,
    dataset TEXT,
    registered_at BIGINT NOT NULL
);
CREATE TABLE model_call (
    id TEXT PRIMARY KEY,
    charge TEXT NOT NULL,
    org TEXT NOT NULL,
    model TEXT NOT NULL,
    reference TEXT NOT NULL,
    input_tokens BIGINT NOT NULL,
    output_tokens BIGINT NOT NULL,
    milliseconds BIGINT NOT NULL,
    status TEXT NOT NULL,
    ended_at BIGINT NOT NULL
);
CREATE INDEX model_call_org ON model_call (org, id);
CREATE INDEX model_call_ended ON model_call (ended_at);
"];

fn served_of(row: &AnyRow) -> Result<Served> {
    Ok(Served {
        name: row.text("name")?,
        reference: row.text("reference")?,
        org: row.text("org")?.parse()?,
        price_input_micros: row.int("price_input_micros")?,
        price_output_micros: row.int("price_output_micros")?,
        context: row.int("context")?,
        parameters: row.int("parameters")?,
        job: row.text_or_null("job")?.map(|job| job.parse()).transpose()?,
        dataset: row.text_or_null("dataset")?,
        registered_at: row.time("registered_at")?,
    })
}

/// Makes a model served, or moves its name to a newer version. A version registered before stays as it is.
pub(crate) async fn register(tx: &mut Tx, served: &Served) -> Result<()> {
    sqlx::query(
        "INSERT INTO model_served (name, reference, org, price_input_micros, price_output_micros, context,
             parameters, job, dataset, registered_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
         ON CONFLICT (name) DO UPDATE SET reference = excluded.reference, org = excluded.org,
             price_input_micros = excluded.price_input_micros,
             price_output_micros = excluded.price_output_micros, context = excluded.context,
             parameters = excluded.parameters, job = excluded.job, dataset = excluded.dataset,
             registered_at = excluded.registered_at
         WHERE model_served.reference <> excluded.reference",
    )
    .bind(&served.name)
    .bind(&served.reference)
    .bind(served.org.to_string())
    .bind(served.price_input_micros)
    .bind(served.price_output_micros)
    .bind(served.context)
    .bind(served.parameters)
    .bind(served.job.map(|job| job.to_string()))
    .bind(&served.dataset)
    .bind(served.registered_at.0)
    .execute(tx)
    .await
    .sql()?;
    Ok(())
}

pub(crate) async fn list(pool: &AnyPool, limit: i64) -> Result<Vec<Served>> {
    let rows = sqlx::query("SELECT * FROM model_served ORDER BY name LIMIT $1").bind(limit).fetch_all(pool);
    rows.await.sql()?.iter().map(served_of).collect()
}

pub(crate) async fn find(pool: &AnyPool, name: &str) -> Result<Option<Served>> {
    let row = sqlx::query("SELECT * FROM model_served WHERE name = $1").bind(name).fetch_optional(pool);
    row.await.sql()?.as_ref().map(served_of).transpose()
}

pub(crate) async fn insert_call(tx: &mut Tx, call: &Call) -> Result<()> {
    sqlx::query(
        "INSERT INTO model_call (id, charge, org, model, reference, input_tokens, output_tokens,
             milliseconds, status, ended_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    )
    .bind(call.id.to_string())
    .bind(call.charge.to_string())
    .bind(call.org.to_string())
    .bind(&call.model)
    .bind(&call.reference)
    .bind(call.input_tokens)
    .bind(call.output_tokens)
    .bind(call.milliseconds)
    .bind(&call.status)
    .bind(call.ended_at.0)
    .execute(tx)
    .await
    .sql()?;
    Ok(())
}

fn call_of(row: &AnyRow) -> Result<Call> {
    Ok(Call {
        id: row.text("id")?.parse()?,
        charge: row.text("charge")?.parse()?,
        org: row.text("org")?.parse()?,
        model: row.text("model")?,
        reference: row.text("reference")?,
        input_tokens: row.int("input_tokens")?,
        output_tokens: row.int("output_tokens")?,
        milliseconds: row.int("milliseconds")?,
        status: row.text("status")?,
        ended_at: row.time("ended_at")?,
    })
}

/// The calls that an organisation pays for, newest first.
pub(crate) async fn calls(pool: &AnyPool, org: Id<Org>, page: &PageRequest) -> Result<Page<Call>> {
    let sql = "SELECT * FROM model_call WHERE org = $1 AND id < $2 ORDER BY id DESC LIMIT $3";
    let rows = page_rows(pool, sql, Some(org), page).await?;
    let calls = rows.iter().map(call_of).collect::<Result<Vec<_>>>()?;
    Ok(Page::from_rows(calls, page.limit()?, |call| call.id.to_string()))
}

pub(crate) async fn totals(pool: &AnyPool, since: Timestamp) -> Result<Totals> {
    let row = sqlx::query(
        "SELECT COUNT(*) AS calls, CAST(COALESCE(SUM(input_tokens), 0) AS BIGINT) AS input_tokens,
             CAST(COALESCE(SUM(output_tokens), 0) AS BIGINT) AS output_tokens
         FROM model_call WHERE ended_at >= $1 AND status <> 'failed'",
    )
    .bind(since.0)
    .fetch_one(pool)
    .await
    .sql()?;
    let int = |name| row.int(name).map_err(Error::internal);
    Ok(Totals {
        calls: int("calls")?,
        input_tokens: int("input_tokens")?,
        output_tokens: int("output_tokens")?,
    })
}

//! Rows of vouchers. What is left of one stands on the ledger, not here.

use crate::{ids::Voucher, types::VoucherRecord};
use commons::ids::Org;
use kernel::{Id, Page, PageRequest, Result, Timestamp};
use sqlx::any::AnyRow;
use store::{AnyPool, RowExt, SqlExt, Tx, page_rows};

/// The most vouchers of one policy that a single charge draws on.
const MAX_LIVE: i64 = 20;

fn voucher_of(row: &AnyRow) -> Result<VoucherRecord> {
    Ok(VoucherRecord {
        id: row.text("id")?.parse()?,
        org: row.text("org")?.parse()?,
        policy: row.text("policy")?,
        version: row.text("version")?,
        account: row.text("account")?.parse()?,
        face_micros: row.int("face_micros")?,
        left_micros: 0,
        purpose: row.text_or_null("purpose")?,
        organisation_type: row.text_or_null("organisation_type")?,
        related: row.text("related")?.split_whitespace().map(str::to_owned).collect(),
        reference: row.text("reference")?,
        issued_at: row.time("issued_at")?,
        expires_at: row.time("expires_at")?,
        closed_at: row.time_or_null("closed_at")?,
    })
}

pub(crate) async fn insert_voucher(tx: &mut Tx, voucher: &VoucherRecord, idempotency: &str) -> Result<()> {
    sqlx::query(
        "INSERT INTO finance_voucher (id, org, policy, version, account, face_micros, purpose, organisation_type,
             related, reference, idempotency, issued_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
    )
    .bind(voucher.id.to_string())
    .bind(voucher.org.to_string())
    .bind(&voucher.policy)
    .bind(&voucher.version)
    .bind(voucher.account.to_string())
    .bind(voucher.face_micros)
    .bind(&voucher.purpose)
    .bind(&voucher.organisation_type)
    .bind(voucher.related.join(" "))
    .bind(&voucher.reference)
    .bind(idempotency)
    .bind(voucher.issued_at.0)
    .bind(voucher.expires_at.0)
    .execute(tx)
    .await
    .sql()?;
    Ok(())
}

pub(crate) async fn find_by_key(tx: &mut Tx, idempotency: &str) -> Result<Option<VoucherRecord>> {
    let row = sqlx::query("SELECT * FROM finance_voucher WHERE idempotency = $1")
        .bind(idempotency)
        .fetch_optional(tx)
        .await
        .sql()?;
    row.as_ref().map(voucher_of).transpose()
}

/// The vouchers of `org` under `policy` that hold at `at`, the one that expires first coming first.
pub(crate) async fn live_vouchers(
    tx: &mut Tx,
    org: Id<Org>,
    policy: &str,
    at: Timestamp,
) -> Result<Vec<VoucherRecord>> {
    let rows = sqlx::query(
        "SELECT * FROM finance_voucher
         WHERE org = $1 AND policy = $2 AND issued_at <= $3 AND expires_at > $3 AND closed_at IS NULL
         ORDER BY expires_at, id LIMIT $4",
    )
    .bind(org.to_string())
    .bind(policy)
    .bind(at.0)
    .bind(MAX_LIVE)
    .fetch_all(tx)
    .await
    .sql()?;
    rows.iter().map(voucher_of).collect()
}

/// Vouchers whose time is over and whose rest has not gone back.
pub(crate) async fn due_vouchers(pool: &AnyPool, now: Timestamp, limit: i64) -> Result<Vec<VoucherRecord>> {
    let rows = sqlx::query(
        "SELECT * FROM finance_voucher WHERE expires_at <= $1 AND closed_at IS NULL ORDER BY expires_at LIMIT $2",
    )
    .bind(now.0)
    .bind(limit)
    .fetch_all(pool)
    .await
    .sql()?;
    rows.iter().map(voucher_of).collect()
}

pub(crate) async fn close_voucher(tx: &mut Tx, id: Id<Voucher>, now: Timestamp) -> Result<()> {
    sqlx::query("UPDATE finance_voucher SET closed_at = $2 WHERE id = $1 AND closed_at IS NULL")
        .bind(id.to_string())
        .bind(now.0)
        .execute(tx)
        .await
        .sql()?;
    Ok(())
}

/// The vouchers of `org`, or all, newest first.
pub(crate) async fn list_vouchers(
    pool: &AnyPool,
    org: Option<Id<Org>>,
    page: &PageRequest,
) -> Result<Page<VoucherRecord>> {
    let sql =
        "SELECT * FROM finance_voucher WHERE ($1 = '' OR org = $1) AND id < $2 ORDER BY id DESC LIMIT $3";
    let rows = page_rows(pool, sql, org, page).await?;
    let vouchers = rows.iter().map(voucher_of).collect::<Result<Vec<_>>>()?;
    Ok(Page::from_rows(vouchers, page.limit()?, |voucher| voucher.id.to_string()))
}

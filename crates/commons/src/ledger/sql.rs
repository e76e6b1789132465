//! Rows of the ledger.

use super::{AccountRecord, Balance, TransferRecord};
use crate::ids::{Account, Org};
use kernel::{Error, Id, Page, PageRequest, Result, Timestamp};
use sqlx::any::AnyRow;
use std::collections::BTreeMap;
use store::{AnyPool, RowExt, SqlExt, Tx};

fn account_of(row: &AnyRow) -> Result<AccountRecord> {
    let owner = row.text("owner")?;
    Ok(AccountRecord {
        id: row.text("id")?.parse()?,
        owner: if owner.is_empty() { None } else { Some(owner.parse()?) },
        code: row.text("code")?,
        commodity: row.text("commodity")?,
        floor_micros: row.int_or_null("floor_micros")?,
        balance: Balance { posted_micros: row.int("posted_micros")?, held_micros: row.int("held_micros")? },
    })
}

fn missing() -> Error {
    Error::not_found("account_missing", "there is no such account")
}

pub(super) async fn read_accounts(
    tx: &mut Tx,
    ids: impl Iterator<Item = Id<Account>>,
) -> Result<BTreeMap<Id<Account>, AccountRecord>> {
    let mut accounts = BTreeMap::new();
    for id in ids {
        let row = sqlx::query("SELECT * FROM commons_account WHERE id = $1")
            .bind(id.to_string())
            .fetch_optional(&mut *tx)
            .await
            .sql()?;
        accounts.insert(id, account_of(&row.ok_or_else(missing)?)?);
    }
    Ok(accounts)
}

pub(super) async fn find_account_by_code(
    tx: &mut Tx,
    owner: &str,
    code: &str,
    commodity: &str,
) -> Result<Option<Id<Account>>> {
    let id: Option<String> = sqlx::query_scalar(
        "SELECT id FROM commons_account WHERE owner = $1 AND code = $2 AND commodity = $3",
    )
    .bind(owner)
    .bind(code)
    .bind(commodity)
    .fetch_optional(tx)
    .await
    .sql()?;
    id.map(|id| id.parse()).transpose()
}

pub(super) async fn insert_account(
    tx: &mut Tx,
    owner: &str,
    code: &str,
    commodity: &str,
    floor: Option<i64>,
) -> Result<Id<Account>> {
    let id = Id::generate();
    sqlx::query(
        "INSERT INTO commons_account
             (id, owner, code, commodity, floor_micros, posted_micros, held_micros)
         VALUES ($1, $2, $3, $4, $5, 0, 0)",
    )
    .bind(id.to_string())
    .bind(owner)
    .bind(code)
    .bind(commodity)
    .bind(floor)
    .execute(tx)
    .await
    .sql()?;
    Ok(id)
}

pub(super) async fn set_posted(tx: &mut Tx, id: Id<Account>, posted: i64) -> Result<()> {
    let update = "UPDATE commons_account SET posted_micros = $2 WHERE id = $1";
    sqlx::query(update).bind(id.to_string()).bind(posted).execute(tx).await.sql()?;
    Ok(())
}

pub(super) async fn set_held(tx: &mut Tx, id: Id<Account>, held: i64) -> Result<()> {
    let update = "UPDATE commons_account SET held_micros = $2 WHERE id = $1";
    sqlx::query(update).bind(id.to_string()).bind(held).execute(tx).await.sql()?;
    Ok(())
}

pub(super) async fn insert_transfer(tx: &mut Tx, transfer: &TransferRecord) -> Result<()> {
    sqlx::query(
        "INSERT INTO commons_transfer
             (seq, id, batch, debit, credit, amount_micros, commodity, kind, reference, at, hash)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
    )
    .bind(transfer.seq)
    .bind(transfer.id.to_string())
    .bind(&transfer.batch)
    .bind(transfer.debit.to_string())
    .bind(transfer.credit.to_string())
    .bind(transfer.amount_micros)
    .bind(&transfer.commodity)
    .bind(&transfer.kind)
    .bind(&transfer.reference)
    .bind(transfer.at.0)
    .bind(&transfer.hash)
    .execute(tx)
    .await
    .sql()?;
    Ok(())
}

pub(super) fn transfer_of(row: &AnyRow) -> Result<TransferRecord> {
    Ok(TransferRecord {
        seq: row.int("seq")?,
        id: row.text("id")?.parse()?,
        batch: row.text("batch")?,
        debit: row.text("debit")?.parse()?,
        credit: row.text("credit")?.parse()?,
        amount_micros: row.int("amount_micros")?,
        commodity: row.text("commodity")?,
        kind: row.text("kind")?,
        reference: row.text("reference")?,
        at: Timestamp(row.int("at")?),
        hash: row.text("hash")?,
    })
}

/// The account with this identity.
pub async fn find_account(pool: &AnyPool, id: Id<Account>) -> Result<AccountRecord> {
    let row =
        sqlx::query("SELECT * FROM commons_account WHERE id = $1").bind(id.to_string()).fetch_optional(pool);
    account_of(&row.await.sql()?.ok_or_else(missing)?)
}

/// The accounts of `owner`, or all of them when it is `None`; in the order they were opened, at most 10,000.
pub async fn list_accounts(pool: &AnyPool, owner: Option<Id<Org>>) -> Result<Vec<AccountRecord>> {
    let sql = "SELECT * FROM commons_account WHERE ($1 = '' OR owner = $1) ORDER BY id LIMIT 10000";
    let owner = owner.map(|owner| owner.to_string()).unwrap_or_default();
    let rows = sqlx::query(sql).bind(owner).fetch_all(pool).await.sql()?;
    rows.iter().map(account_of).collect()
}

/// Transfers that touch `account`, or all, newest first.
pub async fn list_transfers(
    pool: &AnyPool,
    account: Option<Id<Account>>,
    page: &PageRequest,
) -> Result<Page<TransferRecord>> {
    let limit = page.limit()?;
    let before: i64 = match &page.cursor {
        Some(cursor) => {
            cursor.parse().map_err(|_| Error::invalid("cursor_invalid", "this cursor is not one of ours"))?
        }
        None => i64::MAX,
    };
    let rows = sqlx::query(
        "SELECT * FROM commons_transfer WHERE seq < $1 AND ($2 = '' OR debit = $2 OR credit = $2)
         ORDER BY seq DESC LIMIT $3",
    )
    .bind(before)
    .bind(account.map(|id| id.to_string()).unwrap_or_default())
    .bind(i64::from(limit) + 1)
    .fetch_all(pool)
    .await
    .sql()?;
    let transfers = rows.iter().map(transfer_of).collect::<Result<Vec<_>>>()?;
    Ok(Page::from_rows(transfers, limit, |transfer| transfer.seq.to_string()))
}

/// The transfers that were posted with one idempotency key, in order.
pub async fn transfers_of_batch(pool: &AnyPool, batch: &str) -> Result<Vec<TransferRecord>> {
    let sql = "SELECT * FROM commons_transfer WHERE batch = $1 ORDER BY seq";
    sqlx::query(sql).bind(batch).fetch_all(pool).await.sql()?.iter().map(transfer_of).collect()
}

/// The transfers that belong to `reference`, in order; at most 10,000.
pub async fn transfers_of_reference(pool: &AnyPool, reference: &str) -> Result<Vec<TransferRecord>> {
    let sql = "SELECT * FROM commons_transfer WHERE reference = $1 ORDER BY seq LIMIT 10000";
    sqlx::query(sql).bind(reference).fetch_all(pool).await.sql()?.iter().map(transfer_of).collect()
}

/// Whether a transfer with this hash is in the chain.
pub async fn contains_transfer(pool: &AnyPool, hash: &str) -> Result<bool> {
    let found: Option<i64> = sqlx::query_scalar("SELECT seq FROM commons_transfer WHERE hash = $1")
        .bind(hash)
        .fetch_optional(pool)
        .await
        .sql()?;
    Ok(found.is_some())
}

/// What was moved since `since`, in micros, by kind and commodity: the day's money in one look.
pub async fn totals_by_kind(pool: &AnyPool, since: Timestamp) -> Result<Vec<(String, String, i64)>> {
    let rows = sqlx::query(
        "SELECT kind, commodity, CAST(SUM(amount_micros) AS BIGINT) AS total FROM commons_transfer
         WHERE at >= $1 GROUP BY kind, commodity ORDER BY kind, commodity",
    )
    .bind(since.0)
    .fetch_all(pool)
    .await
    .sql()?;
    rows.iter().map(|row| Ok((row.text("kind")?, row.text("commodity")?, row.int("total")?))).collect()
}

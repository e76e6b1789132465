//! Rows of contributors' pools and their payouts.

use crate::{
    ids::Distribution,
    types::{DistributionRecord, Share},
};
use commons::ids::Account;
use kernel::{Id, Result};
use sqlx::any::AnyRow;
use store::{AnyPool, RowExt, SqlExt, Tx};

pub(crate) async fn insert_pool(
    tx: &mut Tx,
    reference: &str,
    dataset: &str,
    account: Id<Account>,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO finance_pool (reference, dataset, account) VALUES ($1, $2, $3) ON CONFLICT (reference) DO NOTHING",
    )
    .bind(reference)
    .bind(dataset)
    .bind(account.to_string())
    .execute(tx)
    .await
    .sql()?;
    Ok(())
}

/// The pools of all versions of a dataset, as (reference, account); at most a thousand.
pub(crate) async fn pools_of(pool: &AnyPool, dataset: &str) -> Result<Vec<(String, Id<Account>)>> {
    let rows = sqlx::query(
        "SELECT reference, account FROM finance_pool WHERE dataset = $1 ORDER BY reference LIMIT 1000",
    )
    .bind(dataset)
    .fetch_all(pool)
    .await
    .sql()?;
    rows.iter().map(|row| Ok((row.text("reference")?, row.text("account")?.parse()?))).collect()
}

pub(crate) async fn insert_distribution(
    tx: &mut Tx,
    record: &DistributionRecord,
    idempotency: &str,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO finance_distribution (id, dataset, reference, idempotency, amount_micros, at)
         VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(record.id.to_string())
    .bind(&record.dataset)
    .bind(&record.reference)
    .bind(idempotency)
    .bind(record.amount_micros)
    .bind(record.at.0)
    .execute(&mut *tx)
    .await
    .sql()?;
    for share in &record.shares {
        sqlx::query(
            "INSERT INTO finance_share (distribution, contributor, account, tokens, amount_micros)
             VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(record.id.to_string())
        .bind(&share.contributor)
        .bind(share.account.map(|account| account.to_string()).unwrap_or_default())
        .bind(share.tokens)
        .bind(share.amount_micros)
        .execute(&mut *tx)
        .await
        .sql()?;
    }
    Ok(())
}

fn distribution_of(row: &AnyRow) -> Result<DistributionRecord> {
    Ok(DistributionRecord {
        id: row.text("id")?.parse()?,
        dataset: row.text("dataset")?,
        reference: row.text("reference")?,
        amount_micros: row.int("amount_micros")?,
        at: row.time("at")?,
        shares: Vec::new(),
    })
}

/// What was paid out with one idempotency key, without the shares.
pub(crate) async fn find_distributions(tx: &mut Tx, idempotency: &str) -> Result<Vec<DistributionRecord>> {
    let sql = "SELECT * FROM finance_distribution WHERE idempotency = $1 ORDER BY reference";
    sqlx::query(sql).bind(idempotency).fetch_all(tx).await.sql()?.iter().map(distribution_of).collect()
}

/// The payouts of a dataset, newest first, at most a hundred, without the shares.
pub(crate) async fn distributions_of(pool: &AnyPool, dataset: &str) -> Result<Vec<DistributionRecord>> {
    let sql = "SELECT * FROM finance_distribution WHERE dataset = $1 ORDER BY at DESC, id LIMIT 100";
    sqlx::query(sql).bind(dataset).fetch_all(pool).await.sql()?.iter().map(distribution_of).collect()
}

/// Who got what of a payout, the largest share first; at most ten thousand.
pub(crate) async fn shares_of(pool: &AnyPool, id: Id<Distribution>) -> Result<Vec<Share>> {
    let rows = sqlx::query(
        "SELECT contributor, account, tokens, amount_micros FROM finance_share WHERE distribution = $1
         ORDER BY amount_micros DESC, contributor LIMIT 10000",
    )
    .bind(id.to_string())
    .fetch_all(pool)
    .await
    .sql()?;
    rows.iter()
        .map(|row| {
            Ok(Share {
                contributor: row.text("contributor")?,
                account: row.text("account")?.parse().ok(),
                tokens: row.int("tokens")?,
                amount_micros: row.int("amount_micros")?,
            })
        })
        .collect()
}

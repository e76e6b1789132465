//! Verbs of the ledger. Each runs inside the caller's transaction.

use super::{AccountRecord, Balance, Leg, TransferRecord, rules, sql};
use crate::{
    chain::{self, Head},
    ids::{Account, Hold, Org},
};
use kernel::{Error, Id, Result, Timestamp};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use store::{RowExt, SqlExt, Tx};

/// Name of the transfers' chain.
pub(super) const CHAIN: &str = "transfers";

/// What [`transfer`] did.
#[derive(Debug)]
pub struct Posted {
    /// The transfers, in the legs' order.
    pub transfers: Vec<TransferRecord>,
    /// Whether they were posted now; `false` when this key had posted them before.
    pub fresh: bool,
}

/// The account of `owner` with this code and commodity, opened when it is not there.
///
/// `floor` is the balance it can't go below: `Some(0)` for what people own, `None` for sources.
pub async fn account(
    tx: &mut Tx,
    owner: Option<Id<Org>>,
    code: &str,
    commodity: &str,
    floor: Option<i64>,
) -> Result<Id<Account>> {
    let owner = owner.map(|owner| owner.to_string()).unwrap_or_default();
    match sql::find_account_by_code(tx, &owner, code, commodity).await? {
        Some(id) => Ok(id),
        None => sql::insert_account(tx, &owner, code, commodity, floor).await,
    }
}

/// What an account holds, inside a transaction.
pub async fn balance(tx: &mut Tx, account: Id<Account>) -> Result<Balance> {
    let accounts = sql::read_accounts(tx, std::iter::once(account)).await?;
    Ok(accounts.into_values().next().map(|account| account.balance).unwrap_or_default())
}

/// Posts linked transfers: all of them or none.
///
/// `idempotency` names the batch for ever: the same key with the same legs answers with what was posted the
/// first time, with other legs it is a conflict.
pub async fn transfer(
    tx: &mut Tx,
    now: Timestamp,
    idempotency: &str,
    legs: &[Leg],
    reference: &str,
) -> Result<Posted> {
    let digest = digest_of(legs, reference)?;
    if let Some(known) = known_digest(tx, idempotency).await? {
        same_or_conflict(&known, &digest)?;
        let rows = sqlx::query("SELECT * FROM commons_transfer WHERE batch = $1 ORDER BY seq")
            .bind(idempotency)
            .fetch_all(&mut *tx)
            .await
            .sql()?;
        let transfers = rows.iter().map(sql::transfer_of).collect::<Result<Vec<_>>>()?;
        return Ok(Posted { transfers, fresh: false });
    }
    let deltas = rules::deltas(legs)?;
    let accounts = sql::read_accounts(tx, deltas.keys().copied()).await?;
    rules::check_commodities(legs, &accounts)?;
    for (id, delta) in deltas {
        sql::set_posted(tx, id, rules::post(&accounts[&id], delta)?).await?;
    }
    sqlx::query("INSERT INTO commons_batch (idempotency, digest) VALUES ($1, $2)")
        .bind(idempotency)
        .bind(digest)
        .execute(&mut *tx)
        .await
        .sql()?;
    let transfers = append(tx, now, idempotency, legs, reference, &accounts).await?;
    Ok(Posted { transfers, fresh: true })
}

async fn append(
    tx: &mut Tx,
    now: Timestamp,
    batch: &str,
    legs: &[Leg],
    reference: &str,
    accounts: &BTreeMap<Id<Account>, AccountRecord>,
) -> Result<Vec<TransferRecord>> {
    let mut head = chain::head(tx, CHAIN).await?;
    let mut transfers = Vec::with_capacity(legs.len());
    for leg in legs {
        let mut transfer = TransferRecord {
            seq: head.seq + 1,
            id: Id::generate(),
            batch: batch.to_owned(),
            debit: leg.debit,
            credit: leg.credit,
            amount_micros: leg.amount_micros,
            commodity: accounts[&leg.debit].commodity.clone(),
            kind: leg.kind.clone(),
            reference: reference.to_owned(),
            at: now,
            hash: String::new(),
        };
        transfer.hash = transfer_hash(&head.hash, &transfer);
        sql::insert_transfer(tx, &transfer).await?;
        head = Head { seq: transfer.seq, hash: transfer.hash.clone() };
        transfers.push(transfer);
    }
    chain::advance(tx, CHAIN, &head).await?;
    Ok(transfers)
}

/// The hash of a transfer after `previous`: it covers every field.
pub(super) fn transfer_hash(previous: &str, transfer: &TransferRecord) -> String {
    chain::link(
        previous,
        &[
            &transfer.seq.to_string(),
            &transfer.id.to_string(),
            &transfer.batch,
            &transfer.debit.to_string(),
            &transfer.credit.to_string(),
            &transfer.amount_micros.to_string(),
            &transfer.commodity,
            &transfer.kind,
            &transfer.reference,
            &transfer.at.0.to_string(),
        ],
    )
}

/// Reserves what `legs` would take from each account, so that nothing else can spend it before [`release`].
///
/// The same key with the same legs answers with the hold that it made the first time.
pub async fn hold(tx: &mut Tx, now: Timestamp, idempotency: &str, legs: &[Leg]) -> Result<Id<Hold>> {
    let digest = digest_of(legs, "")?;
    let known: Option<(String, String)> =
        sqlx::query_as("SELECT id, digest FROM commons_hold WHERE idempotency = $1")
            .bind(idempotency)
            .fetch_optional(&mut *tx)
            .await
            .sql()?;
    if let Some((id, known)) = known {
        same_or_conflict(&known, &digest)?;
        return id.parse();
    }
    let id: Id<Hold> = Id::generate();
    sqlx::query("INSERT INTO commons_hold (id, idempotency, digest, state, opened_at) VALUES ($1, $2, $3, 'held', $4)")
        .bind(id.to_string())
        .bind(idempotency)
        .bind(digest)
        .bind(now.0)
        .execute(&mut *tx)
        .await
        .sql()?;
    let outflows = if legs.is_empty() { BTreeMap::new() } else { rules::outflows(legs)? };
    let accounts = sql::read_accounts(tx, outflows.keys().copied()).await?;
    for (account, amount) in outflows {
        sql::set_held(tx, account, rules::reserve(&accounts[&account], amount)?).await?;
        sqlx::query("INSERT INTO commons_hold_leg (hold, account, amount_micros) VALUES ($1, $2, $3)")
            .bind(id.to_string())
            .bind(account.to_string())
            .bind(amount)
            .execute(&mut *tx)
            .await
            .sql()?;
    }
    Ok(id)
}

/// Gives back what a hold reserved. Releasing it again changes nothing.
pub async fn release(tx: &mut Tx, hold: Id<Hold>) -> Result<()> {
    let open = sqlx::query("UPDATE commons_hold SET state = 'released' WHERE id = $1 AND state = 'held'")
        .bind(hold.to_string())
        .execute(&mut *tx)
        .await
        .sql()?;
    if open.rows_affected() == 0 {
        return Ok(());
    }
    let rows = sqlx::query("SELECT account, amount_micros FROM commons_hold_leg WHERE hold = $1")
        .bind(hold.to_string())
        .fetch_all(&mut *tx)
        .await
        .sql()?;
    for row in rows {
        let (account, amount) = (row.text("account")?, row.int("amount_micros")?);
        sqlx::query("UPDATE commons_account SET held_micros = held_micros - $2 WHERE id = $1")
            .bind(account)
            .bind(amount)
            .execute(&mut *tx)
            .await
            .sql()?;
    }
    Ok(())
}

async fn known_digest(tx: &mut Tx, idempotency: &str) -> Result<Option<String>> {
    sqlx::query_scalar("SELECT digest FROM commons_batch WHERE idempotency = $1")
        .bind(idempotency)
        .fetch_optional(tx)
        .await
        .sql()
}

fn digest_of(legs: &[Leg], reference: &str) -> Result<String> {
    let text = serde_json::to_string(&(legs, reference)).map_err(Error::internal)?;
    Ok(hex::encode(Sha256::digest(text.as_bytes())))
}

fn same_or_conflict(known: &str, digest: &str) -> Result<()> {
    if known == digest {
        return Ok(());
    }
    Err(Error::conflict("idempotency_conflict", "this key was used before for something else; use a new key"))
}

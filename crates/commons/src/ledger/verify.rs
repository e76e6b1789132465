//! The auditor's proof: everything that can be derived is derived again and compared.

use super::{TransferRecord, ops, sql};
use crate::{
    audit,
    chain::{self, GENESIS, Head},
};
use kernel::Result;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use store::{Database, RowExt, Snapshot, SqlExt};

/// Rows read at a time.
const CHUNK: i64 = 5_000;
/// Faults told at the most; a broken ledger may have as many as rows.
const MAX_FAULTS: usize = 100;

/// Something that doesn't hold, and where.
#[derive(Debug, Clone, Serialize)]
pub struct Fault {
    /// The table and row, such as `transfer 17`.
    pub place: String,
    /// What is wrong with it.
    pub text: String,
}

/// What [`verify`] found.
#[derive(Debug, Clone, Serialize)]
pub struct Verification {
    /// Whether everything holds.
    pub holds: bool,
    /// What doesn't.
    pub faults: Vec<Fault>,
    /// Where the transfers' chain ends. Note it elsewhere: a later run must still contain it.
    pub transfers: Head,
    /// Where the audit log's chain ends.
    pub audit: Head,
    /// Accounts looked at.
    pub accounts: usize,
    /// The sum of all balances per commodity, in micros; each must be zero.
    pub sums: BTreeMap<String, i128>,
}

/// Derives every balance from the transfers again, sums each commodity, and walks both hash chains.
///
/// Reads only, one state of the database, so that it works beside a running server.
pub async fn verify(db: &Database) -> Result<Verification> {
    let mut faults = Faults(Vec::new());
    let mut snapshot = db.snapshot().await?;
    let (transfers, derived) = walk_transfers(&mut snapshot, &mut faults).await?;
    let audit = walk_audit(&mut snapshot, &mut faults).await?;
    check_head(&mut snapshot, ops::CHAIN, &transfers, &mut faults).await?;
    check_head(&mut snapshot, audit::CHAIN, &audit, &mut faults).await?;
    let held = derive_held(&mut snapshot).await?;
    let (accounts, sums) = check_accounts(&mut snapshot, &derived, &held, &mut faults).await?;
    Ok(Verification { holds: faults.0.is_empty(), faults: faults.0, transfers, audit, accounts, sums })
}

struct Faults(Vec<Fault>);

impl Faults {
    fn add(&mut self, place: String, text: impl Into<String>) {
        if self.0.len() < MAX_FAULTS {
            self.0.push(Fault { place, text: text.into() });
        }
    }
}

/// Balances in micros by account id, as text: a broken id must be told, not stop the proof.
type Balances = BTreeMap<String, i128>;

async fn walk_transfers(snapshot: &mut Snapshot, faults: &mut Faults) -> Result<(Head, Balances)> {
    let mut head = Head { seq: 0, hash: GENESIS.to_owned() };
    let mut balances = Balances::new();
    loop {
        let rows = sqlx::query("SELECT * FROM commons_transfer WHERE seq > $1 ORDER BY seq LIMIT $2")
            .bind(head.seq)
            .bind(CHUNK)
            .fetch_all(&mut **snapshot)
            .await
            .sql()?;
        for row in &rows {
            let seq = row.int("seq")?;
            let place = format!("transfer {seq}");
            let hash = row.text("hash")?;
            if seq != head.seq + 1 {
                faults.add(
                    place.clone(),
                    format!("follows transfer {}: entries between them are gone", head.seq),
                );
            }
            match sql::transfer_of(row) {
                Ok(transfer) => check_transfer(&head, &transfer, &mut balances, place, faults),
                Err(error) => faults.add(place, format!("can't be read: {error}")),
            }
            head = Head { seq, hash };
        }
        if rows.len() < CHUNK as usize {
            return Ok((head, balances));
        }
    }
}

fn check_transfer(
    head: &Head,
    transfer: &TransferRecord,
    balances: &mut Balances,
    place: String,
    faults: &mut Faults,
) {
    if ops::transfer_hash(&head.hash, transfer) != transfer.hash {
        faults
            .add(place, "its hash is not that of its fields after the entry before: one of them was changed");
    }
    *balances.entry(transfer.debit.to_string()).or_default() -= i128::from(transfer.amount_micros);
    *balances.entry(transfer.credit.to_string()).or_default() += i128::from(transfer.amount_micros);
}

async fn walk_audit(snapshot: &mut Snapshot, faults: &mut Faults) -> Result<Head> {
    let mut head = Head { seq: 0, hash: GENESIS.to_owned() };
    loop {
        let rows = sqlx::query("SELECT * FROM commons_audit WHERE seq > $1 ORDER BY seq LIMIT $2")
            .bind(head.seq)
            .bind(CHUNK)
            .fetch_all(&mut **snapshot)
            .await
            .sql()?;
        for row in &rows {
            let (seq, hash) = (row.int("seq")?, row.text("hash")?);
            let place = format!("audit entry {seq}");
            if seq != head.seq + 1 {
                faults
                    .add(place.clone(), format!("follows entry {}: entries between them are gone", head.seq));
            }
            let (at, actor, action) = (row.time("at")?, row.text("actor")?, row.text("action")?);
            let (subject, detail) = (row.text("subject")?, row.text("detail")?);
            if audit::entry_hash(&head.hash, seq, at, &actor, &action, &subject, &detail) != hash {
                faults.add(
                    place,
                    "its hash is not that of its fields after the entry before: one of them was changed",
                );
            }
            head = Head { seq, hash };
        }
        if rows.len() < CHUNK as usize {
            return Ok(head);
        }
    }
}

/// The chain must end where it says it ends: entries cut off its end show here.
async fn check_head(snapshot: &mut Snapshot, name: &str, walked: &Head, faults: &mut Faults) -> Result<()> {
    let stored = chain::head(snapshot, name).await?;
    if stored != *walked {
        faults.add(
            format!("chain “{name}”"),
            format!(
                "it says that it ends at entry {}, but entry {} is the last that is there",
                stored.seq, walked.seq
            ),
        );
    }
    Ok(())
}

async fn derive_held(snapshot: &mut Snapshot) -> Result<Balances> {
    let rows = sqlx::query(
        "SELECT l.account, CAST(SUM(l.amount_micros) AS BIGINT) AS held FROM commons_hold_leg l
         JOIN commons_hold h ON h.id = l.hold WHERE h.state = 'held' GROUP BY l.account",
    )
    .fetch_all(&mut **snapshot)
    .await
    .sql()?;
    rows.iter().map(|row| Ok((row.text("account")?, i128::from(row.int("held")?)))).collect()
}

async fn check_accounts(
    snapshot: &mut Snapshot,
    derived: &Balances,
    held: &Balances,
    faults: &mut Faults,
) -> Result<(usize, BTreeMap<String, i128>)> {
    let rows =
        sqlx::query("SELECT * FROM commons_account ORDER BY id").fetch_all(&mut **snapshot).await.sql()?;
    let mut sums: BTreeMap<String, i128> = BTreeMap::new();
    let mut known = BTreeSet::new();
    for row in &rows {
        let id = row.text("id")?;
        let place = format!("account {id} ({})", row.text("code")?);
        for (column, text, truth) in [
            ("posted_micros", "its balance", derived.get(&id).copied().unwrap_or_default()),
            ("held_micros", "what is held on it", held.get(&id).copied().unwrap_or_default()),
        ] {
            let stored = i128::from(row.int(column)?);
            if stored != truth {
                faults
                    .add(place.clone(), format!("{text} is written as {stored} micros and comes to {truth}"));
            }
        }
        *sums.entry(row.text("commodity")?).or_default() += i128::from(row.int("posted_micros")?);
        known.insert(id);
    }
    for id in derived.keys().filter(|id| !known.contains(*id)) {
        faults.add(format!("account {id}"), "transfers name it, but it is not there");
    }
    for (commodity, sum) in sums.iter().filter(|(_, sum)| **sum != 0) {
        faults
            .add(format!("commodity {commodity}"), format!("its balances sum to {sum} micros, not to zero"));
    }
    Ok((rows.len(), sums))
}

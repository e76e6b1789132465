//! Paying out what a dataset's contributors have earned.

use crate::{
    Finance, accounts, origin,
    rules::share,
    sql,
    types::{DistributionRecord, Share},
};
use commons::{
    audit,
    ids::Account,
    ledger::{self, Leg},
    provenance::Contribution,
};
use kernel::{Error, Id, Result, Timestamp};
use serde_json::json;
use store::Tx;

/// Legs of one linked batch; larger payouts are several batches of one transaction.
const BATCH: usize = 5_000;

/// What is paid out in one go.
struct Payout {
    dataset: String,
    idempotency: String,
    actor: String,
    pools: Vec<(String, Id<Account>, Vec<Contribution>)>,
}

impl Finance {
    /// Pays the pools of all versions of `dataset` out to their contributors, all or nothing.
    ///
    /// The same key pays once and answers with what it paid then. A dataset that earned nothing is `NotFound`.
    pub async fn distribute(
        &self,
        actor: String,
        dataset: &str,
        idempotency: &str,
    ) -> Result<Vec<DistributionRecord>> {
        origin::check_name(dataset)?;
        let pool = self.commons.db.pool();
        let mut pools = Vec::new();
        for (reference, account) in sql::pools_of(pool, dataset).await? {
            let contributions = self.money.origins.contributions(&reference).await?;
            pools.push((reference, account, contributions));
        }
        if pools.is_empty() {
            return Err(Error::not_found(
                "pool_missing",
                "this dataset has earned nothing yet, so there is no pool",
            ));
        }
        let payout =
            Payout { dataset: dataset.to_owned(), idempotency: idempotency.to_owned(), actor, pools };
        let now = self.commons.now();
        let records =
            self.commons.db.write(move |tx| Box::pin(async move { pay(tx, now, &payout).await })).await?;
        self.with_shares(records).await
    }

    /// The payouts of a dataset, newest first, with who got what.
    pub async fn distributions(&self, dataset: &str) -> Result<Vec<DistributionRecord>> {
        let records = sql::distributions_of(self.commons.db.pool(), dataset).await?;
        self.with_shares(records).await
    }

    async fn with_shares(&self, mut records: Vec<DistributionRecord>) -> Result<Vec<DistributionRecord>> {
        for record in &mut records {
            record.shares = sql::shares_of(self.commons.db.pool(), record.id).await?;
        }
        Ok(records)
    }
}

async fn pay(tx: &mut Tx, now: Timestamp, payout: &Payout) -> Result<Vec<DistributionRecord>> {
    let known = sql::find_distributions(tx, &payout.idempotency).await?;
    if known.iter().any(|record| record.dataset != payout.dataset) {
        return Err(Error::conflict(
            "idempotency_conflict",
            "this key was used before for another dataset; use a new key",
        ));
    }
    if !known.is_empty() {
        return Ok(known);
    }
    let mut records = Vec::new();
    for (reference, account, contributions) in &payout.pools {
        let amount_micros = ledger::balance(tx, *account).await?.available_micros();
        if amount_micros > 0 {
            let record = DistributionRecord {
                id: Id::generate(),
                dataset: payout.dataset.clone(),
                reference: reference.clone(),
                amount_micros,
                at: now,
                shares: shares(tx, amount_micros, contributions).await?,
            };
            post(tx, *account, &record).await?;
            sql::insert_distribution(tx, &record, &payout.idempotency).await?;
            let detail = json!({"reference": reference, "amount_micros": amount_micros, "shares": record.shares.len()});
            audit::record(tx, now, &payout.actor, "dataset.distribute", &record.id.to_string(), detail)
                .await?;
            records.push(record);
        }
    }
    Ok(records)
}

async fn shares(tx: &mut Tx, amount_micros: i64, contributions: &[Contribution]) -> Result<Vec<Share>> {
    let given = contributions.iter().map(|one| (one.contributor.as_str(), one.tokens));
    let tokens = share::tokens_by_contributor(given);
    let mut shares = Vec::new();
    for (contributor, tokens, amount_micros) in share::split(amount_micros, &tokens) {
        if amount_micros > 0 {
            let account = Some(accounts::contributor(tx, contributor).await?);
            shares.push(Share { contributor: contributor.to_owned(), account, tokens, amount_micros });
        }
    }
    Ok(shares)
}

async fn post(tx: &mut Tx, pool: Id<Account>, record: &DistributionRecord) -> Result<()> {
    let legs: Vec<Leg> = record
        .shares
        .iter()
        .filter_map(|share| {
            let credit = share.account?;
            Some(Leg { debit: pool, credit, amount_micros: share.amount_micros, kind: "payout".into() })
        })
        .collect();
    for (index, batch) in legs.chunks(BATCH).enumerate() {
        let key = format!("distribute:{}:{index}", record.id);
        ledger::transfer(tx, record.at, &key, batch, &record.id.to_string()).await?;
    }
    Ok(())
}

//! Verbs of billing. Each runs inside the caller's transaction.

use super::{Charge, ChargeState, Quote, UsageLine, rules, sql};
use crate::{
    Commons,
    identity::{Caller, Scope},
    ids, ledger,
};
use kernel::{Error, Id, Result};
use serde_json::json;
use store::Tx;

/// Charges that one sweep looks at.
const SWEEP: i64 = 500;

/// Opens a charge: reserves the most that it can cost where the settlement's plan takes it from.
pub async fn open(commons: &Commons, tx: &mut Tx, quote: Quote) -> Result<Charge> {
    if let Some(known) = sql::find_by_key(tx, &quote.idempotency).await? {
        return Ok(known);
    }
    if quote.max_micros < 0 {
        return Err(Error::invalid("usage_negative", "usage and prices are not negative"));
    }
    let now = commons.now();
    let mut charge = Charge {
        id: Id::generate(),
        org: quote.org,
        payee: quote.payee,
        service: quote.service,
        resource: quote.resource,
        state: ChargeState::Held,
        max_micros: quote.max_micros,
        amount_micros: 0,
        lines: Vec::new(),
        plan: json!([]),
        hold: Id::generate(),
        opened_at: now,
        settled_at: None,
    };
    let plan = commons.settlement.plan(tx, &charge, charge.max_micros).await?;
    charge.hold = ledger::hold(tx, now, &charge.id.to_string(), &plan.legs).await?;
    charge.plan = json!(plan.decisions);
    let expires_at = quote.expires_seconds.map(|seconds| now.plus_seconds(seconds));
    sql::insert(tx, &charge, &quote.idempotency, expires_at).await?;
    Ok(charge)
}

/// Settles a charge at what was used: pays it and gives the rest back. Settling it again answers with the first.
///
/// What was used can't cost more than was reserved: the payee bears the difference, since the payer was
/// promised a most.
pub async fn settle(
    commons: &Commons,
    tx: &mut Tx,
    id: Id<ids::Charge>,
    lines: Vec<UsageLine>,
) -> Result<Charge> {
    let mut charge = sql::read(tx, id).await?;
    match charge.state {
        ChargeState::Settled => return Ok(charge),
        ChargeState::Voided => {
            return Err(Error::conflict("charge_voided", "this charge was given back and can't be settled"));
        }
        ChargeState::Held => {}
    }
    let now = commons.now();
    charge.amount_micros = rules::total_micros(&lines)?.min(charge.max_micros);
    charge.lines = lines;
    ledger::release(tx, charge.hold).await?;
    let plan = commons.settlement.plan(tx, &charge, charge.amount_micros).await?;
    if !plan.legs.is_empty() {
        let reference = id.to_string();
        ledger::transfer(tx, now, &format!("settle:{id}"), &plan.legs, &reference).await?;
    }
    charge.plan = json!(plan.decisions);
    charge.state = ChargeState::Settled;
    charge.settled_at = Some(now);
    sql::update(tx, &charge).await?;
    Ok(charge)
}

/// Gives back all that a charge reserved. Voiding it again changes nothing; a settled one can't be voided.
pub async fn void(commons: &Commons, tx: &mut Tx, id: Id<ids::Charge>) -> Result<()> {
    let mut charge = sql::read(tx, id).await?;
    match charge.state {
        ChargeState::Voided => return Ok(()),
        ChargeState::Settled => {
            return Err(Error::conflict("charge_settled", "this charge is paid and can't be given back"));
        }
        ChargeState::Held => {}
    }
    ledger::release(tx, charge.hold).await?;
    charge.state = ChargeState::Voided;
    charge.settled_at = Some(commons.now());
    sql::update(tx, &charge).await
}

/// Voids charges whose time is over: what a crash between open and settle leaves behind. Returns how many.
pub async fn sweep_expired(commons: &Commons) -> Result<usize> {
    let due = sql::expired(commons.db.pool(), commons.now(), SWEEP).await?;
    let count = due.len();
    for id in due {
        let commons_here = commons.clone();
        let swept =
            commons.db.write(move |tx| Box::pin(async move { void(&commons_here, tx, id).await })).await;
        if let Err(error) = swept {
            // It was settled in between, which is as good.
            tracing::debug!(charge = %id, error = error.chain(), "not swept");
        }
    }
    Ok(count)
}

/// Fails unless the caller is a party of the charge, the operator or an auditor.
pub fn require_party(caller: &Caller, charge: &Charge) -> Result<()> {
    if caller.org == charge.payee || caller.may(Scope::Audit) {
        return Ok(());
    }
    caller.require_org(charge.org)
}

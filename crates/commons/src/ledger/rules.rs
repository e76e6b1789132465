//! Pure decisions of the ledger: what legs do to accounts, and whether they may.

use super::{AccountRecord, Leg};
use crate::ids::Account;
use kernel::{Error, Id, Result};
use std::collections::BTreeMap;

/// The most legs of one linked batch.
pub const MAX_LEGS: usize = 10_000;

/// What a batch of legs changes on each account, in micros.
pub fn deltas(legs: &[Leg]) -> Result<BTreeMap<Id<Account>, i64>> {
    if legs.is_empty() || legs.len() > MAX_LEGS {
        return Err(Error::invalid("legs_count", format!("a linked transfer has 1 to {MAX_LEGS} legs")));
    }
    let mut deltas: BTreeMap<Id<Account>, i64> = BTreeMap::new();
    for leg in legs {
        if leg.amount_micros <= 0 {
            return Err(Error::invalid("amount_not_positive", "a transfer moves a positive amount"));
        }
        if leg.debit == leg.credit {
            return Err(Error::invalid("transfer_to_itself", "a transfer goes from one account to another"));
        }
        if leg.kind.is_empty() || leg.kind.len() > 64 {
            return Err(Error::invalid("transfer_kind", "a transfer's kind has 1 to 64 characters"));
        }
        add(&mut deltas, leg.debit, -leg.amount_micros)?;
        add(&mut deltas, leg.credit, leg.amount_micros)?;
    }
    Ok(deltas)
}

fn add(deltas: &mut BTreeMap<Id<Account>, i64>, account: Id<Account>, micros: i64) -> Result<()> {
    let slot = deltas.entry(account).or_default();
    *slot = slot.checked_add(micros).ok_or_else(too_large)?;
    Ok(())
}

fn too_large() -> Error {
    Error::invalid("amount_overflow", "the amount is too large to be counted in micros")
}

/// Fails unless both accounts of each leg count the same commodity.
pub fn check_commodities(legs: &[Leg], accounts: &BTreeMap<Id<Account>, AccountRecord>) -> Result<()> {
    for leg in legs {
        let of = |id| accounts.get(&id).map(|account| account.commodity.as_str());
        if of(leg.debit).is_none() || of(leg.debit) != of(leg.credit) {
            return Err(Error::invalid(
                "commodity_mismatch",
                "a transfer's two accounts count different commodities",
            ));
        }
    }
    Ok(())
}

/// The posted balance after `delta`, or why the account can't bear it.
pub fn post(account: &AccountRecord, delta: i64) -> Result<i64> {
    let posted = account.balance.posted_micros.checked_add(delta).ok_or_else(too_large)?;
    if delta < 0 {
        check_floor(account, posted, account.balance.held_micros, delta)?;
    }
    Ok(posted)
}

/// The held amount after reserving `amount` more, or why the account can't bear it.
pub fn reserve(account: &AccountRecord, amount: i64) -> Result<i64> {
    let held = account.balance.held_micros.checked_add(amount).ok_or_else(too_large)?;
    check_floor(account, account.balance.posted_micros, held, -amount)?;
    Ok(held)
}

fn check_floor(account: &AccountRecord, posted: i64, held: i64, delta: i64) -> Result<()> {
    let Some(floor) = account.floor_micros else { return Ok(()) };
    if i128::from(posted) - i128::from(held) >= i128::from(floor) {
        return Ok(());
    }
    Err(Error::insufficient(
        "balance_insufficient",
        format!(
            "the account “{}” has {} {} to spend, and this needs {}",
            account.code,
            kernel::money::format_micros(account.balance.available_micros().saturating_sub(floor)),
            account.commodity,
            kernel::money::format_micros(delta.saturating_neg()),
        ),
    ))
}

/// What a plan's legs take from each account on balance: what a hold for it reserves.
pub fn outflows(legs: &[Leg]) -> Result<BTreeMap<Id<Account>, i64>> {
    Ok(deltas(legs)?
        .into_iter()
        .filter(|(_, delta)| *delta < 0)
        .map(|(account, delta)| (account, -delta))
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::Balance;
    use proptest::prelude::*;

    fn leg(debit: u128, credit: u128, amount_micros: i64) -> Leg {
        Leg { debit: Id::from_bits(debit), credit: Id::from_bits(credit), amount_micros, kind: "test".into() }
    }

    fn account(posted: i64, held: i64, floor: Option<i64>) -> AccountRecord {
        AccountRecord {
            id: Id::from_bits(1),
            owner: None,
            code: "balance".into(),
            commodity: "CNY".into(),
            floor_micros: floor,
            balance: Balance { posted_micros: posted, held_micros: held },
        }
    }

    proptest! {
        #[test]
        fn deltas_sum_to_zero(moves in proptest::collection::vec((0u128..9, 0u128..9, 1i64..1 << 40), 1..60)) {
            let legs: Vec<Leg> = moves.into_iter().filter(|(a, b, _)| a != b).map(|(a, b, m)| leg(a, b, m)).collect();
            prop_assume!(!legs.is_empty());
            prop_assert_eq!(deltas(&legs).unwrap().values().map(|&d| i128::from(d)).sum::<i128>(), 0);
        }

        #[test]
        fn an_account_with_a_floor_never_goes_below_it(posted in 0i64..1 << 40, held in 0i64..1 << 40, delta in -(1i64 << 40)..1 << 40) {
            let account = account(posted, held, Some(0));
            if let Ok(after) = post(&account, delta) {
                prop_assert!(delta >= 0 || after - held >= 0);
            }
        }
    }

    #[test]
    fn a_passing_amount_is_not_reserved() {
        // balance 1 -> revenue 2 (100), revenue 2 -> pool 3 (10): only the balance gives.
        let taken = outflows(&[leg(1, 2, 100), leg(2, 3, 10)]).unwrap();
        assert_eq!(taken.into_values().collect::<Vec<_>>(), [100]);
    }

    #[test]
    fn refuses_nothing_negative_and_itself() {
        assert!(deltas(&[]).is_err());
        assert!(deltas(&[leg(1, 2, 0)]).is_err());
        assert!(deltas(&[leg(1, 1, 5)]).is_err());
        assert!(reserve(&account(10, 5, Some(0)), 6).is_err());
        assert_eq!(reserve(&account(10, 5, Some(0)), 5).unwrap(), 10);
        assert_eq!(post(&account(0, 0, None), -5).unwrap(), -5);
    }
}

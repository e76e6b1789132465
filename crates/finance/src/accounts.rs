//! The ledger accounts of public money: one place for their codes.

use crate::ids::Voucher;
use commons::{
    ids::{Account, Org},
    ledger::{self, CNY},
};
use kernel::{Id, Result};
use sha2::{Digest, Sha256};
use store::Tx;

/// Where a programme's money comes from. It has no floor: its debt is what the budget has given.
pub(crate) async fn budget(tx: &mut Tx, policy: &str) -> Result<Id<Account>> {
    ledger::account(tx, None, &format!("budget:{policy}"), CNY, None).await
}

/// A programme's money that is not spent.
pub(crate) async fn pot(tx: &mut Tx, policy: &str) -> Result<Id<Account>> {
    ledger::account(tx, None, &format!("pot:{policy}"), CNY, Some(0)).await
}

/// What the community gives newcomers out of its own pocket. It has no floor: its debt is what was given.
pub(crate) async fn welcome(tx: &mut Tx) -> Result<Id<Account>> {
    ledger::account(tx, None, "welcome", CNY, None).await
}

/// Where a policy's vouchers come from. Its debt is what was issued and not taken back.
pub(crate) async fn issued(tx: &mut Tx, policy: &str) -> Result<Id<Account>> {
    ledger::account(tx, None, "issued", &voucher_commodity(policy), None).await
}

/// Where a policy's redeemed vouchers go.
pub(crate) async fn redeemed(tx: &mut Tx, policy: &str) -> Result<Id<Account>> {
    ledger::account(tx, None, "redeemed", &voucher_commodity(policy), Some(0)).await
}

/// What one voucher still holds.
pub(crate) async fn voucher(tx: &mut Tx, org: Id<Org>, id: Id<Voucher>, policy: &str) -> Result<Id<Account>> {
    ledger::account(tx, Some(org), &format!("voucher:{id}"), &voucher_commodity(policy), Some(0)).await
}

/// Counts what a policy granted to an organisation in a year: its debt, holds included. The rule's cap is its
/// floor in effect, kept by the decision rather than here because a later version may change it.
pub(crate) async fn yearly(tx: &mut Tx, org: Id<Org>, policy: &str, year: &str) -> Result<Id<Account>> {
    ledger::account(tx, Some(org), &format!("yearly:{year}"), &grant_commodity(policy), None).await
}

/// The other side of [`yearly`].
pub(crate) async fn granted(tx: &mut Tx, policy: &str) -> Result<Id<Account>> {
    ledger::account(tx, None, "granted", &grant_commodity(policy), Some(0)).await
}

/// What the contributors of one dataset version have earned and not been paid.
pub(crate) async fn pool(tx: &mut Tx, reference: &str) -> Result<Id<Account>> {
    ledger::account(tx, None, &format!("pool:{reference}"), CNY, Some(0)).await
}

/// What one contributor has been paid. Contributors have no organisation here, so a hash names them.
pub(crate) async fn contributor(tx: &mut Tx, name: &str) -> Result<Id<Account>> {
    let hash = hex::encode(Sha256::digest(name.as_bytes()));
    ledger::account(tx, None, &format!("contributor:{}", &hash[..16]), CNY, Some(0)).await
}

/// The commodity of a policy's vouchers; one micro bears one micro of CNY.
pub(crate) fn voucher_commodity(policy: &str) -> String {
    format!("VOUCHER:{policy}")
}

fn grant_commodity(policy: &str) -> String {
    format!("GRANT:{policy}")
}

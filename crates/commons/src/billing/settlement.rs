//! Who bears which part of a charge: the port between billing and public money.

use super::Charge;
use crate::{
    ids::{Account, Org},
    ledger::{self, CNY, Leg},
};
use async_trait::async_trait;
use kernel::{Id, Result};
use serde_json::Value;
use store::Tx;

/// Who bears what.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    /// The transfers that pay the amount; what they take in all must not exceed it plus linked vouchers.
    pub legs: Vec<Leg>,
    /// The decisions behind them, each explained.
    pub decisions: Vec<Value>,
}

/// Decides who bears which part of a charge.
#[async_trait]
pub trait Settlement: Send + Sync {
    /// The plan for `amount_micros` of `charge`, by the rules in force when it was opened.
    ///
    /// Called once with the most it can cost, to reserve it, and once with what it did cost, to pay it, with
    /// the reservation given back just before. For a smaller amount, no account may have to give more.
    async fn plan(&self, tx: &mut Tx, charge: &Charge, amount_micros: i64) -> Result<Plan>;
}

/// The plain way: all of it from the organisation's balance.
#[derive(Debug, Clone, Copy, Default)]
pub struct PayFromBalance;

#[async_trait]
impl Settlement for PayFromBalance {
    async fn plan(&self, tx: &mut Tx, charge: &Charge, amount_micros: i64) -> Result<Plan> {
        if amount_micros == 0 {
            return Ok(Plan::default());
        }
        let debit = balance_account(tx, charge.org).await?;
        let credit = revenue_account(tx, charge.payee).await?;
        let legs = vec![Leg { debit, credit, amount_micros, kind: "payment".into() }];
        Ok(Plan { legs, decisions: Vec::new() })
    }
}

/// The account that an organisation pays from.
pub async fn balance_account(tx: &mut Tx, org: Id<Org>) -> Result<Id<Account>> {
    ledger::account(tx, Some(org), "balance", CNY, Some(0)).await
}

/// The account that an organisation earns into.
pub async fn revenue_account(tx: &mut Tx, org: Id<Org>) -> Result<Id<Account>> {
    ledger::account(tx, Some(org), "revenue", CNY, Some(0)).await
}

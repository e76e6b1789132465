//! Nouns of the ledger.

use crate::ids::{Account, Org, Transfer};
use kernel::{Id, Timestamp};
use serde::{Deserialize, Serialize};

/// One movement: `amount_micros` from `debit` to `credit`, both of one commodity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Leg {
    /// The account that gives.
    pub debit: Id<Account>,
    /// The account that gets.
    pub credit: Id<Account>,
    /// How much, in micros of the accounts' commodity; positive.
    pub amount_micros: i64,
    /// What for, as one word: `grant`, `voucher`, `payment`, `revenue_share`.
    pub kind: String,
}

/// What an account holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Balance {
    /// Credits less debits, in micros.
    pub posted_micros: i64,
    /// Reserved by open holds, in micros.
    pub held_micros: i64,
}

impl Balance {
    /// What may still be spent above a floor of zero.
    pub fn available_micros(&self) -> i64 {
        self.posted_micros.saturating_sub(self.held_micros)
    }
}

/// An account.
#[derive(Debug, Clone, Serialize)]
pub struct AccountRecord {
    /// Identity.
    pub id: Id<Account>,
    /// Whose it is; `None` for contributors and other parties that have no organisation here.
    pub owner: Option<Id<Org>>,
    /// What it is for: `balance`, `revenue`, `pot:compute-voucher`.
    pub code: String,
    /// What it counts: `CNY`, `VOUCHER:compute-voucher`.
    pub commodity: String,
    /// The balance that it can't go below; `None` for sources such as a budget.
    pub floor_micros: Option<i64>,
    /// What it holds.
    #[serde(flatten)]
    pub balance: Balance,
}

/// A posted transfer.
#[derive(Debug, Clone, Serialize)]
pub struct TransferRecord {
    /// Position in the chain, from 1 without gaps.
    pub seq: i64,
    /// Identity.
    pub id: Id<Transfer>,
    /// The idempotency key that it was posted with; transfers of one key stand or fall together.
    pub batch: String,
    /// The account that gave.
    pub debit: Id<Account>,
    /// The account that got.
    pub credit: Id<Account>,
    /// How much, in micros.
    pub amount_micros: i64,
    /// Of what.
    pub commodity: String,
    /// What for.
    pub kind: String,
    /// What it belongs to: a charge, a case, a programme.
    pub reference: String,
    /// When.
    pub at: Timestamp,
    /// Hash of this entry and all before it.
    pub hash: String,
}

//! Money: double entry in integer micros, holds, hash-chained transfers.
//!
//! An account's balance is what was credited to it less what was debited from it, so the balances of each
//! commodity sum to zero. An account with a floor can't be debited below it, counting what is held.

mod ops;
mod rules;
mod sql;
mod types;
mod verify;

pub use ops::{Posted, account, balance, hold, release, transfer};
pub use sql::{
    contains_transfer, find_account, list_accounts, list_transfers, totals_by_kind, transfers_of_batch,
    transfers_of_reference,
};
pub use types::{AccountRecord, Balance, Leg, TransferRecord};
pub use verify::{Fault, Verification, verify};

/// The commodity of renminbi.
pub const CNY: &str = "CNY";

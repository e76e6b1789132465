//! Charges: something used that is paid for. Open reserves the most that it can cost, settle takes what was
//! used, void gives all back. Who bears which part is decided by a [`Settlement`].

mod ops;
mod rules;
mod settlement;
mod sql;
mod types;

pub use ops::{open, require_party, settle, sweep_expired, void};
pub use rules::total_micros;
pub use settlement::{PayFromBalance, Plan, Settlement, balance_account, revenue_account};
pub use sql::{get, list, list_of_payee, read};
pub use types::{Charge, ChargeState, Quote, Service, UsageLine};

//! Rows of finance.

mod decisions;
mod pools;
mod programmes;
mod vouchers;

pub(crate) use decisions::{
    StoredVersion, decisions_of, store_decision, store_policy, stored_policy, stored_versions,
};
pub(crate) use pools::{
    distributions_of, find_distributions, insert_distribution, insert_pool, pools_of, shares_of,
};
pub(crate) use programmes::{ProgrammeAccounts, find_programme, store_programme};
pub(crate) use vouchers::{
    close_voucher, due_vouchers, find_by_key, insert_voucher, list_vouchers, live_vouchers,
};

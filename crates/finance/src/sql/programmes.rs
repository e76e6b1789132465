//! Rows of programmes: which ledger accounts a voucher policy has.

use commons::ids::Account;
use kernel::{Error, Id, Result};
use store::{AnyPool, RowExt, SqlExt, Tx};

/// The accounts of a voucher programme.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ProgrammeAccounts {
    pub(crate) budget: Id<Account>,
    pub(crate) pot: Id<Account>,
    pub(crate) issued: Id<Account>,
    pub(crate) redeemed: Id<Account>,
}

pub(crate) async fn store_programme(tx: &mut Tx, policy: &str, accounts: &ProgrammeAccounts) -> Result<()> {
    sqlx::query(
        "INSERT INTO finance_programme (policy, budget, pot, issued, redeemed) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (policy) DO NOTHING",
    )
    .bind(policy)
    .bind(accounts.budget.to_string())
    .bind(accounts.pot.to_string())
    .bind(accounts.issued.to_string())
    .bind(accounts.redeemed.to_string())
    .execute(tx)
    .await
    .sql()?;
    Ok(())
}

pub(crate) async fn find_programme(pool: &AnyPool, policy: &str) -> Result<ProgrammeAccounts> {
    let row = sqlx::query("SELECT budget, pot, issued, redeemed FROM finance_programme WHERE policy = $1")
        .bind(policy)
        .fetch_optional(pool)
        .await
        .sql()?;
    let row =
        row.ok_or_else(|| Error::not_found("programme_missing", "there is no such voucher programme"))?;
    Ok(ProgrammeAccounts {
        budget: row.text("budget")?.parse()?,
        pot: row.text("pot")?.parse()?,
        issued: row.text("issued")?.parse()?,
        redeemed: row.text("redeemed")?.parse()?,
    })
}

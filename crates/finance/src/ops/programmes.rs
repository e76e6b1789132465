//! The money of voucher programmes: from a budget into a pot, never beyond the published size.

use crate::{
    Finance, accounts,
    rules::{Entry, PolicyKind},
    sql,
    types::Programme,
};
use commons::{
    audit,
    ids::Account,
    ledger::{self, Leg},
};
use kernel::{Error, Id, Result, money::format_micros};
use serde_json::json;

impl Finance {
    /// The money of one voucher programme.
    pub async fn programme(&self, policy: &str) -> Result<Programme> {
        let pool = self.commons.db.pool();
        let of = sql::find_programme(pool, policy).await?;
        let posted = |id: Id<Account>| async move {
            Ok::<i64, Error>(ledger::find_account(pool, id).await?.balance.posted_micros)
        };
        Ok(Programme {
            policy: policy.to_owned(),
            funded_micros: -posted(of.budget).await?,
            pot_micros: posted(of.pot).await?,
            issued_micros: -posted(of.issued).await?,
            redeemed_micros: posted(of.redeemed).await?,
        })
    }

    /// The money of every voucher programme, by policy.
    pub async fn programmes(&self) -> Result<Vec<Programme>> {
        let vouchers = self.policies().iter().filter(|entry| entry.policy.kind == PolicyKind::Voucher);
        let mut ids: Vec<&str> = vouchers.map(|entry| entry.policy.id.as_str()).collect();
        ids.sort_unstable();
        ids.dedup();
        let mut programmes = Vec::new();
        for id in ids {
            programmes.push(self.programme(id).await?);
        }
        Ok(programmes)
    }

    /// Moves `amount_micros` from the budget into the pot of `policy`.
    ///
    /// Fails when the pot would become larger than the published text says. The same key funds once.
    pub async fn fund_programme(
        &self,
        actor: String,
        policy: &str,
        amount_micros: i64,
        idempotency: &str,
    ) -> Result<Programme> {
        let entry = self.find_policy(policy)?.clone();
        if entry.policy.kind != PolicyKind::Voucher {
            return Err(Error::invalid(
                "policy_not_voucher",
                format!("{policy} is no voucher policy and has no pot"),
            ));
        }
        let (now, key) = (self.commons.now(), format!("fund:{policy}:{idempotency}"));
        self.commons
            .db
            .write(move |tx| {
                Box::pin(async move {
                    let id = entry.policy.id.as_str();
                    let (budget, pot) = (accounts::budget(tx, id).await?, accounts::pot(tx, id).await?);
                    let leg = Leg { debit: budget, credit: pot, amount_micros, kind: "fund".into() };
                    let posted = ledger::transfer(tx, now, &key, &[leg], &format!("programme:{id}")).await?;
                    if posted.fresh {
                        check_size(&entry, -ledger::balance(tx, budget).await?.posted_micros)?;
                        let detail = json!({"amount_micros": amount_micros, "version": entry.version});
                        audit::record(tx, now, &actor, "programme.fund", id, detail).await?;
                    }
                    Ok(())
                })
            })
            .await?;
        self.programme(policy).await
    }
}

fn check_size(entry: &Entry, funded_micros: i64) -> Result<()> {
    let cap = entry.policy.caps.as_ref().and_then(|caps| caps.pot.micros());
    match cap {
        Some(cap) if funded_micros > cap => Err(Error::conflict(
            "pot_too_large",
            format!(
                "{} is published with CNY {} in all, and this would make it CNY {}: fund less",
                entry.policy.id,
                format_micros(cap),
                format_micros(funded_micros)
            ),
        )),
        _ => Ok(()),
    }
}

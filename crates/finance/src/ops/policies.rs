//! Policies as they are listed, with the versions that decisions point at.

use crate::{
    Finance, accounts,
    rules::{Decision, Entry, Facts, PolicyKind, decide, value::Date},
    sql,
    types::Programme,
};
use kernel::{Error, Result, Timestamp};
use serde::Serialize;
use store::Tx;

/// A policy with its past versions and its money.
#[derive(Debug, Clone, Serialize)]
pub struct PolicyView {
    /// The rule, as it holds today or held or will hold next.
    #[serde(flatten)]
    pub entry: Entry,
    /// Every version that was ever loaded here, newest first.
    pub versions: Vec<VersionView>,
    /// Its money, when it is a voucher.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub programme: Option<Programme>,
}

/// A version of a policy that was loaded here.
pub type VersionView = sql::StoredVersion;

impl Finance {
    /// Every version of every policy of the pack.
    pub fn policies(&self) -> &[Entry] {
        self.money.book.entries()
    }

    /// The policy `id` as it holds today, else any version of it.
    pub fn find_policy(&self, id: &str) -> Result<&Entry> {
        let today = Date::of(self.commons.now());
        let any = || self.policies().iter().find(|entry| entry.policy.id == id);
        self.money.book.on(id, &today).or_else(any).ok_or_else(|| {
            Error::not_found("policy_missing", "there is no such policy; GET /api/v1/policies lists them")
        })
    }

    /// A policy with its past versions and its money.
    pub async fn policy(&self, id: &str) -> Result<PolicyView> {
        let entry = self.find_policy(id)?.clone();
        let versions = sql::stored_versions(self.commons.db.pool(), id).await?;
        let programme = match entry.policy.kind {
            PolicyKind::Voucher => Some(self.programme(id).await?),
            PolicyKind::RevenueShare => None,
        };
        Ok(PolicyView { entry, versions, programme })
    }

    /// The file of one version of a policy, for as long as decisions may point at it.
    pub async fn policy_text(&self, id: &str, version: &str) -> Result<String> {
        sql::stored_policy(self.commons.db.pool(), id, version).await?.ok_or_else(|| {
            Error::not_found("policy_missing", "no such version of this policy was ever loaded here")
        })
    }

    /// What a policy would decide on `facts`; moves nothing. A day that isn't given is today.
    pub fn try_policy(&self, id: &str, facts: Facts) -> Result<Decision> {
        check(&facts)?;
        let today = Date::of(self.commons.now());
        let facts = Facts { date: Some(facts.date.unwrap_or(today)), ..facts };
        let on_day = facts.date.as_ref().and_then(|date| self.money.book.on(id, date));
        let entry = on_day.map_or_else(|| self.find_policy(id), Ok)?;
        Ok(decide(entry, &facts))
    }
}

/// Refuses what a bill can't be, so that a slip isn't explained at length.
fn check(facts: &Facts) -> Result<()> {
    if facts.amount_micros < 0 {
        return Err(Error::invalid(
            "facts_invalid",
            "amount_micros is an amount in micros of CNY, zero or more",
        ));
    }
    if facts.items.len() > 100 || facts.items.values().any(|micros| *micros < 0) {
        return Err(Error::invalid(
            "facts_invalid",
            "items are at most 100 amounts in micros of CNY, zero or more",
        ));
    }
    if facts.other_policies.as_ref().is_some_and(|others| others.len() > 100) {
        return Err(Error::invalid("facts_invalid", "other_policies names at most 100 policies"));
    }
    Ok(())
}

/// Keeps every version's text, and opens the accounts of every voucher programme.
pub(crate) async fn load(tx: &mut Tx, entries: &[Entry], now: Timestamp) -> Result<()> {
    for entry in entries {
        sql::store_policy(tx, entry, now).await?;
        let policy = entry.policy.id.as_str();
        if entry.policy.kind == PolicyKind::Voucher {
            let programme = sql::ProgrammeAccounts {
                budget: accounts::budget(tx, policy).await?,
                pot: accounts::pot(tx, policy).await?,
                issued: accounts::issued(tx, policy).await?,
                redeemed: accounts::redeemed(tx, policy).await?,
            };
            sql::store_programme(tx, policy, &programme).await?;
        }
    }
    Ok(())
}

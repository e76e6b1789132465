//! Who bears which part of a charge, by the rules: vouchers first, the balance the rest, and of a model's
//! revenue a share to the contributors of its corpus.
//!
//! Rules, vouchers and years are taken as of the instant when the charge was opened, so that settling it can't
//! need more of the balance than opening it reserved.

use crate::{
    accounts, origin,
    rules::{Book, Decision, Entry, Facts, PolicyKind, decide, value::Date},
    sql,
    types::{DecisionRecord, VoucherPart, VoucherRecord},
};
use async_trait::async_trait;
use commons::{
    billing::{Charge, Plan, Service, Settlement, balance_account, revenue_account},
    ids::Account,
    ledger::{self, Leg},
};
use kernel::{Id, Result};
use serde_json::json;
use std::sync::Arc;
use store::Tx;

/// Settles charges by a city's policies.
#[derive(Clone)]
pub struct PublicMoney {
    pub(crate) book: Arc<Book>,
    pub(crate) origins: origin::Origins,
}

#[async_trait]
impl Settlement for PublicMoney {
    async fn plan(&self, tx: &mut Tx, charge: &Charge, amount_micros: i64) -> Result<Plan> {
        if amount_micros == 0 {
            return Ok(Plan::default());
        }
        let mut draft = Draft {
            charge,
            amount_micros,
            rest_micros: amount_micros,
            payee: revenue_account(tx, charge.payee).await?,
            payee_slug: self.origins.slug_of(charge.payee).await?,
            date: Date::of(charge.opened_at),
            legs: Vec::new(),
            records: Vec::new(),
        };
        let service = charge.service.name();
        for entry in self.book.about(PolicyKind::Voucher, service, &draft.date) {
            draft.vouchers(tx, entry).await?;
        }
        if draft.rest_micros > 0 {
            let debit = balance_account(tx, charge.org).await?;
            draft.leg(debit, draft.payee, draft.rest_micros, "payment");
        }
        if charge.service == Service::Model {
            self.share(tx, &mut draft).await?;
        }
        draft.finish(tx).await
    }
}

impl PublicMoney {
    /// Gives the contributors of the model's corpus their part of the revenue.
    async fn share(&self, tx: &mut Tx, draft: &mut Draft<'_>) -> Result<()> {
        let Some(dataset) = self.origins.dataset_of(&draft.charge.resource).await? else {
            return Ok(());
        };
        for entry in self.book.about(PolicyKind::RevenueShare, draft.charge.service.name(), &draft.date) {
            let facts = draft.facts();
            let decision = decide(entry, &facts);
            if decision.granted_micros > 0 {
                let pool = accounts::pool(tx, &dataset).await?;
                sql::insert_pool(tx, &dataset, origin::name_of(&dataset), pool).await?;
                draft.leg(draft.payee, pool, decision.granted_micros, "revenue_share");
            }
            let borne = decision.granted_micros;
            draft.record(entry, facts, decision, borne, Vec::new(), Some(dataset.clone()));
        }
        Ok(())
    }
}

/// A plan in the making.
struct Draft<'a> {
    charge: &'a Charge,
    amount_micros: i64,
    rest_micros: i64,
    payee: Id<Account>,
    payee_slug: String,
    date: Date,
    legs: Vec<Leg>,
    records: Vec<DecisionRecord>,
}

impl Draft<'_> {
    fn facts(&self) -> Facts {
        Facts {
            amount_micros: self.amount_micros,
            date: Some(self.date.clone()),
            service: Some(self.charge.service.name().to_owned()),
            related: Some(self.charge.org == self.charge.payee),
            verified: Some(true), // metered here, and settled on the ledger
            other_policies: Some(self.records.iter().map(|record| record.decision.policy.clone()).collect()),
            ..Facts::default()
        }
    }

    /// Lets the vouchers of one policy bear what its rule says.
    async fn vouchers(&mut self, tx: &mut Tx, entry: &Entry) -> Result<()> {
        let policy = entry.policy.id.as_str();
        let mut vouchers = sql::live_vouchers(tx, self.charge.org, policy, self.charge.opened_at).await?;
        if vouchers.is_empty() {
            return Ok(());
        }
        for voucher in &mut vouchers {
            voucher.left_micros = ledger::balance(tx, voucher.account).await?.available_micros();
        }
        let pot = accounts::pot(tx, policy).await?;
        let yearly = accounts::yearly(tx, self.charge.org, policy, self.date.year()).await?;
        let related = self.charge.org == self.charge.payee
            || vouchers.iter().any(|voucher| voucher.related.contains(&self.payee_slug));
        let declared =
            |of: fn(&VoucherRecord) -> Option<&String>| vouchers.iter().rev().find_map(of).cloned();
        let facts = Facts {
            related: Some(related),
            purpose: declared(|voucher| voucher.purpose.as_ref()),
            organisation_type: declared(|voucher| voucher.organisation_type.as_ref()),
            granted_this_year_micros: Some(-ledger::balance(tx, yearly).await?.available_micros()),
            pot_left_micros: Some(ledger::balance(tx, pot).await?.available_micros()),
            voucher_left_micros: Some(vouchers.iter().map(|voucher| voucher.left_micros).sum()),
            ..self.facts()
        };
        let decision = decide(entry, &facts);
        let borne = decision.granted_micros.min(self.rest_micros);
        let parts = draw(&vouchers, borne);
        if borne > 0 {
            let redeemed = accounts::redeemed(tx, policy).await?;
            for part in &parts {
                let account =
                    vouchers.iter().find(|voucher| voucher.id == part.voucher).map(|voucher| voucher.account);
                if let Some(account) = account {
                    self.leg(account, redeemed, part.micros, "voucher");
                }
            }
            let granted = accounts::granted(tx, policy).await?;
            self.leg(yearly, granted, borne, "grant");
            self.leg(pot, self.payee, borne, "public_money");
            self.rest_micros -= borne;
        }
        self.record(entry, facts, decision, borne, parts, None);
        Ok(())
    }

    fn leg(&mut self, debit: Id<Account>, credit: Id<Account>, amount_micros: i64, kind: &str) {
        self.legs.push(Leg { debit, credit, amount_micros, kind: kind.to_owned() });
    }

    fn record(
        &mut self,
        entry: &Entry,
        facts: Facts,
        decision: Decision,
        borne_micros: i64,
        vouchers: Vec<VoucherPart>,
        dataset: Option<String>,
    ) {
        self.records.push(DecisionRecord {
            charge: self.charge.id,
            kind: entry.policy.kind,
            facts,
            decision,
            borne_micros,
            vouchers,
            dataset,
            as_of: self.charge.opened_at,
        });
    }

    /// Keeps the decisions once the real amount is known; those for the reservation live in the charge alone.
    async fn finish(self, tx: &mut Tx) -> Result<Plan> {
        if self.charge.amount_micros == self.amount_micros {
            for record in &self.records {
                sql::store_decision(tx, record).await?;
            }
        }
        let decisions = self.records.iter().map(|record| json!(record)).collect();
        Ok(Plan { legs: self.legs, decisions })
    }
}

/// Takes `amount` from the vouchers in their order, each up to what it holds.
fn draw(vouchers: &[VoucherRecord], amount: i64) -> Vec<VoucherPart> {
    let mut rest = amount;
    let mut parts = Vec::new();
    for voucher in vouchers {
        let micros = rest.min(voucher.left_micros.max(0));
        if micros > 0 {
            parts.push(VoucherPart { voucher: voucher.id, micros });
            rest -= micros;
        }
    }
    parts
}

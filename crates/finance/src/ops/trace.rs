//! The path behind one charge: document → corpus version → job → model → call → charge → voucher → rule and
//! article → contributor's share.

use crate::{
    Finance,
    rules::{PolicyKind, share},
    sql,
    types::DecisionRecord,
};
use commons::{
    billing::{self, Charge},
    identity::{self, Caller},
    ids, jobs, ledger,
    provenance::{self, Contribution, Lineage},
};
use kernel::{Id, Result, Timestamp};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// Contributors that a trace names; the rest is summed.
const MAX_SHARES: usize = 100;

/// Everything behind one charge.
#[derive(Debug, Clone, Serialize)]
pub struct Trace {
    /// What was used, and what it cost.
    pub charge: Charge,
    /// Who pays.
    pub payer: TraceOrg,
    /// Who is paid.
    pub payee: TraceOrg,
    /// The transfers that paid it, in order.
    pub transfers: Vec<TraceTransfer>,
    /// The decisions behind them: rule, version, article, facts, and every step in both languages.
    pub decisions: Vec<DecisionRecord>,
    /// What the thing used came from: artifacts, nearest first, and the jobs between them.
    pub lineage: Lineage,
    /// Those jobs, or the job that was paid for.
    pub jobs: Vec<TraceJob>,
    /// The dataset whose contributors share the revenue.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dataset: Option<TraceDataset>,
}

/// An organisation, without what it told of itself when it applied.
#[derive(Debug, Clone, Serialize)]
pub struct TraceOrg {
    /// Identity.
    pub id: Id<ids::Org>,
    /// Short name.
    pub slug: String,
    /// Name as it writes itself.
    pub name: String,
}

/// A job, without what its owner told it to do.
#[derive(Debug, Clone, Serialize)]
pub struct TraceJob {
    /// Identity.
    pub id: Id<ids::Job>,
    /// Which kind of work.
    pub kind: String,
    /// What its owner calls it.
    pub name: String,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
}

/// An account, without what it holds: the other party's balance is nobody's business.
#[derive(Debug, Clone, Serialize)]
pub struct TraceAccount {
    /// Identity.
    pub id: Id<ids::Account>,
    /// What it is for.
    pub code: String,
    /// Short name of the organisation that owns it, if one does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
}

/// A transfer with its accounts by name.
#[derive(Debug, Clone, Serialize)]
pub struct TraceTransfer {
    /// Its position in the ledger's chain.
    pub seq: i64,
    /// What for.
    pub kind: String,
    /// The account that gave.
    pub from: TraceAccount,
    /// The account that got.
    pub to: TraceAccount,
    /// How much, in micros of the commodity.
    pub amount_micros: i64,
    /// Of what.
    pub commodity: String,
}

/// The corpus behind a charge, and who gets which part of it.
#[derive(Debug, Clone, Serialize)]
pub struct TraceDataset {
    /// The version.
    pub reference: String,
    /// Contributors in all.
    pub contributors: usize,
    /// Documents in all.
    pub documents: i64,
    /// Tokens in all.
    pub tokens: i64,
    /// What this charge gives to all of them, in micros of CNY.
    pub amount_micros: i64,
    /// The largest shares, at most a hundred.
    pub shares: Vec<TraceShare>,
}

/// One contributor's part of this charge.
#[derive(Debug, Clone, Serialize)]
pub struct TraceShare {
    /// The contributor as the dataset names it.
    pub contributor: String,
    /// One of its sources.
    pub source: String,
    /// That source's licence.
    pub licence: String,
    /// The id of one of its documents.
    pub example: String,
    /// Its tokens in the dataset version.
    pub tokens: i64,
    /// Its part in micros of CNY.
    pub amount_micros: i64,
}

impl Finance {
    /// Everything behind a charge, for its payer, its payee, the operator or an auditor.
    pub async fn trace(&self, caller: &Caller, charge: Id<ids::Charge>) -> Result<Trace> {
        let pool = self.commons.db.pool();
        let charge = billing::get(pool, charge).await?;
        billing::require_party(caller, &charge)?;
        let decisions = self.decisions(&charge).await?;
        let dataset = match shared_dataset(&decisions) {
            Some((reference, amount)) => Some(self.trace_dataset(reference, amount).await?),
            None => None,
        };
        let lineage = self.ancestry(&charge.resource).await?;
        Ok(Trace {
            payer: self.trace_org(charge.org).await?,
            payee: self.trace_org(charge.payee).await?,
            transfers: self.trace_transfers(&charge).await?,
            jobs: self.trace_jobs(&charge, &lineage).await?,
            lineage,
            charge,
            decisions,
            dataset,
        })
    }

    /// The decisions about a charge: as settled, or as reserved while it is open.
    pub async fn decisions(&self, charge: &Charge) -> Result<Vec<DecisionRecord>> {
        let stored = sql::decisions_of(self.commons.db.pool(), charge.id).await?;
        if stored.is_empty() {
            return Ok(serde_json::from_value(charge.plan.clone()).unwrap_or_default());
        }
        Ok(stored)
    }

    async fn trace_transfers(&self, charge: &Charge) -> Result<Vec<TraceTransfer>> {
        let pool = self.commons.db.pool();
        let mut transfers = Vec::new();
        for transfer in ledger::transfers_of_reference(pool, &charge.id.to_string()).await? {
            transfers.push(TraceTransfer {
                seq: transfer.seq,
                kind: transfer.kind,
                from: self.trace_account(transfer.debit).await?,
                to: self.trace_account(transfer.credit).await?,
                amount_micros: transfer.amount_micros,
                commodity: transfer.commodity,
            });
        }
        Ok(transfers)
    }

    async fn trace_org(&self, id: Id<ids::Org>) -> Result<TraceOrg> {
        let org = identity::find_org(self.commons.db.pool(), id).await?;
        Ok(TraceOrg { id, slug: org.slug, name: org.name })
    }

    async fn trace_account(&self, id: Id<ids::Account>) -> Result<TraceAccount> {
        let account = ledger::find_account(self.commons.db.pool(), id).await?;
        let owner = match account.owner {
            Some(owner) => Some(self.money.origins.slug_of(owner).await?),
            None => None,
        };
        Ok(TraceAccount { id, code: account.code, owner })
    }

    async fn trace_jobs(&self, charge: &Charge, lineage: &Lineage) -> Result<Vec<TraceJob>> {
        let mut ids: BTreeSet<Id<ids::Job>> = lineage.edges.iter().map(|edge| edge.job).collect();
        ids.extend(charge.resource.parse::<Id<ids::Job>>());
        let mut found = Vec::new();
        for id in ids {
            let job = jobs::find(self.commons.db.pool(), id).await?;
            found.extend(job.map(|job| TraceJob {
                id,
                kind: job.kind,
                name: job.name,
                ended_at: job.ended_at,
            }));
        }
        Ok(found)
    }

    /// What `resource` came from, without what came from it.
    async fn ancestry(&self, resource: &str) -> Result<Lineage> {
        let pool = self.commons.db.pool();
        let ancestors: BTreeSet<String> = provenance::ancestors(pool, resource).await?.into_iter().collect();
        let mut lineage = provenance::lineage(pool, resource).await?;
        lineage.nodes.retain(|node| ancestors.contains(&node.reference));
        lineage.edges.retain(|edge| ancestors.contains(&edge.from) && ancestors.contains(&edge.to));
        Ok(lineage)
    }

    async fn trace_dataset(&self, reference: &str, amount_micros: i64) -> Result<TraceDataset> {
        let contributions = self.money.origins.contributions(reference).await?;
        let tokens = share::tokens_by_contributor(
            contributions.iter().map(|one| (one.contributor.as_str(), one.tokens)),
        );
        let mut first: BTreeMap<&str, &Contribution> = BTreeMap::new();
        for one in &contributions {
            first.entry(&one.contributor).or_insert(one);
        }
        let shares = share::split(amount_micros, &tokens).into_iter().take(MAX_SHARES).filter_map(
            |(name, tokens, part)| {
                let one = first.get(name)?;
                Some(TraceShare {
                    contributor: name.to_owned(),
                    source: one.source.clone(),
                    licence: one.licence.clone(),
                    example: one.example.clone(),
                    tokens,
                    amount_micros: part,
                })
            },
        );
        Ok(TraceDataset {
            reference: reference.to_owned(),
            contributors: tokens.len(),
            documents: contributions.iter().map(|one| one.documents).sum(),
            tokens: tokens.values().sum(),
            amount_micros,
            shares: shares.collect(),
        })
    }
}

/// The dataset that a charge's revenue share goes to, and how much.
fn shared_dataset(decisions: &[DecisionRecord]) -> Option<(&str, i64)> {
    let share = decisions.iter().find(|record| record.kind == PolicyKind::RevenueShare)?;
    Some((share.dataset.as_deref()?, share.borne_micros))
}

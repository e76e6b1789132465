//! Facts to decision.

use super::{
    book::Entry,
    explain::{self, Explained},
    policy::Test,
    value::{Cap, Date},
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What is known about one bill. A field that is `None` isn't known, which is not the same as false.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Facts {
    /// The bill in micros.
    pub amount_micros: i64,
    /// Parts of the bill by item, for bases that leave items out, in micros.
    pub items: BTreeMap<String, i64>,
    /// The day of the bill.
    pub date: Option<Date>,
    /// `compute`, `model`, `corpus` or `evaluation`.
    pub service: Option<String>,
    /// Whether payer and payee are the same or own one another.
    pub related: Option<bool>,
    /// Whether the amount is verified.
    pub verified: Option<bool>,
    /// What the payer uses it for, as declared.
    pub purpose: Option<String>,
    /// What kind of organisation the payer is, as declared.
    pub organisation_type: Option<String>,
    /// The day on which the contract was signed.
    pub signed: Option<Date>,
    /// Other policies under which public money already bears a part of this bill.
    pub other_policies: Option<Vec<String>>,
    /// What the policy granted to the payer in this calendar year before, in micros.
    pub granted_this_year_micros: Option<i64>,
    /// What the policy's pot still holds, in micros.
    pub pot_left_micros: Option<i64>,
    /// What the payer's vouchers still hold, in micros; not a limit when unknown.
    pub voucher_left_micros: Option<i64>,
}

/// How a decision ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Every condition holds.
    Eligible,
    /// A condition is known not to hold.
    Ineligible,
    /// No condition is known to fail, and something that must be known isn't.
    NeedsEvidence,
}

/// What a policy grants on the facts, and why. Complete enough to be checked by hand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// The policy's id.
    pub policy: String,
    /// The version of its file.
    pub version: String,
    /// Document and article.
    pub article: commons::pack::Text,
    /// How it ended.
    pub outcome: Outcome,
    /// What is granted, in micros; zero unless eligible.
    pub granted_micros: i64,
    /// What counted, in micros.
    pub base_micros: i64,
    /// The rule's share, in parts per million of the base.
    pub rate_ppm: i64,
    /// Every step in order.
    pub steps: Vec<Explained>,
}

/// What is known of a condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Truth {
    Yes,
    No,
    Unknown,
}

/// Applies the policy to the facts.
pub fn decide(entry: &Entry, facts: &Facts) -> Decision {
    let policy = &entry.policy;
    let mut course = Course { outcome: Outcome::Eligible, steps: Vec::new() };
    course.condition(in_period(entry, facts), |truth| explain::period(policy, facts, truth));
    for condition in &policy.eligibility {
        course.condition(holds(&condition.test, facts), |truth| explain::condition(condition, truth));
    }
    let base = base_micros(entry, facts);
    course.steps.push(explain::base(policy, facts.amount_micros.max(0), base));
    let mut granted = policy.rate.share_of(base);
    course.steps.push(explain::rate(policy, granted));
    for limit in limits(entry, facts) {
        course.limit(limit, &mut granted);
    }
    let granted = if course.outcome == Outcome::Eligible { granted } else { 0 };
    course.steps.push(explain::conclusion(course.outcome, granted));
    Decision {
        policy: policy.id.clone(),
        version: entry.version.clone(),
        article: explain::article(policy),
        outcome: course.outcome,
        granted_micros: granted,
        base_micros: base,
        rate_ppm: policy.rate.ppm(),
        steps: course.steps,
    }
}

struct Course {
    outcome: Outcome,
    steps: Vec<Explained>,
}

impl Course {
    fn condition(&mut self, truth: Truth, say: impl FnOnce(Truth) -> Explained) {
        match truth {
            Truth::Yes => {}
            Truth::No => self.outcome = Outcome::Ineligible,
            Truth::Unknown => self.ask(),
        }
        self.steps.push(say(truth));
    }

    fn ask(&mut self) {
        if self.outcome == Outcome::Eligible {
            self.outcome = Outcome::NeedsEvidence;
        }
    }

    fn limit(&mut self, limit: Limit, granted: &mut i64) {
        match limit.left {
            Left::Open => {}
            Left::Unknown => self.ask(),
            Left::Micros(left) => *granted = (*granted).min(left.max(0)),
        }
        self.steps.push(explain::limit(&limit, *granted));
    }
}

/// One ceiling over the grant.
pub(super) struct Limit {
    pub key: &'static str,
    pub left: Left,
}

/// How much a ceiling still leaves.
pub(super) enum Left {
    Micros(i64),
    Open,
    Unknown,
}

fn limits(entry: &Entry, facts: &Facts) -> Vec<Limit> {
    let mut limits = Vec::new();
    if let Some(caps) = &entry.policy.caps {
        limits.push(Limit { key: "per_claim", left: left(caps.per_claim, Some(0)) });
        let spent = facts.granted_this_year_micros;
        limits.push(Limit {
            key: "per_organisation_per_year",
            left: left(caps.per_organisation_per_year, spent),
        });
        limits.push(Limit { key: "pot", left: pot_left(caps.pot, facts.pot_left_micros) });
    }
    if let Some(micros) = facts.voucher_left_micros {
        limits.push(Limit { key: "voucher", left: Left::Micros(micros) });
    }
    limits
}

fn left(cap: Cap, spent_micros: Option<i64>) -> Left {
    match (cap, spent_micros) {
        (Cap::Amount(cap), Some(spent)) => Left::Micros(cap.saturating_sub(spent.max(0))),
        (Cap::Amount(_), None) | (Cap::NotSeen, _) => Left::Unknown,
        (Cap::NonePublished, _) => Left::Open,
    }
}

/// A pot is money that is there or not, so it limits even where no cap is published.
fn pot_left(cap: Cap, left_micros: Option<i64>) -> Left {
    match (cap, left_micros) {
        (Cap::NotSeen, _) | (Cap::Amount(_), None) => Left::Unknown,
        (Cap::Amount(cap), Some(left)) => Left::Micros(left.min(cap)),
        (Cap::NonePublished, Some(left)) => Left::Micros(left),
        (Cap::NonePublished, None) => Left::Open,
    }
}

fn base_micros(entry: &Entry, facts: &Facts) -> i64 {
    let dropped: i64 = entry
        .policy
        .base
        .excludes
        .iter()
        .filter_map(|item| facts.items.get(item))
        .fold(0, |sum: i64, micros| sum.saturating_add((*micros).max(0)));
    facts.amount_micros.max(0).saturating_sub(dropped).max(0)
}

fn in_period(entry: &Entry, facts: &Facts) -> Truth {
    let period = &entry.policy.period;
    facts
        .date
        .as_ref()
        .map_or(Truth::Unknown, |date| truth(period.starts <= *date && period.ends.reaches(date)))
}

fn truth(holds: bool) -> Truth {
    if holds { Truth::Yes } else { Truth::No }
}

fn holds(test: &Test, facts: &Facts) -> Truth {
    let among = |fact: &Option<String>, any: &[String]| {
        fact.as_ref().map_or(Truth::Unknown, |value| truth(any.contains(value)))
    };
    match test {
        Test::UnrelatedParty => facts.related.map_or(Truth::Unknown, |related| truth(!related)),
        Test::Verified => match facts.verified {
            Some(true) => Truth::Yes,
            // what isn't verified yet can still be
            Some(false) | None => Truth::Unknown,
        },
        Test::Service(any) => among(&facts.service, any),
        Test::Purpose(any) => among(&facts.purpose, any),
        Test::OrganisationType(any) => among(&facts.organisation_type, any),
        Test::SignedFrom(day) => facts.signed.as_ref().map_or(Truth::Unknown, |signed| truth(signed >= day)),
        Test::NotWith(none) => facts
            .other_policies
            .as_ref()
            .map_or(Truth::Unknown, |others| truth(!others.iter().any(|other| none.contains(other)))),
    }
}

#[cfg(test)]
mod tests;

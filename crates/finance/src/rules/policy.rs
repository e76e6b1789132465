//! A policy as its file in a pack says it.

use super::value::{Cap, Date, End, Rate};
use commons::pack::Text;
use serde::{Deserialize, Serialize};

/// What a policy does with money.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PolicyKind {
    /// Public money bears a part of a bill (券).
    Voucher,
    /// A part of a revenue goes to those whose work it came from (收益分配).
    RevenueShare,
}

/// One rule: who gets which part of what, up to where, from when to when, and where that is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, try_from = "Draft")]
pub struct Policy {
    /// Name in addresses and accounts: lower-case letters, digits and hyphens.
    pub id: String,
    /// What it does with money.
    pub kind: PolicyKind,
    /// Its name.
    pub title: Text,
    /// What it says, in our own words.
    pub summary: Text,
    /// Where the published text leaves a question open, how this pack answers it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reading: Option<Text>,
    /// Where it is written.
    pub source: Source,
    /// When it holds.
    pub period: Period,
    /// The amount that counts.
    pub base: Base,
    /// Which part of the base is granted.
    pub rate: Rate,
    /// Limits in money; always there for a voucher.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub caps: Option<Caps>,
    /// Conditions, all of which must hold.
    pub eligibility: Vec<Condition>,
}

/// Where a rule is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// The document's title.
    pub document: Text,
    /// The article or measure within it.
    pub article: Text,
    /// The body that issued it.
    pub issuer: Text,
    /// Its document number, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// Day of issue.
    pub date: Date,
    /// How near our copy is to the issuer's own text.
    pub grade: Grade,
    /// Where our copy was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// How near our copy is to the issuer's own text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Grade {
    /// A page of the issuing body.
    A,
    /// A copy of the official text in the press or on a consultant's page.
    B,
    /// Somebody's summary.
    C,
    /// This community's own charter.
    Own,
}

/// First and last day of a rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Period {
    /// The first day.
    pub starts: Date,
    /// The last day, or a statement that none is known.
    pub ends: End,
}

/// The amount of which a part is granted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Base {
    /// What is counted, e.g. rent or the verified contract.
    pub counts: Text,
    /// Items of a bill that don't count, e.g. `storage`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub excludes: Vec<String>,
}

/// Limits in money, each of which has to be stated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, try_from = "DraftCaps")]
pub struct Caps {
    /// For one claim (here: one charge).
    pub per_claim: Cap,
    /// For one organisation in one calendar year.
    pub per_organisation_per_year: Cap,
    /// For all grants of the policy together.
    pub pot: Cap,
}

/// One condition of eligibility.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    /// Name of the condition in a decision's steps.
    pub key: String,
    /// What must hold, in our own words.
    pub statement: Text,
    /// What to bring when it isn't known.
    pub evidence: Text,
    /// How it is tested.
    pub test: Test,
}

/// How a condition is tested against the facts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Test {
    /// Payer and payee are different organisations with no ownership between them.
    UnrelatedParty,
    /// The amount was verified (here: metered and settled on the ledger).
    Verified,
    /// The service bought is one of these: `compute`, `model`, `corpus`, `evaluation`.
    Service(Vec<String>),
    /// The declared purpose is one of these.
    Purpose(Vec<String>),
    /// The payer's kind of organisation is one of these.
    OrganisationType(Vec<String>),
    /// The contract was signed on this day or later.
    SignedFrom(Date),
    /// No other public money bears a part of the same bill under one of these policies.
    NotWith(Vec<String>),
}

/// [`Policy`] before its parts are held against each other.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Draft {
    id: String,
    kind: PolicyKind,
    title: Text,
    summary: Text,
    reading: Option<Text>,
    source: Source,
    period: Period,
    base: Base,
    rate: Rate,
    caps: Option<Caps>,
    #[serde(default)]
    eligibility: Vec<Condition>,
}

impl TryFrom<Draft> for Policy {
    type Error = String;

    fn try_from(draft: Draft) -> Result<Self, String> {
        let Draft { id, kind, title, summary, reading, source, period, base, rate, caps, eligibility } =
            draft;
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if id.is_empty() || id.len() > 40 || !id.chars().all(plain) {
            return Err("key `id`: write 1 to 40 lower-case letters, digits and hyphens".into());
        }
        if kind == PolicyKind::Voucher && caps.is_none() {
            return Err(format!(
                "key `caps` is missing: a voucher needs a [caps] table with {CAP_KEYS}; {CAP_MEND}"
            ));
        }
        if let End::On(last) = &period.ends
            && *last < period.starts
        {
            return Err(format!(
                "key `period`: it ends on {last}, before it starts on {}; swap them",
                period.starts
            ));
        }
        Ok(Self { id, kind, title, summary, reading, source, period, base, rate, caps, eligibility })
    }
}

const CAP_KEYS: &str = "per_claim, per_organisation_per_year and pot";
const CAP_MEND: &str = "give each an amount such as “5,000,000 CNY”, or “none published” if the text sets none, \
     or “not seen” if your copy of the text doesn't say";

/// [`Caps`] before it is known that all are there.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DraftCaps {
    per_claim: Option<Cap>,
    per_organisation_per_year: Option<Cap>,
    pot: Option<Cap>,
}

impl TryFrom<DraftCaps> for Caps {
    type Error = String;

    fn try_from(draft: DraftCaps) -> Result<Self, String> {
        let need = |cap: Option<Cap>, key: &str| {
            cap.ok_or_else(|| {
                format!("key `{key}` is missing: a rule without its cap pays without end; {CAP_MEND}")
            })
        };
        Ok(Self {
            per_claim: need(draft.per_claim, "per_claim")?,
            per_organisation_per_year: need(draft.per_organisation_per_year, "per_organisation_per_year")?,
            pot: need(draft.pot, "pot")?,
        })
    }
}

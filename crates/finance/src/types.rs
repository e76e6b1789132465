//! Nouns of finance.

use crate::{
    ids::{Distribution, Voucher},
    rules::{Decision, Facts, PolicyKind},
};
use commons::ids::{Account, Charge, Org};
use kernel::{Id, Timestamp};
use serde::{Deserialize, Serialize};

/// A voucher: the right to have public money bear a part of bills, up to its face value.
#[derive(Debug, Clone, Serialize)]
pub struct VoucherRecord {
    /// Identity.
    pub id: Id<Voucher>,
    /// Whose it is.
    pub org: Id<Org>,
    /// The policy that it belongs to.
    pub policy: String,
    /// The version of the policy that it was issued under.
    pub version: String,
    /// The ledger account that counts it down.
    pub account: Id<Account>,
    /// What it could bear in all, in micros of CNY.
    pub face_micros: i64,
    /// What it can still bear, in micros of CNY, without what open charges reserve.
    pub left_micros: i64,
    /// What the holder declared to use it for.
    pub purpose: Option<String>,
    /// What kind of organisation the holder declared to be.
    pub organisation_type: Option<String>,
    /// Short names of organisations that the holder declared to own or to be owned by.
    pub related: Vec<String>,
    /// The case that it was granted in.
    pub reference: String,
    /// When it was issued.
    pub issued_at: Timestamp,
    /// From when on it bears nothing.
    pub expires_at: Timestamp,
    /// When what was left of it went back.
    pub closed_at: Option<Timestamp>,
}

/// A voucher to be issued.
#[derive(Debug, Clone)]
pub struct NewVoucher {
    /// Whose it will be.
    pub org: Id<Org>,
    /// Under which policy.
    pub policy: String,
    /// What it bears in all, in micros of CNY.
    pub face_micros: i64,
    /// Days that it holds, 1 to 3,660.
    pub days: i64,
    /// What the holder declared to use it for.
    pub purpose: Option<String>,
    /// What kind of organisation the holder declared to be.
    pub organisation_type: Option<String>,
    /// Short names of organisations that the holder declared to own or to be owned by.
    pub related: Vec<String>,
    /// The case that it is granted in.
    pub reference: String,
    /// Names the grant for ever: the same key issues once.
    pub idempotency: String,
}

/// The money of a voucher policy.
#[derive(Debug, Clone, Serialize)]
pub struct Programme {
    /// The policy.
    pub policy: String,
    /// What the budget gave, in micros of CNY.
    pub funded_micros: i64,
    /// What the pot still holds, in micros of CNY.
    pub pot_micros: i64,
    /// Vouchers issued and not expired unused, by face value in micros.
    pub issued_micros: i64,
    /// Vouchers redeemed, in micros.
    pub redeemed_micros: i64,
}

impl Programme {
    /// What issued vouchers may still take from the pot, in micros.
    pub fn promised_micros(&self) -> i64 {
        self.issued_micros.saturating_sub(self.redeemed_micros)
    }
}

/// What a voucher bore of one charge.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct VoucherPart {
    /// The voucher.
    pub voucher: Id<Voucher>,
    /// How much of it, in micros.
    pub micros: i64,
}

/// A decision about a charge with all that it rests on.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DecisionRecord {
    /// The charge.
    pub charge: Id<Charge>,
    /// What the policy does.
    pub kind: PolicyKind,
    /// What was known.
    pub facts: Facts,
    /// What followed, and why.
    pub decision: Decision,
    /// What was in the end moved by it, in micros of CNY.
    pub borne_micros: i64,
    /// The vouchers that bore it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub vouchers: Vec<VoucherPart>,
    /// The dataset version whose contributors share the revenue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dataset: Option<String>,
    /// The instant whose rules, vouchers and year were applied: when the charge was opened.
    pub as_of: Timestamp,
}

/// A payout of the pool of one dataset version.
#[derive(Debug, Clone, Serialize)]
pub struct DistributionRecord {
    /// Identity.
    pub id: Id<Distribution>,
    /// The dataset's name.
    pub dataset: String,
    /// The dataset version.
    pub reference: String,
    /// What was paid out, in micros of CNY.
    pub amount_micros: i64,
    /// When.
    pub at: Timestamp,
    /// Who got what.
    pub shares: Vec<Share>,
}

/// A contributor's part of a payout or of one charge's revenue share.
#[derive(Debug, Clone, Serialize)]
pub struct Share {
    /// The contributor as the dataset names it.
    pub contributor: String,
    /// The contributor's ledger account, once paid.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<Id<Account>>,
    /// Tokens of its text in the dataset version.
    pub tokens: i64,
    /// Its part in micros of CNY.
    pub amount_micros: i64,
}

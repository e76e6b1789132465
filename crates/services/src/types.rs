//! Nouns of services.

use crate::rules::{CaseState, Form, Verdict};
use commons::{
    identity::Secret,
    ids::{Case, Org, Token},
};
use kernel::{Id, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A case: one application on its way.
#[derive(Debug, Clone, Serialize)]
pub struct CaseRecord {
    /// Identity.
    pub id: Id<Case>,
    /// The service.
    pub service: String,
    /// The version of the service's file that the case goes by.
    pub version: String,
    /// Where it stands.
    pub state: CaseState,
    /// The step that waits, while it is open.
    pub step: Option<String>,
    /// What was answered.
    pub form: Form,
    /// The applicant's organisation; of a newcomer's case, the one that approval made.
    pub org: Option<Id<Org>>,
    /// Who opened it.
    pub opened_by: String,
    /// When.
    pub opened_at: Timestamp,
    /// By when the waiting step should be decided.
    pub due_at: Timestamp,
    /// Whether the waiting step should have been decided before now.
    pub overdue: bool,
    /// When the last decision was taken.
    pub closed_at: Option<Timestamp>,
    /// Whether a newcomer can still claim the organisation's first token.
    pub claimable: bool,
    /// What happened, in order; empty in listings.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<CaseEvent>,
    #[serde(skip)]
    pub(crate) step_index: usize,
    #[serde(skip)]
    pub(crate) claim_hash: Option<String>,
}

/// One thing that happened to a case.
#[derive(Debug, Clone, Serialize)]
pub struct CaseEvent {
    /// When.
    pub at: Timestamp,
    /// Who did it.
    pub actor: String,
    /// `open`, `approve`, `reject` or `claim`.
    pub action: String,
    /// The step that it was done at.
    pub step: String,
    /// What the decider said.
    pub note: String,
    /// What the effects made, by effect.
    pub detail: Value,
}

/// A case that was just opened.
#[derive(Debug)]
pub struct Opened {
    /// The case.
    pub case: CaseRecord,
    /// A newcomer's key to the case: shown once, kept as a hash.
    pub claim_code: Option<Secret>,
}

/// What a step's decider says.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ruling {
    /// The step that is decided.
    pub step: String,
    /// Approve or reject.
    pub verdict: Verdict,
    /// Why; needed to reject.
    #[serde(default)]
    pub note: String,
}

/// What a claim brings: the organisation's first token, shown once.
#[derive(Debug)]
pub struct Claimed {
    /// The organisation.
    pub org: Id<Org>,
    /// Its short name.
    pub org_slug: String,
    /// The token.
    pub token: Id<Token>,
    /// The token's secret.
    pub secret: Secret,
}

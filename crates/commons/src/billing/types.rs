//! Nouns of billing.

use crate::ids::{self, Org};
use kernel::{Error, Id, Result, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Which platform's service is charged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Service {
    /// Machines' time.
    Compute,
    /// A model's answers.
    Model,
    /// A corpus' licence.
    Corpus,
    /// An evaluation.
    Evaluation,
}

impl Service {
    /// Its name in rows and rules.
    pub fn name(self) -> &'static str {
        match self {
            Self::Compute => "compute",
            Self::Model => "model",
            Self::Corpus => "corpus",
            Self::Evaluation => "evaluation",
        }
    }

    pub(super) fn parse(text: &str) -> Result<Self> {
        [Self::Compute, Self::Model, Self::Corpus, Self::Evaluation]
            .into_iter()
            .find(|service| service.name() == text)
            .ok_or_else(|| Error::internal(format!("unknown service {text}")))
    }
}

/// Where a charge stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ChargeState {
    /// The most it can cost is reserved.
    Held,
    /// What was used is paid.
    Settled,
    /// Nothing is paid.
    Voided,
}

impl ChargeState {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Settled => "settled",
            Self::Voided => "voided",
        }
    }

    pub(super) fn parse(text: &str) -> Result<Self> {
        [Self::Held, Self::Settled, Self::Voided]
            .into_iter()
            .find(|state| state.name() == text)
            .ok_or_else(|| Error::internal(format!("unknown charge state {text}")))
    }
}

/// One line of usage: `quantity` units at `price_micros` for each `per` of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UsageLine {
    /// What is counted: `input_tokens`, `cpu_micros`.
    pub unit: String,
    /// How many; not negative.
    pub quantity: i64,
    /// Price in micros of CNY for `per` units; not negative.
    pub price_micros: i64,
    /// How many units the price is for, e.g. 1,000,000 tokens; positive.
    pub per: i64,
}

/// What is asked of [`super::open`].
#[derive(Debug, Clone)]
pub struct Quote {
    /// Who pays.
    pub org: Id<Org>,
    /// Who is paid.
    pub payee: Id<Org>,
    /// For what service.
    pub service: Service,
    /// For which thing: an artifact's reference or a job's id.
    pub resource: String,
    /// The most it can cost, in micros of CNY.
    pub max_micros: i64,
    /// Names the charge for ever; opening it again with this key answers with the first.
    pub idempotency: String,
    /// Seconds after which the reservation is given back by itself; `None` when something else makes sure of it.
    pub expires_seconds: Option<i64>,
}

/// A charge.
#[derive(Debug, Clone, Serialize)]
pub struct Charge {
    /// Identity.
    pub id: Id<ids::Charge>,
    /// Who pays.
    pub org: Id<Org>,
    /// Who is paid.
    pub payee: Id<Org>,
    /// For what service.
    pub service: Service,
    /// For which thing.
    pub resource: String,
    /// Where it stands.
    pub state: ChargeState,
    /// The most it could cost, in micros of CNY.
    pub max_micros: i64,
    /// What it cost, in micros of CNY; zero until it is settled.
    pub amount_micros: i64,
    /// What was used.
    pub lines: Vec<UsageLine>,
    /// The decisions about who bears what, as made when it was opened and made again when it was settled.
    pub plan: Value,
    /// The reservation on the ledger.
    #[serde(skip)]
    pub hold: Id<ids::Hold>,
    /// When it was opened. Rules are applied as of this instant.
    pub opened_at: Timestamp,
    /// When it was settled or voided.
    pub settled_at: Option<Timestamp>,
}

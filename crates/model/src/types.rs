//! The nouns of the gateway.

use commons::ids::{Charge, Job, Org, Request};
use kernel::{Id, Timestamp};
use serde::Serialize;

/// A model that is served: a product with prices.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Served {
    /// `org/name`; what callers name it by.
    pub name: String,
    /// The version of its repository: `model:org/name@commit`.
    pub reference: String,
    /// Whose it is, and who is paid.
    pub org: Id<Org>,
    /// Micros of CNY for a million tokens read.
    pub price_input_micros: i64,
    /// Micros of CNY for a million tokens written.
    pub price_output_micros: i64,
    /// Most tokens of prompt and answer together.
    pub context: i64,
    /// Weights.
    pub parameters: i64,
    /// The job that trained it.
    pub job: Option<Id<Job>>,
    /// The dataset it learned from: `dataset:org/name@commit`.
    pub dataset: Option<String>,
    /// When this version was registered.
    pub registered_at: Timestamp,
}

/// One answered call, as its payer sees it.
#[derive(Debug, Clone, Serialize)]
pub struct Call {
    /// The request's id, as in `x-request-id`.
    pub id: Id<Request>,
    /// What it cost.
    pub charge: Id<Charge>,
    /// Who called and pays.
    #[serde(skip)]
    pub org: Id<Org>,
    /// The model's name.
    pub model: String,
    /// The model's version.
    pub reference: String,
    /// Tokens read.
    pub input_tokens: i64,
    /// Tokens written.
    pub output_tokens: i64,
    /// Time from the reservation to the settlement, in milliseconds.
    pub milliseconds: i64,
    /// `completed`, `left` when the client went away, `failed` when it costs nothing.
    pub status: String,
    /// When it ended.
    pub ended_at: Timestamp,
}

/// Sums over calls.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Totals {
    /// Calls.
    pub calls: i64,
    /// Tokens read.
    pub input_tokens: i64,
    /// Tokens written.
    pub output_tokens: i64,
}

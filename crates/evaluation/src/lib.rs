//! Floor 3: evaluation (评测服务): how good is a model, and how sure are we?
//!
//! A run scores a served model through the public OpenAI endpoint, like any user, on two tasks made from
//! held-out documents, beside an n-gram baseline trained on the same training split, and puts the scores with
//! their confidence intervals on a leaderboard.
//!
//! Invariants:
//! - the same documents, seed and limits make the same tasks, whatever the machine;
//! - model and baseline are scored on the same items, so that their difference is a paired one;
//! - a score never stands without its interval, and a difference is called significant only when its interval
//!   leaves out zero;
//! - a run is recorded once, however often its job is published;
//! - scores stand on one board only when dataset version, seed and limits are the same.
//!
//! Map: [`types`] and [`board`] nouns · [`rules`] metrics, intervals, random numbers · [`tasks`] what is asked ·
//! [`ngram`] the baseline · [`client`] the model behind an endpoint · [`run`] one evaluation from start to end ·
//! [`documents`] splits · [`ops`] verbs · [`http`] doors · [`jobs`] the kind `evaluation.run`.

pub mod board;
pub mod client;
pub mod documents;
pub mod http;
pub mod jobs;
pub mod ngram;
pub mod ops;
pub mod rules;
pub mod run;
mod sql;
pub mod tasks;
pub mod types;

pub use board::{Board, Entry, Leaderboard, Run};
pub use client::Endpoint;
pub use ops::Evaluation;
pub use run::score;
pub use types::{Document, Estimate, Limits, Options, Outcome, TaskOutcome};

//! Floor 3: model as a service (模型即服务): the OpenAI-compatible gateway.
//!
//! Invariants:
//! - no token is generated before the most that the call can cost is reserved, and every reservation ends
//!   settled at what was used, or given back;
//! - whoever leaves early pays for what was generated, and nothing more is generated for them;
//! - a served model names the version of its repository, so every call can be traced to its corpus;
//! - memory for loaded models, work at a time and waiting requests are bounded.
//!
//! Map: [`types`] nouns · [`rules`] pure decisions about requests, prices and stops · [`ops`] verbs of
//! [`Models`] · [`serve`] loaded models and their work · [`http`] doors · [`jobs`] the job kind `model.train` ·
//! `sql` rows.

pub mod http;
pub mod jobs;
pub mod ops;
pub mod rules;
pub mod serve;
mod sql;
pub mod types;

pub use ops::{Limits, Models};
pub use types::{Call, Served, Totals};

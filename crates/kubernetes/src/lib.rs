//! Floor 2: a client of Kubernetes for batch jobs: objects of `batch/v1` with Kueue's labels, made, found and deleted.
//!
//! **Contract-tested, not cluster-tested:** the tests run against an API server of our own that keeps the documented
//! contract (names taken, resource versions, pages that expire, status apart from spec). No real cluster has seen it.
//!
//! Invariants:
//! - nothing runs twice: the object's name is its submitter's own, a second object of that name is impossible, and
//!   no pod is started again ([`object`]);
//! - an API server that can't be reached is [`kernel::Kind::Unavailable`], never "there is no such job";
//! - every answer has a largest size and a latest moment; no token is ever shown.
//!
//! Map: [`client`] the verbs · [`access`] how the API is reached · [`request`] what is submitted · [`object`] the
//! object that is made of it · [`job`] and [`node`] what Kubernetes says · [`quantity`] its amounts ·
//! [`submission`] what became of a job. Behind them: [`http`] calls · [`failure`] what went wrong.

pub mod access;
pub mod client;
mod failure;
mod http;
pub mod job;
pub mod node;
pub mod object;
pub mod quantity;
pub mod request;
pub mod submission;

pub use access::{Access, Token};
pub use client::Kubernetes;
pub use job::{JobInfo, JobState};
pub use node::{NodeInfo, NodeState};
pub use request::{Folder, Request};
pub use submission::Submission;

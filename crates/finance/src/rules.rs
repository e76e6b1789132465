//! What a policy says and what follows from it: pure, in integers, without a clock or a database.
//!
//! Invariants:
//! - a grant is never above rate × base, never above any cap, never negative, and never falls as the base grows;
//! - a fact that isn't known is not a fact that is false: the decision asks for the evidence and grants nothing yet;
//! - a limit that the published text leaves open has to be said (`"none published"`), and one that we could
//!   not read (`"not seen"`) holds the money back.
//!
//! Map: [`value`] rates, caps and dates · [`policy`] a policy's file · [`book`] all policies of a city ·
//! [`decide`](mod@decide) facts to decision · [`explain`] its sentences in Chinese and English · [`share`]
//! a pool to its contributors.

pub mod book;
pub mod decide;
pub mod explain;
pub mod policy;
pub mod share;
pub mod value;

pub use book::{Book, Entry};
pub use decide::{Decision, Facts, Outcome, decide};
pub use policy::{Policy, PolicyKind};

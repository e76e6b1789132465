//! Floor 2: a client of Slurm's controller, over its HTTP service (`slurmrestd`) or its commands (`sbatch`, …).
//!
//! Who goes where is decided elsewhere: Slurm gets each job with the exact nodes that it runs on, when they are
//! free, and is asked not to queue it again by itself. What Slurm says of it comes back as [`JobInfo`].
//!
//! Invariants:
//! - nothing runs twice: a job's name is its submitter's own, and an answer that got lost is told apart from a
//!   refusal ([`Submission`]), so that the name is looked up before anything is sent again;
//! - a controller that can't be reached is [`kernel::Kind::Unavailable`], never "there is no such job";
//! - no word goes through a shell, and every answer has a largest size and a latest moment;
//! - both ways in give the same nouns, and parsers are plain functions of bytes.
//!
//! Map: [`client`] the verbs · [`access`] how Slurm is reached · [`request`] what is submitted · [`job`] and
//! [`node`] what Slurm says · [`submission`] what became of it · [`hosts`] lists of hosts · [`gres`] devices.
//! Behind them: [`commands`] and [`rest`], the two ways in · [`check`] requests · [`failure`] what went wrong ·
//! [`state`] and [`tres`] Slurm's words.

pub mod access;
mod check;
pub mod client;
mod commands;
mod failure;
pub mod gres;
pub mod hosts;
pub mod job;
pub mod node;
pub mod request;
mod rest;
mod state;
pub mod submission;
mod tres;

pub use access::{Access, Commands, Rest, Token};
pub use client::Slurm;
pub use gres::Gres;
pub use job::{Exit, JobInfo, JobState};
pub use node::{NodeInfo, NodeState};
pub use request::Request;
pub use submission::Submission;

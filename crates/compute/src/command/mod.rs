//! The job kind `command.run`: a tenant's own script or program, held in a cell.
//!
//! [`isolation`] decides whether this machine runs any · [`spec`] what a submission says · [`kind`] the server's side ·
//! [`work`] the task's side: cell, environment, verdict · [`devices`] which accelerators' files a job may open ·
//! [`step`] its tasks through `srun` · [`output`] what is published.

mod devices;
pub mod isolation;
mod kind;
mod output;
mod spec;
pub(crate) mod step;
mod work;

pub use isolation::{Commands, Isolation};
pub use kind::Command;
pub use work::run_task;

/// Name of the kind.
pub const KIND: &str = "command.run";

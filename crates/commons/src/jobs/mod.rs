//! Work: jobs, their states, and the kinds of work that platforms offer.
//!
//! A job is submitted here, chosen and run by `compute`, and done by the [`JobKind`] of its platform: `stage`
//! in the server puts what it reads into its folder, a function of [`Tasks`] in a process of its own does the
//! work, `publish` in the server takes what it wrote. Only `publish` may change what others see, and it may be called again.

mod kind;
mod ops;
mod rules;
mod sql;
mod task;
mod types;

pub use kind::{JobKind, Kinds, Published, Run, Tasks};
pub use ops::{finish, list, prepare, request_cancel, submit, submit_in, transition};
pub use rules::{check_submission, may_follow};
pub use sql::{find, get, list_in_states, read, recent, set_attempt, set_charge};
pub use task::{Event, Task, TaskFile};
pub use types::{Ending, Job, JobState, Reason, Resources, Submission, Usage};

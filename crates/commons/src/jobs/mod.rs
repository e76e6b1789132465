//! Work: jobs, their states, and the kinds of work that platforms offer.
//!
//! A job is submitted here, chosen and run by `compute`, and done by the [`JobKind`] of its platform: `stage`
//! in the server puts what it reads into its folder, a function of [`Tasks`] in a process of its own does the
//! work, `publish` in the server takes what it wrote. Only `publish` may change what others see, and it may be called again.

mod bell;
mod kind;
mod ops;
mod rules;
mod sql;
mod task;
mod types;

pub use bell::{Bell, Changed};
pub use kind::{JobKind, Kinds, Published, Run, Tasks};
pub use ops::{
    Offer, Price, finish, list, prepare, request_cancel, submit, submit_array_in, submit_in, transition,
};
pub use rules::{MOST_MEMBERS, check_submission, may_follow, parse_indexes};
pub use sql::{
    array_is_open, find, find_all, get, list_in_states, members, queued, read, recent, set_attempt,
    start_attempts,
};
pub use task::{Event, Task, TaskFile};
pub use types::{
    After, Ended, Ending, Indexes, Job, JobState, Member, Preemptible, Reason, Resources, Scheduling,
    Submission, Usage,
};

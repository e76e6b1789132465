//! Floor 1: the pure scheduler and the trace simulator that runs it: who starts where and when, and why not.
//!
//! One core runs unchanged in the live service, in the simulator and in the benchmark: [`State`] takes
//! [`Event`]s in, and [`State::decide`] answers with placements, preemptions, reservations and reasons.
//!
//! Invariants:
//! - no I/O, no clock, no randomness but from fixed seeds: the same events and moments give the same
//!   decisions;
//! - a job's tasks start together or not at all, and no device is given out twice;
//! - a job is stopped for another only when that one starts in the same decision;
//! - money and quotas are checked against the most that a job can use before it starts.
//!
//! Map: [`world`] nodes, tenants, jobs · [`policy`] who goes first · [`core`] the scheduler · [`fleet`] which
//! node a task goes to · [`belief`] how long jobs run · `hash` quick tables · [`trace`] public formats · [`mod@simulate`] traces
//! through the core · [`record`] what a running scheduler writes down · [`mod@replay`] whether that repeats ·
//! [`mod@bench`] decisions a second.

pub mod belief;
pub mod bench;
pub mod core;
pub mod fleet;
mod hash;
pub mod policy;
mod random;
pub mod record;
pub mod replay;
pub mod simulate;
pub mod trace;
pub mod world;

pub use core::{
    Accuracy, Amount, Decisions, Event, Reason, Reservation, RunningJob, Start, State, Stop, WaitingJob,
    Words,
};
pub use fleet::{Placement, Slice};
pub use policy::Policy;
pub use record::Record;
pub use replay::{Replayed, replay};
pub use simulate::{Options, Simulation, Summary, simulate};
pub use trace::{Format, ReadOptions, Trace};
pub use world::{Job, JobId, Seconds, World};

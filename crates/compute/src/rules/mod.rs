//! Pure decisions: no I/O, no clock of their own, the same answer for the same input.
//!
//! Which job starts where is `schedule`'s to say; [`crate::facility`] speaks to it. Here: [`mod@step`] says what
//! one observation of a started job means · [`waiting`] words why a job waits · [`price`] turns time into usage
//! lines · [`cores`] chooses processor cores.

pub mod cores;
pub mod price;
pub mod step;
pub mod waiting;

pub use step::{Interval, Observation, Phase, Step, Stopping, step};
pub use waiting::Waiting;

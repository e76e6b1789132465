//! Pure decisions: no I/O, no clock of their own, the same answer for the same input.
//!
//! Which job starts where is `schedule`'s to say; [`crate::facility`] speaks to it. Here: [`mod@step`] says what
//! one observation of a started job means · [`waiting`] words why a job waits · [`price`] turns time into usage
//! lines · [`cores`] chooses processor cores · [`measured`] says how busy a run keeps them.

pub mod cores;
pub mod measured;
pub mod price;
pub mod step;
pub mod waiting;

pub use measured::Measured;
pub use step::{Interval, Observation, Phase, Step, Stopping, step};
pub use waiting::Waiting;

//! Pure decisions: no I/O, no clock of their own, the same answer for the same input.
//!
//! [`queue`] says which queued jobs start now and why the others wait · [`reserve`] finds the moment at which a
//! job that doesn't fit yet will · [`waiting`] words the reasons · [`mod@step`] says what one observation of a
//! running job means · [`cores`] chooses processor cores · [`price`] turns time into usage lines.

pub mod cores;
pub mod price;
pub mod queue;
pub mod reserve;
pub mod step;
pub mod waiting;

pub use queue::{Active, Allowance, Capacity, Decisions, QueueState, Queued, decide};
pub use step::{Observation, Phase, Step, step};
pub use waiting::Waiting;

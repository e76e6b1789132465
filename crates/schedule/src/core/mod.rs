//! The scheduler itself: [`State`] takes [`Event`]s in, [`State::decide`] says what happens now.
//!
//! Map: [`state`] what is known · [`events`] how it changes · [`round`] one round of decisions · [`reserve`]
//! promises to jobs that don't fit, and who may pass them · [`preempt`] whom to stop for whom · [`accounts`]
//! shares, quotas, prepaid money · [`reason`] why a job waits · [`forecast`] when it will start.

mod accounts;
mod events;
mod forecast;
mod preempt;
mod reason;
mod reserve;
mod round;
mod state;

pub use events::Event;
pub use forecast::Accuracy;
pub use reason::{Reason, Words};
pub use reserve::Reservation;
pub use round::{Decisions, Start, Stop};
pub use state::State;

//! The scheduler itself: [`State`] takes [`Event`]s in, [`State::decide`] says what happens now.
//!
//! Map: [`state`] what is known, [`view`] how it looks from outside · [`events`] how it changes: [`submit`],
//! [`queue`], [`running`], [`grow`] · [`round`] one round of decisions · [`reserve`] promises to jobs that
//! don't fit, and who may pass them · [`preempt`] whom to stop for whom · [`accounts`] shares, quotas, prepaid
//! money · [`reason`] why a job waits, and in [`words`] · [`forecast`] when it will start.

mod accounts;
mod events;
mod forecast;
mod grow;
mod overdue;
mod preempt;
mod queue;
mod reason;
mod reserve;
mod round;
mod running;
mod state;
mod submit;
mod turns;
mod view;
mod words;

pub use events::Event;
pub use forecast::Accuracy;
pub use reason::{Amount, Reason};
pub use reserve::Reservation;
pub use round::{Decisions, Start, Stop};
pub use state::State;
pub use view::{RunningJob, WaitingJob};
pub use words::Words;

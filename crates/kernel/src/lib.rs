//! Floor 0: identities, money, time, errors, pages. No I/O, no async.
//!
//! Invariants:
//! - nothing here knows HTTP, SQL or a file system;
//! - money is integer micros of a currency, and every operation on it is checked;
//! - an [`Error`] carries text that may be shown to anyone beside a source that may not.
//!
//! Map: [`id`] typed identities · [`money`] amounts · [`time`] timestamps and clocks ·
//! [`error`] the one error type · [`page`] keyset pages.

pub mod error;
pub mod id;
pub mod money;
pub mod page;
pub mod time;

pub use error::{Error, Kind, Result};
pub use id::{Id, Tag};
pub use money::{Currency, Money};
pub use page::{Page, PageRequest};
pub use time::{Clock, ManualClock, SystemClock, Timestamp};

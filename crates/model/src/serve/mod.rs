//! Loaded models and the work on them.

mod desk;
mod pump;
mod shelf;
mod work;

pub use desk::{Desk, Seat};
pub use pump::{Message, Running, Usage};
pub use shelf::Shelf;
pub use work::{Piece, TokenFact, Work};

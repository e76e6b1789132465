//! Clean text, and its words.

mod normalise;
mod words;

pub use normalise::normalise;
pub use words::{Word, Words, is_cjk, mix};

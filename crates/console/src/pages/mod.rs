//! The pages: each asks operations of the platforms and answers with blocks.

pub mod assets;
pub mod errors;
pub mod jobs;
pub mod ledger;
pub mod names;
pub mod session;

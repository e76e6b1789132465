//! The pages: each asks operations of the platforms and answers with blocks.

pub mod assets;
pub mod burn;
pub mod cases;
pub mod charges;
pub mod compute;
pub mod datasets;
pub mod errors;
pub mod flow;
pub mod home;
pub mod jobs;
pub mod leaderboard;
pub mod ledger;
pub mod lineage;
pub mod models;
pub mod names;
pub mod repos;
pub mod runs;
pub mod services;
pub mod session;
pub mod vouchers;

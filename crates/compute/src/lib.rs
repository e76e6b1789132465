//! Floor 3: compute scheduling (算力调度): queue, quotas, dispatch.
//!
//! Map: [`rules`] pure decisions · [`local`] and [`task`] the local dispatcher.

pub mod local;
mod ports;
pub mod rules;
pub mod task;
pub use ports::Kinds;

//! Pure decisions: metrics, intervals and the random numbers behind them. No I/O.

pub mod intervals;
pub mod metrics;
pub mod random;

pub use intervals::{bootstrap, wilson};
pub use metrics::{best_choice, bits, bits_per_byte};
pub use random::Random;

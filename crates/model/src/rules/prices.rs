//! What a call costs.

use commons::billing::{UsageLine, total_micros};
use kernel::{Error, Result};

use crate::types::Served;

/// Tokens that a price is for.
const PER: i64 = 1_000_000;
/// Highest price: a million CNY for a million tokens.
const HIGHEST: i64 = 1_000_000_000_000;

/// Refuses prices that are negative or beyond reason.
pub fn check(input_micros: i64, output_micros: i64) -> Result<()> {
    if [input_micros, output_micros].iter().all(|price| (0..=HIGHEST).contains(price)) {
        return Ok(());
    }
    let text = format!("A price for a million tokens is from 0 to {HIGHEST} micros of CNY.");
    Err(Error::invalid("price_invalid", text))
}

/// The lines of a call that read and wrote this many tokens.
pub fn lines(served: &Served, input_tokens: i64, output_tokens: i64) -> Vec<UsageLine> {
    let line = |unit: &str, quantity, price_micros| UsageLine {
        unit: unit.into(),
        quantity,
        price_micros,
        per: PER,
    };
    vec![
        line("input_tokens", input_tokens, served.price_input_micros),
        line("output_tokens", output_tokens, served.price_output_micros),
    ]
}

/// The most that a call can cost, in micros of CNY.
pub fn most(served: &Served, input_tokens: i64, output_tokens: i64) -> Result<i64> {
    total_micros(&lines(served, input_tokens, output_tokens))
}

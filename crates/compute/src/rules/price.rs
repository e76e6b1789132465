//! What time costs: measured CPU time, in whole milliseconds, at a price for each CPU-hour.

use super::queue::cpu_seconds;
use commons::jobs::Resources;
use kernel::{Error, Result};

/// What a usage line of compute counts.
pub const UNIT: &str = "cpu_millisecond";
/// CPU-milliseconds in one CPU-hour: what the price is for.
pub const PER: i64 = 3_600_000;

/// The most that a job of `need` can cost, in micros, rounded up so that the hold always covers the settlement.
pub fn ceiling_micros(need: &Resources, cpu_hour_micros: i64) -> Result<i64> {
    let micros = i128::from(cpu_seconds(need)) * i128::from(cpu_hour_micros);
    let whole = (micros + 3599).div_euclid(3600);
    i64::try_from(whole).map_err(|_| {
        Error::invalid(
            "job_resources_invalid",
            "the job's largest cost can't be counted; ask for fewer cpus or less time",
        )
    })
}

/// CPU-milliseconds to charge for `cpu_micros` measured, never more than was held for.
///
/// A job that is being stopped at its limit runs on for moments; those are ours, not the payer's.
pub fn charged_milliseconds(cpu_micros: i64, need: &Resources) -> i64 {
    (cpu_micros.max(0) / 1000).min(cpu_seconds(need).saturating_mul(1000))
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::money::mul_div_half_even;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_hold_covers_any_settlement(
            cpus in 1..1024i64, wall_seconds in 1..2_592_000i64, price in 0..1_000_000_000i64, used: i64
        ) {
            let need = Resources { cpus, memory_mib: 1, wall_seconds };
            let charged = mul_div_half_even(charged_milliseconds(used, &need), price, PER).unwrap();
            prop_assert!((0..=ceiling_micros(&need, price).unwrap()).contains(&charged));
        }
    }
}

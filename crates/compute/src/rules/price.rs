//! What time costs. A job with accelerators pays for these, from the start to the end that its engine reports;
//! its processors are in their price. A job without pays for the CPU time that was measured.

use super::Interval;
use commons::jobs::Resources;
use kernel::{Error, Result};

/// What a usage line of processors counts.
pub const CPU_UNIT: &str = "cpu_millisecond";
/// What a usage line of accelerators counts.
pub const DEVICE_UNIT: &str = "device_millisecond";
/// Milliseconds in one hour: what prices are for.
pub const PER: i64 = 3_600_000;

/// The most CPU-seconds that a job of `need` can use.
pub fn cpu_seconds(need: &Resources) -> i64 {
    need.all_cpus().saturating_mul(need.wall_seconds)
}

/// The most accelerator-seconds that a job of `need` can use, rounded up.
pub fn device_seconds(need: &Resources) -> i64 {
    need.all_device_milli().saturating_mul(need.wall_seconds).saturating_add(999) / 1000
}

/// The most that a job of `need` can cost, in micros, rounded up so that the hold always covers the settlement.
pub fn ceiling_micros(need: &Resources, cpu_hour_micros: i64, device_hour_micros: i64) -> Result<i64> {
    let micros = if need.devices == 0 {
        i128::from(cpu_seconds(need)) * 1000 * i128::from(cpu_hour_micros)
    } else {
        i128::from(need.all_device_milli()) * i128::from(need.wall_seconds) * i128::from(device_hour_micros)
    };
    i64::try_from((micros + 3_599_999).div_euclid(3_600_000)).map_err(|_| {
        Error::invalid(
            "job_resources_invalid",
            "the job's largest cost can't be counted; ask for fewer cpus, accelerators or less time",
        )
    })
}

/// CPU-milliseconds to charge for `cpu_micros` measured, never more than was held for.
///
/// A job that is being stopped at its limit runs on for moments; those are ours, not the payer's.
pub fn cpu_milliseconds(cpu_micros: i64, need: &Resources) -> i64 {
    (cpu_micros.max(0) / 1000).min(cpu_seconds(need).saturating_mul(1000))
}

/// Accelerator-milliseconds of a run, counted to the job's limit at the most.
pub fn device_milliseconds(interval: &Interval, need: &Resources) -> i64 {
    let ran = interval.milliseconds().min(need.wall_seconds.saturating_mul(1000));
    i64::try_from(i128::from(ran) * i128::from(need.all_device_milli()) / 1000).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::{Timestamp, money::mul_div_half_even};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_hold_covers_any_settlement(
            cpus in 1..1024i64, wall in 1..2_592_000i64, price in 0..1_000_000_000i64, used: i64
        ) {
            let need = Resources::new(cpus, 1, wall);
            let charged = mul_div_half_even(cpu_milliseconds(used, &need), price, PER).unwrap();
            prop_assert!((0..=ceiling_micros(&need, price, 0).unwrap()).contains(&charged));
        }

        #[test]
        fn the_hold_covers_accelerators(
            devices in 1..16i64, tasks in 1..64i64, wall in 1..2_592_000i64, price in 0..1_000_000_000i64,
            started in 0..1_000_000_000_000i64, ran in 0..10_000_000_000_000i64,
        ) {
            let need = Resources { devices, tasks, ..Resources::new(1, 1, wall) };
            let interval = Interval { started: Timestamp(started), ended: Timestamp(started + ran) };
            let used = device_milliseconds(&interval, &need);
            let charged = mul_div_half_even(used, price, PER).unwrap();
            prop_assert!((0..=ceiling_micros(&need, 0, price).unwrap()).contains(&charged));
        }
    }
}

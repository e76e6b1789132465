//! How far a score can be trusted.

use super::Random;
use crate::types::Estimate;

/// Share of the bootstrap's resamples that lies outside the interval, both sides together.
const OUTSIDE: f64 = 0.05;
/// The standard normal distribution's 97.5 % quantile, for Wilson's interval at 95 %.
const Z: f64 = 1.959_963_984_540_054;

/// The estimate of `statistic` over `items` things with its 95 % percentile bootstrap interval (Efron and
/// Tibshirani, “An Introduction to the Bootstrap”, 1993, chapter 13).
///
/// `statistic` gets the indices drawn, with replacement. Comparing two systems inside one statistic gives the
/// paired interval of their difference: both are read on the same resample.
pub fn bootstrap(items: usize, resamples: usize, seed: u64, statistic: impl Fn(&[usize]) -> f64) -> Estimate {
    let mut drawn: Vec<usize> = (0..items).collect();
    let value = statistic(&drawn);
    if items == 0 || resamples == 0 {
        return Estimate { value, low: value, high: value };
    }
    let mut random = Random::new(seed);
    let mut values: Vec<f64> = (0..resamples)
        .map(|_| {
            drawn.fill_with(|| random.below(items));
            statistic(&drawn)
        })
        .collect();
    values.sort_unstable_by(f64::total_cmp);
    Estimate { value, low: quantile(&values, OUTSIDE / 2.0), high: quantile(&values, 1.0 - OUTSIDE / 2.0) }
}

/// The `share` quantile of sorted values, linear between neighbours (Hyndman and Fan's type 7).
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let place = share * (sorted.len() - 1) as f64;
    let (below, above) = (sorted[place.floor() as usize], sorted[place.ceil() as usize]);
    below + (above - below) * place.fract()
}

/// The share of successes with Wilson's score interval at 95 % (Wilson, “Probable inference, the law of
/// succession, and statistical inference”, 1927): honest near 0 and 1 and for few trials.
pub fn wilson(successes: usize, trials: usize) -> Estimate {
    if trials == 0 {
        return Estimate { value: 0.0, low: 0.0, high: 1.0 };
    }
    let n = trials as f64;
    let share = successes as f64 / n;
    let scale = 1.0 + Z * Z / n;
    let centre = (share + Z * Z / (2.0 * n)) / scale;
    let half = Z / scale * (share * (1.0 - share) / n + Z * Z / (4.0 * n * n)).sqrt();
    Estimate { value: share, low: (centre - half).clamp(0.0, share), high: (centre + half).clamp(share, 1.0) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn mean(values: &[f64]) -> impl Fn(&[usize]) -> f64 {
        move |drawn| drawn.iter().map(|&index| values[index]).sum::<f64>() / drawn.len() as f64
    }

    #[test]
    fn wilson_agrees_with_hand_computed_values() {
        // 8 of 10: the interval worked out by hand from Wilson's formula.
        let got = wilson(8, 10);
        assert!((got.low - 0.490_162).abs() < 1e-5 && (got.high - 0.943_318).abs() < 1e-5, "{got:?}");
        assert_eq!(wilson(0, 20).low, 0.0);
        assert_eq!(wilson(20, 20).high, 1.0);
    }

    #[test]
    fn the_interval_has_about_the_width_that_theory_gives() {
        // 400 values, half 0 and half 1: the mean's standard error is 0.5 / √400 = 0.025.
        let values: Vec<f64> = (0..400).map(|index| f64::from(index % 2)).collect();
        let got = bootstrap(values.len(), 4_000, 1, mean(&values));
        assert_eq!(got.value, 0.5);
        assert!((got.low - 0.451).abs() < 0.006 && (got.high - 0.549).abs() < 0.006, "{got:?}");
    }

    #[test]
    fn a_paired_difference_is_sure_where_separate_scores_are_not() {
        let base: Vec<f64> = (0..50).map(|index| f64::from(index % 10)).collect();
        let better: Vec<f64> = base.iter().map(|value| value + 0.1).collect();
        let alone = bootstrap(50, 1_000, 3, mean(&base));
        let (a, b) = (mean(&better), mean(&base));
        let paired = bootstrap(50, 1_000, 3, |drawn| a(drawn) - b(drawn));
        assert!(alone.high - alone.low > 1.0);
        assert!(paired.low > 0.099 && paired.high < 0.101, "{paired:?}");
    }

    proptest! {
        #[test]
        fn the_interval_is_ordered_and_within_the_values(
            seed: u64, values in prop::collection::vec(-1e6f64..1e6, 1..60),
        ) {
            let got = bootstrap(values.len(), 100, seed, mean(&values));
            let least = values.iter().copied().fold(f64::INFINITY, f64::min);
            let most = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let slack = 1e-6;
            prop_assert!(least - slack <= got.low && got.low <= got.high && got.high <= most + slack);
            prop_assert_eq!(got, bootstrap(values.len(), 100, seed, mean(&values)));
        }

        #[test]
        fn wilson_holds_its_share_and_grows_with_it(trials in 1usize..500, successes in 0usize..500) {
            let successes = successes.min(trials);
            let got = wilson(successes, trials);
            prop_assert!(0.0 <= got.low && got.low <= got.value && got.value <= got.high && got.high <= 1.0);
            if successes < trials {
                let next = wilson(successes + 1, trials);
                prop_assert!(next.low >= got.low && next.high >= got.high);
            }
        }
    }
}

//! Minima of a set under many hash functions at the price of about one.
//!
//! Dahlgaard, Knudsen and Thorup, "Fast similarity sketching", FOCS 2017. In each round every element falls
//! into one bin with one value, and values of earlier rounds win; rounds go on until no bin is empty. From
//! round `k` of `k` bins on, round `k + i` puts all into bin `i`, so `2k` rounds always do. Each bin holds
//! the element of the set that is least under an order which doesn't depend on the set, so two sketches agree
//! in a bin with the probability of the sets' Jaccard similarity, with no more variance than `k` independent
//! permutations. A set of more than some `k ln k` elements takes one round or two: `k` times cheaper than `k`
//! permutations.

use crate::hash::mix;
use crate::shingles::seeded;

const EMPTY: u64 = u64::MAX;

/// A reusable sketch.
#[derive(Debug, Clone)]
pub struct Sketch {
    seed: u64,
    bins: Vec<u64>,
}

impl Sketch {
    /// A sketch of `bins` minima.
    pub fn new(bins: usize, seed: u64) -> Self {
        Self { seed, bins: vec![EMPTY; bins] }
    }

    /// The minima of a set given by hashes; repeats and order don't matter. None for the empty set.
    pub fn minima(&mut self, elements: &[u64]) -> Option<&[u64]> {
        if elements.is_empty() {
            return None;
        }
        self.bins.fill(EMPTY);
        let count = self.bins.len() as u64;
        for round in 0..2 * count {
            let seed = seeded(self.seed, round);
            for element in elements {
                let hash = mix(element ^ seed);
                // The high half chooses the bin, the low half is the value.
                let bin = if round < count { ((hash >> 32) * count) >> 32 } else { round - count };
                let least = &mut self.bins[bin as usize];
                *least = (*least).min(round << 32 | hash & 0xffff_ffff);
            }
            if !self.bins.contains(&EMPTY) {
                break;
            }
        }
        Some(&self.bins)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn minima(elements: impl Iterator<Item = u64>, bins: usize) -> Vec<u64> {
        let elements: Vec<_> = elements.map(|n| seeded(7, n)).collect();
        Sketch::new(bins, 1).minima(&elements).map(<[u64]>::to_vec).unwrap_or_default()
    }

    /// Mean and variance of the share of agreeing bins over many pairs of `size` elements, `shared` of them
    /// common.
    fn agreement(size: u64, shared: u64, bins: usize) -> (f64, f64) {
        let pairs = 400;
        let shares: Vec<f64> = (0..pairs)
            .map(|pair| {
                let start = pair * 1_000_000;
                let a = minima(start..start + size, bins);
                let b = minima(start + size - shared..start + 2 * size - shared, bins);
                a.iter().zip(&b).filter(|(a, b)| a == b).count() as f64 / bins as f64
            })
            .collect();
        let mean = shares.iter().sum::<f64>() / pairs as f64;
        (mean, shares.iter().map(|share| (share - mean).powi(2)).sum::<f64>() / pairs as f64)
    }

    #[test]
    fn the_estimate_has_no_bias_and_no_more_variance_than_permutations() {
        // From far fewer elements than bins to far more.
        for (size, shared) in [(9, 8), (50, 40), (120, 90), (2_000, 1_700)] {
            let truth = shared as f64 / (2 * size - shared) as f64;
            let (mean, variance) = agreement(size, shared, 112);
            let permutations = truth * (1.0 - truth) / 112.0;
            assert!((mean - truth).abs() < 0.01, "{size}: mean {mean} of {truth}");
            // 400 samples know a variance to some 7 %.
            assert!(variance < 1.25 * permutations, "{size}: {variance} of {permutations}");
        }
    }

    #[test]
    fn the_empty_set_has_none_and_one_element_fills_all_bins() {
        assert_eq!(Sketch::new(8, 1).minima(&[]), None);
        assert!(!minima(0..1, 64).contains(&EMPTY));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        #[test]
        fn the_sketch_of_a_union_is_the_least_of_both(a in 1_u64..60, b in 1_u64..60, bins in 1_usize..40) {
            let (left, right) = (minima(0..a, bins), minima(1000..1000 + b, bins));
            let both = minima((0..a).chain(1000..1000 + b), bins);
            let least: Vec<_> = left.iter().zip(&right).map(|(a, b)| *a.min(b)).collect();
            prop_assert_eq!(both, least);
        }
    }
}

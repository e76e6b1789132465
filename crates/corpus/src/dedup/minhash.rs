//! MinHash signatures of sets.
//!
//! One hash of each element serves all positions (one-permutation hashing: Li, Owen and Zhang, NIPS 2012): the
//! element falls into one bin and the bin keeps its least value. Empty bins borrow from full ones as in
//! Shrivastava, "Optimal densification for fast and accurate minwise hashing", ICML 2017. Two signatures agree at
//! a position with a probability of the Jaccard similarity of their sets.

use crate::text::mix;

/// Bands of a signature. With 20 bands of 6 rows a pair of similarity 0.8 becomes a candidate with a probability
/// of 1 - (1 - 0.8^6)^20 = 0.998, one of 0.5 with 0.27.
pub const BANDS: usize = 20;
/// Rows of a band.
pub const ROWS: usize = 6;
const POSITIONS: usize = BANDS * ROWS;
const EMPTY: u64 = u64::MAX;

/// Least values of a set, one a position.
pub type Signature = [u64; POSITIONS];
/// One hash a band; documents that share one are candidates.
pub type Bands = [u64; BANDS];

/// The signature of a set given by the mixed hashes of its elements (repeats do no harm); none for the empty set.
pub fn signature(elements: impl Iterator<Item = u64>) -> Option<Signature> {
    let mut least = [EMPTY; POSITIONS];
    for element in elements {
        let bin = ((element >> 32) * POSITIONS as u64) >> 32;
        // Bin and value must be independent, so the value is a second mix.
        let value = element.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 1;
        let kept = &mut least[bin as usize];
        *kept = (*kept).min(value);
    }
    if least.iter().all(|value| *value == EMPTY) {
        return None;
    }
    let mut full = least;
    for (bin, value) in full.iter_mut().enumerate().filter(|(_, value)| **value == EMPTY) {
        let donors = (0_u64..).map(|attempt| mix(((bin as u64) << 32) | attempt) % POSITIONS as u64);
        let donor = donors.map(|donor| least[donor as usize]).find(|value| *value != EMPTY);
        *value = donor.unwrap_or(EMPTY);
    }
    Some(full)
}

/// Estimated Jaccard similarity: the share of positions that agree.
pub fn similarity(a: &Signature, b: &Signature) -> f64 {
    a.iter().zip(b).filter(|(a, b)| a == b).count() as f64 / POSITIONS as f64
}

/// The hash of each band of a signature.
pub fn bands(signature: &Signature) -> Bands {
    let mut bands = [0; BANDS];
    for (band, rows) in signature.chunks_exact(ROWS).enumerate() {
        bands[band] = rows.iter().fold(band as u64, |hash, value| mix(hash ^ value).rotate_left(7));
    }
    bands
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dedup::jaccard;
    use proptest::prelude::*;

    fn set(range: std::ops::Range<u64>) -> Vec<u64> {
        let mut set: Vec<_> = range.map(|n| mix(n + 1)).collect();
        set.sort_unstable();
        set
    }

    fn estimate(a: &[u64], b: &[u64]) -> f64 {
        similarity(&signature(a.iter().copied()).unwrap(), &signature(b.iter().copied()).unwrap())
    }

    #[test]
    fn the_empty_set_has_none_and_one_element_fills_all() {
        assert!(signature(std::iter::empty()).is_none());
        let one = signature([7].into_iter()).unwrap();
        assert!(one.iter().all(|value| *value == one[0]));
    }

    proptest! {
        #[test]
        fn the_estimate_is_close_to_the_truth(start in 0_u64..1 << 40, size in 200_u64..2000, share in 0.0..1.0_f64) {
            let shift = ((1.0 - share) * size as f64) as u64;
            let (a, b) = (set(start..start + size), set(start + shift..start + shift + size));
            // Four standard deviations of 120 positions and a little for borrowed bins.
            let truth = jaccard(&a, &b);
            prop_assert!((estimate(&a, &b) - truth).abs() < 0.2, "{} against {truth}", estimate(&a, &b));
        }

        #[test]
        fn equal_sets_agree_and_order_does_not_matter(start in 0_u64..1 << 40, size in 1_u64..300) {
            let a = set(start..start + size);
            let forward = signature(a.iter().copied()).unwrap();
            prop_assert_eq!(forward, signature(a.iter().rev().copied()).unwrap());
            prop_assert_eq!(bands(&forward), bands(&forward.clone()));
        }
    }

    #[test]
    fn the_estimate_has_no_bias() {
        let error: f64 = (0..200)
            .map(|n| {
                let start = n * 1_000_000;
                let (a, b) = (set(start..start + 90), set(start + 10..start + 100));
                estimate(&a, &b) - jaccard(&a, &b)
            })
            .sum();
        assert!((error / 200.0).abs() < 0.015, "mean error {}", error / 200.0);
    }
}

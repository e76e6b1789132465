//! Sets of 5-grams and their true similarity.

use crate::text::Words;

/// Words in a run that is compared.
pub const RUN: usize = 5;

/// The set of hashes of all runs of five words, sorted.
pub fn shingles(words: &Words) -> Vec<u64> {
    let mut set = Vec::with_capacity(words.words.len());
    words.grams(RUN, &mut set);
    set.sort_unstable();
    set.dedup();
    set
}

/// Jaccard similarity of two sorted sets: the size of what they share over the size of both together.
/// Two empty sets are the same.
pub fn jaccard(a: &[u64], b: &[u64]) -> f64 {
    let (mut i, mut j, mut shared) = (0, 0, 0_usize);
    while i < a.len() && j < b.len() {
        let (x, y) = (a[i], b[j]);
        shared += usize::from(x == y);
        i += usize::from(x <= y);
        j += usize::from(y <= x);
    }
    let both = a.len() + b.len() - shared;
    if both == 0 { 1.0 } else { shared as f64 / both as f64 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_what_is_shared() {
        assert!((jaccard(&[1, 2, 3], &[2, 3, 4]) - 0.5).abs() < 1e-12);
        assert!((jaccard(&[], &[1]) - 0.0).abs() < 1e-12);
        assert!((jaccard(&[], &[]) - 1.0).abs() < 1e-12);
    }
}

//! Shingles: the n-grams of a text as 64-bit hashes, and the true similarity of two sets of them.

use crate::{
    hash::{fold, mix},
    units::Unit,
};
use std::ops::Range;

/// The odd base of the rolling polynomial.
const BASE: u64 = 0x9fb2_1c65_1e98_df25;

/// Hashes n-grams: every unit is hashed once, and the hash of an n-gram rolls from the one before.
#[derive(Debug, Clone)]
pub struct Shingler {
    unit: Unit,
    ngram: usize,
    /// `BASE` to the power of `ngram`: the weight with which a unit leaves the window.
    leaving: u64,
    units: Vec<u64>,
}

impl Shingler {
    /// A shingler for n-grams of `ngram` units; at least 1.
    pub fn new(unit: Unit, ngram: usize) -> Self {
        let ngram = ngram.max(1);
        let leaving = (0..ngram).fold(1_u64, |power, _| power.wrapping_mul(BASE));
        Self { unit, ngram, leaving, units: Vec::new() }
    }

    /// Appends the hashes of all n-grams of `text`, in order, with repeats. A text of fewer units than
    /// `ngram` has one: all of it. A text without any has none. Returns the number of units.
    pub fn append(&mut self, text: &str, shingles: &mut Vec<u64>) -> usize {
        self.units.clear();
        let units = &mut self.units;
        self.unit.each(text, |hash, _| units.push(hash));
        self.roll(shingles);
        self.units.len()
    }

    /// As [`append`](Self::append), and the places of the units in `text`: n-gram `i` starts at unit `i`.
    pub fn append_with_places(
        &mut self,
        text: &str,
        shingles: &mut Vec<u64>,
        places: &mut Vec<Range<usize>>,
    ) {
        self.units.clear();
        let units = &mut self.units;
        self.unit.each(text, |hash, place| {
            units.push(hash);
            places.push(place);
        });
        self.roll(shingles);
    }

    fn roll(&self, shingles: &mut Vec<u64>) {
        let first = self.ngram.min(self.units.len());
        if first == 0 {
            return;
        }
        let mut rolling = 0_u64;
        for unit in &self.units[..first] {
            rolling = rolling.wrapping_mul(BASE).wrapping_add(*unit);
        }
        shingles.reserve(self.units.len() + 1 - first);
        shingles.push(finish(rolling));
        let pairs = self.units[first..].iter().zip(&self.units);
        shingles.extend(pairs.map(|(enters, leaves)| {
            let kept = rolling.wrapping_mul(BASE).wrapping_sub(leaves.wrapping_mul(self.leaving));
            rolling = kept.wrapping_add(*enters);
            finish(rolling)
        }));
    }

    /// The set of the n-grams of `text`.
    pub fn set(&mut self, text: &str) -> Shingles {
        let mut all = Vec::new();
        self.append(text, &mut all);
        Shingles::from_hashes(all)
    }
}

/// The low bits of a polynomial hash know only the low bits of its terms; a folded product spreads all of
/// them.
#[inline]
fn finish(rolling: u64) -> u64 {
    fold(rolling ^ 0xd6e8_feb8_6659_fd93, 0xa076_1d64_78bd_642f)
}

/// The set of the n-grams of a text, as sorted hashes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Shingles(Vec<u64>);

impl Shingles {
    /// The set of these hashes, in any order, with or without repeats.
    pub fn from_hashes(hashes: Vec<u64>) -> Self {
        let mut hashes = sorted(hashes);
        hashes.dedup();
        Self(hashes)
    }

    /// The set of these hashes; none unless each is greater than the one before.
    pub fn from_sorted(hashes: Vec<u64>) -> Option<Self> {
        hashes.is_sorted_by(|a, b| a < b).then_some(Self(hashes))
    }

    /// The hashes, ascending.
    pub fn hashes(&self) -> &[u64] {
        &self.0
    }

    /// Jaccard similarity: the size of what both share over the size of both together; two empty sets are the
    /// same.
    pub fn jaccard(&self, other: &Self) -> f64 {
        let shared = self.shared(other);
        let both = self.0.len() + other.0.len() - shared;
        if both == 0 { 1.0 } else { shared as f64 / both as f64 }
    }

    /// Whether the Jaccard similarity is at least `similarity`; quick for sets of very different sizes.
    pub fn is_similar(&self, other: &Self, similarity: f64) -> bool {
        let (small, large) = (self.0.len().min(other.0.len()), self.0.len().max(other.0.len()));
        (large == 0 || small as f64 / large as f64 >= similarity) && self.jaccard(other) >= similarity
    }

    fn shared(&self, other: &Self) -> usize {
        let (a, b) = (&self.0[..], &other.0[..]);
        let (mut i, mut j, mut shared) = (0, 0, 0);
        while i < a.len() && j < b.len() {
            let (x, y) = (a[i], b[j]);
            shared += usize::from(x == y);
            i += usize::from(x <= y);
            j += usize::from(y <= x);
        }
        shared
    }
}

/// Sorts hashes. Their first bytes are even, so that one pass brings each within a few places of its own.
fn sorted(mut hashes: Vec<u64>) -> Vec<u64> {
    if hashes.len() < 256 {
        hashes.sort_unstable();
        return hashes;
    }
    let mut starts = [0_usize; 257];
    for hash in &hashes {
        starts[(hash >> 56) as usize + 1] += 1;
    }
    for byte in 0..256 {
        starts[byte + 1] += starts[byte];
    }
    let (mut places, mut sorted) = (starts, vec![0; hashes.len()]);
    for hash in hashes {
        let place = &mut places[(hash >> 56) as usize];
        sorted[*place] = hash;
        *place += 1;
    }
    for bounds in starts.windows(2) {
        sorted[bounds[0]..bounds[1]].sort_unstable();
    }
    sorted
}

/// A hash of a small number, for tests and seeds.
pub(crate) fn seeded(seed: u64, index: u64) -> u64 {
    mix(mix(seed ^ 0x5851_f42d_4c95_7f2d).wrapping_add(index.wrapping_mul(BASE)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn words(text: &str, ngram: usize) -> Vec<u64> {
        let mut all = Vec::new();
        Shingler::new(Unit::Words, ngram).append(text, &mut all);
        all
    }

    #[test]
    fn an_ngram_has_one_hash_wherever_it_stands() {
        let all = words("x y a b c d z a b c d q", 4);
        assert_eq!(all.len(), 9);
        assert_eq!(all[2], all[7]);
        assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), 8);
        assert_eq!(words("a b c d", 4), [all[2]]);
        assert_ne!(words("b a c d", 4), [all[2]]);
    }

    #[test]
    fn a_short_text_is_one_shingle_and_an_empty_one_none() {
        assert_eq!(words("one two", 5).len(), 1);
        assert_eq!(words("one two", 5), words("One, two.", 5));
        assert!(words("...", 5).is_empty());
    }

    #[test]
    fn many_hashes_are_sorted_like_few() {
        let hashes: Vec<u64> = (0..2000).map(|n| seeded(n % 1500, 1) >> (n % 3)).collect();
        let set: BTreeSet<u64> = hashes.iter().copied().collect();
        assert!(Shingles::from_hashes(hashes).hashes().iter().eq(&set));
    }

    #[test]
    fn similarity_counts_what_is_shared() {
        let set = |hashes: &[u64]| Shingles::from_hashes(hashes.to_vec());
        let (a, b) = (set(&[1, 2, 3, 3]), set(&[4, 3, 2]));
        assert!((a.jaccard(&b) - 0.5).abs() < 1e-12);
        assert!(a.is_similar(&b, 0.5) && !a.is_similar(&b, 0.51));
        assert!((set(&[]).jaccard(&set(&[])) - 1.0).abs() < 1e-12);
        assert!(!set(&[]).is_similar(&set(&[1]), 0.1));
    }
}

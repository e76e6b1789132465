//! The order of documents: sources interleaved evenly, each epoch of a source permuted without a table.

use super::Source;

/// One document to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Draw {
    /// Which source, counted from 0.
    pub source: usize,
    /// How often it was read through before.
    pub epoch: u64,
    /// Which of its documents, counted from 0.
    pub document: u64,
}

/// All draws of all phases.
pub(super) fn draws<'p>(
    phases: &'p [Vec<u64>],
    sources: &'p [Source],
    seed: u64,
) -> impl Iterator<Item = Draw> + 'p {
    let mut done = vec![0u64; sources.len()];
    phases.iter().flat_map(|counts| interleaved(counts)).map(move |source| {
        let size = sources[source].documents.max(1);
        let (epoch, place) = (done[source] / size, done[source] % size);
        done[source] += 1;
        Draw { source, epoch, document: permuted(place, size, mix(seed ^ mix(source as u64 ^ mix(epoch)))) }
    })
}

/// Each source as often as `counts` says: always the one that is furthest behind, the first of equal ones.
fn interleaved(counts: &[u64]) -> impl Iterator<Item = usize> + '_ {
    let mut drawn = vec![0u64; counts.len()];
    let total: u64 = counts.iter().sum();
    (0..total).map(move |_| {
        // The one whose middle of the next draw comes first: (2 drawn + 1) / (2 count), compared exactly.
        let before = |a: usize, b: usize, drawn: &[u64]| {
            let middle = |index: usize| 2 * u128::from(drawn[index]) + 1;
            middle(a) * u128::from(counts[b]) < middle(b) * u128::from(counts[a])
        };
        let open = (0..counts.len()).filter(|index| drawn[*index] < counts[*index]);
        let next = open.reduce(|best, index| if before(index, best, &drawn) { index } else { best });
        let next = next.unwrap_or_default();
        drawn[next] += 1;
        next
    })
}

/// A permutation of `0..size`: four Feistel rounds over the next power of four, walked until inside.
fn permuted(place: u64, size: u64, key: u64) -> u64 {
    let half = (64 - size.saturating_sub(1).leading_zeros()).div_ceil(2).max(1);
    let mask = (1u64 << half) - 1;
    let mut value = place;
    loop {
        let (mut left, mut right) = (value >> half, value & mask);
        for round in 0..4 {
            (left, right) = (right, left ^ (mix(key ^ mix(right ^ round << 56)) & mask));
        }
        value = left << half | right;
        if value < size {
            return value;
        }
    }
}

/// SplitMix64's finisher.
fn mix(value: u64) -> u64 {
    let value = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let value = (value ^ value >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ value >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ value >> 31
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_permutation_is_one() {
        for size in [1, 2, 3, 4, 5, 17, 1000, 4097] {
            let mut all: Vec<u64> = (0..size).map(|place| permuted(place, size, 7 + size)).collect();
            all.sort_unstable();
            assert!(all.into_iter().eq(0..size), "of {size}");
        }
    }

    #[test]
    fn sources_are_spread_evenly() {
        let order: Vec<usize> = interleaved(&[4, 2, 0, 1]).collect();
        assert_eq!(order, [0, 1, 0, 3, 0, 1, 0]);
    }
}

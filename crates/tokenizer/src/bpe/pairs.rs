//! Which pairs of symbols merge, and how early: an open-addressed table of one word an entry.

/// The rank of a pair that does not merge.
pub(crate) const NONE: u32 = u32::MAX;
/// Ids and ranks are smaller than these.
pub(crate) const MAX_ID: u32 = (1 << ID_BITS) - 1;
pub(crate) const MAX_RANK: u32 = (1 << RANK_BITS) - 1;

const ID_BITS: u32 = 21;
const RANK_BITS: u32 = 22;
const EMPTY: u64 = u64::MAX;

/// Pair of symbols to rank.
#[derive(Debug)]
pub(crate) struct Pairs {
    /// left, right and rank, from the highest bit down; a power of two of them, at most a third taken.
    entries: Vec<u64>,
    shift: u32,
}

impl Pairs {
    /// A table of `(left, right, rank)`; of equal pairs the last counts, as the peers have it.
    pub fn new(pairs: &[(u32, u32, u32)]) -> Self {
        let slots = (pairs.len() * 3).next_power_of_two().max(64);
        let mut table = Self { entries: vec![EMPTY; slots], shift: 64 - slots.trailing_zeros() };
        for &(left, right, rank) in pairs {
            assert!(left < MAX_ID && right < MAX_ID && rank < MAX_RANK, "ids and ranks fit their bits");
            let key = key(left, right);
            let mut slot = table.slot(key);
            while table.entries[slot] != EMPTY && table.entries[slot] >> RANK_BITS != key {
                slot = (slot + 1) & (slots - 1);
            }
            table.entries[slot] = key << RANK_BITS | u64::from(rank);
        }
        table
    }

    /// The pair's rank, or [`NONE`].
    #[inline(always)]
    pub fn rank(&self, left: u32, right: u32) -> u32 {
        let key = key(left, right);
        let mask = self.entries.len() - 1;
        let mut slot = self.slot(key);
        loop {
            let entry = self.entries[slot & mask];
            if entry >> RANK_BITS == key {
                return (entry & u64::from(MAX_RANK)) as u32;
            }
            if entry == EMPTY {
                return NONE;
            }
            slot += 1;
        }
    }

    #[inline(always)]
    fn slot(&self, key: u64) -> usize {
        (key.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> self.shift) as usize
    }
}

#[inline(always)]
fn key(left: u32, right: u32) -> u64 {
    u64::from(left) << ID_BITS | u64::from(right)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_found_and_the_last_rank_counts() {
        let mut pairs: Vec<_> = (0..5000u32).map(|n| (n, n * 7 % 5000, n)).collect();
        pairs.push((3, 21, 9999));
        let table = Pairs::new(&pairs);
        assert_eq!(table.rank(3, 21), 9999);
        assert_eq!(table.rank(4999, 4999 * 7 % 5000), 4999);
        assert_eq!((table.rank(3, 22), table.rank(0, 1)), (NONE, NONE));
    }
}

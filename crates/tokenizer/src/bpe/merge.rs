//! Merging the symbols of one piece: lowest rank first, leftmost first.

use std::{cmp::Reverse, collections::BinaryHeap};

use super::pairs::{NONE, Pairs};

/// Up to so many symbols all ranks are looked at for each merge; a heap is only faster beyond.
const SHORT: usize = 128;
/// No symbol.
const END: u32 = u32::MAX;

/// Memory for merging, kept from piece to piece.
#[derive(Debug, Default)]
pub(crate) struct Workspace {
    /// The symbols of the piece; merged in place.
    pub symbols: Vec<u32>,
    ranks: Vec<u32>,
    next: Vec<u32>,
    previous: Vec<u32>,
    heap: BinaryHeap<Reverse<u64>>,
}

impl Workspace {
    /// Merges `symbols` until no pair of neighbours merges; `merged` gives the symbol that each rank makes.
    pub fn merge(&mut self, pairs: &Pairs, merged: &[u32]) {
        self.ranks.clear();
        self.ranks.extend(self.symbols.windows(2).map(|pair| pairs.rank(pair[0], pair[1])));
        if self.symbols.len() <= SHORT {
            self.merge_short(pairs, merged);
        } else {
            self.merge_long(pairs, merged);
        }
    }

    /// At most 128 merges that look at 128 ranks each, without a branch that depends on them.
    fn merge_short(&mut self, pairs: &Pairs, merged: &[u32]) {
        let (symbols, ranks) = (&mut self.symbols, &mut self.ranks);
        loop {
            let lowest = ranks.iter().fold(NONE, |lowest, rank| lowest.min(*rank));
            if lowest == NONE {
                return;
            }
            let at = ranks.iter().position(|rank| *rank == lowest).unwrap_or_default();
            symbols[at] = merged[lowest as usize];
            symbols.remove(at + 1);
            ranks.remove(at);
            if at > 0 {
                ranks[at - 1] = pairs.rank(symbols[at - 1], symbols[at]);
            }
            if at < ranks.len() {
                ranks[at] = pairs.rank(symbols[at], symbols[at + 1]);
            }
        }
    }

    /// n log n: a heap of ranks and places over a linked list. What went stale is known by its rank.
    fn merge_long(&mut self, pairs: &Pairs, merged: &[u32]) {
        let Self { symbols, ranks, next, previous, heap } = self;
        let count = u32::try_from(symbols.len()).expect("a piece has less than 4 GiB");
        let entry = |rank: u32, at: u32| Reverse(u64::from(rank) << 32 | u64::from(at));
        next.clear();
        next.extend(1..count);
        next.push(END);
        previous.clear();
        previous.push(END);
        previous.extend(0..count - 1);
        heap.clear();
        let places = ranks.iter().zip(0..);
        heap.extend(places.filter(|(rank, _)| **rank != NONE).map(|(rank, at)| entry(*rank, at)));
        ranks.push(NONE);
        while let Some(Reverse(top)) = heap.pop() {
            let (rank, at) = ((top >> 32) as u32, top as u32 as usize);
            if ranks[at] != rank {
                continue;
            }
            let gone = next[at] as usize;
            symbols[at] = merged[rank as usize];
            symbols[gone] = END;
            ranks[gone] = NONE;
            next[at] = next[gone];
            let mut look = |left: usize, right: usize| {
                ranks[left] = pairs.rank(symbols[left], symbols[right]);
                if ranks[left] != NONE {
                    heap.push(entry(ranks[left], left as u32));
                }
            };
            if previous[at] != END {
                look(previous[at] as usize, at);
            }
            if next[at] != END {
                look(at, next[at] as usize);
                previous[next[at] as usize] = at as u32;
            } else {
                ranks[at] = NONE;
            }
        }
        symbols.retain(|symbol| *symbol != END);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Four letters; every pair of symbols below 40 merges into the next free symbol, in a mixed order.
    fn rules() -> (Pairs, Vec<u32>) {
        let mut pairs: Vec<(u32, u32)> = (0..12).flat_map(|a| (0..12).map(move |b| (a, b))).collect();
        pairs.sort_by_key(|(a, b)| (a * 31 + b * 17) % 29);
        let ranked: Vec<_> = pairs.iter().zip(0..).map(|((a, b), rank)| (*a, *b, rank)).collect();
        (Pairs::new(&ranked), (0..ranked.len() as u32).map(|rank| 4 + rank).collect())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn both_ways_of_merging_agree(symbols in proptest::collection::vec(0u32..4, 2..120)) {
            let (pairs, merged) = rules();
            let mut short = Workspace { symbols: symbols.clone(), ..Workspace::default() };
            short.merge(&pairs, &merged);
            let mut long = Workspace { symbols, ..Workspace::default() };
            long.ranks.extend(long.symbols.windows(2).map(|pair| pairs.rank(pair[0], pair[1])));
            long.merge_long(&pairs, &merged);
            prop_assert_eq!(short.symbols, long.symbols);
        }
    }

    #[test]
    fn a_megabyte_of_one_letter_is_merged_soon() {
        let (pairs, merged) = (Pairs::new(&[(0, 0, 0), (1, 1, 1)]), vec![1, 2]);
        let mut work = Workspace { symbols: vec![0; (1 << 20) + 3], ..Workspace::default() };
        work.merge(&pairs, &merged);
        assert_eq!(work.symbols.len(), (1 << 18) + 2);
        assert_eq!(work.symbols[(1 << 18)..], [1, 0]);
    }
}

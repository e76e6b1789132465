//! A set of small numbers that finds its lowest member at or after a point in a few steps.

/// Three levels of bits: a member, whether a word has one, whether a word of words has one.
#[derive(Debug, Clone, Default)]
pub(crate) struct Bits {
    words: Vec<u64>,
    summary: Vec<u64>,
}

impl Bits {
    pub(crate) fn new(size: usize) -> Self {
        let words = size.div_ceil(64);
        Self { words: vec![0; words], summary: vec![0; words.div_ceil(64)] }
    }

    /// Makes room for numbers below `size`.
    pub(crate) fn grow(&mut self, size: usize) {
        let words = size.div_ceil(64).max(self.words.len());
        self.words.resize(words, 0);
        self.summary.resize(words.div_ceil(64), 0);
    }

    pub(crate) fn insert(&mut self, at: u32) {
        let (word, bit) = (at as usize / 64, 1 << (at % 64));
        self.words[word] |= bit;
        self.summary[word / 64] |= 1 << (word % 64);
    }

    pub(crate) fn remove(&mut self, at: u32) {
        let (word, bit) = (at as usize / 64, 1 << (at % 64));
        self.words[word] &= !bit;
        if self.words[word] == 0 {
            self.summary[word / 64] &= !(1 << (word % 64));
        }
    }

    /// The lowest member that is `from` or more.
    pub(crate) fn next(&self, from: u32) -> Option<u32> {
        let mut word = from as usize / 64;
        let first = self.words.get(word)? & (u64::MAX << (from % 64));
        if first != 0 {
            return Some((word * 64) as u32 + first.trailing_zeros());
        }
        word += 1;
        let mut group = word / 64;
        let mut groups = self.summary.get(group)? & u64::MAX.checked_shl((word % 64) as u32).unwrap_or(0);
        while groups == 0 {
            group += 1;
            groups = *self.summary.get(group)?;
        }
        word = group * 64 + groups.trailing_zeros() as usize;
        Some((word * 64) as u32 + self.words[word].trailing_zeros())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        #[test]
        fn is_a_set(changes in prop::collection::vec((0..9000u32, any::<bool>()), 0..200), from in 0..9000u32) {
            let (mut bits, mut set) = (Bits::new(9000), BTreeSet::new());
            for (at, add) in changes {
                if add { bits.insert(at); set.insert(at); } else { bits.remove(at); set.remove(&at); }
            }
            prop_assert_eq!(bits.next(from), set.range(from..).next().copied());
        }
    }
}

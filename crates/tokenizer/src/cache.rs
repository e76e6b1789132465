//! Pieces whose ids are known: bounded, and what is seen again and again tends to stay.
//!
//! Each key has one place; a newcomer takes it. Short pieces with few ids are one slot of 32 bytes.

use std::hash::BuildHasher;

use foldhash::fast::FixedState;

const SHORT_SLOTS: usize = 1 << 15;
const LONG_SLOTS: usize = 1 << 14;
/// Longest piece with a short slot, in bytes, and the most ids that it holds.
pub(crate) const SHORT_BYTES: usize = 15;
const SHORT_IDS: usize = 3;
/// Longest piece that is remembered at all: 16,384 of them and their ids take at most 10 MB.
const LONG_BYTES: usize = 128;

#[derive(Clone, Copy, Debug, Default)]
struct Short {
    /// The bytes, and above them their number; 0 is nobody's.
    key: u128,
    ids: [u32; SHORT_IDS],
    count: u32,
}

#[derive(Clone, Debug, Default)]
struct Long {
    key: Vec<u8>,
    ids: Vec<u32>,
}

/// Ids of pieces seen before.
#[derive(Debug, Default)]
pub(crate) struct Cache {
    short: Vec<Short>,
    long: Vec<Long>,
}

impl Cache {
    /// Forgets everything.
    pub fn clear(&mut self) {
        self.short.clear();
        self.short.resize(SHORT_SLOTS, Short::default());
        self.long.clear();
        self.long.resize_with(LONG_SLOTS, Long::default);
    }

    /// Appends the ids of `text[start..end]` if they are known.
    #[inline(always)]
    pub fn find(&self, text: &str, (start, end): (usize, usize), ids: &mut Vec<u32>) -> bool {
        if end - start <= SHORT_BYTES {
            let key = short_key(text.as_bytes(), start, end);
            if let Some(known) = self.short.get(short_slot(key))
                && known.key == key
            {
                ids.extend_from_slice(&known.ids[..(known.count as usize).min(SHORT_IDS)]);
                return true;
            }
        }
        self.find_long(&text.as_bytes()[start..end], ids)
    }

    fn find_long(&self, piece: &[u8], ids: &mut Vec<u32>) -> bool {
        let known = long_slot(piece).and_then(|slot| self.long.get(slot));
        let found = known.filter(|known| known.key == piece);
        if let Some(found) = found {
            ids.extend_from_slice(&found.ids);
        }
        found.is_some()
    }

    /// Remembers the ids of a piece.
    pub fn keep(&mut self, piece: &str, new: &[u32]) {
        if (1..=SHORT_BYTES).contains(&piece.len()) && new.len() <= SHORT_IDS {
            let key = short_key(piece.as_bytes(), 0, piece.len());
            let mut slot = Short { key, ids: [0; SHORT_IDS], count: new.len() as u32 };
            slot.ids[..new.len()].copy_from_slice(new);
            self.short[short_slot(key)] = slot;
        } else if let Some(slot) = long_slot(piece.as_bytes()) {
            let known = &mut self.long[slot];
            known.key.clear();
            known.key.extend_from_slice(piece.as_bytes());
            known.ids.clear();
            known.ids.extend_from_slice(new);
        }
    }
}

fn long_slot(piece: &[u8]) -> Option<usize> {
    let is_kept = (1..=LONG_BYTES).contains(&piece.len());
    is_kept.then(|| FixedState::with_seed(0).hash_one(piece) as usize % LONG_SLOTS)
}

/// At most 15 bytes and their number as one number; one load where the text goes on long enough.
#[inline(always)]
fn short_key(text: &[u8], start: usize, end: usize) -> u128 {
    let count = end - start;
    let bytes = match text.get(start..start + 16).and_then(|bytes| <[u8; 16]>::try_from(bytes).ok()) {
        Some(bytes) => u128::from_le_bytes(bytes) & ((1 << (8 * count)) - 1),
        None => text[start..end].iter().rev().fold(0, |key, byte| key << 8 | u128::from(*byte)),
    };
    bytes | (count as u128) << 120
}

#[inline(always)]
fn short_slot(key: u128) -> usize {
    let mixed = u128::from(key as u64 ^ 0x9e37_79b9_7f4a_7c15)
        * u128::from((key >> 64) as u64 ^ 0xd6e8_feb8_6659_fd93);
    ((mixed >> 64) as u64 ^ mixed as u64) as usize % SHORT_SLOTS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_pieces_are_found_wherever_they_stand() {
        let mut cache = Cache::default();
        cache.clear();
        let text = "the word thethe a-piece-longer-than-fifteen-bytes";
        let find = |cache: &Cache, start, end| {
            let mut ids = Vec::new();
            cache.find(text, (start, end), &mut ids).then_some(ids)
        };
        assert_eq!(find(&cache, 0, 3), None);
        cache.keep("the", &[7]);
        cache.keep("word", &[1, 2, 3, 4]);
        cache.keep(&text[16..], &[5, 6]);
        assert_eq!(find(&cache, 9, 12), Some(vec![7]));
        assert_eq!(find(&cache, 4, 8), Some(vec![1, 2, 3, 4]));
        assert_eq!(find(&cache, 16, text.len()), Some(vec![5, 6]));
        assert_eq!(find(&cache, 9, 15), None);
    }

    #[test]
    fn the_key_is_the_same_in_the_midst_and_at_the_end() {
        let text = b"worthily and so much more; worthily";
        assert_eq!(short_key(text, 0, 8), short_key(text, text.len() - 8, text.len()));
        assert_ne!(short_key(text, 0, 8), short_key(text, 0, 7));
    }
}

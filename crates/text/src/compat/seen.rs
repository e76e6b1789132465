//! A set of hashes that is quick to empty, and what it says about repeated pieces.

use super::python;
use crate::words::hash;

/// A set of hashes.
#[derive(Default)]
pub(super) struct Seen {
    slots: Vec<u64>,
    shift: u32,
}

impl Seen {
    /// Empties it, with room for `count` hashes.
    pub fn reset(&mut self, count: usize) {
        let size = (2 * count).next_power_of_two().max(16);
        self.slots.clear();
        self.slots.resize(size, 0);
        self.shift = 64 - size.trailing_zeros();
    }

    /// Adds a hash and says whether it is new.
    #[inline]
    pub fn insert(&mut self, hash: u64) -> bool {
        let hash = hash.max(1);
        let mut at = (hash >> self.shift) as usize;
        loop {
            match self.slots[at] {
                0 => {
                    self.slots[at] = hash;
                    return true;
                }
                known if known == hash => return false,
                _ => at = (at + 1) & (self.slots.len() - 1),
            }
        }
    }

    /// Of these pieces: how many there are, how many were there before, and how many characters those have.
    pub fn count<'a>(&mut self, pieces: impl Iterator<Item = &'a str> + Clone) -> Repeated {
        self.reset(pieces.clone().count());
        let mut repeated = Repeated::default();
        for piece in pieces {
            repeated.pieces += 1;
            if !self.insert(hash::of(piece.as_bytes())) {
                repeated.again += 1;
                repeated.chars += python::len(piece);
            }
        }
        repeated
    }
}

/// What repeats among pieces.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Repeated {
    /// All pieces.
    pub pieces: usize,
    /// Those that were there before.
    pub again: usize,
    /// The characters of those.
    pub chars: usize,
}

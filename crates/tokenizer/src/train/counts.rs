//! How often each piece was seen.

use std::hash::BuildHasher;

use foldhash::fast::FixedState;

/// No place.
const FREE: u32 = u32::MAX;

/// Pieces in the order in which they were first seen, with their counts.
#[derive(Debug, Default)]
pub(super) struct Counts {
    bytes: Vec<u8>,
    pieces: Vec<Counted>,
    /// Open-addressed places of pieces; a power of two, at most half taken.
    places: Vec<u32>,
}

#[derive(Clone, Copy, Debug)]
struct Counted {
    start: usize,
    length: u32,
    /// Upper half of the hash: tells most pieces apart without looking at them.
    tag: u32,
    count: u64,
}

impl Counts {
    /// Counts `count` more of a piece.
    #[inline]
    pub fn add(&mut self, piece: &[u8], count: u64) {
        if self.pieces.len() * 2 >= self.places.len() {
            self.grow();
        }
        let hash = FixedState::with_seed(0).hash_one(piece);
        let tag = (hash >> 32) as u32;
        let mask = self.places.len() - 1;
        let mut place = hash as usize & mask;
        while self.places[place] != FREE {
            let known = &mut self.pieces[self.places[place] as usize];
            if known.tag == tag && self.bytes[known.start..known.start + known.length as usize] == *piece {
                known.count += count;
                return;
            }
            place = (place + 1) & mask;
        }
        self.places[place] = self.pieces.len() as u32;
        self.pieces.push(Counted { start: self.bytes.len(), length: piece.len() as u32, tag, count });
        self.bytes.extend_from_slice(piece);
    }

    fn grow(&mut self) {
        let size = (self.places.len() * 2).max(1 << 12);
        self.places.clear();
        self.places.resize(size, FREE);
        for (index, piece) in self.pieces.iter().enumerate() {
            let hash = FixedState::with_seed(0)
                .hash_one(&self.bytes[piece.start..piece.start + piece.length as usize]);
            let mut place = hash as usize & (size - 1);
            while self.places[place] != FREE {
                place = (place + 1) & (size - 1);
            }
            self.places[place] = index as u32;
        }
    }

    /// Adds all counts of another.
    pub fn absorb(&mut self, other: Self) {
        other.iter().for_each(|(piece, count)| self.add(piece, count));
    }

    /// All pieces with their counts.
    pub fn iter(&self) -> impl Iterator<Item = (&[u8], u64)> {
        self.pieces
            .iter()
            .map(|piece| (&self.bytes[piece.start..piece.start + piece.length as usize], piece.count))
    }

    /// Whether nothing was counted.
    pub fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }

    /// Bytes of all distinct pieces.
    pub fn bytes(&self) -> usize {
        self.bytes.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_survive_growth_and_absorption() {
        let (mut one, mut two) = (Counts::default(), Counts::default());
        for n in 0..20_000u32 {
            one.add(&(n % 5_000).to_le_bytes(), 1);
            two.add(&(n % 7_000).to_le_bytes(), 2);
        }
        one.absorb(two);
        let of = |wanted: u32| {
            one.iter().find(|(piece, _)| *piece == wanted.to_le_bytes()).map(|(_, count)| count)
        };
        assert_eq!((of(0), of(4_999), of(6_999)), (Some(10), Some(10), Some(4)));
        assert_eq!(one.iter().count(), 7_000);
    }
}

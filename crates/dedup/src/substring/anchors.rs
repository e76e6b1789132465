//! Which stretches may repeat: most of a corpus doesn't, and needs no sorting.
//!
//! Cut every text into blocks of half the length asked for. A stretch of that length holds a whole block
//! wherever it lies, so a copy of it holds the same bytes at some place. A rolling hash over all places finds
//! these; what is nowhere near one repeats nowhere. Equal hashes of different bytes only add some work.

use super::Options;
use crate::hash::{ByHash, fold};
use std::ops::Range;

const BASE: u64 = 0x9fb2_1c65_1e98_df25;

/// For each text the places, ascending and apart, outside of which nothing repeats.
pub fn suspect(texts: &[&str], options: Options) -> Vec<Vec<Range<usize>>> {
    let (shortest, longest) = options.bounds();
    let block = shortest.div_ceil(2);
    let blocks = Blocks::new(texts, block);
    let mut seen = vec![0_u8; blocks.slots.len()];
    let mut hits: Vec<Vec<(usize, u32)>> = Vec::with_capacity(texts.len());
    for text in texts {
        let mut found = Vec::new();
        roll(text.as_bytes(), block, |at, hash| {
            if let Some(slot) = blocks.slot(hash) {
                seen[slot as usize] = seen[slot as usize].saturating_add(1);
                found.push((at, slot));
            }
        });
        hits.push(found);
    }
    let around = |text: &str, found: Vec<(usize, u32)>| {
        let mut places: Vec<Range<usize>> = Vec::new();
        for (at, _) in found.into_iter().filter(|(_, slot)| seen[*slot as usize] > 1) {
            let start = floor(text, (at + block).saturating_sub(longest));
            let end = floor(text, (at + longest).min(text.len()));
            match places.last_mut() {
                Some(last) if start <= last.end => last.end = last.end.max(end),
                _ => places.push(start..end),
            }
        }
        places
    };
    texts.iter().zip(hits).map(|(text, found)| around(text, found)).collect()
}

/// The start of the character at or before `at`.
fn floor(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// The different blocks of all texts.
struct Blocks {
    slots: ByHash<u32>,
    /// A bit for some of the bits of a hash: most places that are no block are sent away here.
    filter: Vec<u64>,
    shift: u32,
}

impl Blocks {
    fn new(texts: &[&str], block: usize) -> Self {
        let count: usize = texts.iter().map(|text| text.len() / block).sum();
        let bits = (count * 16).next_power_of_two().max(1 << 10);
        let shift = 64 - bits.trailing_zeros();
        let mut blocks = Self { slots: ByHash::default(), filter: vec![0; bits / 64], shift };
        blocks.slots.reserve(count);
        for bytes in texts.iter().flat_map(|text| text.as_bytes().chunks_exact(block)) {
            let hash = finish(bytes.iter().fold(0, |rolling, byte| step(rolling, *byte)));
            let next = blocks.slots.len() as u32;
            blocks.slots.entry(hash).or_insert(next);
            blocks.filter[(hash >> shift) as usize / 64] |= 1 << ((hash >> shift) % 64);
        }
        blocks
    }

    #[inline]
    fn slot(&self, hash: u64) -> Option<u32> {
        let bit = hash >> self.shift;
        let may = self.filter[bit as usize / 64] >> (bit % 64) & 1 == 1;
        may.then(|| self.slots.get(&hash).copied()).flatten()
    }
}

/// Calls `each` with the place and the hash of every stretch of `length` bytes.
#[inline]
fn roll(bytes: &[u8], length: usize, mut each: impl FnMut(usize, u64)) {
    let Some(first) = bytes.get(..length) else { return };
    let leaving = (0..length).fold(1_u64, |power, _| power.wrapping_mul(BASE));
    let mut rolling = first.iter().fold(0, |rolling, byte| step(rolling, *byte));
    each(0, finish(rolling));
    for (at, (leaves, enters)) in bytes.iter().zip(&bytes[length..]).enumerate() {
        rolling = step(rolling, *enters).wrapping_sub((u64::from(*leaves) + 1).wrapping_mul(leaving));
        each(at + 1, finish(rolling));
    }
}

#[inline]
fn step(rolling: u64, byte: u8) -> u64 {
    rolling.wrapping_mul(BASE).wrapping_add(u64::from(byte) + 1)
}

#[inline]
fn finish(rolling: u64) -> u64 {
    fold(rolling ^ 0xd6e8_feb8_6659_fd93, 0xa076_1d64_78bd_642f)
}

//! A quick hash for tables of small keys: numbers of jobs, sizes, shapes.
//!
//! Every job is looked up several times in its life, and the standard library's hash, made to withstand keys that
//! an attacker chose, was a tenth of a round's time. Nothing iterates over these tables, so no decision depends on
//! the order in them.

use std::{
    collections::HashMap,
    hash::{BuildHasherDefault, Hasher},
};

/// A table with quick look-ups.
pub(crate) type QuickMap<K, V> = HashMap<K, V, BuildHasherDefault<Folded>>;

/// Multiplies each word, and folds the upper half of the product into the lower.
#[derive(Default)]
pub(crate) struct Folded(u64);

impl Hasher for Folded {
    fn write_u64(&mut self, word: u64) {
        let product = u128::from(self.0 ^ word ^ 0x9e37_79b9_7f4a_7c15) * 0xd6e8_feb8_6659_fd93;
        self.0 = product as u64 ^ (product >> 64) as u64;
    }

    fn write_u8(&mut self, byte: u8) {
        self.write_u64(byte.into());
    }

    fn write_u16(&mut self, word: u16) {
        self.write_u64(word.into());
    }

    fn write_u32(&mut self, word: u32) {
        self.write_u64(word.into());
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.write_u8(*byte));
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

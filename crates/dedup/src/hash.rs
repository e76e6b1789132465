//! Hashing that gives the same bits on every machine.

use std::{
    collections::HashMap,
    hash::{BuildHasherDefault, Hasher},
};

/// Multiplies to 128 bits and folds the halves together: one multiplication mixes 64 bits well.
#[inline]
pub fn fold(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    product as u64 ^ (product >> 64) as u64
}

/// A bijection of 64 bits in which every input bit reaches every output bit (the finaliser of SplitMix64).
#[inline]
pub fn mix(mut x: u64) -> u64 {
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

/// The hash of short bytes, sixteen at a time. Bytes are never zero in what is hashed here, so that padding a
/// word with zeros can't make it another word.
#[inline]
pub fn word(bytes: &[u8]) -> u64 {
    bytes.chunks(16).fold(START, |hash, block| next(hash, padded(block)))
}

/// Where [`word`] starts.
pub const START: u64 = 0x243f_6a88_85a3_08d3;

/// One step of [`word`] over sixteen bytes.
#[inline]
pub fn next(hash: u64, block: u128) -> u64 {
    fold(hash ^ block as u64, 0x9e37_79b9_7f4a_7c15 ^ (block >> 64) as u64)
}

/// The first sixteen bytes, with zeros where there are fewer.
#[inline]
pub fn padded(bytes: &[u8]) -> u128 {
    if let Some(block) = bytes.first_chunk() {
        return u128::from_le_bytes(*block);
    }
    let mut block = [0; 16];
    block[..bytes.len()].copy_from_slice(bytes);
    u128::from_le_bytes(block)
}

/// A map by what is a hash already. Nobody walks it: its order means nothing.
pub type ByHash<V> = HashMap<u64, V, BuildHasherDefault<AsIs>>;

/// Takes 64 bits for their own hash.
#[derive(Debug, Default)]
pub struct AsIs(u64);

impl Hasher for AsIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.0 = self.0.rotate_left(8) ^ u64::from(*byte));
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

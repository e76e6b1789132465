//! Hashing that gives the same bits on every machine.

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

/// The hash of short bytes, eight at a time. Bytes are never zero in what is hashed here, so that padding a word
/// with zeros can't make it another word.
#[inline]
pub fn word(bytes: &[u8]) -> u64 {
    let mut hash = START;
    let mut blocks = bytes.chunks_exact(8);
    for block in &mut blocks {
        hash = next(hash, u64::from_le_bytes(block.try_into().unwrap_or_default()));
    }
    let mut tail = [0; 8];
    tail[..blocks.remainder().len()].copy_from_slice(blocks.remainder());
    if blocks.remainder().is_empty() { hash } else { next(hash, u64::from_le_bytes(tail)) }
}

/// Where [`word`] starts.
pub const START: u64 = 0x243f_6a88_85a3_08d3;

/// One step of [`word`] over eight bytes.
#[inline]
pub fn next(hash: u64, block: u64) -> u64 {
    fold(hash ^ block, 0x9e37_79b9_7f4a_7c15)
}

//! One hash for words, chunks and n-grams: 64 bits, the same on every machine and in every run.

const K: [u64; 3] = [0x9E37_79B9_7F4A_7C15, 0xC2B2_AE3D_27D4_EB4F, 0x1656_67B1_9E37_79F9];

/// Multiplies and folds the two halves of the product together.
#[inline(always)]
pub(crate) fn fold(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    product as u64 ^ (product >> 64) as u64
}

/// The hash of a word of up to eight bytes, given as a little-endian number.
#[inline(always)]
pub(crate) fn of_short(word: u64, len: usize) -> u64 {
    fold(word ^ K[0], K[1] ^ (len as u64).wrapping_mul(K[2]))
}

/// The hash of two hashes, in this order.
#[inline(always)]
pub(crate) fn pair(a: u64, b: u64) -> u64 {
    fold(a ^ K[1], b.rotate_left(23) ^ K[0])
}

/// Eight bytes from `at`, as a little-endian number, with zeros past the end.
#[inline(always)]
pub(crate) fn load(bytes: &[u8], at: usize) -> u64 {
    match bytes.get(at..at + 8) {
        Some(eight) => u64::from_le_bytes(eight.try_into().unwrap_or_default()),
        None => load_end(bytes, at),
    }
}

#[inline]
fn load_end(bytes: &[u8], at: usize) -> u64 {
    let rest = bytes.get(at..).unwrap_or_default();
    rest.iter().take(8).rev().fold(0, |word, &b| word << 8 | u64::from(b))
}

/// The hash of these bytes.
#[inline]
pub(crate) fn of(bytes: &[u8]) -> u64 {
    let len = bytes.len();
    if len <= 8 {
        return of_short(load(bytes, 0), len);
    }
    let mut state = K[2] ^ (len as u64).wrapping_mul(K[0]);
    let mut at = 0;
    while at + 16 < len {
        state = fold(load(bytes, at) ^ state, load(bytes, at + 8) ^ K[1]);
        at += 16;
    }
    if len >= 16 {
        fold(load(bytes, len - 16) ^ state, load(bytes, len - 8) ^ K[0])
    } else {
        fold(load(bytes, 0) ^ state, load(bytes, len - 8) ^ K[0])
    }
}

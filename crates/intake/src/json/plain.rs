//! How far a string goes on without a quote, a backslash or a control character.

/// Bytes before the first that is special, or all.
#[inline]
pub(super) fn run(bytes: &[u8]) -> usize {
    let (chunks, rest) = bytes.as_chunks::<16>();
    let mut at = 0;
    for chunk in chunks {
        let special = specials(chunk);
        if special != 0 {
            return at + special.trailing_zeros() as usize;
        }
        at += 16;
    }
    at + rest.iter().position(|byte| is_special(*byte)).unwrap_or(rest.len())
}

/// The same, and copies them. Whole chunks are copied before they are looked at: cutting back is cheaper.
#[inline]
pub(super) fn copy(bytes: &[u8], into: &mut Vec<u8>) -> usize {
    let (chunks, rest) = bytes.as_chunks::<16>();
    let mut at = 0;
    for chunk in chunks {
        into.extend_from_slice(chunk);
        let special = specials(chunk);
        if special != 0 {
            let plain = special.trailing_zeros() as usize;
            into.truncate(into.len() - 16 + plain);
            return at + plain;
        }
        at += 16;
    }
    let plain = rest.iter().position(|byte| is_special(*byte)).unwrap_or(rest.len());
    into.extend_from_slice(&rest[..plain]);
    at + plain
}

#[inline]
fn is_special(byte: u8) -> bool {
    byte == b'"' || byte == b'\\' || byte < 0x20
}

/// A bit for each special byte.
#[cfg(target_arch = "x86_64")]
#[inline]
#[allow(unsafe_code)]
fn specials(chunk: &[u8; 16]) -> u32 {
    use std::arch::x86_64::{
        _mm_cmpeq_epi8, _mm_loadu_si128, _mm_min_epu8, _mm_movemask_epi8, _mm_or_si128, _mm_set1_epi8,
    };
    // SAFETY: SSE2 is part of every x86-64; the load needs no alignment and stays in the chunk's 16 bytes.
    unsafe {
        let bytes = _mm_loadu_si128(chunk.as_ptr().cast());
        let quote = _mm_cmpeq_epi8(bytes, _mm_set1_epi8(b'"' as i8));
        let backslash = _mm_cmpeq_epi8(bytes, _mm_set1_epi8(b'\\' as i8));
        let control = _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(0x1f)), bytes);
        _mm_movemask_epi8(_mm_or_si128(_mm_or_si128(quote, backslash), control)) as u32
    }
}

#[cfg(not(target_arch = "x86_64"))]
#[inline]
fn specials(chunk: &[u8; 16]) -> u32 {
    chunk.iter().rev().fold(0, |bits, byte| bits << 1 | u32::from(is_special(*byte)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn finds_the_first_special_byte(bytes in prop::collection::vec(any::<u8>().prop_map(|byte| if byte < 240 { b'a' + byte % 26 } else { byte.wrapping_sub(224) }), 0..100)) {
            let expected = bytes.iter().position(|byte| is_special(*byte)).unwrap_or(bytes.len());
            prop_assert_eq!(run(&bytes), expected);
            let mut copied = b"x".to_vec();
            prop_assert_eq!(copy(&bytes, &mut copied), expected);
            prop_assert_eq!(&copied[1..], &bytes[..expected]);
        }
    }
}

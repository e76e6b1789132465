//! Sixty-four bytes at a time: which are white space, which are plain parts of words. Written as byte-wise
//! loops that compilers turn into vector code on any machine.

/// Bytes of a block.
pub const BLOCK: usize = 64;

/// A bit for each byte of a block, the lowest for the first.
#[derive(Debug, PartialEq, Eq)]
pub struct Classes {
    /// ASCII white space.
    pub space: u64,
    /// Punctuation, control characters, and all of what isn't ASCII: needs a closer look.
    pub special: u64,
}

/// The classes of the bytes of a block.
#[inline]
pub fn classes(block: &[u8; BLOCK]) -> Classes {
    let mut plain = [0_u8; BLOCK];
    let mut space = [0_u8; BLOCK];
    for ((byte, plain), space) in block.iter().zip(&mut plain).zip(&mut space) {
        *plain = u8::from((byte | 0x20).wrapping_sub(b'a') < 26)
            | u8::from(byte.wrapping_sub(b'0') < 10)
            | u8::from(*byte == b'_');
        *space = u8::from(*byte == b' ') | u8::from(byte.wrapping_sub(9) < 5);
    }
    let space = gather(&space);
    Classes { space, special: !(gather(&plain) | space) }
}

/// Bytes of 0 or 1 to bits.
#[inline]
fn gather(flags: &[u8; BLOCK]) -> u64 {
    let mut bits = 0;
    for (index, eight) in flags.chunks_exact(8).enumerate() {
        let eight = u64::from_le_bytes(eight.try_into().unwrap_or_default());
        // The product moves the byte of each flag to its own bit of the highest byte.
        bits |= (eight.wrapping_mul(0x0102_0408_1020_4080) >> 56) << (8 * index);
    }
    bits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_has_its_class() {
        for start in (0_u16..256).step_by(BLOCK) {
            let mut block = [0; BLOCK];
            for (index, byte) in block.iter_mut().enumerate() {
                *byte = (start as usize + index) as u8;
            }
            let found = classes(&block);
            for (index, byte) in block.iter().enumerate() {
                let space = matches!(byte, 9..=13 | b' ');
                let plain = byte.is_ascii_alphanumeric() || *byte == b'_';
                assert_eq!(found.space >> index & 1 == 1, space, "{byte}");
                assert_eq!(found.special >> index & 1 == 1, !space && !plain, "{byte}");
            }
        }
    }
}

//! One fast hash for words, names and texts: the same on every machine, for tables that are trained once.

const FACTOR: u64 = 0x9E37_79B9_7F4A_7C15;

/// A hash that grows byte by byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hash(u64);

impl Hash {
    /// The hash of nothing.
    pub const EMPTY: Self = Self(0xcbf2_9ce4_8422_2325);

    /// With one more byte, letters of ASCII in lower case.
    #[inline]
    pub fn push(self, byte: u8) -> Self {
        let low = if byte.is_ascii_uppercase() { byte | 32 } else { byte };
        Self((self.0 ^ u64::from(low)).wrapping_mul(FACTOR).rotate_left(29))
    }

    /// Its 32 best bits.
    #[inline]
    pub fn end(self) -> u32 {
        (self.0.wrapping_mul(FACTOR) >> 32) as u32
    }
}

/// The hash of some bytes, letters of ASCII in lower case.
pub fn hash(bytes: &[u8]) -> u32 {
    bytes.iter().fold(Hash::EMPTY, |hash, byte| hash.push(*byte)).end()
}

/// A hash of two hashes; the order matters.
#[inline]
pub fn mix(left: u32, right: u32) -> u32 {
    let both = (u64::from(left) << 32) | u64::from(right);
    ((both ^ (both >> 29)).wrapping_mul(FACTOR).rotate_left(31).wrapping_mul(FACTOR) >> 32) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_does_not_matter_and_order_does() {
        assert_eq!(hash(b"Nav"), hash(b"nAV"));
        assert_ne!(hash(b"ab"), hash(b"ba"));
        assert_ne!(mix(1, 2), mix(2, 1));
    }
}

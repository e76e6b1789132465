//! What is remembered of chunks: a table of fixed size where a newcomer takes the place of the one before.

use super::lexicon::Token;

const SLOTS: usize = 1 << 14;
/// Chunks of more bytes or tokens are cut anew each time.
const MOST_BYTES: usize = 64;
const MOST_TOKENS: usize = 4;

/// One chunk, on one line of the processor's cache.
#[derive(Clone, Copy, Default)]
#[repr(align(64))]
struct Slot {
    key: u64,
    hashes: [u64; MOST_TOKENS],
    bytes: [u8; MOST_TOKENS],
    chars: [u8; MOST_TOKENS],
    flags: [u8; MOST_TOKENS],
    count: u8,
}

pub(super) struct Cache {
    slots: Vec<Slot>,
}

impl Cache {
    pub fn new() -> Self {
        Self { slots: vec![Slot::default(); SLOTS] }
    }

    /// The tokens of a chunk.
    #[inline]
    pub fn get(&self, hash: u64, len: usize) -> Option<impl Iterator<Item = Token>> {
        let slot = &self.slots[hash as usize % SLOTS];
        (slot.key == hash && len <= MOST_BYTES).then(|| {
            let token = |n: usize| Token {
                hash: slot.hashes[n],
                start: 0,
                bytes: slot.bytes[n].into(),
                chars: slot.chars[n].into(),
                flags: slot.flags[n].into(),
            };
            (0..usize::from(slot.count).min(MOST_TOKENS)).map(token)
        })
    }

    /// Remembers a chunk.
    pub fn put(&mut self, hash: u64, len: usize, tokens: &[Token]) {
        if len > MOST_BYTES || tokens.len() > MOST_TOKENS {
            return;
        }
        let slot = &mut self.slots[hash as usize % SLOTS];
        (slot.key, slot.count) = (hash, tokens.len() as u8);
        for (n, token) in tokens.iter().enumerate() {
            slot.hashes[n] = token.hash;
            (slot.bytes[n], slot.chars[n], slot.flags[n]) =
                (token.bytes as u8, token.chars as u8, token.flags as u8);
        }
    }
}

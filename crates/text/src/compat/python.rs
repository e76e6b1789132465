//! Python's ways with text that the peer's rules rest on.

use crate::words::class;

/// `str.strip`.
pub(super) fn strip(text: &str) -> &str {
    text.trim_matches(class::is_space)
}

/// `str.lstrip`.
pub(super) fn lstrip(text: &str) -> &str {
    text.trim_start_matches(class::is_space)
}

/// `str.rstrip`.
pub(super) fn rstrip(text: &str) -> &str {
    text.trim_end_matches(class::is_space)
}

/// `len`: code points.
pub(super) fn len(text: &str) -> usize {
    // Every byte but those that go on with a character; the compiler makes vectors of this.
    text.as_bytes().iter().filter(|&&b| b as i8 >= -0x40).count()
}

/// `str.split()`.
pub(super) fn split(text: &str) -> impl Iterator<Item = &str> {
    text.split(class::is_space).filter(|word| !word.is_empty())
}

/// `str.splitlines`.
pub(super) fn lines(text: &str) -> Lines<'_> {
    Lines { rest: text }
}

pub(super) struct Lines<'a> {
    rest: &'a str,
}

impl<'a> Iterator for Lines<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        if self.rest.is_empty() {
            return None;
        }
        let bytes = self.rest.as_bytes();
        for (at, _) in bytes.iter().enumerate().filter(|(_, b)| MAY_BREAK[**b as usize]) {
            let len = break_len(&bytes[at..]);
            if len > 0 {
                let line = &self.rest[..at];
                self.rest = &self.rest[at + len..];
                return Some(line);
            }
        }
        Some(std::mem::take(&mut self.rest))
    }
}

/// The first bytes of what breaks lines.
static MAY_BREAK: [bool; 256] = {
    let mut table = [false; 256];
    let firsts = [b'\n', 0x0B, 0x0C, b'\r', 0x1C, 0x1D, 0x1E, 0xC2, 0xE2];
    let mut n = 0;
    while n < firsts.len() {
        table[firsts[n] as usize] = true;
        n += 1;
    }
    table
};

/// How many bytes at the front break a line.
fn break_len(bytes: &[u8]) -> usize {
    match bytes {
        [b'\r', b'\n', ..] => 2,
        [b'\n' | 0x0B | 0x0C | b'\r' | 0x1C..=0x1E, ..] => 1,
        [0xC2, 0x85, ..] => 2,
        [0xE2, 0x80, 0xA8 | 0xA9, ..] => 3,
        _ => 0,
    }
}

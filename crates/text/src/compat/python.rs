//! Python's ways with text that the peer's rules rest on.

use crate::words::class;
use memchr::{memchr, memmem};

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
    text.chars().count()
}

/// `str.split()`.
pub(super) fn split(text: &str) -> impl Iterator<Item = &str> {
    text.split(class::is_space).filter(|word| !word.is_empty())
}

/// `str.splitlines`.
pub(super) fn lines(text: &str) -> Lines<'_> {
    let bytes = text.as_bytes();
    // One look at everything is quicker than a careful look at each byte.
    let rare = |b: u8| u8::from(b.wrapping_sub(0x0B) < 3) | u8::from(b.wrapping_sub(0x1C) < 3);
    let has_rare = bytes.iter().fold(0, |found, &b| found | rare(b)) != 0
        || ["\u{85}", "\u{2028}", "\u{2029}"].iter().any(|end| memmem::find(bytes, end.as_bytes()).is_some());
    Lines { rest: text, has_rare }
}

pub(super) struct Lines<'a> {
    rest: &'a str,
    /// Whether anything but `\n` breaks lines.
    has_rare: bool,
}

impl<'a> Iterator for Lines<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        if self.rest.is_empty() {
            return None;
        }
        let bytes = self.rest.as_bytes();
        let found = if self.has_rare {
            (0..bytes.len()).find_map(|at| Some((at, break_len(&bytes[at..])?)))
        } else {
            memchr(b'\n', bytes).map(|at| (at, 1))
        };
        let (at, len) = found.unwrap_or((bytes.len(), 0));
        let line = &self.rest[..at];
        self.rest = &self.rest[at + len..];
        Some(line)
    }
}

/// How many bytes at the front break a line.
fn break_len(bytes: &[u8]) -> Option<usize> {
    match bytes {
        [b'\r', b'\n', ..] => Some(2),
        [b'\n' | 0x0B | 0x0C | b'\r' | 0x1C..=0x1E, ..] => Some(1),
        [0xC2, 0x85, ..] => Some(2),
        [0xE2, 0x80, 0xA8 | 0xA9, ..] => Some(3),
        _ => None,
    }
}

//! SentencePiece's precompiled table of replacements: a double-array trie over strings and the strings that
//! they become.

use kernel::Result;
use unicode_segmentation::UnicodeSegmentation;

use crate::error::invalid;

/// Longest grapheme that is looked up whole, in bytes.
const WHOLE: usize = 5;

/// The table.
#[derive(Debug)]
pub(crate) struct Charsmap {
    trie: Vec<u32>,
    strings: String,
}

impl Charsmap {
    /// Reads the table from base64.
    pub fn read(text: &str) -> Result<Self> {
        let broken =
            || invalid("normalizer Precompiled: precompiled_charsmap is not a table of replacements.");
        let bytes = base64(text).ok_or_else(broken)?;
        let (size, rest) = bytes.split_first_chunk::<4>().ok_or_else(broken)?;
        let size = u32::from_le_bytes(*size) as usize;
        let (trie, strings) = rest.split_at_checked(size).ok_or_else(broken)?;
        let trie: Vec<u32> = trie
            .chunks_exact(4)
            .map(|unit| u32::from_le_bytes([unit[0], unit[1], unit[2], unit[3]]))
            .collect();
        let strings = String::from_utf8(strings.to_vec()).map_err(|_| broken())?;
        Ok(Self { trie, strings })
    }

    /// The text with all replacements made; `None` when there are none.
    pub fn apply(&self, text: &str) -> Option<String> {
        let mut replaced = String::with_capacity(text.len());
        let mut is_changed = false;
        let mut replace = |part: &str, replaced: &mut String| {
            let found = self.find(part);
            replaced.push_str(found.unwrap_or_default());
            is_changed |= found.is_some();
            found.is_some()
        };
        for grapheme in text.graphemes(true) {
            if grapheme.len() <= WHOLE && replace(grapheme, &mut replaced) {
                continue;
            }
            for (at, c) in grapheme.char_indices() {
                let part = &grapheme[at..at + c.len_utf8()];
                if !replace(part, &mut replaced) {
                    replaced.push(c);
                }
            }
        }
        is_changed.then_some(replaced)
    }

    /// What the shortest known prefix of `part` becomes; that it needn't be all of it is how the field's
    /// models were trained.
    fn find(&self, part: &str) -> Option<&str> {
        let offset = |unit: u32| ((unit >> 10) << ((unit & (1 << 9)) >> 6)) as usize;
        let mut node = offset(*self.trie.first()?);
        for byte in part.bytes().take_while(|byte| *byte != 0) {
            node ^= usize::from(byte);
            let unit = *self.trie.get(node)?;
            if unit & ((1 << 31) | 0xff) != u32::from(byte) {
                return None;
            }
            node ^= offset(unit);
            if (unit >> 8) & 1 == 1 {
                let start = (*self.trie.get(node)? & 0x7fff_ffff) as usize;
                let string = self.strings.get(start..)?;
                return Some(string.split('\0').next().unwrap_or_default());
            }
        }
        None
    }
}

fn base64(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut count) = (0u32, 0);
    for byte in text.trim_end_matches('=').bytes() {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        bits = bits << 6 | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_gives_bytes_back_and_refuses_others() {
        assert_eq!(base64("TW9zdQ==").as_deref(), Some(&b"Mosu"[..]));
        assert_eq!(base64("TW9z").as_deref(), Some(&b"Mos"[..]));
        assert_eq!(base64("T!"), None);
    }

    #[test]
    fn a_short_table_is_refused() {
        assert!(Charsmap::read("////fw==").is_err());
        assert!(Charsmap::read("").is_err());
    }
}

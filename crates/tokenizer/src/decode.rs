//! Ids to text.

use crate::{Tokenizer, split::Pattern};

/// One step from tokens to text.
#[derive(Debug)]
pub(crate) enum Decoder {
    /// Characters stand for bytes.
    ByteLevel,
    /// `<0x41>` stands for a byte.
    ByteFallback,
    /// All tokens become one.
    Fuse,
    /// The replacement stands for a space, and for nothing where one was put before the text.
    Metaspace {
        replacement: char,
        prepends: bool,
    },
    Replace {
        pattern: Pattern,
        content: String,
    },
    /// At most so many of this character off the ends of each token.
    Strip {
        content: char,
        start: usize,
        stop: usize,
    },
}

impl Tokenizer {
    /// The text of `ids`. Unknown ids give nothing, nor do special tokens when `skip_special`; bytes that are
    /// not UTF-8 become U+FFFD.
    pub fn decode(&self, ids: &[u32], skip_special: bool) -> String {
        let shown = |id: &&u32| !(skip_special && self.special.binary_search(id).is_ok());
        let tokens = ids.iter().filter(shown).filter_map(|id| self.token_text(*id));
        let mut tokens: Vec<String> = tokens.map(str::to_owned).collect();
        if self.decoders.is_empty() {
            return tokens.join(" ");
        }
        for decoder in &self.decoders {
            tokens = decoder.apply(tokens);
        }
        tokens.concat()
    }

    /// How the file writes a token: an added one as the text that it is found by.
    fn token_text(&self, id: u32) -> Option<&str> {
        self.tokens.get(id as usize)?.as_deref()
    }
}

impl Decoder {
    fn apply(&self, tokens: Vec<String>) -> Vec<String> {
        match self {
            Self::ByteLevel => vec![from_byte_level(&tokens)],
            Self::ByteFallback => from_bytes(tokens),
            Self::Fuse => vec![tokens.concat()],
            Self::Metaspace { replacement, prepends } => {
                let spaced = |(index, token): (usize, String)| {
                    let space = if index == 0 && *prepends { "" } else { " " };
                    token.replace(*replacement, space)
                };
                tokens.into_iter().enumerate().map(spaced).collect()
            }
            Self::Replace { pattern, content } => {
                let replace =
                    |token: String| pattern.replace(&token, content).ok().flatten().unwrap_or(token);
                tokens.into_iter().map(replace).collect()
            }
            Self::Strip { content, start, stop } => {
                tokens.into_iter().map(|token| strip(&token, *content, *start, *stop)).collect()
            }
        }
    }
}

fn strip(token: &str, content: char, start: usize, stop: usize) -> String {
    let mut rest = token;
    for _ in 0..start {
        rest = rest.strip_prefix(content).unwrap_or(rest);
    }
    for _ in 0..stop {
        rest = rest.strip_suffix(content).unwrap_or(rest);
    }
    rest.to_owned()
}

fn from_byte_level(tokens: &[String]) -> String {
    let mut bytes = Vec::new();
    for token in tokens {
        let begin = bytes.len();
        let is_mapped = token.chars().all(|c| byte_of(c).map(|byte| bytes.push(byte)).is_some());
        if !is_mapped {
            bytes.truncate(begin);
            bytes.extend_from_slice(token.as_bytes());
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn from_bytes(tokens: Vec<String>) -> Vec<String> {
    let mut decoded = Vec::with_capacity(tokens.len());
    let mut bytes = Vec::new();
    let flush =
        |bytes: &mut Vec<u8>, decoded: &mut Vec<String>| match String::from_utf8(std::mem::take(bytes)) {
            Ok(text) => decoded.push(text),
            Err(error) => decoded.extend(error.as_bytes().iter().map(|_| String::from('\u{fffd}'))),
        };
    for token in tokens {
        let hex =
            token.strip_prefix("<0x").and_then(|rest| rest.strip_suffix('>')).filter(|hex| hex.len() == 2);
        if let Some(byte) = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            bytes.push(byte);
            continue;
        }
        if !bytes.is_empty() {
            flush(&mut bytes, &mut decoded);
        }
        decoded.push(token);
    }
    if !bytes.is_empty() {
        flush(&mut bytes, &mut decoded);
    }
    decoded
}

/// The printable character that stands for a byte: Latin-1 for itself where it is visible, others from U+0100.
pub(crate) fn char_of(byte: u8) -> char {
    let is_visible = |byte: u8| matches!(byte, b'!'..=b'~' | 0xa1..=0xac | 0xae..=0xff);
    if is_visible(byte) {
        return char::from(byte);
    }
    let before = (0..byte).filter(|byte| !is_visible(*byte)).count() as u32;
    char::from_u32(0x100 + before).unwrap_or(char::REPLACEMENT_CHARACTER)
}

/// The byte that a character stands for.
pub(crate) fn byte_of(c: char) -> Option<u8> {
    static TABLE: std::sync::LazyLock<[Option<u8>; 0x144]> = std::sync::LazyLock::new(|| {
        let mut table = [None; 0x144];
        for byte in 0..=255 {
            table[char_of(byte) as usize] = Some(byte);
        }
        table
    });
    TABLE.get(c as usize).copied().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_has_a_character_of_its_own() {
        assert!((0..=255).all(|byte| byte_of(char_of(byte)) == Some(byte)));
        assert_eq!((char_of(b' '), char_of(b'\n'), char_of(0xad), byte_of('中')), ('Ġ', 'Ċ', 'Ń', None));
    }

    #[test]
    fn broken_bytes_become_one_mark_each() {
        let tokens = ["<0xE4>", "<0xB8>", "<0xAD>", "a", "<0xE4>", "<0xB8>"].map(String::from);
        assert_eq!(from_bytes(tokens.to_vec()).concat(), "中a\u{fffd}\u{fffd}");
        assert_eq!(strip("▁▁a▁", '▁', 1, 1), "▁a");
    }
}

//! What one block's text looks like: words, punctuation, letters; counted in one pass over its bytes.

use crate::html::hash::Hash;

/// Counts over a block's text.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Facts {
    /// Words; a Han character or kana counts as half a word.
    pub words: f32,
    pub bytes: u32,
    pub letters: u32,
    pub digits: u32,
    pub cjk: u32,
    pub commas: u32,
    pub stops: u32,
    /// Bars, bullets, arrows, slashes.
    pub separators: u32,
    pub currency: u32,
    pub lines: u32,
    /// Words that begin with a capital, and all in capitals.
    pub upper: u32,
    pub capitals: u32,
    /// Frequent small words, as prose has them.
    pub small: u32,
    /// First letter: 0 none, 1 small, 2 capital, 3 digit, 4 other.
    pub first: u8,
    /// Last character: 0 other, 1 stop, 2 colon, 3 comma, 4 ellipsis.
    pub last: u8,
    /// Hash of the whole text, of its letters and digits.
    pub hash: u32,
}

impl Facts {
    /// Whether it reads like sentences.
    pub fn prose(&self, link_density: f32) -> bool {
        self.words >= 8.0 && self.stops > 0 && link_density < 0.34
    }
}

/// Words of one block that are kept as hashes, at most.
pub const WORDS: usize = 400;

#[derive(Clone, Copy, PartialEq)]
enum Class {
    Word,
    Cjk,
    Other,
}

/// Counts `text`, and adds the hashes of its first words to `hashes`.
pub fn count(text: &str, hashes: &mut Vec<u32>) -> Facts {
    let bytes = text.as_bytes();
    let mut facts = Facts { bytes: bytes.len() as u32, last: last(text), ..Facts::default() };
    let (mut all, mut word) = (Hash::EMPTY, Word::default());
    let full = hashes.len() + WORDS;
    let mut at = 0;
    while at < bytes.len() {
        let byte = bytes[at];
        let (class, length) = class(bytes, at);
        match class {
            Class::Word => {
                for &byte in &bytes[at..at + length] {
                    word.push(byte);
                    all = all.push(byte);
                }
                if facts.first == 0 {
                    facts.first = first(byte);
                }
            }
            Class::Cjk => {
                word.end(&mut facts, hashes, full);
                facts.cjk += 1;
                facts.first = if facts.first == 0 { 4 } else { facts.first };
                let character =
                    bytes[at..at + length].iter().fold(Hash::EMPTY, |hash, byte| hash.push(*byte));
                all = bytes[at..at + length].iter().fold(all, |hash, byte| hash.push(*byte));
                if hashes.len() < full {
                    hashes.push(character.end());
                }
            }
            Class::Other => {
                word.end(&mut facts, hashes, full);
                mark(&bytes[at..at + length], &mut facts);
            }
        }
        at += length;
    }
    word.end(&mut facts, hashes, full);
    facts.words += facts.cjk as f32 * 0.5;
    facts.hash = all.end();
    facts
}

/// The word being read.
struct Word {
    hash: Hash,
    length: u32,
    letters: u32,
    digits: u32,
    upper: u32,
    capital: bool,
}

impl Default for Word {
    fn default() -> Self {
        Self { hash: Hash::EMPTY, length: 0, letters: 0, digits: 0, upper: 0, capital: false }
    }
}

impl Word {
    #[inline]
    fn push(&mut self, byte: u8) {
        self.capital |= self.length == 0 && byte.is_ascii_uppercase();
        self.hash = self.hash.push(byte);
        self.length += 1;
        self.digits += u32::from(byte.is_ascii_digit());
        self.letters += u32::from(byte.is_ascii_alphabetic() || byte >= 0xC0);
        self.upper += u32::from(byte.is_ascii_uppercase());
    }

    fn end(&mut self, facts: &mut Facts, hashes: &mut Vec<u32>, full: usize) {
        if self.length == 0 {
            return;
        }
        facts.words += 1.0;
        facts.letters += self.letters;
        facts.digits += self.digits;
        facts.upper += u32::from(self.capital);
        facts.capitals += u32::from(self.length > 1 && self.upper == self.length);
        facts.small += u32::from(self.length <= 4 && self.upper == 0 && self.digits == 0);
        if hashes.len() < full {
            hashes.push(self.hash.end());
        }
        *self = Self::default();
    }
}

/// What the character at `at` is, and its length.
#[inline]
fn class(bytes: &[u8], at: usize) -> (Class, usize) {
    let byte = bytes[at];
    if byte < 0x80 {
        let word = byte.is_ascii_alphanumeric() || byte == b'_';
        return (if word { Class::Word } else { Class::Other }, 1);
    }
    let next = bytes.get(at + 1).copied().unwrap_or(0);
    match byte {
        // Latin-1 signs, but not letters.
        0xC2 => (Class::Other, 2),
        0xC3..=0xDF => (Class::Word, 2),
        // General punctuation, arrows, shapes, dingbats; CJK punctuation; full-width signs.
        0xE2 if next < 0xB0 => (Class::Other, 3),
        0xE3 if next == 0x80 => (Class::Other, 3),
        0xE3..=0xE9 => (Class::Cjk, 3),
        0xEF => (Class::Other, 3),
        0xE0..=0xEF => (Class::Word, 3),
        _ => (Class::Other, 4),
    }
}

fn mark(sign: &[u8], facts: &mut Facts) {
    match sign {
        b"," | b";" => facts.commas += 1,
        b"." | b"!" | b"?" => facts.stops += 1,
        b"|" | b"/" | b">" | b"*" => facts.separators += 1,
        b"$" => facts.currency += 1,
        b"\n" => facts.lines += 1,
        [0..0x80] => {}
        _ => match std::str::from_utf8(sign).unwrap_or_default() {
            "，" | "；" | "、" => facts.commas += 1,
            "。" | "！" | "？" => facts.stops += 1,
            "•" | "·" | "»" | "›" | "→" | "★" | "／" | "｜" => facts.separators += 1,
            "€" | "£" | "¥" | "￥" => facts.currency += 1,
            _ => {}
        },
    }
}

fn first(byte: u8) -> u8 {
    match byte {
        b'a'..=b'z' => 1,
        b'A'..=b'Z' => 2,
        b'0'..=b'9' => 3,
        _ => 4,
    }
}

fn last(text: &str) -> u8 {
    let end = text.trim_end_matches(['"', '\'', ')', ']', '”', '’', '」', '』', '）']);
    match end.chars().next_back() {
        _ if end.ends_with("...") => 4,
        Some('.' | '!' | '?' | '。' | '！' | '？') => 1,
        Some(':' | '：') => 2,
        Some(',' | ';' | '，' | '；' | '、') => 3,
        Some('…') => 4,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_what_stands_in_a_text() {
        let mut hashes = Vec::new();
        let facts = count("Open DATA, for $5 — now!", &mut hashes);
        assert_eq!((facts.words, facts.commas, facts.stops, facts.currency), (5.0, 1, 1, 1));
        assert_eq!((facts.upper, facts.capitals, facts.first, facts.last), (2, 1, 2, 1));
        assert_eq!(hashes.len(), 5);
    }

    #[test]
    fn chinese_characters_are_half_words() {
        let facts = count("开放数据，模速。", &mut Vec::new());
        assert_eq!((facts.words, facts.commas, facts.stops, facts.last), (3.0, 1, 1, 1));
    }

    proptest::proptest! {
        #[test]
        fn never_panics(text in "\\PC{0,40}") {
            count(&text, &mut Vec::new());
        }
    }
}

//! Which classes a character belongs to, as Python and the peers see it.

use std::sync::LazyLock;

/// Bits of what a character is; `data/make_classes.py` writes them in this order.
pub(crate) mod is {
    /// spaCy's letters, and its lower and upper ones; letters without case are in all three.
    pub const ALPHA: u16 = 1;
    pub const LOWER: u16 = 1 << 1;
    pub const UPPER: u16 = 1 << 2;
    /// Split off alone at the front or at the end of a chunk.
    pub const PREFIX: u16 = 1 << 3;
    pub const SUFFIX: u16 = 1 << 4;
    /// Symbols that also split inside a chunk.
    pub const ICON: u16 = 1 << 5;
    /// After these a full stop at the end is split off.
    pub const BEFORE_STOP: u16 = 1 << 6;
    pub const QUOTE: u16 = 1 << 7;
    /// Python's `str.isspace` and `str.isalpha`.
    pub const SPACE: u16 = 1 << 8;
    pub const LETTER: u16 = 1 << 9;
    /// Unicode's categories P*.
    pub const PUNCT: u16 = 1 << 10;
    /// datatrove's punctuation.
    pub const SYMBOL: u16 = 1 << 11;
    /// Ends a sentence, to spaCy's sentencizer.
    pub const SENTENCE_END: u16 = 1 << 12;
    /// Ends a line well, to datatrove.
    pub const TERMINAL: u16 = 1 << 13;
    /// Python's `\w` and `\d`.
    pub const WORD: u16 = 1 << 14;
    pub const DIGIT: u16 = 1 << 15;
}

struct Table {
    /// Block of each 256 characters; equal blocks are kept once.
    index: Vec<u16>,
    blocks: Vec<[u16; 256]>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let mut flat = vec![[0u16; 256]; 0x1100];
    for line in include_str!("../../data/classes.txt").lines() {
        let mut parts =
            line.split(' ').map(|part| u32::from_str_radix(part, 16).expect("classes.txt is hexadecimal"));
        let mut next = || parts.next().expect("classes.txt has three columns");
        let (from, to, bits) = (next(), next(), next());
        for point in from..=to {
            flat[(point >> 8) as usize][(point & 255) as usize] = bits as u16;
        }
    }
    let mut blocks: Vec<[u16; 256]> = Vec::new();
    let index = flat.iter().map(|block| {
        blocks.iter().position(|known| known == block).unwrap_or_else(|| {
            blocks.push(*block);
            blocks.len() - 1
        }) as u16
    });
    Table { index: index.collect(), blocks }
});

/// The classes of a character.
#[inline]
pub(crate) fn of(c: char) -> u16 {
    let table = &*TABLE;
    table.blocks[table.index[(c as usize) >> 8] as usize][c as usize & 255]
}

/// Whether a character is in any of these classes.
#[inline]
pub(crate) fn any(c: char, classes: u16) -> bool {
    of(c) & classes != 0
}

/// Python's `str.isspace` for one character.
#[inline]
pub(crate) fn is_space(c: char) -> bool {
    if c.is_ascii() { is_ascii_space(c as u8) } else { any(c, is::SPACE) }
}

/// Python's `str.isspace` for a byte of ASCII.
#[inline]
pub(crate) fn is_ascii_space(b: u8) -> bool {
    matches!(b, b' ' | 9..=13 | 28..=31)
}

/// The length of the whitespace character that begins at byte `at`; 0 where there is none.
#[inline]
pub(crate) fn space_at(text: &str, at: usize) -> usize {
    match text.as_bytes().get(at) {
        Some(&b) if b < 0x80 => usize::from(is_ascii_space(b)),
        // All whitespace outside ASCII begins with one of these.
        Some(0xC2 | 0xE1 | 0xE2 | 0xE3) => {
            text[at..].chars().next().filter(|&c| any(c, is::SPACE)).map_or(0, char::len_utf8)
        }
        _ => 0,
    }
}

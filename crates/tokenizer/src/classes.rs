//! Which of eight classes each character belongs to: the words in which all known pre-tokenizers are written.

use std::sync::LazyLock;

/// `\p{Lu}` and `\p{Lt}`.
pub(crate) const UPPER: u8 = 1;
/// `\p{Ll}`.
pub(crate) const LOWER: u8 = 2;
/// `\p{Lm}` and `\p{Lo}`: letters without case.
pub(crate) const OTHER: u8 = 4;
/// `\p{M}`.
pub(crate) const MARK: u8 = 8;
/// `\p{N}`.
pub(crate) const NUMBER: u8 = 16;
/// `\s`.
pub(crate) const SPACE: u8 = 32;
/// `\p{P}`.
pub(crate) const PUNCTUATION: u8 = 64;
/// `\p{S}`.
pub(crate) const SYMBOL: u8 = 128;
/// `\p{L}`.
pub(crate) const LETTER: u8 = UPPER | LOWER | OTHER;

const BLOCK: usize = 256;
const BLOCKS: usize = 0x11_0000 / BLOCK;

/// Classes of all characters: blocks of 256, equal blocks stored once, so that a text's own fit the cache.
pub(crate) struct Classes {
    block_of: Box<[u16; BLOCKS]>,
    blocks: Vec<[u8; BLOCK]>,
    ascii: [u8; 128],
}

/// The one table; made at first use.
pub(crate) fn classes() -> &'static Classes {
    static TABLE: LazyLock<Classes> = LazyLock::new(|| Classes::read(include_str!("../data/classes.txt")));
    &TABLE
}

impl Classes {
    fn read(data: &str) -> Self {
        let mut flat = vec![0u8; BLOCKS * BLOCK];
        for line in data.lines().filter(|line| !line.starts_with('#')) {
            let mut words = line.split(' ');
            let class = match words.next().unwrap_or_default() {
                "upper" => UPPER,
                "lower" => LOWER,
                "other" => OTHER,
                "mark" => MARK,
                "number" => NUMBER,
                "space" => SPACE,
                "punctuation" => PUNCTUATION,
                "symbol" => SYMBOL,
                name => unreachable!("the data has no class {name:?}"),
            };
            for range in words {
                let (first, last) = range.split_once('-').unwrap_or((range, range));
                let point = |hex| usize::from_str_radix(hex, 16).expect("the data is hexadecimal");
                flat[point(first)..=point(last)].fill(class);
            }
        }
        let mut blocks: Vec<[u8; BLOCK]> = Vec::new();
        let mut block_of = Box::new([0u16; BLOCKS]);
        for (index, block) in flat.chunks_exact(BLOCK).enumerate() {
            let known = blocks.iter().position(|known| known == block).unwrap_or_else(|| {
                blocks.push(block.try_into().expect("a whole block"));
                blocks.len() - 1
            });
            block_of[index] = known as u16;
        }
        Self { block_of, blocks, ascii: std::array::from_fn(|byte| flat[byte]) }
    }

    /// The class of a character.
    #[inline(always)]
    pub fn of(&self, point: u32) -> u8 {
        let block = self.block_of[(point >> 8) as usize % BLOCKS];
        self.blocks[usize::from(block)][(point & 0xff) as usize]
    }

    /// Class and length of the character that begins at `at` of valid UTF-8; class 0 and length 0 at the end.
    #[inline(always)]
    pub fn at(&self, text: &[u8], at: usize) -> (u8, usize) {
        match text.get(at) {
            Some(&byte) if byte < 0x80 => (self.ascii[usize::from(byte)], 1),
            Some(&byte) => self.wide(text, at, byte),
            None => (0, 0),
        }
    }

    #[inline]
    fn wide(&self, text: &[u8], at: usize, lead: u8) -> (u8, usize) {
        let next = |offset: usize| u32::from(text.get(at + offset).copied().unwrap_or(0) & 0x3f);
        let lead_bits = u32::from(lead);
        match lead {
            0xe0..=0xef => (self.of((lead_bits & 0xf) << 12 | next(1) << 6 | next(2)), 3),
            0xf0.. => (self.of((lead_bits & 7) << 18 | next(1) << 12 | next(2) << 6 | next(3)), 4),
            _ => (self.of((lead_bits & 0x1f) << 6 | next(1)), 2),
        }
    }

    /// The end of the run of characters from `at` for which `is` holds.
    #[inline(always)]
    pub fn run(&self, text: &[u8], mut at: usize, is: impl Fn(u8) -> bool) -> usize {
        loop {
            let (class, length) = self.at(text, at);
            if length == 0 || !is(class) {
                return at;
            }
            at += length;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_of_known_characters() {
        let of = |c: char| classes().of(c as u32);
        assert_eq!((of('A'), of('ǅ'), of('z'), of('中'), of('ʰ')), (UPPER, UPPER, LOWER, OTHER, OTHER));
        assert_eq!((of('\u{301}'), of('٣'), of('Ⅷ'), of('\u{3000}')), (MARK, NUMBER, NUMBER, SPACE));
        assert_eq!((of('，'), of('+'), of('😀'), of('\0')), (PUNCTUATION, SYMBOL, SYMBOL, 0));
        assert_eq!(classes().at("é中😀".as_bytes(), 2), (OTHER, 3));
        assert_eq!(classes().at(b"", 0), (0, 0));
    }
}

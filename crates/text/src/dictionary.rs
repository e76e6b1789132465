//! The built-in dictionary of Chinese words, and what two characters side by side say about a text.

use std::{io::Read, sync::OnceLock};

use flate2::read::DeflateDecoder;

use crate::normalise;

/// First and last of the characters that the tables cover: the block of unified ideographs.
const FIRST: u32 = 0x4E00;
const LAST: u32 = 0x9FFF;
/// How many characters have a row: the most frequent ones. The rest are rare enough to count as unknown.
const ROWS: usize = 4096;

/// True of a Han character of the main block, which nearly all of modern Chinese is written in.
#[inline]
pub(crate) fn is_han(c: char) -> bool {
    matches!(u32::from(c), FIRST..=LAST)
}

/// Calls `each` with every word and the binary logarithm of how often it was counted, in the order of the
/// words.
pub(crate) fn each_word(mut each: impl FnMut(&str, f32)) {
    const PRESSED: &[u8] = include_bytes!("../data/zh.words.deflate");
    let mut text = String::with_capacity(1 << 20);
    // The bytes are part of this program; a test reads them all.
    DeflateDecoder::new(PRESSED).read_to_string(&mut text).expect("the built-in dictionary unpacks");
    for line in text.lines() {
        let end = line.find(|c: char| c.is_ascii_digit()).unwrap_or(line.len());
        let (word, weight) = line.split_at(end);
        each(word, weight.parse::<f32>().unwrap_or(0.0) / 8.0);
    }
}

/// Which pairs of neighbouring characters occur inside words.
pub(crate) struct Pairs {
    /// The row of each character of the block; `ROWS` for a rare one. A traditional one has its simplified
    /// one's.
    rows: Box<[u16]>,
    /// One bit for each pair of rows.
    bits: Box<[u64]>,
}

impl Pairs {
    /// The table, made on first use.
    pub(crate) fn get() -> &'static Self {
        static TABLE: OnceLock<Pairs> = OnceLock::new();
        TABLE.get_or_init(Self::build)
    }

    fn build() -> Self {
        let mut words: Vec<(Vec<u32>, f32)> = Vec::new();
        let mut counts = vec![0.0f32; (LAST - FIRST + 1) as usize];
        each_word(|word, weight| {
            let word: Vec<u32> = word.chars().map(|c| u32::from(c) - FIRST).collect();
            word.iter().for_each(|&c| counts[c as usize] += weight.exp2());
            words.push((word, weight));
        });
        let mut order: Vec<usize> = (0..counts.len()).filter(|&c| counts[c] > 0.0).collect();
        order.sort_by(|&a, &b| counts[b].total_cmp(&counts[a]).then(a.cmp(&b)));
        let mut rows = vec![ROWS as u16; counts.len()].into_boxed_slice();
        order.iter().take(ROWS).enumerate().for_each(|(row, &c)| rows[c] = row as u16);
        let mut bits = vec![0u64; ROWS * ROWS / 64].into_boxed_slice();
        for (word, _) in &words {
            for pair in word.windows(2) {
                let (a, b) = (rows[pair[0] as usize] as usize, rows[pair[1] as usize] as usize);
                if a < ROWS && b < ROWS {
                    bits[a * (ROWS / 64) + b / 64] |= 1 << (b % 64);
                }
            }
        }
        for (old, new) in normalise::characters().filter(|&(old, new)| is_han(old) && is_han(new)) {
            let (old, new) = ((u32::from(old) - FIRST) as usize, (u32::from(new) - FIRST) as usize);
            if rows[old] == ROWS as u16 {
                rows[old] = rows[new];
            }
        }
        Self { rows, bits }
    }

    /// The row of a Han character ([`is_han`]).
    #[inline]
    pub(crate) fn row(&self, c: char) -> usize {
        self.rows[(u32::from(c) - FIRST) as usize] as usize
    }

    /// Whether the characters of these rows stand side by side in some word.
    #[inline]
    pub(crate) fn has(&self, a: usize, b: usize) -> bool {
        a < ROWS && b < ROWS && self.bits[a * (ROWS / 64) + b / 64] >> (b % 64) & 1 == 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_words_are_pairs_in_both_scripts_and_nonsense_is_not() {
        let pairs = Pairs::get();
        let has = |word: &str| {
            let rows: Vec<_> = word.chars().map(|c| pairs.row(c)).collect();
            pairs.has(rows[0], rows[1])
        };
        assert!(has("法律") && has("中国") && has("中國") && has("學習"));
        assert!(!has("的龙") && !has("葡们"));
    }

    #[test]
    fn every_line_of_the_dictionary_is_a_word_with_a_weight() {
        let (mut words, mut last) = (0, String::new());
        each_word(|word, weight| {
            assert!(
                word.chars().all(is_han) && !word.is_empty() && weight > 3.0 && last.as_str() < word,
                "{word}"
            );
            last = word.to_owned();
            words += 1;
        });
        assert!(words > 100_000);
    }
}

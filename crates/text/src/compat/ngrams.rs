//! Runs of words that repeat. The plain definitions look at each run of each length; most of that work is spared by
//! bounds that prove the answer, so that the answers are the same.

use super::seen::Seen;
use crate::words::{
    Word, hash,
    lexicon::ByHash,
};

/// Buffers, kept from text to text.
#[derive(Default)]
pub(super) struct Ngrams {
    counts: Vec<u32>,
    /// The text without its whitespace, and where each word begins in it.
    dense: Vec<u8>,
    starts: Vec<u32>,
    keys: Vec<u64>,
    once: Vec<u64>,
    twice: Vec<u64>,
    candidates: Vec<u32>,
}

/// Runs of words with fewer bytes are always looked at; of others, this many bytes tell whether they may repeat.
const KEY_BYTES: usize = 12;

impl Ngrams {
    /// The first n whose most frequent run of n words has too large a share of the characters.
    pub fn top(&mut self, words: &[Word], limits: &[(usize, f64)], len: usize) -> Option<usize> {
        let bound = self.pair_bound(words);
        let over = |chars: usize, limit: f64| chars as f64 / len as f64 > limit;
        // A run of n words lies under ceil(n / 2) pairs, each at least as frequent as the run.
        let may_be_over = |&&(n, limit): &&(usize, f64)| n == 1 || over(bound.saturating_mul(n.div_ceil(2)), limit);
        let is_over = |&&(n, limit): &&(usize, f64)| top_chars(words, n).is_some_and(|chars| over(chars, limit));
        limits.iter().filter(may_be_over).find(is_over).map(|&(n, _)| n)
    }

    /// No pair of words has more than this for its count times its characters, the blanks between and after among them.
    fn pair_bound(&mut self, words: &[Word]) -> usize {
        let size = (4 * words.len()).next_power_of_two().max(64);
        self.counts.clear();
        self.counts.resize(size, 0);
        let mut bound = 0;
        for pair in words.windows(2) {
            // Pairs that share a place only make the bound larger.
            let place = hash::pair(pair[0].token.hash, pair[1].token.hash) as usize & (size - 1);
            self.counts[place] += 1;
            let chars = pair[0].token.chars as usize + pair[1].token.chars as usize + 2;
            bound = bound.max(self.counts[place] as usize * chars);
        }
        bound
    }

    /// The first n whose repeated runs of n words have too large a share of the characters.
    pub fn duplicated(
        &mut self,
        text: &str,
        words: &[Word],
        limits: &[(usize, f64)],
        len: usize,
        seen: &mut Seen,
    ) -> Option<usize> {
        let shortest = limits.iter().map(|&(n, _)| n).min()?;
        self.compact(text, words);
        self.find_candidates(words, shortest);
        let is_over = |&&(n, limit): &&(usize, f64)| self.repeated_chars(words, n, seen) as f64 / len as f64 > limit;
        limits.iter().find(is_over).map(|&(n, _)| n)
    }

    fn compact(&mut self, text: &str, words: &[Word]) {
        self.dense.clear();
        self.starts.clear();
        for word in words {
            self.starts.push(self.dense.len() as u32);
            let start = word.start as usize;
            self.dense.extend_from_slice(&text.as_bytes()[start..start + word.token.bytes as usize]);
        }
        self.starts.push(self.dense.len() as u32);
    }

    /// Where a run of at least `shortest` words may stand that stands elsewhere too. The peer compares runs by their
    /// characters without blanks, so words needn't be the same ones.
    fn find_candidates(&mut self, words: &[Word], shortest: usize) {
        let places = (32 * words.len()).next_power_of_two().max(64);
        let shift = 64 - places.trailing_zeros();
        for bits in [&mut self.once, &mut self.twice] {
            bits.clear();
            bits.resize(places / 64, 0);
        }
        self.keys.clear();
        for &start in &self.starts {
            let start = start as usize;
            if start + KEY_BYTES > self.dense.len() {
                break;
            }
            let key = hash::pair(hash::load(&self.dense, start), hash::load(&self.dense, start + KEY_BYTES - 8)) >> shift;
            let (at, bit) = (key as usize / 64, 1 << (key % 64));
            self.twice[at] |= self.once[at] & bit;
            self.once[at] |= bit;
            self.keys.push(key);
        }
        self.candidates.clear();
        for first in 0..(words.len() + 1).saturating_sub(shortest) {
            let is_short = ((self.starts[first + shortest] - self.starts[first]) as usize) < KEY_BYTES;
            let may_repeat = |&key: &u64| self.twice[key as usize / 64] >> (key % 64) & 1 == 1;
            if is_short || self.keys.get(first).is_some_and(may_repeat) {
                self.candidates.push(first as u32);
            }
        }
    }

    /// The characters in runs of n words that were there before, each counted once.
    fn repeated_chars(&self, words: &[Word], n: usize, seen: &mut Seen) -> usize {
        seen.reset(self.candidates.len());
        let (mut chars, mut next) = (0, 0);
        for &first in &self.candidates {
            let first = first as usize;
            if first + n > words.len() {
                break;
            }
            if first < next {
                continue;
            }
            let run = &self.dense[self.starts[first] as usize..self.starts[first + n] as usize];
            if !seen.insert(hash::of(run)) {
                chars += words[first..first + n].iter().map(|word| word.token.chars as usize).sum::<usize>();
                next = first + n;
            }
        }
        chars
    }
}

/// The count of the most frequent run of n words, the first of them, times its characters with blanks between words.
fn top_chars(words: &[Word], n: usize) -> Option<usize> {
    let mut runs: ByHash<usize> = ByHash::default();
    let mut counts: Vec<(usize, usize)> = Vec::new();
    for (first, run) in words.windows(n).enumerate() {
        let key = run.iter().fold(n as u64, |key, word| hash::pair(key, word.token.hash));
        let place = *runs.entry(key).or_insert(counts.len());
        match counts.get_mut(place) {
            Some((count, _)) => *count += 1,
            None => counts.push((1, first)),
        }
    }
    let (count, first) = counts.into_iter().reduce(|top, run| if run.0 > top.0 { run } else { top })?;
    let chars: usize = words[first..first + n].iter().map(|word| word.token.chars as usize).sum();
    Some(count * (chars + n - 1))
}

/// How many words have any of these flags, and the characters of those.
pub(super) fn having(words: &[Word], flags: u32) -> (usize, usize) {
    let chosen = words.iter().filter(|word| word.token.flags & flags != 0);
    chosen.fold((0, 0), |(count, chars), word| (count + 1, chars + word.token.chars as usize))
}


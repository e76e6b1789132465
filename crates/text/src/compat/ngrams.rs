//! Runs of words that repeat. The plain definitions look at each run of each length; most of that work is
//! spared by bounds that prove the answer, so that the answers are the same.

use super::seen::Seen;
use crate::words::{Token, hash, lexicon::ByHash};

/// Buffers, kept from text to text.
#[derive(Default)]
pub(super) struct Ngrams {
    counts: Vec<u32>,
    /// The text without its whitespace, then some room; and where each word begins in it, and the last one
    /// ends.
    dense: Vec<u8>,
    starts: Vec<u32>,
    short: Twice,
    long: Twice,
    candidates: Vec<Candidate>,
}

/// Where a run may stand that stands elsewhere too, if it has fewer bytes than this.
struct Candidate {
    first: u32,
    below: u32,
}

/// Two runs with the same characters have the same first so many bytes, as far as they have so many.
const SHORT_KEY: usize = 12;
const LONG_KEY: usize = 24;
/// Words of up to so many bytes are copied as one block.
const BLOCK: usize = 16;

/// Which keys came twice, or share a place with another that came.
#[derive(Default)]
struct Twice {
    once: Vec<u64>,
    twice: Vec<u64>,
    shift: u32,
    keys: Vec<u64>,
}

impl Twice {
    fn reset(&mut self, count: usize) {
        let places = (32 * count).next_power_of_two().max(64);
        self.shift = 64 - places.trailing_zeros();
        for bits in [&mut self.once, &mut self.twice] {
            bits.clear();
            bits.resize(places / 64, 0);
        }
        self.keys.clear();
    }

    #[inline]
    fn insert(&mut self, key: u64) {
        let key = key >> self.shift;
        let (at, bit) = (key as usize / 64, 1 << (key % 64));
        self.twice[at] |= self.once[at] & bit;
        self.once[at] |= bit;
        self.keys.push(key);
    }

    /// Whether the n-th key that was inserted came twice.
    #[inline]
    fn has(&self, n: usize) -> bool {
        self.keys.get(n).is_some_and(|&key| self.twice[key as usize / 64] >> (key % 64) & 1 == 1)
    }
}

impl Ngrams {
    /// The first n whose most frequent run of n words has too large a share of the characters.
    pub fn top(&mut self, words: &[Token], limits: &[(usize, f64)], len: usize) -> Option<usize> {
        let bound = self.pair_bound(words);
        let over = |chars: usize, limit: f64| chars as f64 / len as f64 > limit;
        // A run of n words lies under ceil(n / 2) pairs, each at least as frequent as the run.
        let may_be_over =
            |&&(n, limit): &&(usize, f64)| n == 1 || over(bound.saturating_mul(n.div_ceil(2)), limit);
        let is_over =
            |&&(n, limit): &&(usize, f64)| top_chars(words, n).is_some_and(|chars| over(chars, limit));
        limits.iter().filter(may_be_over).find(is_over).map(|&(n, _)| n)
    }

    /// No pair of words has more than this for its count times its characters, the blanks between and after
    /// among them.
    fn pair_bound(&mut self, words: &[Token]) -> usize {
        let size = (4 * words.len()).next_power_of_two().max(64);
        self.counts.clear();
        self.counts.resize(size, 0);
        let mut bound = 0;
        for pair in words.windows(2) {
            // Pairs that share a place only make the bound larger.
            let place = hash::pair(pair[0].hash, pair[1].hash) as usize & (size - 1);
            self.counts[place] += 1;
            let chars = pair[0].chars as usize + pair[1].chars as usize + 2;
            bound = bound.max(self.counts[place] as usize * chars);
        }
        bound
    }

    /// The first n whose repeated runs of n words have too large a share of the characters.
    pub fn duplicated(
        &mut self,
        text: &str,
        words: &[Token],
        limits: &[(usize, f64)],
        len: usize,
        seen: &mut Seen,
    ) -> Option<usize> {
        let shortest = limits.iter().map(|&(n, _)| n).min()?;
        self.compact(text, words);
        self.find_candidates(words, shortest);
        let is_over =
            |&&(n, limit): &&(usize, f64)| self.repeated_chars(words, n, seen) as f64 / len as f64 > limit;
        limits.iter().find(is_over).map(|&(n, _)| n)
    }

    fn compact(&mut self, text: &str, words: &[Token]) {
        let text = text.as_bytes();
        if self.dense.len() < text.len() + BLOCK {
            self.dense.resize(text.len() + BLOCK, 0);
        }
        self.starts.clear();
        let mut to = 0;
        for word in words {
            self.starts.push(to as u32);
            let (start, len) = (word.start as usize, word.bytes as usize);
            match text.get(start..start + BLOCK) {
                Some(block) if len <= BLOCK => self.dense[to..to + BLOCK].copy_from_slice(block),
                _ => self.dense[to..to + len].copy_from_slice(&text[start..start + len]),
            }
            to += len;
        }
        self.starts.push(to as u32);
    }

    /// Finds where a run of at least `shortest` words may repeat. The peer compares runs by their characters
    /// without blanks, so that words needn't be the same ones.
    fn find_candidates(&mut self, words: &[Token], shortest: usize) {
        let end = self.starts[words.len()] as usize;
        self.short.reset(words.len());
        for &start in &self.starts {
            let start = start as usize;
            if start + SHORT_KEY > end {
                break;
            }
            let (head, tail) =
                (hash::load(&self.dense, start), hash::load(&self.dense, start + SHORT_KEY - 8));
            self.short.insert(hash::pair(head, tail));
        }
        self.candidates.clear();
        for first in 0..(words.len() + 1).saturating_sub(shortest) {
            let bytes = (self.starts[first + shortest] - self.starts[first]) as usize;
            let below = if self.short.has(first) { u32::MAX } else { SHORT_KEY as u32 };
            if bytes < below as usize {
                self.candidates.push(Candidate { first: first as u32, below });
            }
        }
        // Of those with a short key that came twice, fewer have a long one that did.
        self.long.reset(self.candidates.len());
        for candidate in &self.candidates {
            let start = self.starts[candidate.first as usize] as usize;
            let key = &self.dense[start..(start + LONG_KEY).min(end)];
            self.long.insert(hash::of(key));
        }
        for (n, candidate) in self.candidates.iter_mut().enumerate() {
            if candidate.below == u32::MAX && !self.long.has(n) {
                candidate.below = LONG_KEY as u32;
            }
        }
    }

    /// The characters in runs of n words that were there before, each counted once.
    fn repeated_chars(&self, words: &[Token], n: usize, seen: &mut Seen) -> usize {
        seen.reset(self.candidates.len());
        let (mut chars, mut next) = (0, 0);
        for candidate in &self.candidates {
            let first = candidate.first as usize;
            if first + n > words.len() {
                break;
            }
            let (start, end) = (self.starts[first], self.starts[first + n]);
            if first < next || end - start >= candidate.below {
                continue;
            }
            if !seen.insert(hash::of(&self.dense[start as usize..end as usize])) {
                chars += words[first..first + n].iter().map(|word| word.chars as usize).sum::<usize>();
                next = first + n;
            }
        }
        chars
    }
}

/// The count of the most frequent run of n words, the first of them, times its characters with blanks between
/// words.
fn top_chars(words: &[Token], n: usize) -> Option<usize> {
    let mut runs: ByHash<usize> = ByHash::default();
    let mut counts: Vec<(usize, usize)> = Vec::new();
    for (first, run) in words.windows(n).enumerate() {
        let key = run.iter().fold(n as u64, |key, word| hash::pair(key, word.hash));
        let place = *runs.entry(key).or_insert(counts.len());
        match counts.get_mut(place) {
            Some((count, _)) => *count += 1,
            None => counts.push((1, first)),
        }
    }
    let (count, first) = counts.into_iter().reduce(|top, run| if run.0 > top.0 { run } else { top })?;
    let chars: usize = words[first..first + n].iter().map(|word| word.chars as usize).sum();
    Some(count * (chars + n - 1))
}

/// How many words have any of these flags, and the characters of those.
pub(super) fn having(words: &[Token], flags: u32) -> (usize, usize) {
    let chosen = words.iter().filter(|word| word.flags & flags != 0);
    chosen.fold((0, 0), |(count, chars), word| (count + 1, chars + word.chars as usize))
}

//! Learning merges: the most frequent pair first, words that hold it found by an index.

use std::{cmp::Reverse, collections::BinaryHeap};

use foldhash::HashMap;
use kernel::{Error, Result};

use super::{BpeOptions, counts::Counts};
use crate::{decode::char_of, file::Vocabulary};

/// What was learned.
pub(super) struct Learned {
    pub vocabulary: Vocabulary,
    /// Left and right token of each merge, earliest first.
    pub merges: Vec<(String, String)>,
}

type Pair = (u32, u32);

/// Learns merges from counted pieces.
pub(super) fn learn(counts: &Counts, options: &BpeOptions) -> Result<Learned> {
    if u32::try_from(counts.bytes()).is_err() {
        let text = "All distinct pieces together have more than 4 billion bytes; train on a sample.";
        return Err(Error::invalid("tokenizer_training_invalid", text));
    }
    let (mut tokens, byte_ids) = Tokens::new(options);
    let mut words = Words::new(counts, &byte_ids);
    let mut queue = Queue::new(&words);
    let mut merges: Vec<Pair> = Vec::new();
    while tokens.len() < options.vocab_size {
        let Some((pair, count, holders)) = queue.pop() else { break };
        if count < options.min_frequency as i64 {
            break;
        }
        let made = tokens.join(pair);
        merges.push(pair);
        for word in holders {
            words.merge(word, pair, made, |pair, change| {
                if change < 0 || tokens.may_join(pair, options.max_token_length) {
                    queue.change(pair, change, word);
                }
            });
        }
        queue.settle();
    }
    Ok(tokens.finish(merges))
}

/// The tokens so far.
struct Tokens {
    ids: Vocabulary,
    written: Vec<Box<str>>,
    /// Their lengths in bytes of text.
    lengths: Vec<usize>,
}

impl Tokens {
    fn new(options: &BpeOptions) -> (Self, [u32; 256]) {
        let mut tokens = Self { ids: Vocabulary::default(), written: Vec::new(), lengths: Vec::new() };
        for special in &options.special_tokens {
            tokens.add(special.as_str().into(), 1);
        }
        let mut bytes: Vec<u8> = (0..=255).collect();
        bytes.sort_by_key(|byte| char_of(*byte));
        let mut byte_ids = [0; 256];
        for byte in bytes {
            byte_ids[usize::from(byte)] = tokens.add(String::from(char_of(byte)).into(), 1);
        }
        (tokens, byte_ids)
    }

    fn len(&self) -> usize {
        self.written.len()
    }

    /// The id of a token, new or known.
    fn add(&mut self, written: Box<str>, length: usize) -> u32 {
        let fresh = self.written.len() as u32;
        let id = *self.ids.entry(written.clone()).or_insert(fresh);
        if id == fresh {
            self.written.push(written);
            self.lengths.push(length);
        }
        id
    }

    fn join(&mut self, (left, right): Pair) -> u32 {
        let written = [&*self.written[left as usize], &*self.written[right as usize]].concat();
        self.add(written.into(), self.lengths[left as usize] + self.lengths[right as usize])
    }

    fn may_join(&self, (left, right): Pair, most: Option<usize>) -> bool {
        most.is_none_or(|most| self.lengths[left as usize] + self.lengths[right as usize] < most)
    }

    fn finish(self, merges: Vec<Pair>) -> Learned {
        // A pair that was merged twice (its second symbol was made in two ways) counts where it came last.
        let last: HashMap<Pair, usize> = merges.iter().copied().zip(0..).collect();
        let kept = merges.into_iter().enumerate().filter(|(index, pair)| last[pair] == *index);
        let written = |id: u32| self.written[id as usize].to_string();
        let merges = kept.map(|(_, (left, right))| (written(left), written(right))).collect();
        Learned { vocabulary: self.ids, merges }
    }
}

/// All distinct pieces as symbols, one behind the other.
struct Words {
    symbols: Vec<u32>,
    words: Vec<Word>,
}

#[derive(Clone, Copy)]
struct Word {
    start: u32,
    length: u32,
    count: i64,
}

impl Words {
    fn new(counts: &Counts, byte_ids: &[u32; 256]) -> Self {
        let (mut symbols, mut words) = (Vec::with_capacity(counts.bytes()), Vec::new());
        for (piece, count) in counts.iter().filter(|(piece, _)| piece.len() > 1) {
            words.push(Word { start: symbols.len() as u32, length: piece.len() as u32, count: count as i64 });
            symbols.extend(piece.iter().map(|byte| byte_ids[usize::from(*byte)]));
        }
        Self { symbols, words }
    }

    /// Calls `each` with every pair of neighbours, the word's index and its count.
    fn each_pair(&self, mut each: impl FnMut(Pair, u32, i64)) {
        for (word, index) in self.words.iter().zip(0..) {
            let symbols = &self.symbols[word.start as usize..][..word.length as usize];
            symbols.windows(2).for_each(|pair| each((pair[0], pair[1]), index, word.count));
        }
    }

    /// Replaces `pair` in a word by `made` and tells how counts of neighbouring pairs change.
    #[inline]
    fn merge(&mut self, word: u32, pair: Pair, made: u32, mut change: impl FnMut(Pair, i64)) {
        let word = &mut self.words[word as usize];
        let symbols = &mut self.symbols[word.start as usize..][..word.length as usize];
        let (mut read, mut write) = (0, 0);
        while read < symbols.len() {
            if symbols[read] != pair.0 || symbols.get(read + 1) != Some(&pair.1) {
                symbols[write] = symbols[read];
                (read, write) = (read + 1, write + 1);
                continue;
            }
            if write > 0 {
                change((symbols[write - 1], pair.0), -word.count);
                change((symbols[write - 1], made), word.count);
            }
            if let Some(next) = symbols.get(read + 2).copied() {
                change((pair.1, next), -word.count);
                change((made, next), word.count);
            }
            symbols[write] = made;
            (read, write) = (read + 2, write + 1);
        }
        word.length = write as u32;
    }
}

/// Pairs by how often they occur.
///
/// Counts are kept exactly; a queued count may be stale, and is brought up to date when it comes first. A pair
/// that comes to new words is queued once more with those alone, as the peers do it.
struct Queue {
    pairs: HashMap<Pair, Count>,
    heap: BinaryHeap<(i64, Reverse<Pair>, Reverse<u32>)>,
    /// The words behind each entry of the heap; those of the beginning lie one behind the other in `first`.
    first: Vec<u32>,
    first_ends: Vec<u32>,
    later: Vec<Vec<u32>>,
    /// Pairs of the merge under way that came to new words.
    fresh: Vec<(Pair, Vec<u32>)>,
}

#[derive(Clone, Copy)]
struct Count {
    count: i64,
    /// Place in `fresh`, or [`SETTLED`].
    fresh: u32,
}

const SETTLED: u32 = u32::MAX;

impl Queue {
    fn new(words: &Words) -> Self {
        let mut index: HashMap<Pair, u32> = HashMap::default();
        let mut seen: Vec<(Pair, i64, u32, u32)> = Vec::new(); // pair, count, words, last word
        words.each_pair(|pair, word, count| {
            let place = *index.entry(pair).or_insert_with(|| {
                seen.push((pair, 0, 0, u32::MAX));
                seen.len() as u32 - 1
            });
            let seen = &mut seen[place as usize];
            seen.1 += count;
            seen.2 += u32::from(seen.3 != word);
            seen.3 = word;
        });
        let mut first_ends = Vec::with_capacity(seen.len());
        let mut end = 0;
        for pair in &mut seen {
            first_ends.push(end);
            end += pair.2;
            pair.3 = u32::MAX;
        }
        let mut first = vec![0; end as usize];
        words.each_pair(|pair, word, _| {
            let place = index[&pair] as usize;
            if seen[place].3 != word {
                seen[place].3 = word;
                first[first_ends[place] as usize] = word;
                first_ends[place] += 1;
            }
        });
        let heap =
            seen.iter().zip(0..).map(|(pair, place)| (pair.1, Reverse(pair.0), Reverse(place))).collect();
        let counts = seen.iter().map(|pair| (pair.0, Count { count: pair.1, fresh: SETTLED }));
        Self { pairs: counts.collect(), heap, first, first_ends, later: Vec::new(), fresh: Vec::new() }
    }

    /// The most frequent pair, its count, and the words to merge it in.
    fn pop(&mut self) -> Option<(Pair, i64, Vec<u32>)> {
        loop {
            let (queued, Reverse(pair), Reverse(place)) = self.heap.pop()?;
            let count = self.pairs[&pair].count;
            if count < 1 {
                continue;
            }
            if queued != count {
                self.heap.push((count, Reverse(pair), Reverse(place)));
                continue;
            }
            return Some((pair, count, self.holders(place as usize)));
        }
    }

    fn holders(&mut self, place: usize) -> Vec<u32> {
        let Some(end) = self.first_ends.get(place) else {
            return std::mem::take(&mut self.later[place - self.first_ends.len()]);
        };
        let start = if place == 0 { 0 } else { self.first_ends[place - 1] };
        self.first[start as usize..*end as usize].to_vec()
    }

    #[inline]
    fn change(&mut self, pair: Pair, change: i64, word: u32) {
        let count = self.pairs.entry(pair).or_insert(Count { count: 0, fresh: SETTLED });
        count.count += change;
        if change < 0 {
            return;
        }
        if count.fresh == SETTLED {
            count.fresh = self.fresh.len() as u32;
            self.fresh.push((pair, vec![word]));
            return;
        }
        let words = &mut self.fresh[count.fresh as usize].1;
        if words.last() != Some(&word) {
            words.push(word);
        }
    }

    /// Queues the pairs that came to new words.
    fn settle(&mut self) {
        for (pair, words) in self.fresh.drain(..) {
            let Some(count) = self.pairs.get_mut(&pair) else { continue };
            count.fresh = SETTLED;
            if count.count > 0 {
                let place = (self.first_ends.len() + self.later.len()) as u32;
                self.heap.push((count.count, Reverse(pair), Reverse(place)));
                self.later.push(words);
            }
        }
    }
}

//! Learns merges from documents: the most frequent neighbouring pair becomes a token, again and again.

use std::collections::{BinaryHeap, HashMap};

use super::{FIRST_BYTE, Tokenizer, split};

/// Pieces longer than this (base64, rulers of dashes) teach nothing and are left out.
const LONGEST_PIECE: usize = 48;

struct Word {
    symbols: Vec<u32>,
    count: i64,
}

type Pair = (u32, u32);

/// Pairs with their counts and the words that hold them.
struct Pairs {
    counts: HashMap<Pair, i64>,
    words: HashMap<Pair, Vec<u32>>,
    /// Candidates by count, then by age of their parts; stale counts are skipped when they come up.
    heap: BinaryHeap<(i64, std::cmp::Reverse<Pair>)>,
}

/// Adds the merges that `documents` teach to `grown`, until it has `vocabulary` ids or no pair repeats; the
/// same documents in any order give the same merges.
pub(super) fn learn<'a>(documents: impl Iterator<Item = &'a str>, vocabulary: usize, grown: &mut Tokenizer) {
    let mut words = count_words(documents);
    let mut pairs = Pairs { counts: HashMap::new(), words: HashMap::new(), heap: BinaryHeap::new() };
    for (index, word) in words.iter().enumerate() {
        pairs.count(word, index as u32, 1);
    }
    pairs.heap = pairs.counts.iter().map(|(pair, count)| (*count, std::cmp::Reverse(*pair))).collect();
    let mut known: HashMap<Vec<u8>, u32> =
        (0..).zip(&grown.tokens).map(|(id, token)| (token.clone(), id)).collect();
    while grown.len() < vocabulary {
        let Some(pair) = pairs.most_frequent() else { break };
        if grown.merges.contains_key(&pair) {
            continue; // came back through another merge that writes the same bytes
        }
        let bytes = [grown.bytes_of(pair.0), grown.bytes_of(pair.1)].concat();
        let rank = grown.merges.len() as u32;
        let id = *known.entry(bytes).or_insert_with_key(|bytes| {
            grown.tokens.push(bytes.clone());
            grown.tokens.len() as u32 - 1
        });
        grown.merges.insert(pair, (rank, id));
        pairs.merge(&mut words, pair, id);
    }
}

fn count_words<'a>(documents: impl Iterator<Item = &'a str>) -> Vec<Word> {
    let mut counts: HashMap<&str, i64> = HashMap::new();
    for document in documents {
        for piece in split::pieces(document).filter(|piece| piece.len() <= LONGEST_PIECE) {
            *counts.entry(piece).or_default() += 1;
        }
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_unstable();
    let symbols = |piece: &str| piece.bytes().map(|byte| FIRST_BYTE + u32::from(byte)).collect();
    counts.into_iter().map(|(piece, count)| Word { symbols: symbols(piece), count }).collect()
}

impl Pairs {
    /// Adds (or with `sign` -1 takes away) one word's pairs.
    fn count(&mut self, word: &Word, index: u32, sign: i64) {
        for pair in word.symbols.windows(2).map(|pair| (pair[0], pair[1])) {
            *self.counts.entry(pair).or_default() += sign * word.count;
            if sign > 0 {
                let holders = self.words.entry(pair).or_default();
                if holders.last() != Some(&index) {
                    holders.push(index);
                }
            }
        }
    }

    fn most_frequent(&mut self) -> Option<Pair> {
        while let Some((count, std::cmp::Reverse(pair))) = self.heap.pop() {
            let now = self.counts.get(&pair).copied().unwrap_or(0);
            if now == count {
                return (count > 1).then_some(pair);
            }
            if now > 0 && now < count {
                self.heap.push((now, std::cmp::Reverse(pair)));
            }
        }
        None
    }

    /// Replaces `pair` by `id` in every word that holds it.
    fn merge(&mut self, words: &mut [Word], pair: Pair, id: u32) {
        let mut holders = self.words.remove(&pair).unwrap_or_default();
        holders.sort_unstable();
        holders.dedup();
        let mut grown: Vec<Pair> = Vec::new();
        for index in holders {
            let word = &mut words[index as usize];
            self.count(word, index, -1);
            replace(&mut word.symbols, pair, id);
            self.count(word, index, 1);
            let neighbours = word.symbols.windows(2).map(|pair| (pair[0], pair[1]));
            grown.extend(neighbours.filter(|pair| pair.0 == id || pair.1 == id));
        }
        self.counts.remove(&pair);
        grown.sort_unstable();
        grown.dedup();
        for pair in grown {
            self.heap.push((self.counts[&pair], std::cmp::Reverse(pair)));
        }
    }
}

fn replace(symbols: &mut Vec<u32>, pair: Pair, id: u32) {
    let mut write = 0;
    let mut read = 0;
    while read < symbols.len() {
        let found = symbols[read] == pair.0 && symbols.get(read + 1) == Some(&pair.1);
        symbols[write] = if found { id } else { symbols[read] };
        write += 1;
        read += if found { 2 } else { 1 };
    }
    symbols.truncate(write);
}

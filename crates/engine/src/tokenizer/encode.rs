//! Text to token ids and back.

use std::{cmp::Reverse, collections::BinaryHeap, collections::HashMap};

use super::{Tokenizer, split};

/// Pieces remembered by one [`Encoder`]; enough for the words of a language, small enough for a server.
const REMEMBERED: usize = 1 << 15;

/// Encodes one text after another, remembering pieces that it has seen.
pub struct Encoder<'t> {
    tokenizer: &'t Tokenizer,
    seen: HashMap<String, Vec<u32>>,
}

impl<'t> Encoder<'t> {
    /// An encoder with an empty memory.
    pub fn new(tokenizer: &'t Tokenizer) -> Self {
        Self { tokenizer, seen: HashMap::new() }
    }

    /// Appends the ids of `text`. Text never becomes a special token, whatever it spells.
    pub fn encode_into(&mut self, text: &str, ids: &mut Vec<u32>) {
        for piece in split::pieces(text) {
            if let Some(known) = self.seen.get(piece) {
                ids.extend_from_slice(known);
                continue;
            }
            let start = ids.len();
            self.tokenizer.encode_piece(piece.as_bytes(), ids);
            if self.seen.len() < REMEMBERED && piece.len() <= 64 {
                self.seen.insert(piece.to_owned(), ids[start..].to_vec());
            }
        }
    }
}

impl Tokenizer {
    /// The ids of `text`. Text never becomes a special token, whatever it spells.
    pub fn encode(&self, text: &str) -> Vec<u32> {
        let mut ids = Vec::with_capacity(text.len() / 3);
        Encoder::new(self).encode_into(text, &mut ids);
        ids
    }

    /// Merges the bytes of one piece, lowest rank first, leftmost first; n log n in the piece's length.
    fn encode_piece(&self, piece: &[u8], ids: &mut Vec<u32>) {
        let mut symbols: Vec<u32> = piece.iter().map(|byte| self.byte_ids[usize::from(*byte)]).collect();
        let last = symbols.len();
        // A list by index: `next[i]` is the symbol behind `i`; a merged symbol is gone (DEAD).
        const DEAD: u32 = u32::MAX;
        let mut next: Vec<usize> = (1..=last).collect();
        let mut previous: Vec<usize> = (0..last).map(|i| i.wrapping_sub(1)).collect();
        let mut heap = BinaryHeap::new();
        let candidate = |symbols: &[u32], left: usize, right: usize| {
            let pair = (symbols[left], *symbols.get(right)?);
            self.merges.get(&pair).map(|(rank, id)| Reverse((*rank, left, pair, *id)))
        };
        heap.extend((0..last).filter_map(|left| candidate(&symbols, left, left + 1)));
        while let Some(Reverse((_, left, pair, id))) = heap.pop() {
            let right = next[left];
            if symbols[left] != pair.0 || right >= last || symbols[right] != pair.1 {
                continue; // one of the two was merged with another since
            }
            symbols[left] = id;
            symbols[right] = DEAD;
            next[left] = next[right];
            if next[left] < last {
                previous[next[left]] = left;
                heap.extend(candidate(&symbols, left, next[left]));
            }
            if previous[left] < last {
                heap.extend(candidate(&symbols, previous[left], left));
            }
        }
        ids.extend(symbols.into_iter().filter(|symbol| *symbol != DEAD));
    }

    /// The text of `ids`; bytes that are not UTF-8 become U+FFFD, special tokens and unknown ids nothing.
    pub fn decode(&self, ids: &[u32]) -> String {
        let bytes: Vec<u8> = ids.iter().flat_map(|id| self.bytes_of(*id)).copied().collect();
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

/// Decodes token by token and never gives half a character.
#[derive(Clone, Debug, Default)]
pub struct Decoder {
    pending: Vec<u8>,
}

impl Decoder {
    /// The text that became complete with this token; what may still grow stays pending.
    pub fn push(&mut self, tokenizer: &Tokenizer, id: u32) -> String {
        self.pending.extend_from_slice(tokenizer.bytes_of(id));
        let mut text = String::new();
        loop {
            match std::str::from_utf8(&self.pending) {
                Ok(valid) => {
                    text.push_str(valid);
                    self.pending.clear();
                    return text;
                }
                Err(error) => {
                    let (valid, rest) = self.pending.split_at(error.valid_up_to());
                    text.push_str(&String::from_utf8_lossy(valid));
                    let bad = error.error_len();
                    if bad.is_some() {
                        text.push(char::REPLACEMENT_CHARACTER);
                    }
                    self.pending = rest[bad.unwrap_or(0)..].to_vec();
                    if bad.is_none() {
                        return text;
                    }
                }
            }
        }
    }

    /// What was still pending, as U+FFFD when it never became a character.
    pub fn finish(&mut self) -> String {
        String::from_utf8_lossy(&std::mem::take(&mut self.pending)).into_owned()
    }
}

//! Unigram language model: of all ways to cut a piece into tokens the most probable one.

mod trie;

use kernel::{Error, Result};

pub(crate) use trie::Trie;

/// What an unknown character costs more than the rarest token.
const UNKNOWN_PENALTY: f64 = 10.0;

/// The model.
#[derive(Debug)]
pub(crate) struct Unigram {
    trie: Trie,
    scores: Vec<f64>,
    unknown_score: f64,
    unknown: Option<u32>,
    /// Ids of single bytes, when unknown characters fall back to them.
    bytes: Option<Box<[Option<u32>; 256]>>,
}

/// The best way to one place of a piece.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Best {
    score: f64,
    id: u32,
    from: u32,
}

/// No way leads here yet.
const UNREACHED: Best = Best { score: 0.0, id: 0, from: u32::MAX };

impl Unigram {
    /// A model of tokens and their log-probabilities; the index is the id.
    pub fn new(pieces: &[(Box<str>, f64)], unknown: Option<u32>, byte_fallback: bool) -> Self {
        let mut trie = Trie::default();
        for ((piece, _), id) in pieces.iter().zip(0..) {
            trie.insert(piece.as_bytes(), id);
        }
        trie.seal();
        let lowest = pieces.iter().fold(f64::INFINITY, |lowest, (_, score)| lowest.min(*score));
        let bytes = byte_fallback
            .then(|| Box::new(std::array::from_fn(|byte| trie.find(format!("<0x{byte:02X}>").as_bytes()))));
        let scores = pieces.iter().map(|(_, score)| *score).collect();
        Self { trie, scores, unknown_score: lowest - UNKNOWN_PENALTY, unknown, bytes }
    }

    /// Appends the ids of one piece; at most (longest token) steps a character.
    pub fn encode(&self, piece: &str, best: &mut Vec<Best>, ids: &mut Vec<u32>) -> Result<()> {
        let text = piece.as_bytes();
        best.clear();
        best.resize(text.len() + 1, UNREACHED);
        let mut at = 0;
        while at < text.len() {
            let here = best[at].score;
            let width = width(text[at]);
            let mut is_known = false;
            self.trie.prefixes(&text[at..], |length, id| {
                reach(&mut best[at + length], self.scores[id as usize] + here, id, at);
                is_known |= length == width;
            });
            if !is_known {
                let id = self.unknown.ok_or_else(no_unknown)?;
                reach(&mut best[at + width], self.unknown_score + here, id, at);
            }
            at += width;
        }
        let begin = ids.len();
        let mut end = text.len();
        while end > 0 {
            let (id, mut from) = (best[end].id, best[end].from as usize);
            if Some(id) == self.unknown {
                // Unknown characters that touch are one stretch.
                while from > 0 && best[from].id == id {
                    from = best[from].from as usize;
                }
                self.push_unknown(&text[from..end], id, ids);
            } else {
                ids.push(id);
            }
            end = from;
        }
        ids[begin..].reverse();
        Ok(())
    }

    /// Pushes, last first, the ids of a stretch without tokens.
    fn push_unknown(&self, stretch: &[u8], unknown: u32, ids: &mut Vec<u32>) {
        if let Some(id) = self.trie.find(stretch) {
            ids.push(id);
            return;
        }
        let begin = ids.len();
        let by_bytes = self.bytes.as_ref().is_some_and(|bytes| {
            stretch.iter().rev().all(|byte| bytes[usize::from(*byte)].map(|id| ids.push(id)).is_some())
        });
        if !by_bytes {
            ids.truncate(begin);
            ids.push(unknown);
        }
    }
}

#[inline]
fn reach(best: &mut Best, score: f64, id: u32, from: usize) {
    if best.from == u32::MAX || score > best.score {
        *best = Best { score, id, from: from as u32 };
    }
}

fn width(lead: u8) -> usize {
    match lead {
        0..=0xbf => 1,
        0xc0..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0.. => 4,
    }
}

fn no_unknown() -> Error {
    Error::invalid(
        "tokenizer_unknown_character",
        "The text has a character that this Unigram model has no token for, and the model has no unk_id; \
         add one to the tokenizer.json.",
    )
}

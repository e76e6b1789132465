//! Byte-pair encoding over bytes (`ByteLevel`) or characters (with byte fallback, as SentencePiece has it).

mod alphabet;
pub(crate) mod merge;
pub(crate) mod pairs;

use foldhash::HashMap;

pub(crate) use alphabet::{Alphabet, Unknown};
use merge::Workspace;
use pairs::Pairs;

/// A model that merges.
#[derive(Debug)]
pub(crate) struct Bpe {
    alphabet: Alphabet,
    pairs: Pairs,
    /// The symbol that each rank makes.
    merged: Vec<u32>,
    /// Pieces that are tokens whole, whatever the merges say (`ignore_merges`).
    whole: HashMap<Box<[u8]>, u32>,
}

impl Bpe {
    /// A model of `merges`: left, right, and what they make, in the order of their ranks.
    pub fn new(
        alphabet: Alphabet,
        merges: &[(u32, u32, u32)],
        whole: impl IntoIterator<Item = (Box<[u8]>, u32)>,
    ) -> Self {
        let ranked: Vec<_> =
            merges.iter().zip(0..).map(|((left, right, _), rank)| (*left, *right, rank)).collect();
        let merged = merges.iter().map(|(_, _, id)| *id).collect();
        Self { alphabet, pairs: Pairs::new(&ranked), merged, whole: whole.into_iter().collect() }
    }

    /// Appends the ids of one piece.
    pub fn encode(&self, piece: &str, work: &mut Workspace, ids: &mut Vec<u32>) {
        if let Some(id) = self.whole.get(piece.as_bytes()) {
            ids.push(*id);
            return;
        }
        work.symbols.clear();
        self.alphabet.symbols(piece, &mut work.symbols);
        if work.symbols.len() > 1 {
            work.merge(&self.pairs, &self.merged);
        }
        ids.extend_from_slice(&work.symbols);
    }
}

//! Byte-pair encoding over bytes (`ByteLevel`) or characters (with byte fallback, as SentencePiece has it).

mod alphabet;
pub(crate) mod merge;
pub(crate) mod pairs;
mod seams;

use foldhash::HashMap;

pub(crate) use alphabet::{Alphabet, Unknown};
use merge::Workspace;
use pairs::Pairs;
pub(crate) use seams::Seams;

/// A model that merges.
#[derive(Debug)]
pub(crate) struct Bpe {
    alphabet: Alphabet,
    pairs: Pairs,
    /// The symbol that each rank makes.
    merged: Vec<u32>,
    /// Where pieces come apart, if that is known.
    seams: Option<Seams>,
    /// Pieces that are tokens whole, whatever the merges say (`ignore_merges`).
    whole: HashMap<Box<[u8]>, u32>,
}

impl Bpe {
    /// A model of `merges`: left, right, and what they make, in the order of their ranks.
    pub fn new(
        alphabet: Alphabet,
        merges: &[(u32, u32, u32)],
        seams: Option<Seams>,
        whole: impl IntoIterator<Item = (Box<[u8]>, u32)>,
    ) -> Self {
        let ranked: Vec<_> =
            merges.iter().zip(0..).map(|((left, right, _), rank)| (*left, *right, rank)).collect();
        let merged = merges.iter().map(|(_, _, id)| *id).collect();
        Self { alphabet, pairs: Pairs::new(&ranked), merged, seams, whole: whole.into_iter().collect() }
    }

    /// Appends the ids of one piece.
    pub fn encode(&self, piece: &str, work: &mut Workspace, ids: &mut Vec<u32>) {
        if let Some(id) = self.whole.get(piece.as_bytes()) {
            ids.push(*id);
            return;
        }
        self.merge(piece, work, ids);
    }

    /// Calls `each` with all parts of a piece that merge alone; a piece that is a token whole is appended.
    pub fn parts(&self, piece: &str, ids: &mut Vec<u32>, mut each: impl FnMut(usize, usize, &mut Vec<u32>)) {
        match (self.whole.get(piece.as_bytes()), &self.seams) {
            (Some(id), _) => ids.push(*id),
            (None, None) => each(0, piece.len(), ids),
            (None, Some(seams)) => {
                seams.each(piece, |c| self.alphabet.knows(c), |start, end| each(start, end, ids));
            }
        }
    }

    /// Appends the ids that a piece, or a part of one, merges into.
    pub fn merge(&self, piece: &str, work: &mut Workspace, ids: &mut Vec<u32>) {
        work.symbols.clear();
        self.alphabet.symbols(piece, &mut work.symbols);
        if work.symbols.len() > 1 {
            work.merge(&self.pairs, &self.merged);
        }
        ids.extend_from_slice(&work.symbols);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A byte-level model whose merges were found one by one in `text`, so that some reach over characters and
    /// some hold parts of them.
    fn model(text: &str, merges: usize, with_seams: bool) -> Bpe {
        let mut tokens: Vec<Vec<u8>> = (0..=255u8).map(|byte| vec![byte]).collect();
        let mut symbols: Vec<u32> = text.bytes().map(u32::from).collect();
        let mut made = Vec::new();
        for _ in 0..merges {
            let mut counts = std::collections::BTreeMap::<(u32, u32), usize>::new();
            symbols.windows(2).for_each(|pair| *counts.entry((pair[0], pair[1])).or_default() += 1);
            let Some((pair, _)) = counts.into_iter().max_by_key(|(_, count)| *count) else { break };
            let id = tokens.len() as u32;
            tokens.push([tokens[pair.0 as usize].clone(), tokens[pair.1 as usize].clone()].concat());
            made.push((pair.0, pair.1, id));
            let ranks = Pairs::new(&[(pair.0, pair.1, 0)]);
            let mut work = Workspace::default();
            work.symbols = symbols;
            work.merge(&ranks, &[id]);
            symbols = work.symbols;
        }
        let alphabet = Alphabet::bytes((0..=255u8).map(|byte| (byte, u32::from(byte))), Unknown::default());
        let seams = with_seams.then(|| Seams::new(tokens[256..].iter().map(Vec::as_slice)));
        Bpe::new(alphabet, &made, seams, [])
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn cutting_at_seams_changes_no_token(learn in "[a-c 中国人民，é😀]{40,120}", text in "[a-d 中国人民法，éè😀😁]{0,80}") {
            let (cut, whole) = (model(&learn, 30, true), model(&learn, 30, false));
            let mut work = Workspace::default();
            let (mut left, mut right) = (Vec::new(), Vec::new());
            cut.parts(&text, &mut left, |start, end, ids| cut.merge(&text[start..end], &mut work, ids));
            whole.merge(&text, &mut work, &mut right);
            prop_assert_eq!(left, right);
        }
    }
}

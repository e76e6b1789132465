//! The learned part: two linear tables and two forests, read from one file of weights made by `training/train.py`.

use crate::{
    features::{
        context,
        lexicon::{BUCKETS, Lexicon},
        matrix::Matrix,
        page::Page,
        rows,
    },
    forest::{Forest, f32_of, take},
    html::tree::Tree,
    meta::Meta,
};
use std::sync::OnceLock;

/// Says what the file is, and its version.
const MAGIC: [u8; 8] = *b"extract1";

/// Weights.
#[derive(Debug, Clone, Default)]
pub struct Model {
    /// Of words and marks.
    pub lexicon: Lexicon,
    /// First and second stage.
    pub stages: [Forest; 2],
}

impl Model {
    /// The weights that this crate comes with.
    pub fn built_in() -> &'static Self {
        static MODEL: OnceLock<Model> = OnceLock::new();
        MODEL.get_or_init(|| Self::read(include_bytes!("weights.bin")).unwrap_or_default())
    }

    /// Reads weights; nothing if they are cut or of another version.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let mut rest = bytes;
        if take::<8>(&mut rest)? != MAGIC {
            return None;
        }
        let scale = [f32_of(&mut rest)?, f32_of(&mut rest)?];
        let mut table = || {
            let (table, more) = rest.split_at_checked(BUCKETS)?;
            rest = more;
            Some(table.iter().map(|byte| byte.cast_signed()).collect())
        };
        let lexicon = Lexicon { words: table()?, marks: table()?, scale };
        let stages = [Forest::read(&mut rest)?, Forest::read(&mut rest)?];
        rest.is_empty().then_some(Self { lexicon, stages })
    }

    /// The probability of each block that it is the page's own text.
    pub fn judge(
        &self,
        tree: &Tree,
        meta: &Meta,
        page: &mut Page,
        matrix: &mut Matrix,
        scores: &mut Vec<f32>,
    ) {
        page.read(tree, meta, &self.lexicon);
        scores.clear();
        if tree.blocks.is_empty() {
            return;
        }
        rows::fill(tree, meta, page, matrix);
        self.stages[0].judge(matrix, scores);
        if !self.stages[0].is_empty() {
            context::add(tree, page, scores, matrix);
            if !self.stages[1].is_empty() {
                self.stages[1].judge(matrix, scores);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_weights_are_whole() {
        let model = Model::read(include_bytes!("weights.bin")).expect("weights of this version");
        assert!(model.stages.iter().all(|stage| !stage.is_empty()));
        assert!(Model::read(&include_bytes!("weights.bin")[..5000]).is_none());
    }
}

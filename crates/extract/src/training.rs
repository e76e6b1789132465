//! What the training script needs to see of each block. No part of the public face.

use crate::{
    features::{lexicon, matrix::Matrix, page::Page},
    html::{build, tree::Tree},
    meta::Meta,
    model::Model,
};

/// A page as the trees see it.
#[derive(Debug, Default)]
pub struct Sample {
    tree: Tree,
    meta: Meta,
    page: Page,
    matrix: Matrix,
    scores: Vec<f32>,
}

impl Sample {
    /// Reads a page under some weights; nothing if those can't be read.
    pub fn new(html: &str, weights: &[u8]) -> Option<Self> {
        let model = Model::read(weights)?;
        let mut sample = Self::default();
        build::build(html, &mut sample.tree, &mut sample.meta);
        let Self { tree, meta, page, matrix, scores } = &mut sample;
        model.judge(tree, meta, page, matrix, scores);
        Some(sample)
    }

    /// The texts of its blocks.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.tree.blocks.iter().map(|block| self.tree.text_of(block))
    }

    /// Words of each block, as features count them.
    pub fn words(&self) -> impl Iterator<Item = f32> {
        self.page.facts.iter().map(|facts| facts.words)
    }

    /// Buckets of a block in the tables of words and of marks.
    pub fn buckets(&self, block: usize) -> [Vec<u32>; 2] {
        let (mut words, mut marks) = (Vec::new(), Vec::new());
        lexicon::word_buckets(self.page.words(block), |bucket| words.push(bucket));
        lexicon::path_buckets(&self.tree, self.tree.blocks[block].node, |bucket| marks.push(bucket));
        [words, marks]
    }

    /// Features, one column after another, and their number.
    pub fn columns(&self) -> impl Iterator<Item = &[f32]> {
        (0..self.matrix.columns()).map(|column| &self.matrix.column(column)[..self.tree.blocks.len()])
    }

    /// Probability of each block.
    pub fn scores(&self) -> &[f32] {
        &self.scores
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_page_has_the_same_features() {
        let weights = include_bytes!("weights.bin");
        let pages =
            ["<p>a", "<ul><li><a href=x>b</a><li>c</ul>d", "<main><h1>e</h1><p>f, g. <table><tr><td>h"];
        let counts = pages.map(|page| Sample::new(page, weights).map(|sample| sample.columns().count()));
        assert!(counts[0].is_some() && counts.iter().all(|count| *count == counts[0]), "{counts:?}");
    }
}

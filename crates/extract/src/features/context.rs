//! The features of the second stage: how the first judged a block's neighbours, ancestors, section and page.

use super::{matrix::Matrix, page::Page};
use crate::html::tree::{NONE, Tree};

/// Ancestors looked at from one block, at most.
const STEPS: usize = 40;
/// Levels of ancestors that hold more than the level below, which are features.
const LEVELS: usize = 6;

/// Sums of words and of likely words, before each block.
struct Sums {
    words: Vec<f32>,
    likely: Vec<f32>,
}

impl Sums {
    fn new(page: &Page, scores: &[f32]) -> Self {
        let mut sums = Self { words: vec![0.0], likely: vec![0.0] };
        let (mut words, mut likely) = (0.0, 0.0);
        for (facts, score) in page.facts.iter().zip(scores) {
            words += facts.words + 0.2;
            likely += (facts.words + 0.2) * score;
            sums.words.push(words);
            sums.likely.push(likely);
        }
        sums
    }

    fn mean(&self, from: usize, to: usize) -> f32 {
        let words = self.words[to] - self.words[from];
        if words > 0.0 { (self.likely[to] - self.likely[from]) / words } else { 0.0 }
    }
}

/// Adds columns to `matrix`; `scores` are the first stage's, 0 to 1.
pub fn add(tree: &Tree, page: &Page, scores: &[f32], matrix: &mut Matrix) {
    let first = matrix.columns();
    let count = tree.blocks.len();
    let sums = Sums::new(page, scores);
    let sections = sections(page);
    let (before, after) = distances(scores);
    let shared = shared(tree, page, scores, &sums);
    for at in 0..count {
        matrix.row(at, first);
        for step in -4i64..=4 {
            let other = usize::try_from(at as i64 + step).ok();
            matrix.push(other.and_then(|other| scores.get(other)).copied().unwrap_or(-0.1));
        }
        for reach in [2, 5, 12] {
            matrix.push(sums.mean(at.saturating_sub(reach), (at + reach + 1).min(count)));
        }
        matrix.push(sums.mean(at.saturating_sub(6), at));
        matrix.push(sums.mean(at + 1, (at + 7).min(count).max(at + 1)));
        levels(tree, &sums, at, matrix);
        let under = page.places[at].under;
        matrix.push(if under == NONE { -0.1 } else { scores[under as usize] });
        let (from, to) = sections[at];
        matrix.push(sums.mean(from, to));
        matrix.push(if to < count { scores[to] } else { -0.1 });
        let likely = sums.likely[count].max(0.1);
        matrix.push(sums.likely[at] / likely);
        matrix.push(sums.likely[at]);
        matrix.push((page.facts[at].words * scores[at]) / likely);
        matrix.push(before[at]);
        matrix.push(after[at]);
        shared.iter().for_each(|value| matrix.push(*value));
    }
}

fn levels(tree: &Tree, sums: &Sums, at: usize, out: &mut Matrix) {
    let (mut held, mut level, mut last) = (1, 0, -0.1);
    for index in tree.path(tree.blocks[at].node).take(STEPS) {
        let blocks = &tree.nodes[index as usize].blocks;
        if blocks.len() > held && level < LEVELS {
            (held, level) = (blocks.len(), level + 1);
            last = sums.mean(blocks.start as usize, blocks.end as usize);
            out.push(last);
        }
    }
    (level..LEVELS).for_each(|_| out.push(last));
}

/// For each block, the blocks from its heading to the next one.
fn sections(page: &Page) -> Vec<(usize, usize)> {
    let count = page.places.len();
    let mut sections = vec![(0, count); count];
    let mut start = 0;
    for at in 0..=count {
        if at == count || page.places[at].heading > 0 {
            sections[start..at].fill((start, at));
            start = at;
        }
    }
    sections
}

/// Blocks since the last likely one, and until the next.
fn distances(scores: &[f32]) -> (Vec<f32>, Vec<f32>) {
    let walk = |scores: &mut dyn Iterator<Item = &f32>| {
        let mut since = 99.0f32;
        let step = |score: &f32| {
            let now = since;
            since = if *score > 0.5 { 0.0 } else { (since + 1.0).min(99.0) };
            now
        };
        scores.map(step).collect::<Vec<_>>()
    };
    let before = walk(&mut scores.iter());
    let mut after = walk(&mut scores.iter().rev());
    after.reverse();
    (before, after)
}

fn shared(tree: &Tree, page: &Page, scores: &[f32], sums: &Sums) -> Vec<f32> {
    let count = scores.len();
    let mean = |node: u32| {
        if node == NONE {
            return -0.1;
        }
        let blocks = &tree.nodes[node as usize].blocks;
        sums.mean(blocks.start as usize, blocks.end as usize)
    };
    let sure = page.facts.iter().zip(scores).filter(|(_, score)| **score > 0.5);
    let unsure = page.facts.iter().zip(scores).filter(|(_, score)| (0.2..0.8).contains(*score));
    let all = sums.words[count].max(1.0);
    vec![
        sums.mean(0, count),
        (sums.likely[count] + 1.0).ln(),
        sure.map(|(facts, _)| facts.words).sum::<f32>() / all,
        unsure.map(|(facts, _)| facts.words).sum::<f32>() / all,
        mean(page.best),
        mean(page.deep),
    ]
}

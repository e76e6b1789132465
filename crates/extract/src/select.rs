//! Chooses blocks by their probabilities: those whose choice has the greatest expected word-F1.
//!
//! If `p` are the probabilities and `w` the words, choosing a set S is expected to score about
//! `2 Σ_S pw / (Σ_S w + Σ pw)`. The best S is a prefix of the blocks by falling probability, so one pass finds it. On a
//! clear page that is a threshold near one half, on an unclear one it is lower.

use crate::{
    features::page::Page,
    html::tree::{Tree, inside},
};

/// A page that is expected to have fewer words of its own has no text: it asks for a script, a login or patience.
const LEAST: f32 = 8.0;

/// Which blocks to keep.
pub fn select(page: &Page, scores: &[f32], keep: &mut Vec<bool>) {
    keep.clear();
    keep.resize(scores.len(), false);
    let mut order: Vec<usize> = (0..scores.len()).filter(|at| page.facts[*at].words > 0.0).collect();
    order.sort_by(|left, right| scores[*right].total_cmp(&scores[*left]).then(left.cmp(right)));
    let likely: f32 = order.iter().map(|at| scores[*at] * page.facts[*at].words).sum();
    if likely < LEAST {
        return;
    }
    let (mut right, mut words, mut best, mut length) = (0.0, 0.0, 0.0, 0);
    for (at, block) in order.iter().enumerate() {
        right += scores[*block] * page.facts[*block].words;
        words += page.facts[*block].words;
        let expected = right / (words + likely);
        if expected > best {
            (best, length) = (expected, at + 1);
        }
    }
    order[..length].iter().for_each(|at| keep[*at] = true);
}

/// Drops comments, unless they are most of what was chosen: then the page is a discussion.
pub fn without_comments(tree: &Tree, page: &Page, keep: &mut [bool]) {
    let comment = |block: usize| tree.blocks[block].flags & inside::COMMENTS != 0;
    let words = |wanted: &dyn Fn(usize) -> bool| {
        let chosen = (0..keep.len()).filter(|block| keep[*block] && wanted(*block));
        chosen.map(|block| page.facts[block].words).sum::<f32>()
    };
    if words(&comment) * 2.0 < words(&|_| true) {
        (0..keep.len()).filter(|block| comment(*block)).for_each(|block| keep[block] = false);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::facts::Facts;

    fn chosen(scores: &[f32]) -> Vec<bool> {
        let mut page = Page::default();
        page.facts.resize(scores.len(), Facts { words: 10.0, ..Facts::default() });
        let mut keep = Vec::new();
        select(&page, scores, &mut keep);
        keep
    }

    #[test]
    fn the_threshold_falls_where_nothing_is_sure() {
        assert_eq!(chosen(&[0.9, 0.9, 0.3, 0.9]), [true, true, false, true]);
        assert_eq!(chosen(&[0.3, 0.35, 0.3, 0.01]), [true, true, true, false]);
        assert_eq!(chosen(&[0.3, 0.1, 0.1]), [false; 3], "too little to be a text");
        assert!(chosen(&[]).is_empty());
    }
}

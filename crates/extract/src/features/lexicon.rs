//! Learned weights of words and marks: two linear models whose scores are features of the trees.

use crate::html::{
    hash::mix,
    tag::Tag,
    tree::{NONE, Tree},
};

/// Buckets of each table.
pub const BUCKETS: usize = 1 << 14;
/// Words of a block that are scored, at most.
const SCORED: usize = 40;
/// Blocks up to this many words are also known by pairs of words.
const PAIRS: usize = 12;

const PAIR: u32 = 11;
const BORDER: u32 = 12;
const OWN: u32 = 21;
const NEAR: u32 = 22;
const FAR: u32 = 23;
const BODY: u32 = 24;

/// The two tables, a signed byte a bucket.
#[derive(Debug, Clone)]
pub struct Lexicon {
    /// Of words.
    pub words: Vec<i8>,
    /// Of marks.
    pub marks: Vec<i8>,
    /// What one step of a byte means.
    pub scale: [f32; 2],
}

impl Default for Lexicon {
    fn default() -> Self {
        Self { words: vec![0; BUCKETS], marks: vec![0; BUCKETS], scale: [1.0; 2] }
    }
}

fn bucket(hash: u32) -> u32 {
    hash & (BUCKETS as u32 - 1)
}

/// The buckets of a block's words.
pub fn word_buckets(words: &[u32], mut each: impl FnMut(u32)) {
    let words = &words[..words.len().min(SCORED)];
    for word in words {
        each(bucket(*word));
    }
    if words.len() <= PAIRS && !words.is_empty() {
        each(bucket(mix(BORDER, words[0])));
        each(bucket(mix(words[words.len() - 1], BORDER)));
        for pair in words.windows(2) {
            each(bucket(mix(mix(PAIR, pair[0]), pair[1])));
        }
    }
}

/// The buckets of one element seen from `steps` below it; the last is shared by all elements inside.
fn mark_buckets(tree: &Tree, node: usize, salt: u32, mut each: impl FnMut(u32)) {
    let node = &tree.nodes[node];
    each(bucket(mix(salt, node.tag as u32)));
    for mark in &tree.marks[node.marks.start as usize..node.marks.end as usize] {
        each(bucket(mix(salt, *mark)));
    }
}

fn far_salt(tag: Tag) -> u32 {
    if matches!(tag, Tag::Body | Tag::Html) { BODY } else { FAR }
}

/// All buckets of a block's path, as training sees them.
pub fn path_buckets(tree: &Tree, node: u32, mut each: impl FnMut(u32)) {
    for (step, index) in tree.path(node).enumerate() {
        let salt = [OWN, NEAR, NEAR].get(step);
        if let Some(salt) = salt {
            mark_buckets(tree, index as usize, *salt, &mut each);
        }
        mark_buckets(tree, index as usize, far_salt(tree.nodes[index as usize].tag), &mut each);
    }
}

/// Scores of a page's elements.
#[derive(Debug, Default)]
pub struct Paths {
    /// As the block's own element, as a near ancestor, of itself as any ancestor.
    own: Vec<f32>,
    near: Vec<f32>,
    /// Sum over the element and its ancestors, and the least and greatest on the way.
    pub sum: Vec<f32>,
    /// The lowest score of one element on the way.
    pub low: Vec<f32>,
    /// The highest.
    pub high: Vec<f32>,
}

impl Paths {
    /// Scores all elements.
    pub fn score(&mut self, tree: &Tree, lexicon: &Lexicon) {
        let Self { own, near, sum, low, high } = self;
        for list in [&mut *own, &mut *near, &mut *sum, &mut *low, &mut *high] {
            list.clear();
        }
        let total = |node: usize, salt: u32| {
            let mut total = 0i32;
            mark_buckets(tree, node, salt, |bucket| total += i32::from(lexicon.marks[bucket as usize]));
            total as f32 * lexicon.scale[1]
        };
        for (index, node) in tree.nodes.iter().enumerate() {
            own.push(total(index, OWN));
            near.push(total(index, NEAR));
            let far = total(index, far_salt(node.tag));
            let at = node.parent as usize;
            let (parent, least, most) =
                if node.parent == NONE { (0.0, 0.0, 0.0) } else { (sum[at], low[at], high[at]) };
            sum.push(parent + far);
            low.push(far.min(least));
            high.push(far.max(most));
        }
    }

    /// The score of a block in `node`.
    pub fn of(&self, tree: &Tree, node: u32) -> f32 {
        let near: f32 = tree.path(node).skip(1).take(2).map(|index| self.near[index as usize]).sum();
        self.own[node as usize] + near + self.sum[node as usize]
    }
}

impl Lexicon {
    /// The score of a block's words.
    pub fn words(&self, words: &[u32]) -> f32 {
        let (mut total, mut count) = (0i32, 0u32);
        word_buckets(words, |bucket| {
            total += i32::from(self.words[bucket as usize]);
            count += 1;
        });
        total as f32 * self.scale[0] / (count.max(1) as f32).sqrt()
    }
}

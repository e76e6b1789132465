//! What was hit: for each benchmark how many of its items, in how many documents, and the first examples.

use super::{Hit, Index};
use serde::Serialize;
use std::collections::BTreeSet;

/// Examples kept for each benchmark.
const EXAMPLES: usize = 10;
/// Characters of an example at most.
const LENGTH: usize = 200;

/// The overlap of a corpus with benchmarks. Workers count on their own and are merged: the sum is the same
/// whatever worker saw which document.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// One for each benchmark of the index.
    pub benchmarks: Vec<Overlap>,
}

/// The overlap with one benchmark.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Overlap {
    /// Name of the benchmark.
    pub name: String,
    /// Its items.
    pub items: usize,
    /// Items too short to be looked for.
    pub too_short: usize,
    /// Items of which some n-gram is in the corpus, by number.
    pub hit: BTreeSet<u32>,
    /// Documents that hold such an n-gram.
    pub documents: u64,
    /// Stretches with the smallest ids.
    pub examples: BTreeSet<Example>,
}

/// A stretch of a document that is in a benchmark.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Example {
    /// Id of the document.
    pub document: String,
    /// Number of the item.
    pub item: u32,
    /// The words of the stretch.
    pub text: String,
}

impl Report {
    /// An empty report for the benchmarks of `index`.
    pub fn new(index: &Index) -> Self {
        let benchmarks = index.benchmarks().iter().map(|size| Overlap {
            name: size.name.clone(),
            items: size.items,
            too_short: size.too_short,
            ..Overlap::default()
        });
        Self { benchmarks: benchmarks.collect() }
    }

    /// Counts the hits of a document.
    pub fn add(&mut self, id: &str, text: &str, hits: &[Hit]) {
        for hits in hits.chunk_by(|a, b| a.benchmark == b.benchmark) {
            let Some(overlap) = self.benchmarks.get_mut(hits[0].benchmark as usize) else { continue };
            overlap.documents += 1;
            overlap.hit.extend(hits.iter().map(|hit| hit.item));
            let full = overlap.examples.len() >= EXAMPLES;
            if full && overlap.examples.last().is_some_and(|last| *last.document < *id) {
                continue;
            }
            overlap.examples.extend(hits.iter().take(EXAMPLES).map(|hit| Example {
                document: id.to_owned(),
                item: hit.item,
                text: text[hit.place.clone()].chars().take(LENGTH).collect(),
            }));
            overlap.keep_first();
        }
    }

    /// Adds the counts of another worker's report on the same index.
    pub fn merge(&mut self, other: Self) {
        for (overlap, other) in self.benchmarks.iter_mut().zip(other.benchmarks) {
            overlap.documents += other.documents;
            overlap.hit.extend(other.hit);
            overlap.examples.extend(other.examples);
            overlap.keep_first();
        }
    }
}

impl Overlap {
    fn keep_first(&mut self) {
        while self.examples.len() > EXAMPLES {
            self.examples.pop_last();
        }
    }
}

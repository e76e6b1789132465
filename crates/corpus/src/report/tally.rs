//! Counting that gives the same result in any order, so that workers can count apart and add up.

use super::{Drop, Example, Skip, Step};
use kernel::Result;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Most examples kept for a reason.
pub const EXAMPLES: usize = 5;

/// Counts of one step.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Tally {
    documents_in: u64,
    bytes_in: u64,
    documents_out: u64,
    bytes_out: u64,
    drops: BTreeMap<String, Reason>,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Reason {
    documents: u64,
    bytes: u64,
    examples: BTreeSet<Example>,
}

impl Tally {
    /// A document came in with `bytes_in` and went on with `bytes_out`.
    pub fn pass(&mut self, bytes_in: usize, bytes_out: usize) {
        self.documents_in += 1;
        self.documents_out += 1;
        self.bytes_in += bytes_in as u64;
        self.bytes_out += bytes_out as u64;
    }

    /// A document came in with `bytes` and was dropped.
    pub fn drop(&mut self, reason: &str, bytes: u64, example: impl FnOnce() -> Example) {
        self.reason(reason, bytes).example(example());
    }

    /// [`Tally::drop`] for documents that come in the order of their ids: only the first ones are examples, so
    /// only for these `example` is asked, which may be slow and may fail.
    pub fn drop_in_order(
        &mut self,
        reason: &str,
        bytes: u64,
        example: impl FnOnce() -> Result<Example>,
    ) -> Result<()> {
        let entry = self.reason(reason, bytes);
        if entry.examples.len() < EXAMPLES {
            entry.example(example()?);
        }
        Ok(())
    }

    fn reason(&mut self, reason: &str, bytes: u64) -> &mut Reason {
        self.documents_in += 1;
        self.bytes_in += bytes;
        let entry = self.drops.entry(reason.to_owned()).or_default();
        entry.documents += 1;
        entry.bytes += bytes;
        entry
    }

    /// Counts what was not read.
    pub fn skip(&mut self, skip: &Skip) {
        self.drop(&skip.code, skip.bytes, || Example { path: skip.path.clone(), ..Example::default() });
    }

    /// Adds another's counts.
    pub fn merge(&mut self, other: Self) {
        self.documents_in += other.documents_in;
        self.bytes_in += other.bytes_in;
        self.documents_out += other.documents_out;
        self.bytes_out += other.bytes_out;
        for (reason, more) in other.drops {
            let entry = self.drops.entry(reason).or_default();
            entry.documents += more.documents;
            entry.bytes += more.bytes;
            more.examples.into_iter().for_each(|example| entry.example(example));
        }
    }

    /// The step as it is reported; the most frequent reason first.
    pub fn step(self, name: &str) -> Step {
        let mut drops: Vec<_> = self
            .drops
            .into_iter()
            .map(|(reason, counted)| Drop {
                reason,
                documents: counted.documents,
                bytes: counted.bytes,
                examples: counted.examples.into_iter().collect(),
            })
            .collect();
        drops.sort_by(|a, b| b.documents.cmp(&a.documents).then_with(|| a.reason.cmp(&b.reason)));
        Step {
            name: name.to_owned(),
            documents_in: self.documents_in,
            bytes_in: self.bytes_in,
            documents_out: self.documents_out,
            bytes_out: self.bytes_out,
            drops,
            ..Step::default()
        }
    }
}

impl Reason {
    /// Keeps the smallest examples: which these are does not depend on the order of counting.
    fn example(&mut self, example: Example) {
        self.examples.insert(example);
        if self.examples.len() > EXAMPLES {
            self.examples.pop_last();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_order_counts_the_same() {
        let drop = |tally: &mut Tally, n: u32| {
            tally.drop("x", 1, || Example { id: n.to_string(), ..Example::default() });
        };
        let (mut a, mut b, mut c) = (Tally::default(), Tally::default(), Tally::default());
        (0..9).for_each(|n| drop(&mut a, n));
        (0..4).rev().for_each(|n| drop(&mut c, n));
        (4..9).for_each(|n| drop(&mut b, n));
        b.merge(c);
        let (a, b) = (a.step("s"), b.step("s"));
        assert_eq!(a, b);
        assert_eq!((a.documents_in, a.drops[0].documents, a.drops[0].examples.len()), (9, 9, EXAMPLES));
    }
}

//! Candidates: pairs of documents that share a key.

use super::KIND;
use crate::{Resources, groups, order::Order, pairs::Pairs, rows::Reader};
use kernel::Result;
use std::{
    path::Path,
    sync::atomic::{AtomicU64, Ordering},
};

/// Members of a bucket that each later member becomes a candidate with. The pairs of a bucket are bounded by
/// this times its size, whatever look-alikes a corpus holds. The first ones are the likeliest to be kept; and
/// where one was removed, verification compares with the one that it gave way to.
const FIRST: usize = 16;

/// Pairs that may be near duplicates, on disk, until they are verified.
#[derive(Debug)]
pub struct Candidates<'a> {
    pub(super) order: Order<'a>,
    pub(super) resources: Resources,
    /// (rank, smaller rank), once for each shared key.
    pub(super) pairs: Pairs,
    concerned: Vec<AtomicU64>,
}

impl<'a> Candidates<'a> {
    /// Brings together the documents that share a key in the files of [`Bands`](super::Bands) in `folder`,
    /// where the pairs are spilled too. `ranks` gives each document's place in the order of survival.
    ///
    /// # Errors
    /// `dedup_ranks_invalid`, `dedup_spill`, `dedup_spill_damaged`.
    pub fn find(folder: &Path, ranks: &'a [u32], resources: Resources) -> Result<Self> {
        let order = Order::new(ranks)?;
        let reader = Reader::open(folder, KIND)?;
        let bands: Vec<_> = (0..reader.columns()).collect();
        // So many partitions that one fits in memory even if every document has all the pairs that it may
        // have.
        let most = u64::from(order.len()) * (bands.len() * FIRST * 8) as u64;
        let partitions = most.div_ceil(resources.memory_bytes.max(1)).clamp(1, 256);
        let pairs = Pairs::create(folder, "candidates", order.len(), partitions as usize)?;
        let concerned: Vec<_> = (0..order.len().div_ceil(64)).map(|_| AtomicU64::new(0)).collect();
        let mark = |document: u32| {
            concerned[document as usize / 64].fetch_or(1 << (document % 64), Ordering::Relaxed);
        };
        let record = |document, [key]: [u64; 1]| Ok((key, order.rank(document)?));
        groups::sorted(&reader, &bands, resources, record, |records| {
            let mut found = Vec::new();
            for bucket in records.chunk_by(|a, b| a.0 == b.0).filter(|bucket| bucket.len() > 1) {
                for (index, (_, rank)) in bucket.iter().enumerate() {
                    mark(order.document(*rank));
                    found.extend(bucket[..index.min(FIRST)].iter().map(|(_, first)| (*rank, *first)));
                }
                if found.len() > 1 << 16 {
                    pairs.add(&found)?;
                    found.clear();
                }
            }
            pairs.add(&found)
        })?;
        Ok(Self { order, resources, pairs, concerned })
    }

    /// Whether `document` is in any pair: only the n-grams of these are asked for.
    pub fn contains(&self, document: u32) -> bool {
        let word = self.concerned.get(document as usize / 64);
        word.is_some_and(|word| word.load(Ordering::Relaxed) >> (document % 64) & 1 == 1)
    }
}

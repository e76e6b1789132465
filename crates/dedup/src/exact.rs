//! Exact duplicates: the same 128-bit hash (XXH3) of a whole text, an address, or any bytes.

use crate::{Resources, groups, order::Order, rows};
use kernel::Result;
use std::{path::Path, sync::Mutex};

const KIND: &str = "exact";

/// The key of some bytes: equal bytes have equal keys. Among a billion documents two different ones share a
/// key with a probability below 10^-20; nobody can rely on that who must expect forged texts.
#[inline]
pub fn key(bytes: &[u8]) -> u128 {
    xxhash_rust::xxh3::xxh3_128(bytes)
}

/// Writes the keys of one worker's documents.
#[derive(Debug)]
pub struct Writer(rows::Writer);

impl Writer {
    /// A writer for `worker` in `folder`, which is made when missing.
    ///
    /// # Errors
    /// `dedup_spill` when the file can't be made.
    pub fn create(folder: &Path, worker: usize) -> Result<Self> {
        Ok(Self(rows::Writer::create(folder, KIND, worker, 2)?))
    }

    /// Whether `worker` has finished its file in `folder`, in this run or one before.
    pub fn is_finished(folder: &Path, worker: usize) -> bool {
        rows::is_finished(folder, KIND, worker)
    }

    /// Adds a document by its [`key`].
    ///
    /// # Errors
    /// `dedup_spill` when the file can't be written.
    pub fn add(&mut self, document: u32, key: u128) -> Result<()> {
        self.0.add(document, &[(key >> 64) as u64, key as u64])
    }

    /// Puts the file in its place; from now on it counts.
    ///
    /// # Errors
    /// `dedup_spill` when the file can't be written.
    pub fn finish(self) -> Result<()> {
        self.0.finish()
    }
}

/// For each document the one of smallest rank with the same key, which it gives way to: itself when it stays.
///
/// # Errors
/// `dedup_ranks_invalid` when `ranks` is no permutation, `dedup_spill` and `dedup_spill_damaged` for files.
pub fn resolve(folder: &Path, ranks: &[u32], resources: Resources) -> Result<Vec<u32>> {
    let order = Order::new(ranks)?;
    let reader = rows::Reader::open(folder, KIND)?;
    let way: Mutex<Vec<u32>> = Mutex::new((0..order.len()).collect());
    let record = |document, key: [u64; 2]| Ok((key, order.rank(document)?));
    groups::sorted(&reader, &[0], resources, record, |records| {
        let same = records.chunk_by(|a, b| a.0 == b.0).filter(|same| same.len() > 1);
        let later: Vec<_> =
            same.flat_map(|same| same[1..].iter().map(|(_, rank)| (*rank, same[0].1))).collect();
        let mut way = way.lock().unwrap_or_else(|poison| poison.into_inner());
        later.iter().for_each(|(rank, first)| way[*rank as usize] = *first);
        Ok(())
    })?;
    let way = way.into_inner().unwrap_or_else(|poison| poison.into_inner());
    Ok(order.by_document(|rank| way[rank as usize]))
}

//! Verification: no document is removed unless its true similarity with a kept one is high enough.
//!
//! The result is that of one pass in the order of ranks: a document gives way to the kept candidate of
//! smallest rank that is similar enough. Threads compare ahead of that pass, batch by batch, what it will
//! most likely ask for; what it decides doesn't depend on them.

use super::{Candidates, Load};
use crate::{Shingles, groups::parallel};
use kernel::Result;
use std::sync::{Arc, Mutex};

/// Documents compared ahead at a time.
const BATCH: usize = 4096;
/// Documents that a thread takes at a time.
const RUN: usize = 16;
/// Kept candidates that a document is compared with at most: those that share most keys, which are the most
/// similar by estimate. It bounds what look-alikes can cost.
const COMPARED: usize = 64;
/// Sets that a thread remembers, and the hashes in the largest of them.
const REMEMBERED: usize = 256;
const LARGE: usize = 1 << 16;

/// A document with the candidates that it shares keys with, as (rank, shared keys).
struct Suspect {
    rank: u32,
    sharing: Vec<(u32, u32)>,
}

impl Candidates<'_> {
    /// For each document the one that it gives way to: itself when it stays. `load` gives a document's
    /// n-grams and is asked only for documents that this [`contains`](Self::contains).
    ///
    /// # Errors
    /// What `load` fails with; `dedup_spill` for the files.
    pub fn verify(self, similarity: f64, load: &Load<'_>) -> Result<Vec<u32>> {
        let mut way: Vec<u32> = (0..self.order.len()).collect();
        let mut memory = Memory::new();
        for partition in 0..self.pairs.partitions() {
            let pairs = self.pairs.sorted(partition)?;
            let suspects: Vec<_> = pairs.chunk_by(|a, b| a.0 == b.0).collect();
            for batch in suspects.chunks(BATCH) {
                let batch: Vec<_> = batch.iter().map(|pairs| Suspect::new(pairs)).collect();
                let ahead = self.compare_ahead(&batch, &way, similarity, load)?;
                for (suspect, known) in batch.iter().zip(&ahead) {
                    let kept = first_similar(&suspect.candidates(&way), known, |candidate| {
                        memory.is_similar(&self, suspect.rank, candidate, similarity, load)
                    })?;
                    way[suspect.rank as usize] = kept.unwrap_or(suspect.rank);
                }
            }
        }
        Ok(self.order.by_document(|rank| way[rank as usize]))
    }

    /// For each suspect the comparisons that its decision needs if all is as `way` says now.
    fn compare_ahead(
        &self,
        batch: &[Suspect],
        way: &[u32],
        similarity: f64,
        load: &Load<'_>,
    ) -> Result<Vec<Vec<(u32, bool)>>> {
        let runs: Vec<_> = batch.chunks(RUN).map(|run| (run, Mutex::new(Vec::new()))).collect();
        let stride = self.resources.threads.clamp(1, runs.len().max(1));
        // A thread takes every so many runs: its memory of sets lasts for the batch.
        parallel(stride, stride, &|thread| {
            let mut memory = Memory::new();
            for (run, results) in runs.iter().skip(thread).step_by(stride) {
                let mut all = Vec::with_capacity(run.len());
                for suspect in *run {
                    let mut known = Vec::new();
                    first_similar(&suspect.candidates(way), &[], |candidate| {
                        let similar = memory.is_similar(self, suspect.rank, candidate, similarity, load)?;
                        known.push((candidate, similar));
                        Ok(similar)
                    })?;
                    all.push(known);
                }
                *results.lock().unwrap_or_else(|poison| poison.into_inner()) = all;
            }
            Ok(())
        })?;
        let results =
            runs.into_iter().map(|(_, all)| all.into_inner().unwrap_or_else(|poison| poison.into_inner()));
        Ok(results.flatten().collect())
    }
}

/// The first candidate that is similar, by what is known or else by `compare`.
fn first_similar(
    candidates: &[u32],
    known: &[(u32, bool)],
    mut compare: impl FnMut(u32) -> Result<bool>,
) -> Result<Option<u32>> {
    for candidate in candidates {
        let similar = match known.iter().find(|(other, _)| other == candidate) {
            Some((_, similar)) => *similar,
            None => compare(*candidate)?,
        };
        if similar {
            return Ok(Some(*candidate));
        }
    }
    Ok(None)
}

impl Suspect {
    fn new(pairs: &[(u32, u32)]) -> Self {
        let sharing = pairs.chunk_by(|a, b| a == b).map(|same| (same[0].1, same.len() as u32));
        Self { rank: pairs[0].0, sharing: sharing.filter(|(other, _)| *other != pairs[0].0).collect() }
    }

    /// The kept documents to compare with, by rank. A candidate that was removed is replaced by the one that
    /// it gave way to, which is similar to it and so perhaps to this.
    fn candidates(&self, way: &[u32]) -> Vec<u32> {
        let mut kept: Vec<_> = self.sharing.iter().map(|(rank, keys)| (way[*rank as usize], *keys)).collect();
        kept.sort_unstable();
        kept.dedup_by(|later, first| {
            let same = later.0 == first.0;
            first.1 += if same { later.1 } else { 0 };
            same
        });
        if kept.len() > COMPARED {
            kept.sort_unstable_by_key(|(rank, keys)| (std::cmp::Reverse(*keys), *rank));
            kept.truncate(COMPARED);
            kept.sort_unstable();
        }
        kept.into_iter().map(|(rank, _)| rank).collect()
    }
}

/// The sets that were loaded last.
struct Memory {
    places: Vec<Option<(u32, Arc<Shingles>)>>,
}

impl Memory {
    fn new() -> Self {
        Self { places: vec![None; REMEMBERED] }
    }

    fn is_similar(
        &mut self,
        of: &Candidates<'_>,
        rank: u32,
        other: u32,
        similarity: f64,
        load: &Load<'_>,
    ) -> Result<bool> {
        let (a, b) = (self.get(of, rank, load)?, self.get(of, other, load)?);
        Ok(a.is_similar(&b, similarity))
    }

    fn get(&mut self, of: &Candidates<'_>, rank: u32, load: &Load<'_>) -> Result<Arc<Shingles>> {
        let place = &mut self.places[rank as usize % REMEMBERED];
        match place {
            Some((remembered, set)) if *remembered == rank => Ok(set.clone()),
            _ => {
                let set = Arc::new(load(of.order.document(rank))?);
                if set.hashes().len() <= LARGE {
                    *place = Some((rank, set.clone()));
                }
                Ok(set)
            }
        }
    }
}

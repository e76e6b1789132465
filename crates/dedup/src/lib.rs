//! Floor 1: duplicates among many texts: exact, near, lines, substrings, overlap with benchmarks.
//!
//! Callers number documents from 0 and give each a rank: of duplicates the smallest rank stays. Workers write
//! keys into files of a working folder, then one step resolves them.
//!
//! Invariants:
//! - The same result with any number of workers or threads, any memory, on any machine.
//! - Memory is bounded: 16 to 24 bytes a document and what [`Resources`] allows; the rest is on disk.
//! - A worker's file counts once it is finished. A run that was killed goes on with the unfinished workers.
//! - Verified near duplicates: nothing is removed unless its true similarity with a kept document is high
//!   enough.
//!
//! Map: `minhash` near duplicates · `exact` whole texts or addresses · `lines` lines and paragraphs · `bloom`
//! seen before, about · `substring` long repeats · `decontaminate` overlap with benchmarks · `units` words or
//! characters, `shingles` their n-grams · `rows`, `pairs`, `groups`, `order`, `folder` spilling, sorting, who
//! survives · `hash`.

pub mod bloom;
pub mod decontaminate;
pub mod exact;
mod folder;
mod groups;
mod hash;
pub mod lines;
pub mod minhash;
mod order;
mod pairs;
mod rows;
mod shingles;
pub mod substring;
mod units;

pub use shingles::{Shingler, Shingles};
pub use units::Unit;

/// What a step may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Resources {
    /// Threads.
    pub threads: usize,
    /// Bytes of memory for sorting; with less, files are read more often.
    pub memory_bytes: u64,
}

impl Default for Resources {
    /// One thread and 1 GiB.
    fn default() -> Self {
        Self { threads: 1, memory_bytes: 1 << 30 }
    }
}

//! MinHash: near duplicates by their n-grams.
//!
//! A [`Signer`] makes band keys of a text, a [`Bands`] writer of each worker puts them on disk, and
//! [`Candidates`] brings together documents that share a key (Broder, "On the resemblance and containment of
//! documents", 1997; banding as in Leskovec, Rajaraman and Ullman, "Mining of Massive Datasets", chapter 3).
//! Two documents of Jaccard similarity `s` share at least one key with a probability of
//! `1 - (1 - s^rows)^bands`.
//!
//! Then [`cluster`] either takes what is connected for one cluster, as other tools do, or verifies candidates
//! on their real n-grams, so that no document is removed on an estimate.
//!
//! ```
//! use dedup::{Resources, minhash::{Bands, Options, Signer, cluster}};
//! # fn main() -> kernel::Result<()> {
//! # let folder = tempfile::tempdir().unwrap();
//! let texts = ["To be, or not to be, that is it", "That is it.", "to be or not to be: that is it!"];
//! let options = Options::default();
//! let mut signer = Signer::new(&options)?;
//! let mut bands = Bands::create(folder.path(), 0, options.bands)?;
//! let mut keys = vec![0; options.bands];
//! for (document, text) in (0..).zip(texts) {
//!     if signer.sign(text, &mut keys) {
//!         bands.add(document, &keys)?;
//!     }
//! }
//! bands.finish()?;
//! let load = |document: u32| Ok(Signer::new(&options)?.shingles(texts[document as usize]));
//! let gives_way_to = cluster(folder.path(), &[0, 1, 2], Resources::default(), Some((0.7, &load)))?;
//! assert_eq!(gives_way_to, [0, 1, 0]);
//! # Ok(())
//! # }
//! ```

mod connect;
mod find;
mod options;
mod signer;
mod sketch;
mod store;
mod union;
mod verify;

pub use find::Candidates;
pub use options::Options;
pub use signer::Signer;
pub use store::{ShingleStore, ShingleWriter};

use crate::{Resources, Shingles, rows};
use kernel::Result;
use std::path::Path;

/// The kind of files that band keys lie in.
const KIND: &str = "bands";

/// Writes the band keys of one worker's documents; see [`crate::rows`] for the file.
#[derive(Debug)]
pub struct Bands(rows::Writer);

impl Bands {
    /// A writer for `worker` in `folder`, which is made when missing. `bands` as in the signer's options.
    ///
    /// # Errors
    /// `dedup_spill` when the file can't be made.
    pub fn create(folder: &Path, worker: usize, bands: usize) -> Result<Self> {
        Ok(Self(rows::Writer::create(folder, KIND, worker, bands)?))
    }

    /// Whether `worker` has finished its file in `folder`, in this run or one before.
    pub fn is_finished(folder: &Path, worker: usize) -> bool {
        rows::is_finished(folder, KIND, worker)
    }

    /// Adds the keys of a document.
    ///
    /// # Errors
    /// `dedup_spill` when the file can't be written.
    pub fn add(&mut self, document: u32, keys: &[u64]) -> Result<()> {
        self.0.add(document, keys)
    }

    /// Puts the file in its place; from now on it counts.
    ///
    /// # Errors
    /// `dedup_spill` when the file can't be written.
    pub fn finish(self) -> Result<()> {
        self.0.finish()
    }
}

/// Gives the n-grams of a document, for verification; called by several threads.
pub type Load<'a> = dyn Fn(u32) -> Result<Shingles> + Sync + 'a;

/// For each document the one that it gives way to: itself when it stays. `ranks` gives each document's place
/// in the order in which documents survive, each place once; the smallest of a cluster stays. With a
/// similarity and a way to load n-grams, candidates are verified. The same with any number of threads and any
/// memory.
///
/// # Errors
/// `dedup_ranks_invalid` when `ranks` is no permutation, `dedup_spill` and `dedup_spill_damaged` for files,
/// and what `verify` fails with.
pub fn cluster(
    folder: &Path,
    ranks: &[u32],
    resources: Resources,
    verify: Option<(f64, &Load<'_>)>,
) -> Result<Vec<u32>> {
    match verify {
        Some((similarity, load)) => Candidates::find(folder, ranks, resources)?.verify(similarity, load),
        None => connect::connect(folder, ranks, resources),
    }
}

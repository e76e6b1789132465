//! From a text to its band keys.

use super::{Options, sketch::Sketch};
use crate::{
    hash::fold,
    shingles::{Shingler, Shingles},
};
use kernel::Result;

/// Makes band keys of texts; one for each worker, since it keeps its buffers.
#[derive(Debug, Clone)]
pub struct Signer {
    shingler: Shingler,
    sketch: Sketch,
    rows: usize,
    shingles: Vec<u64>,
}

impl Signer {
    /// A signer.
    ///
    /// # Errors
    /// `dedup_options_invalid`.
    pub fn new(options: &Options) -> Result<Self> {
        options.check()?;
        Ok(Self {
            shingler: Shingler::new(options.unit, options.ngram),
            sketch: Sketch::new(options.bands * options.rows, options.seed),
            rows: options.rows,
            shingles: Vec::new(),
        })
    }

    /// Puts the key of each band of `text` into `keys`, which has one place a band. False, and `keys` as it
    /// was, for a text without any word: there is nothing to compare.
    pub fn sign(&mut self, text: &str, keys: &mut [u64]) -> bool {
        self.shingles.clear();
        self.shingler.append(text, &mut self.shingles);
        let Some(minima) = self.sketch.minima(&self.shingles) else { return false };
        for (key, rows) in keys.iter_mut().zip(minima.chunks_exact(self.rows)) {
            *key = rows.iter().fold(rows.len() as u64, |key, row| fold(key ^ row, 0x9e37_79b9_7f4a_7c15));
        }
        true
    }

    /// The n-grams of `text`, for verification.
    pub fn shingles(&mut self, text: &str) -> Shingles {
        self.shingler.set(text)
    }
}

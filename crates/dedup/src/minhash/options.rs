//! What a signature is made of.

use crate::units::Unit;
use kernel::{Error, Result};
use serde::{Deserialize, Serialize};

/// Settings of near deduplication. The defaults find a pair of Jaccard similarity 0.7 with a probability of
/// 0.99, one of 0.8 with 0.9999, and, since candidates are verified, remove none below 0.7. Without
/// verification choose a steeper curve, such as 14 bands of 8 rows: what shares a key is removed then,
/// whatever its similarity.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    /// Whether n-grams are of words or of characters.
    pub unit: Unit,
    /// Units of an n-gram; 1 to 64.
    pub ngram: usize,
    /// Bands of a signature, and keys of a document; 1 to 1,024.
    pub bands: usize,
    /// Rows of a band: minima that must all agree; 1 to 64.
    pub rows: usize,
    /// Seed of the hash functions. Only keys of one seed can be compared.
    pub seed: u64,
    /// Verify candidates and remove none whose true Jaccard similarity with a kept document is lower.
    /// Without: what shares a key is connected, on trust.
    pub similarity: Option<f64>,
}

impl Default for Options {
    fn default() -> Self {
        Self { unit: Unit::Words, ngram: 5, bands: 25, rows: 5, seed: 1, similarity: Some(0.7) }
    }
}

impl Options {
    /// Fails for values out of bounds.
    ///
    /// # Errors
    /// `dedup_options_invalid`, naming the option and its bounds.
    pub fn check(&self) -> Result<()> {
        let bounds = [("ngram", self.ngram, 64), ("bands", self.bands, 1024), ("rows", self.rows, 64)];
        for (name, value, most) in bounds {
            if !(1..=most).contains(&value) {
                let text = format!("minhash: {name} is {value}; give a number from 1 to {most}.");
                return Err(Error::invalid("dedup_options_invalid", text));
            }
        }
        match self.similarity {
            Some(similarity) if !(similarity > 0.0 && similarity <= 1.0) => {
                let text = format!("minhash: similarity is {similarity}; give a number above 0, at most 1.");
                Err(Error::invalid("dedup_options_invalid", text))
            }
            _ => Ok(()),
        }
    }

    /// The probability that two documents of Jaccard similarity `similarity` share a key.
    pub fn recall(&self, similarity: f64) -> f64 {
        1.0 - (1.0 - similarity.powi(self.rows as i32)).powi(self.bands as i32)
    }
}

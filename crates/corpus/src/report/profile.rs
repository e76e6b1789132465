//! What kept texts look like.

use crate::words;
use serde::{Deserialize, Serialize};

/// Counts over kept texts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// Documents written mostly in Han characters or kana.
    pub documents_cjk: u64,
    /// Documents by the length of their text: entry `n` counts those of 2ⁿ to under 2ⁿ⁺¹ characters.
    pub lengths: Vec<u64>,
}

impl Profile {
    /// Adds a text.
    pub fn add(&mut self, text: &str) {
        self.documents_cjk += u64::from(words::mostly_cjk(text));
        let characters = text.chars().count().max(1);
        let bucket = characters.ilog2() as usize;
        if self.lengths.len() <= bucket {
            self.lengths.resize(bucket + 1, 0);
        }
        self.lengths[bucket] += 1;
    }

    /// Adds another's counts.
    pub fn merge(&mut self, other: &Self) {
        self.documents_cjk += other.documents_cjk;
        if self.lengths.len() < other.lengths.len() {
            self.lengths.resize(other.lengths.len(), 0);
        }
        self.lengths.iter_mut().zip(&other.lengths).for_each(|(sum, more)| *sum += more);
    }
}

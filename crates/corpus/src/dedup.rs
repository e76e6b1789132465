//! Exact and near duplicates.
//!
//! Exact: the same 128 bits of SHA-256 of the clean text. Near: the sets of runs of five words (five characters
//! for Chinese and Japanese) have a Jaccard similarity of at least the limit. Candidates come from MinHash
//! signatures cut into bands (Broder, "On the resemblance and containment of documents", 1997; banding as in
//! Leskovec, Rajaraman and Ullman, "Mining of Massive Datasets", chapter 3); every candidate pair is then verified
//! on the real sets, so no document is dropped on an estimate. What is connected by verified pairs is one
//! cluster; its document with the smallest id stays.

mod jaccard;
mod minhash;
mod near;
mod union;

pub use jaccard::{RUN, jaccard, shingles};
pub use minhash::{BANDS, Bands, ROWS, Signature, bands, signature, similarity};
pub use near::clusters;

use std::collections::HashMap;

/// For documents in the order of their ids: the index of the first with the same content, or none for the first.
pub fn exact(contents: impl Iterator<Item = u128>) -> Vec<Option<u32>> {
    let mut first: HashMap<u128, u32> = HashMap::new();
    contents
        .enumerate()
        .map(|(index, content)| {
            let index = index as u32;
            let kept = *first.entry(content).or_insert(index);
            (kept != index).then_some(kept)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_first_of_the_same_stays() {
        assert_eq!(super::exact([7, 8, 7, 7].into_iter()), [None, None, Some(0), Some(0)]);
    }
}

//! Bloom filter: "seen before?" in one pass and a fixed number of bits, wrong with a chosen probability and
//! only in one direction: what it calls new is new.

use kernel::{Error, Result};

/// A set that may take an unseen key for a seen one. With one writer the answers depend only on the order of
/// keys.
#[derive(Debug, Clone)]
pub struct Bloom {
    bits: Vec<u64>,
    hashes: u32,
}

/// The largest filter: 64 GiB.
const MOST_BITS: f64 = 5.5e11;

impl Bloom {
    /// A filter that, holding `items` keys, takes an unseen key for a seen one with `probability`: some
    /// `1.44 * log2(1 / probability)` bits an item.
    ///
    /// # Errors
    /// `dedup_options_invalid` when there are no items, the probability isn't between 0 and 1, or the filter
    /// would exceed 64 GiB.
    pub fn new(items: u64, probability: f64) -> Result<Self> {
        let wrong = |text: String| Err(Error::invalid("dedup_options_invalid", text));
        if items == 0 || !(probability > 0.0 && probability < 1.0) {
            return wrong(format!(
                "bloom: items is {items} and probability is {probability}; give at least 1 and a number between 0 \
                 and 1."
            ));
        }
        let bits = -(items as f64) * probability.ln() / std::f64::consts::LN_2.powi(2);
        if bits > MOST_BITS {
            return wrong(format!(
                "bloom: {items} items with probability {probability} need {:.0} GiB; a filter has at most 64. \
                 Choose a larger probability or exact deduplication.",
                bits / 8.0 / f64::from(1 << 30)
            ));
        }
        let words = (bits / 64.0).ceil().max(1.0) as usize;
        let hashes = (bits / items as f64 * std::f64::consts::LN_2).round().clamp(1.0, 64.0) as u32;
        Ok(Self { bits: vec![0; words], hashes })
    }

    /// Bytes of the filter.
    pub fn bytes(&self) -> u64 {
        self.bits.len() as u64 * 8
    }

    /// Adds a key, as of [`exact::key`](crate::exact::key); false when it seems to be there already.
    pub fn insert(&mut self, key: u128) -> bool {
        let mut new = false;
        for (word, bit) in places(key, self.hashes, self.bits.len()) {
            new |= self.bits[word] & bit == 0;
            self.bits[word] |= bit;
        }
        new
    }

    /// Whether a key seems to be there.
    pub fn contains(&self, key: u128) -> bool {
        places(key, self.hashes, self.bits.len()).all(|(word, bit)| self.bits[word] & bit != 0)
    }
}

/// Double hashing: Kirsch and Mitzenmacher, "Less hashing, same performance", 2006.
fn places(key: u128, hashes: u32, words: usize) -> impl Iterator<Item = (usize, u64)> {
    let (mut hash, step) = (key as u64, (key >> 64) as u64 | 1);
    (0..hashes).map(move |_| {
        let place = ((u128::from(hash) * (words as u128 * 64)) >> 64) as u64;
        hash = hash.wrapping_add(step);
        ((place / 64) as usize, 1 << (place % 64))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exact::key;

    #[test]
    fn what_was_added_is_there_and_few_others_seem_to_be() {
        let mut bloom = Bloom::new(20_000, 0.01).unwrap();
        let wrongly_seen = (0..20_000_u32).filter(|n| !bloom.insert(key(&n.to_le_bytes()))).count();
        assert!((0..20_000_u32).all(|n| bloom.contains(key(&n.to_le_bytes()))));
        let strangers = (20_000..120_000_u32).filter(|n| bloom.contains(key(&n.to_le_bytes()))).count();
        assert!((700..1300).contains(&strangers), "{strangers} of 100,000");
        assert!(wrongly_seen < 200, "{wrongly_seen}");
        assert_eq!(bloom.bytes(), 23_968);
    }

    #[test]
    fn senseless_sizes_are_refused() {
        for (items, probability) in [(0, 0.1), (1, 0.0), (1, 1.0), (1, f64::NAN), (u64::MAX, 0.001)] {
            assert_eq!(Bloom::new(items, probability).unwrap_err().code, "dedup_options_invalid");
        }
    }
}

//! The baseline: a byte-level n-gram model, interpolated by Witten and Bell's method.
//!
//! After a context h of k bytes seen c(h) times with t(h) different successors,
//!
//! ```text
//! p(b | h) = (c(h b) + t(h) · p(b | h without its first byte)) / (c(h) + t(h)),   p(b | nothing known) = 1/256
//! ```
//!
//! Sources: Witten and Bell, “The zero-frequency problem”, IEEE Transactions on Information Theory 37 (1991),
//! method C; Chen and Goodman, “An empirical study of smoothing techniques for language modeling” (1999), §2.4.
//!
//! It is a proper distribution over bytes, so its bits per byte can be set beside any model's. Counts stand in
//! one sorted array per order, a context's successors side by side: twelve bytes for each different n-gram.

/// Longest n-gram counted, in bytes; eight fill a key.
pub const ORDER: usize = 6;

/// A trained model.
#[derive(Debug)]
pub struct Ngram {
    /// `orders[k]` holds the n-grams of k + 1 bytes.
    orders: Vec<Counts>,
}

/// N-grams of one length, sorted; a key is the bytes read as one big-endian number.
#[derive(Debug, Default)]
struct Counts {
    keys: Vec<u64>,
    counts: Vec<u32>,
}

impl Ngram {
    /// Counts the n-grams of up to [`ORDER`] bytes within each text; none crosses from one text to the next.
    pub fn train<'a>(texts: impl Iterator<Item = &'a [u8]> + Clone) -> Self {
        Self { orders: (1..=ORDER).map(|length| Counts::of(texts.clone(), length)).collect() }
    }

    /// The probability that `next` follows `before`.
    pub fn probability(&self, before: &[u8], next: u8) -> f64 {
        let mut probability = 1.0 / 256.0;
        for (length, counts) in self.orders.iter().enumerate().take(before.len() + 1) {
            let context = pack(&before[before.len() - length..]);
            let Some((seen, total, different)) = counts.after(context, next) else {
                break; // a context never seen makes every longer one unseen too
            };
            probability = (seen + different * probability) / (total + different);
        }
        probability
    }

    /// The log-probability (natural) of `text[from..]` after `text[..from]`.
    pub fn logprob(&self, text: &[u8], from: usize) -> f64 {
        (from..text.len()).map(|place| self.probability(&text[..place], text[place]).ln()).sum()
    }
}

impl Counts {
    fn of<'a>(texts: impl Iterator<Item = &'a [u8]>, length: usize) -> Self {
        let mut all: Vec<u64> = texts.flat_map(|text| text.windows(length).map(pack)).collect();
        all.sort_unstable();
        let mut counted = Self::default();
        for run in all.chunk_by(|a, b| a == b) {
            counted.keys.push(run[0]);
            counted.counts.push(u32::try_from(run.len()).unwrap_or(u32::MAX));
        }
        counted.keys.shrink_to_fit();
        counted.counts.shrink_to_fit();
        counted
    }

    /// How often `next` followed `context`, how often anything did, and how many different bytes did.
    fn after(&self, context: u64, next: u8) -> Option<(f64, f64, f64)> {
        let start = self.keys.partition_point(|key| key >> 8 < context);
        let length = self.keys[start..].iter().take(256).take_while(|&&key| key >> 8 == context).count();
        if length == 0 {
            return None;
        }
        let successors = start..start + length;
        let total: u64 = self.counts[successors.clone()].iter().map(|&count| u64::from(count)).sum();
        let seen = match self.keys[successors].binary_search(&(context << 8 | u64::from(next))) {
            Ok(place) => self.counts[start + place],
            Err(_) => 0,
        };
        Some((f64::from(seen), total as f64, length as f64))
    }
}

/// Up to eight bytes as one number.
fn pack(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |packed, &byte| packed << 8 | u64::from(byte))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::{bits, bits_per_byte};
    use proptest::prelude::*;

    fn trained(texts: &[&[u8]]) -> Ngram {
        Ngram::train(texts.iter().copied())
    }

    #[test]
    fn hand_computed() {
        // “aab”: one byte is a with 2 of 3, two different bytes: (2 + 2/256) / (3 + 2).
        let model = trained(&[b"aab"]);
        let single = (2.0 + 2.0 / 256.0) / 5.0;
        assert!((model.probability(b"", b'a') - single).abs() < 1e-12);
        // After a: a once, b once, two different: (1 + 2 · p(a)) / 4. An unseen context falls back.
        assert!((model.probability(b"a", b'a') - (1.0 + 2.0 * single) / 4.0).abs() < 1e-12);
        assert_eq!(model.probability(b"z", b'a'), model.probability(b"", b'a'));
    }

    #[test]
    fn untrained_it_knows_nothing_and_trained_it_compresses() {
        assert_eq!(trained(&[]).probability(b"any", b'x'), 1.0 / 256.0);
        let text = "the cat sat on the mat and the dog sat on the log; ".repeat(40);
        let model = trained(&[text.as_bytes()]);
        let held = b"the cat sat on the log and the dog sat on the mat";
        let cost = bits_per_byte(bits(model.logprob(held, 0)), held.len() as u64);
        assert!(cost < 1.0, "{cost}");
    }

    proptest! {
        #[test]
        fn sums_to_one_after_any_context(
            texts in prop::collection::vec(prop::collection::vec(0u8..6, 0..60), 0..5),
            before in prop::collection::vec(0u8..8, 0..10),
        ) {
            let model = Ngram::train(texts.iter().map(Vec::as_slice));
            let sum: f64 = (0..=255).map(|next| model.probability(&before, next)).sum();
            prop_assert!((sum - 1.0).abs() < 1e-9, "{}", sum);
        }

        #[test]
        fn gives_every_text_a_finite_cost(train: Vec<u8>, text: Vec<u8>) {
            let cost = trained(&[&train]).logprob(&text, 0);
            prop_assert!(cost.is_finite() && cost <= 0.0);
        }
    }
}

//! What a log-probability says about a model.

use std::f64::consts::LN_2;

/// The information in an event of log-probability `logprob` (natural logarithm), in bits.
pub fn bits(logprob: f64) -> f64 {
    -logprob / LN_2
}

/// Bits per UTF-8 byte: what a text would cost if the model compressed it. Unlike perplexity per token it can
/// be compared between models with different tokenizers. Zero for an empty text.
pub fn bits_per_byte(bits: f64, bytes: u64) -> f64 {
    if bytes == 0 { 0.0 } else { bits / bytes as f64 }
}

/// The choice with the highest log-probability per byte, as a language model picks an answer without favouring
/// short ones (“accuracy normalised by length”). `None` without choices; the first of equals wins.
pub fn best_choice(scored: &[(f64, u64)]) -> Option<usize> {
    let per_byte = |&(logprob, bytes): &(f64, u64)| logprob / bytes.max(1) as f64;
    (0..scored.len()).reduce(
        |best, next| {
            if per_byte(&scored[next]) > per_byte(&scored[best]) { next } else { best }
        },
    )
}

/// The choice with the highest log-probability as it stands (“accuracy”).
pub fn likeliest_choice(scored: &[(f64, u64)]) -> Option<usize> {
    let whole: Vec<(f64, u64)> = scored.iter().map(|&(logprob, _)| (logprob, 1)).collect();
    best_choice(&whole)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn hand_computed() {
        assert!((bits(0.25f64.ln()) - 2.0).abs() < 1e-12);
        // Eight bytes of which each had one chance in four: two bits each.
        assert!((bits_per_byte(bits(8.0 * 0.25f64.ln()), 8) - 2.0).abs() < 1e-12);
        assert_eq!(bits_per_byte(5.0, 0), 0.0);
    }

    #[test]
    fn length_decides_between_the_two_accuracies() {
        let scored = [(-6.0, 3), (-8.0, 8)];
        assert_eq!(likeliest_choice(&scored), Some(0));
        assert_eq!(best_choice(&scored), Some(1));
        assert_eq!(best_choice(&[]), None);
    }

    proptest! {
        #[test]
        fn less_likely_text_never_costs_fewer_bits(a in -1e6f64..0.0, b in -1e6f64..0.0, bytes in 1u64..10_000) {
            let cost = |logprob| bits_per_byte(bits(logprob), bytes);
            prop_assert_eq!(a < b, cost(a) > cost(b));
        }

        #[test]
        fn the_best_choice_is_as_good_as_any(scored in prop::collection::vec((-1e3f64..0.0, 1u64..100), 1..8)) {
            let best = best_choice(&scored).unwrap();
            let rate = |(logprob, bytes): (f64, u64)| logprob / bytes as f64;
            prop_assert!(scored.iter().all(|&other| rate(scored[best]) >= rate(other)));
        }
    }
}

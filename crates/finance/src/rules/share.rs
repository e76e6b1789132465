//! A pool to its contributors, by the tokens that each gave.

use kernel::money::split_by_weights;
use std::collections::BTreeMap;

/// Tokens by contributor: what one contributor gave from several sources counts together.
pub fn tokens_by_contributor<'a>(given: impl IntoIterator<Item = (&'a str, i64)>) -> BTreeMap<&'a str, i64> {
    let mut tokens: BTreeMap<&str, i64> = BTreeMap::new();
    for (contributor, count) in given {
        let sum = tokens.entry(contributor).or_default();
        *sum = sum.saturating_add(count.max(0));
    }
    tokens
}

/// Splits `amount_micros` so that the parts sum to it exactly: (contributor, tokens, micros), most tokens first.
pub fn split<'a>(amount_micros: i64, tokens: &BTreeMap<&'a str, i64>) -> Vec<(&'a str, i64, i64)> {
    let mut order: Vec<(&str, i64)> = tokens.iter().map(|(&name, &count)| (name, count)).collect();
    order.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
    let weights: Vec<u64> = order.iter().map(|(_, count)| count.unsigned_abs()).collect();
    let parts = split_by_weights(amount_micros, &weights);
    order.into_iter().zip(parts).map(|((name, count), part)| (name, count, part)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn all_of_a_pool_is_paid_and_more_tokens_never_get_less(
            amount in 0i64..1 << 50, given in proptest::collection::vec((0usize..9, 0i64..1 << 40), 1..30)
        ) {
            let names = ["a", "b", "c", "d", "e", "f", "g", "h", "i"];
            let tokens = tokens_by_contributor(given.iter().map(|&(who, count)| (names[who], count)));
            let shares = split(amount, &tokens);
            if tokens.values().any(|&count| count > 0) {
                prop_assert_eq!(shares.iter().map(|share| share.2).sum::<i64>(), amount);
            }
            for pair in shares.windows(2) {
                prop_assert!(pair[0].2 >= pair[1].2);
            }
        }
    }
}

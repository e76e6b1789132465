//! Which documents are held out for evaluation.

use crate::{options::Heldout, text::mix};

/// For each id, whether it is held out: those whose hash falls into the share, and as many more in the order of
/// their hashes as reach the least number, but never more than a fifth by that. The choice depends on ids alone, so
/// a document stays on its side from version to version.
pub fn heldout(ids: &[u128], options: &Heldout) -> Vec<bool> {
    let hash = |id: u128| mix(id as u64 ^ (id >> 64) as u64 ^ 0x6865_6c64_6f75_7431);
    let share = (u128::from(options.share_ppm) << 64) / 1_000_000;
    let mut held: Vec<bool> = ids.iter().map(|id| u128::from(hash(*id)) < share).collect();
    let least = options.documents.min(ids.len() / 5);
    let mut order: Vec<usize> = (0..ids.len()).collect();
    order.sort_unstable_by_key(|index| (hash(ids[*index]), ids[*index]));
    order.into_iter().take(least).for_each(|index| held[index] = true);
    held
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held(count: u64) -> Vec<bool> {
        let ids: Vec<u128> = (0..count).map(|n| u128::from(mix(n + 1)) << 32).collect();
        heldout(&ids, &Heldout::default())
    }

    #[test]
    fn about_the_share_at_least_the_number_never_over_a_fifth() {
        let count = |n| held(n).iter().filter(|held| **held).count();
        assert_eq!(count(4), 0);
        assert_eq!(count(10), 2);
        assert!((8..=12).contains(&count(100)), "{}", count(100));
        assert!((270..330).contains(&count(10_000)), "{}", count(10_000));
    }
}

//! From band hashes to clusters: group, verify, join.

use super::{BANDS, Bands, jaccard, union::Union};
use kernel::Result;
use std::{
    collections::VecDeque,
    sync::atomic::{AtomicUsize, Ordering},
};

/// Earlier members of a group that a member is compared with. More than enough for real groups; it bounds what
/// an input made of look-alikes can cost.
const COMPARED: usize = 64;

/// Clusters of near duplicates among documents in the order of their ids: for each document the index of the one
/// that stays (its own when it stays itself).
///
/// `bands` gives a document's band hashes (none: nothing to compare); `load` its sorted set of 5-grams. Bands are
/// taken one after the other and their groups verified side by side, each against the clusters as they stood
/// before the band: the result does not depend on `workers`.
pub fn clusters<L>(bands: &[Option<&Bands>], similarity: f64, workers: usize, load: &L) -> Result<Vec<u32>>
where
    L: Fn(u32) -> Result<Vec<u64>> + Sync,
{
    let mut union = Union::new(bands.len());
    for band in 0..BANDS {
        let groups = groups(bands, band, &union);
        let next = AtomicUsize::new(0);
        let work = || -> Result<Vec<(u32, u32)>> {
            let mut pairs = Vec::new();
            while let Some(group) = groups.get(next.fetch_add(1, Ordering::Relaxed)) {
                verify(group, &union, similarity, load, &mut pairs)?;
            }
            Ok(pairs)
        };
        let found: Vec<_> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..workers.min(groups.len())).map(|_| scope.spawn(work)).collect();
            threads
                .into_iter()
                .map(|thread| thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
                .collect()
        });
        for pairs in found {
            for (a, b) in pairs? {
                union.join(a, b);
            }
        }
        union.flatten();
    }
    Ok((0..bands.len() as u32).map(|index| union.root(index)).collect())
}

/// Documents that share the hash of a band, unless they are all of one cluster already.
fn groups(bands: &[Option<&Bands>], band: usize, union: &Union) -> Vec<Vec<u32>> {
    let mut keys: Vec<(u64, u32)> =
        (0..).zip(bands).filter_map(|(index, bands)| bands.map(|bands| (bands[band], index))).collect();
    keys.sort_unstable();
    keys.chunk_by(|a, b| a.0 == b.0)
        .map(|chunk| chunk.iter().map(|(_, index)| *index).collect::<Vec<_>>())
        .filter(|group| group.iter().any(|member| union.root(*member) != union.root(group[0])))
        .collect()
}

/// Appends the pairs of a group that are as similar as asked and not of one cluster yet.
fn verify<L>(
    group: &[u32],
    union: &Union,
    similarity: f64,
    load: &L,
    pairs: &mut Vec<(u32, u32)>,
) -> Result<()>
where
    L: Fn(u32) -> Result<Vec<u64>>,
{
    // One member stands for each cluster of this group; the latest ones are compared with.
    let mut standing: VecDeque<(u32, Vec<u64>)> = VecDeque::new();
    for member in group {
        let root = union.root(*member);
        if standing.iter().any(|(other, _)| union.root(*other) == root) {
            continue;
        }
        let set = load(*member)?;
        let alike = standing.iter().find(|(_, other)| jaccard(&set, other) >= similarity);
        match alike {
            Some((other, _)) => pairs.push((*other, *member)),
            None => {
                standing.push_back((*member, set));
                if standing.len() > COMPARED {
                    standing.pop_front();
                }
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dedup::{bands, signature};
    use crate::text::mix;

    fn sets() -> Vec<Vec<u64>> {
        // Ten families of six; members of a family differ in one element of forty.
        let mut sets: Vec<Vec<u64>> = Vec::new();
        for family in 0..10_u64 {
            for member in 0..6 {
                let mut set: Vec<_> = (0..40).map(|n| mix(family * 1000 + n)).collect();
                set[39] = mix(family * 1000 + 100 + member);
                set.sort_unstable();
                sets.push(set);
            }
        }
        sets
    }

    #[test]
    fn families_are_found_whatever_the_threads() {
        let sets = sets();
        let hashed: Vec<_> =
            sets.iter().map(|set| signature(set.iter().copied()).map(|s| bands(&s))).collect();
        let hashed: Vec<_> = hashed.iter().map(Option::as_ref).collect();
        let load = |index: u32| Ok(sets[index as usize].clone());
        let one = clusters(&hashed, 0.8, 1, &load).unwrap();
        assert_eq!(one, (0..60).map(|index| index / 6 * 6).collect::<Vec<_>>());
        assert_eq!(one, clusters(&hashed, 0.8, 3, &load).unwrap());
    }

    #[test]
    fn what_is_less_alike_stays() {
        let sets = sets();
        let hashed: Vec<_> =
            sets.iter().map(|set| signature(set.iter().copied()).map(|s| bands(&s))).collect();
        let hashed: Vec<_> = hashed.iter().map(Option::as_ref).collect();
        let kept = clusters(&hashed, 0.99, 2, &|index| Ok(sets[index as usize].clone())).unwrap();
        assert_eq!(kept, (0..60).collect::<Vec<_>>());
    }
}

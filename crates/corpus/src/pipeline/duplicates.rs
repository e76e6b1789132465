//! Which of the gathered documents stay.

use super::gather::Gathered;
use crate::{
    Options, dedup,
    report::{Cluster, EXAMPLES, Report, Step, Tally},
    split,
};
use kernel::Result;
use std::collections::BTreeMap;

/// The choice among the gathered documents.
#[derive(Debug)]
pub struct Chosen {
    /// Indices of the documents that stay, in the order of their ids, and whether each is held out.
    pub documents: Vec<(u32, bool)>,
    /// The steps `exact` and `near`.
    pub steps: Vec<Step>,
    /// The largest clusters.
    pub clusters: Vec<Cluster>,
}

/// Removes documents with the same id, exact and near duplicates, then chooses the held-out part.
pub fn remove(gathered: &Gathered, options: &Options) -> Result<Chosen> {
    let (left, exact) = exact(gathered)?;
    let documents = &gathered.documents;
    let bands: Vec<_> = left.iter().map(|index| documents[*index as usize].bands.as_ref()).collect();
    let load = |position: u32| gathered.spools.shingles(documents[left[position as usize] as usize].place);
    let kept = dedup::clusters(&bands, options.similarity, options.workers(), &load)?;

    let mut near = Tally::default();
    let mut stay = Vec::new();
    let mut groups: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for (position, root) in (0..).zip(&kept) {
        let (index, kept_index) = (left[position as usize], left[*root as usize]);
        if index == kept_index {
            near.pass(documents[index as usize].bytes as usize, documents[index as usize].bytes as usize);
            stay.push(index);
        } else {
            drop_into(&mut near, gathered, index, "near_duplicate")?;
            groups.entry(kept_index).or_default().push(index);
        }
    }
    let ids: Vec<u128> = stay.iter().map(|index| documents[*index as usize].id).collect();
    let held = split::heldout(&ids, &options.heldout);
    Ok(Chosen {
        documents: stay.into_iter().zip(held).collect(),
        steps: vec![exact.step("exact"), near.step("near")],
        clusters: largest(gathered, groups)?,
    })
}

/// Indices that are left after documents with the same id or the same text are dropped.
fn exact(gathered: &Gathered) -> Result<(Vec<u32>, Tally)> {
    let documents = &gathered.documents;
    let mut tally = Tally::default();
    let repeats = dedup::exact(documents.iter().map(|document| document.content));
    let mut left: Vec<u32> = Vec::new();
    for (index, repeat) in (0..).zip(repeats) {
        let document = &documents[index as usize];
        let same_id = left.last().is_some_and(|last| documents[*last as usize].id == document.id);
        if repeat.is_some() {
            drop_into(&mut tally, gathered, index, "exact_duplicate")?;
        } else if same_id {
            drop_into(&mut tally, gathered, index, "same_id")?;
        } else {
            tally.pass(document.bytes as usize, document.bytes as usize);
            left.push(index);
        }
    }
    Ok((left, tally))
}

fn drop_into(tally: &mut Tally, gathered: &Gathered, index: u32, reason: &str) -> Result<()> {
    let document = &gathered.documents[index as usize];
    tally.drop_in_order(reason, u64::from(document.bytes), || gathered.spools.example(document.place))
}

fn largest(gathered: &Gathered, groups: BTreeMap<u32, Vec<u32>>) -> Result<Vec<Cluster>> {
    let mut groups: Vec<_> = groups.into_iter().collect();
    groups.sort_by_key(|(kept, dropped)| (std::cmp::Reverse(dropped.len()), *kept));
    let example = |index: u32| gathered.spools.example(gathered.documents[index as usize].place);
    let cluster = |(kept, dropped): (u32, Vec<u32>)| {
        Ok(Cluster {
            kept: example(kept)?,
            dropped: dropped.len() as u64,
            examples: dropped.iter().take(EXAMPLES).map(|index| example(*index)).collect::<Result<_>>()?,
        })
    };
    groups.into_iter().take(Report::CLUSTERS).map(cluster).collect()
}

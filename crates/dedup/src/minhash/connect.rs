//! Clusters on trust: documents connected by shared keys.

use super::{KIND, union::Union};
use crate::{Resources, groups, order::Order, rows::Reader};
use kernel::Result;
use std::{path::Path, sync::Mutex};

/// For each document the one of smallest rank that it is connected with.
pub fn connect(folder: &Path, ranks: &[u32], resources: Resources) -> Result<Vec<u32>> {
    let order = Order::new(ranks)?;
    let reader = Reader::open(folder, KIND)?;
    let bands: Vec<_> = (0..reader.columns()).collect();
    let union = Mutex::new(Union::new(order.len()));
    let record = |document, [key]: [u64; 1]| Ok((key, order.rank(document)?));
    groups::sorted(&reader, &bands, resources, record, |records| {
        let neighbours = records.iter().zip(records.iter().skip(1)).filter(|(left, right)| left.0 == right.0);
        let pairs: Vec<_> = neighbours.map(|(left, right)| (left.1, right.1)).collect();
        // The components are the same in whatever order pairs come, so threads may join as they go.
        let mut union = union.lock().unwrap_or_else(|poison| poison.into_inner());
        pairs.iter().for_each(|(left, right)| union.join(*left, *right));
        Ok(())
    })?;
    let roots = union.into_inner().unwrap_or_else(|poison| poison.into_inner()).into_roots();
    Ok(order.by_document(|rank| roots[rank as usize]))
}

//! Which column of a table means what.

use crate::options::{Fields, SLOTS};

/// A column that is wanted.
#[derive(Debug)]
pub(crate) struct Want {
    /// Which field it fills.
    pub slot: usize,
    /// Its place among the names of that field; the lowest that a record has counts.
    pub rank: u8,
    /// The name, split at dots.
    pub path: Vec<String>,
}

/// All columns that are wanted.
#[derive(Debug)]
pub(crate) struct Wants(pub Vec<Want>);

impl Wants {
    pub(crate) fn new(fields: &Fields) -> Self {
        let wants = fields.slots().into_iter().enumerate().flat_map(|(slot, names)| {
            names.iter().zip(0..).map(move |(name, rank)| Want {
                slot,
                rank,
                path: name.split('.').map(str::to_owned).collect(),
            })
        });
        Self(wants.collect())
    }

    /// The index of the column for each field, among columns with these names.
    pub(crate) fn columns<'n>(&self, names: impl Iterator<Item = &'n str> + Clone) -> [Option<usize>; SLOTS] {
        let mut found: [Option<(u8, usize)>; SLOTS] = [None; SLOTS];
        for want in &self.0 {
            let Some(column) = names.clone().position(|name| name.split('.').eq(want.path.iter())) else {
                continue;
            };
            if found[want.slot].is_none_or(|(rank, _)| want.rank < rank) {
                found[want.slot] = Some((want.rank, column));
            }
        }
        found.map(|found| found.map(|(_, column)| column))
    }
}

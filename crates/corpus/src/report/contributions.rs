//! Who gave what: the basis of credit, licences and revenue shares.

use super::Share;
use crate::read::Origin;
use std::{collections::BTreeMap, sync::Arc};

/// A line of `contributions.jsonl`. Tokens are words: runs of letters and digits; each Han character or kana is
/// one. Revenue is shared by these, because they are the same whichever tokenizer a later model uses.
pub use commons::provenance::Contribution;

/// Sums over kept documents.
#[derive(Debug, Default)]
pub struct Ledger {
    rows: BTreeMap<Arc<Origin>, Row>,
}

#[derive(Debug, Default)]
struct Row {
    documents: u64,
    bytes: u64,
    tokens: u64,
    example: String,
}

impl Ledger {
    /// Adds a document.
    pub fn add(&mut self, origin: &Arc<Origin>, bytes: u64, tokens: u64, id: impl FnOnce() -> String) {
        if !self.rows.contains_key(origin) {
            self.rows.insert(origin.clone(), Row { example: id(), ..Row::default() });
        }
        if let Some(row) = self.rows.get_mut(origin) {
            row.documents += 1;
            row.bytes += bytes;
            row.tokens += tokens;
        }
    }

    /// One row a contributor and source; sorted by these.
    pub fn contributions(&self) -> Vec<Contribution> {
        let mut rows: BTreeMap<(String, String), Contribution> = BTreeMap::new();
        for (origin, row) in &self.rows {
            let (contributor, source) = (origin.contributor().to_owned(), or_unknown(&origin.source));
            let licence = or_unknown(&origin.licence);
            let sum = rows.entry((contributor.clone(), source.clone())).or_insert_with(|| Contribution {
                contributor,
                source,
                licence: licence.clone(),
                documents: 0,
                bytes: 0,
                tokens: 0,
                example: row.example.clone(),
            });
            if !sum.licence.split("; ").any(|known| known == licence) {
                sum.licence = format!("{}; {licence}", sum.licence);
            }
            sum.documents += row.documents as i64;
            sum.bytes += row.bytes as i64;
            sum.tokens += row.tokens as i64;
        }
        rows.into_values().collect()
    }

    /// Sums by licence, most tokens first.
    pub fn licences(&self) -> Vec<Share> {
        self.shares(|origin| &origin.licence)
    }

    /// Sums by source, most tokens first.
    pub fn sources(&self) -> Vec<Share> {
        self.shares(|origin| &origin.source)
    }

    fn shares(&self, key: impl Fn(&Origin) -> &String) -> Vec<Share> {
        let mut sums: BTreeMap<&String, Share> = BTreeMap::new();
        for (origin, row) in &self.rows {
            let sum = sums.entry(key(origin)).or_default();
            sum.documents += row.documents;
            sum.bytes += row.bytes;
            sum.tokens += row.tokens;
        }
        let mut shares: Vec<_> =
            sums.into_iter().map(|(name, sum)| Share { name: or_unknown(name), ..sum }).collect();
        shares.sort_by(|a, b| b.tokens.cmp(&a.tokens).then_with(|| a.name.cmp(&b.name)));
        shares
    }
}

/// `name`, or `unknown` when it is empty: what is not stated is never guessed.
fn or_unknown(name: &str) -> String {
    if name.is_empty() { "unknown".into() } else { name.to_owned() }
}

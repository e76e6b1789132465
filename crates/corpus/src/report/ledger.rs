//! Who gave what: the basis of credit, licences and revenue shares.

use super::Share;
use crate::run::Line;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A line of `contributions.jsonl`. Tokens are words: runs of letters and digits; each Han character or kana is
/// one. Revenue is shared by these, because they are the same whichever tokenizer a later model uses.
pub use commons::provenance::Contribution;

/// Where a document comes from, as the giver of the input stated it. Empty means unstated.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Origin {
    /// A work, site or package, such as `serde 1.0.228`.
    pub source: String,
    /// Who wrote it.
    pub author: String,
    /// Who gave it.
    pub contributor: String,
    /// Licence, as an SPDX expression where the source gives one.
    pub licence: String,
}

impl Origin {
    /// Who is credited: the contributor, else the author, else the source, else `unknown`.
    fn credited(&self) -> &str {
        [&self.contributor, &self.author, &self.source]
            .into_iter()
            .find(|name| !name.is_empty())
            .map_or("unknown", |name| name)
    }
}

/// Sums over kept documents.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Ledger {
    /// Sorted by origin; as pairs, because JSON has no other keys than strings.
    #[serde(with = "pairs")]
    rows: BTreeMap<Origin, Row>,
}

#[derive(Debug, Default, Clone, Serialize, Deserialize)]
struct Row {
    documents: u64,
    bytes: u64,
    tokens: u64,
    example: String,
}

impl Ledger {
    /// Adds a document.
    pub fn add(&mut self, line: &Line<'_>) {
        let of = |text: &str| text.to_owned();
        let origin = Origin {
            source: of(&line.source),
            author: of(&line.author),
            contributor: of(&line.contributor),
            licence: of(&line.licence),
        };
        let row = self.rows.entry(origin).or_insert_with(|| Row { example: of(&line.id), ..Row::default() });
        row.documents += 1;
        row.bytes += line.text.len() as u64;
        row.tokens += line.tokens.unwrap_or(0);
    }

    /// Adds another's sums, of documents that come later.
    pub fn merge(&mut self, other: Self) {
        for (origin, more) in other.rows {
            let row =
                self.rows.entry(origin).or_insert_with(|| Row { example: more.example, ..Row::default() });
            row.documents += more.documents;
            row.bytes += more.bytes;
            row.tokens += more.tokens;
        }
    }

    /// One row a contributor and source; sorted by these.
    pub fn contributions(&self) -> Vec<Contribution> {
        let mut rows: BTreeMap<(String, String), Contribution> = BTreeMap::new();
        for (origin, row) in &self.rows {
            let (contributor, source) = (origin.credited().to_owned(), or_unknown(&origin.source));
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

/// A map as a list of pairs.
mod pairs {
    use super::{Origin, Row};
    use serde::{Deserialize, Deserializer, Serializer};
    use std::collections::BTreeMap;

    pub fn serialize<S: Serializer>(rows: &BTreeMap<Origin, Row>, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(rows)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<BTreeMap<Origin, Row>, D::Error> {
        Ok(Vec::<(Origin, Row)>::deserialize(from)?.into_iter().collect())
    }
}

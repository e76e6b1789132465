//! What a run did: the waterfall, who gave what, and the card that tells it to people.

mod card;
mod contributions;
mod tally;

pub use card::card;
pub use contributions::{Contribution, Ledger};
pub use tally::{EXAMPLES, Tally};

use crate::Options;
use serde::{Deserialize, Serialize};

/// The whole account of a run; `report.json` of the output. Holds nothing that differs between two runs over the
/// same input, such as times.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// Title of the data set.
    pub title: String,
    /// Version of the toolchain.
    pub toolchain: String,
    /// The options that it ran with.
    pub options: Options,
    /// The waterfall: each step's documents and bytes in and out and what it dropped.
    pub steps: Vec<Step>,
    /// The parts of the data set.
    pub splits: Vec<Split>,
    /// Documents by licence, most tokens first.
    pub licences: Vec<Share>,
    /// Documents by source, most tokens first; at most [`Report::SOURCES`].
    pub sources: Vec<Share>,
    /// Number of different sources.
    pub sources_total: u64,
    /// Documents written mostly in Han characters or kana.
    pub documents_cjk: u64,
    /// The largest clusters of near duplicates, at most [`Report::CLUSTERS`].
    pub clusters: Vec<Cluster>,
}

impl Report {
    /// Most sources that are listed.
    pub const SOURCES: usize = 200;
    /// Most clusters that are listed.
    pub const CLUSTERS: usize = 20;

    /// Documents, bytes and tokens of all splits together.
    pub fn total(&self) -> (u64, u64, u64) {
        self.splits.iter().fold((0, 0, 0), |(documents, bytes, tokens), split| {
            (documents + split.documents, bytes + split.bytes, tokens + split.tokens)
        })
    }
}

/// A step of the waterfall.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// `read`, `extract`, `normalise`, `filter`, `exact` or `near`.
    pub name: String,
    /// Documents that came in.
    pub documents_in: u64,
    /// Their bytes.
    pub bytes_in: u64,
    /// Documents that went on.
    pub documents_out: u64,
    /// Their bytes as they went on.
    pub bytes_out: u64,
    /// What was dropped, by reason.
    pub drops: Vec<Drop>,
}

/// What a step dropped for one reason.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drop {
    /// Stable code of the reason.
    pub reason: String,
    /// Documents dropped.
    pub documents: u64,
    /// Their bytes.
    pub bytes: u64,
    /// A few of them.
    pub examples: Vec<Example>,
}

/// A document by id and path; the id is empty for what never became a document.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Example {
    /// Id of the document.
    pub id: String,
    /// Its path in the input.
    pub path: String,
}

/// A part of the data set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Split {
    /// `train` or `heldout`.
    pub name: String,
    /// Its file.
    pub file: String,
    /// Documents in it.
    pub documents: u64,
    /// Bytes of their text.
    pub bytes: u64,
    /// Words of their text: runs of letters and digits; each Han character or kana is one.
    pub tokens: u64,
}

/// What shares a licence or a source.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Share {
    /// The licence or source.
    pub name: String,
    /// Documents.
    pub documents: u64,
    /// Bytes of their text.
    pub bytes: u64,
    /// Words of their text, counted as in [`Split::tokens`].
    pub tokens: u64,
}

/// Near duplicates of one document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cluster {
    /// The document that stayed.
    pub kept: Example,
    /// How many were dropped for it.
    pub dropped: u64,
    /// A few of those.
    pub examples: Vec<Example>,
}

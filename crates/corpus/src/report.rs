//! What a run did: the waterfall, who gave what, and the documents that tell it to people and programs.

mod card;
mod croissant;
mod ledger;
mod profile;
mod tally;

pub use ledger::{Contribution, Ledger, Origin};
pub use profile::Profile;
pub use tally::{EXAMPLES, Tally};

use crate::{licence::Terms, recipe::Recipe, step::Document};
use kernel::{Error, Result};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, fs, path::Path};

/// The whole account of a run; `report.json` of the output. Times, CPU seconds and memory differ between two runs over
/// the same input, everything else is the same.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Report {
    /// Title of what was made.
    pub title: String,
    /// Version of the toolchain.
    pub toolchain: String,
    /// What it was made by.
    pub recipe: Recipe,
    /// A hash of the recipe and of the input's names, sizes and dates.
    pub fingerprint: String,
    /// The waterfall: each step's documents and bytes in and out and what it dropped.
    pub steps: Vec<Step>,
    /// What steps counted besides, such as masked personal information by kind.
    #[serde(default)]
    pub counts: BTreeMap<String, u64>,
    /// The parts of the data set.
    pub splits: Vec<Split>,
    /// Documents by licence, most tokens first.
    pub licences: Vec<Share>,
    /// What all of them allow together; none when the recipe does not judge licences.
    #[serde(default)]
    pub terms: Option<Terms>,
    /// Documents by source, most tokens first; at most [`Report::SOURCES`].
    pub sources: Vec<Share>,
    /// Number of different sources.
    pub sources_total: u64,
    /// Documents written mostly in Han characters or kana.
    pub documents_cjk: u64,
    /// See [`Profile::lengths`].
    #[serde(default)]
    pub lengths: Vec<u64>,
    /// The largest groups of duplicates, at most [`Report::CLUSTERS`].
    pub clusters: Vec<Cluster>,
    /// Seconds from the beginning to the end; after a kill, of the last part.
    #[serde(default)]
    pub wall_seconds: f64,
    /// CPU seconds of the process that ended the run.
    #[serde(default)]
    pub cpu_seconds: f64,
    /// Most resident memory of that process.
    #[serde(default)]
    pub peak_memory_bytes: u64,
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
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// `read`, or the step's name in the recipe.
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
    /// CPU seconds; those of a stream are divided among its steps by the time that each took.
    #[serde(default)]
    pub cpu_seconds: f64,
    /// Wall seconds of what waits for all documents; 0 for a stream's steps, which run together.
    #[serde(default)]
    pub wall_seconds: f64,
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
    /// The beginning of its text.
    #[serde(default)]
    pub text: String,
}

impl Example {
    /// A document as an example.
    pub fn of(document: &Document<'_>) -> Self {
        Self { id: document.id.to_string(), path: document.path.to_string(), text: excerpt(&document.text) }
    }
}

/// The beginning of a text, in one line.
pub fn excerpt(text: &str) -> String {
    text.chars().take(160).map(|letter| if letter.is_control() { ' ' } else { letter }).collect()
}

/// Something that was not read, and why. One line of `skipped.jsonl`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Skip {
    /// Path inside the input, and where in the file.
    pub path: String,
    /// Stable reason, such as `zip_bomb`.
    pub code: String,
    /// The reason in words, and what to do about it.
    pub text: String,
    /// Size in bytes where it is known, else 0.
    pub bytes: u64,
}

impl Skip {
    /// What reading reported.
    pub fn of(broken: intake::Broken) -> Self {
        let path = match broken.position {
            intake::Position::File => broken.path,
            position => format!("{}, {position}", broken.path),
        };
        Self { path, code: broken.code, text: broken.text, bytes: broken.bytes }
    }
}

/// A part of the data set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Split {
    /// `train` or `heldout`.
    pub name: String,
    /// Its files, in order.
    pub files: Vec<String>,
    /// Documents in it.
    pub documents: u64,
    /// Bytes of their text.
    pub bytes: u64,
    /// Words of their text: runs of letters and digits; each Han character or kana is one. 0 when only records were
    /// asked for.
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

/// Duplicates of one document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cluster {
    /// The document that stayed.
    pub kept: Example,
    /// How many were dropped for it.
    pub dropped: u64,
    /// A few of those.
    pub examples: Vec<Example>,
}

/// Writes what a data set says of itself into `folder`: card, contributions, Croissant description.
pub fn write_documents(folder: &Path, report: &Report, ledger: &Ledger) -> Result<()> {
    let mut contributions = Vec::new();
    for row in ledger.contributions() {
        serde_json::to_writer(&mut contributions, &row).map_err(Error::internal)?;
        contributions.push(b'\n');
    }
    let described = croissant::describe(folder, report)?;
    let documents = [
        ("contributions.jsonl", contributions),
        ("README.md", card::card(report).into_bytes()),
        ("croissant.json", described),
    ];
    for (name, bytes) in documents {
        let path = folder.join(name);
        fs::write(&path, bytes).map_err(|error| crate::run::unwritable(&path, error))?;
    }
    Ok(())
}

//! What a run may be told: limits, filters, duplicates, split. Every field has a default.

use crate::filter::Thresholds;
use kernel::{Error, Result};
use serde::{Deserialize, Serialize};

/// Options of one run. Unknown keys are refused.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Options {
    /// Title of the data set, for its card.
    pub title: String,
    /// Worker threads; 0 takes one per core. Never changes the result, so it is not part of the report.
    #[serde(skip_serializing)]
    pub threads: usize,
    /// Bounds on what is read.
    pub limits: Limits,
    /// Fenced code blocks of Markdown longer than this many lines are left out.
    pub code_lines: usize,
    /// Quality and repetition rules.
    pub filter: Thresholds,
    /// Near duplicates are documents whose sets of 5-grams have at least this Jaccard similarity.
    pub similarity: f64,
    /// How the held-out part is chosen.
    pub heldout: Heldout,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            title: "Corpus".into(),
            threads: 0,
            limits: Limits::default(),
            code_lines: 12,
            filter: Thresholds::default(),
            similarity: 0.8,
            heldout: Heldout::default(),
        }
    }
}

/// Bounds on what is read; what passes them is refused with a line in `skipped.jsonl`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Largest file, and largest JSONL record, in bytes. JSONL files themselves are streamed.
    pub file_bytes: u64,
    /// Most unpacked bytes of the whole input.
    pub total_bytes: u64,
    /// Most files of the whole input.
    pub files: usize,
    /// Highest ratio of unpacked to packed bytes of a zip entry or of a whole zip.
    pub ratio: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { file_bytes: 64 << 20, total_bytes: 64 << 30, files: 1_000_000, ratio: 200 }
    }
}

/// How the held-out part is chosen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Heldout {
    /// Share of the documents, in parts per million.
    pub share_ppm: u32,
    /// At least this many documents, as long as they are at most a fifth of all.
    pub documents: usize,
}

impl Default for Heldout {
    fn default() -> Self {
        Self { share_ppm: 30_000, documents: 8 }
    }
}

impl Options {
    /// Refuses values that make no sense, naming the field.
    pub fn check(&self) -> Result<()> {
        let wrong =
            |text: &str| Err(Error::invalid("corpus_options_invalid", format!("corpus options: {text}")));
        if !(0.5..=1.0).contains(&self.similarity) {
            return wrong("`similarity` is a Jaccard similarity from 0.5 to 1.0; 0.8 is usual");
        }
        if self.heldout.share_ppm > 500_000 {
            return wrong("`heldout.share_ppm` is at most 500000, half of the documents");
        }
        if self.title.is_empty() || self.title.chars().count() > 200 || self.title.contains(char::is_control)
        {
            return wrong("`title` is one line of 1 to 200 characters");
        }
        if !(1..=1 << 30).contains(&self.limits.file_bytes) {
            return wrong("`limits.file_bytes` is from 1 byte to 1 GiB");
        }
        if self.limits.files == 0 || self.limits.total_bytes == 0 || self.limits.ratio == 0 {
            return wrong("`limits.files`, `limits.total_bytes` and `limits.ratio` are above zero");
        }
        self.filter.check()
    }

    /// The number of worker threads to use.
    pub fn workers(&self) -> usize {
        let cores = || std::thread::available_parallelism().map_or(1, usize::from);
        if self.threads == 0 { cores() } else { self.threads }.clamp(1, 256)
    }
}

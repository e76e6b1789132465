//! Reads an input folder or zip into [`Item`]s, one after the other, on the caller's thread.
//!
//! Whatever cannot be read is a [`Skip`] and the run goes on; only an input that cannot be opened at all, or a
//! provenance file that cannot be believed, ends it.

mod container;
mod format;
mod jsonl;
mod provenance;
mod reader;

pub use container::Container;
pub use format::{Format, decode};
pub use jsonl::{Record, parse as parse_record};
pub use provenance::{FILE_NAME as PROVENANCE_FILE, Origin, Provenance};
pub use reader::{Reader, read};

use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A file, or a run of lines of a JSONL file, on its way to a worker.
#[derive(Debug)]
pub struct Item {
    /// Path inside the input, with `/` between parts.
    pub path: String,
    /// What the bytes are.
    pub format: Format,
    /// The raw bytes.
    pub bytes: Vec<u8>,
    /// Number of the first line, from 1, when this is a run of lines.
    pub first_line: u64,
    /// What the provenance file says about the path.
    pub origin: Arc<Origin>,
}

/// Something that was not read, and why. One line of `skipped.jsonl`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Skip {
    /// Path inside the input; a JSONL record adds `#` and its line.
    pub path: String,
    /// Stable reason: `empty`, `too_large`, `binary`, `not_utf8`, `zip_broken`, `zip_bomb`, ...
    pub code: String,
    /// The reason in words, and what to do about it.
    pub text: String,
    /// Size in bytes where it is known, else 0.
    pub bytes: u64,
}

impl Skip {
    /// A skipped path with its reason.
    pub fn new(path: &str, code: &str, text: impl Into<String>, bytes: u64) -> Self {
        Self { path: path.to_owned(), code: code.to_owned(), text: text.into(), bytes }
    }
}

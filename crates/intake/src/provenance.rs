//! Where documents come from: `provenance.jsonl` beside the files.

use kernel::{Error, Result};
use serde::{Deserialize, Serialize};
use std::{
    collections::HashMap,
    io::{BufRead, BufReader, Read},
    sync::Arc,
};

/// Name of the file that says where the files beside and below it come from.
pub const PROVENANCE_FILE: &str = "provenance.jsonl";
/// Longest line and most lines that are read of it.
const MAX_LINE: u64 = 64 << 10;
const MAX_LINES: usize = 2_000_000;

/// Where a document comes from, as the giver of the input stated it. Empty means unstated.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(default)]
pub struct Origin {
    /// A work, site or package, such as `serde 1.0.228`.
    pub source: String,
    /// Who wrote it.
    pub author: String,
    /// Licence, as an SPDX expression where the source gives one.
    pub licence: String,
    /// Who gave it.
    pub contributor: String,
}

/// One line of a provenance file.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// Path of the file, relative to the provenance file.
    pub path: String,
    /// See [`Origin::source`].
    #[serde(default)]
    pub source: String,
    /// See [`Origin::author`].
    #[serde(default)]
    pub author: String,
    /// See [`Origin::licence`].
    #[serde(default)]
    pub licence: String,
    /// See [`Origin::contributor`].
    #[serde(default)]
    pub contributor: String,
}

/// What the provenance files of a folder or an archive say, by path.
#[derive(Debug, Default)]
pub struct Provenance {
    by_path: HashMap<String, Arc<Origin>>,
    distinct: HashMap<Origin, Arc<Origin>>,
    /// Of paths that no line names.
    unstated: Arc<Origin>,
}

impl Provenance {
    /// A provenance in which unnamed paths come from `origin`.
    pub fn below(origin: &Origin) -> Self {
        Self { unstated: Arc::new(origin.clone()), ..Self::default() }
    }

    /// Adds the lines of the provenance file at `file` (`a/b/provenance.jsonl` speaks of paths below `a/b/`).
    /// A line that cannot be read ends the run: a wrong licence is worse than none.
    pub fn add(&mut self, file: &str, reader: impl Read) -> Result<()> {
        let folder = &file[..file.rfind('/').map_or(0, |at| at + 1)];
        let mut lines = BufReader::new(reader);
        let mut line = Vec::new();
        for number in 1..=MAX_LINES {
            line.clear();
            let read = lines.by_ref().take(MAX_LINE).read_until(b'\n', &mut line).map_err(|error| {
                Error::invalid("corpus_provenance_invalid", format!("{file}, line {number}: cannot be read"))
                    .with_source(error)
            })?;
            if read == 0 {
                return Ok(());
            }
            if line.trim_ascii().is_empty() {
                continue;
            }
            let entry: Line = serde_json::from_slice(&line).map_err(|error| wrong(file, number, &error))?;
            self.insert(format!("{folder}{}", entry.path), entry);
        }
        Err(Error::invalid(
            "corpus_provenance_invalid",
            format!("{file} has over {MAX_LINES} lines; split the input"),
        ))
    }

    fn insert(&mut self, path: String, line: Line) {
        let Line { source, author, licence, contributor, .. } = line;
        let origin = Origin { source, author, licence, contributor };
        let shared =
            self.distinct.entry(origin).or_insert_with_key(|origin| Arc::new(origin.clone())).clone();
        self.by_path.insert(path, shared);
    }

    /// What is stated about `path`; an empty origin when nothing is.
    pub fn of(&self, path: &str) -> Arc<Origin> {
        self.by_path.get(path).unwrap_or(&self.unstated).clone()
    }
}

fn wrong(file: &str, number: usize, error: &serde_json::Error) -> Error {
    Error::invalid(
        "corpus_provenance_invalid",
        format!(
            "{file}, line {number}: {error}. A line is {{\"path\": \"a.txt\", \"source\": \"..\", \
             \"author\": \"..\", \"licence\": \"MIT\", \"contributor\": \"..\"}}; all but the path may be left out"
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn speaks_of_the_files_beside_and_below_it() {
        let mut provenance = Provenance::default();
        let line = &br#"{"path":"a.md","source":"s","licence":"MIT"}"#[..];
        provenance.add("docs/provenance.jsonl", line).unwrap();
        assert_eq!(provenance.of("docs/a.md").licence, "MIT");
        assert_eq!(*provenance.of("a.md"), Origin::default());
    }

    #[test]
    fn a_bad_line_names_file_and_line() {
        let error = Provenance::default().add("provenance.jsonl", &b"\n{\"paht\":1}\n"[..]).unwrap_err();
        assert_eq!(error.code, "corpus_provenance_invalid");
        assert!(error.text.contains("provenance.jsonl, line 2"), "{error}");
    }
}

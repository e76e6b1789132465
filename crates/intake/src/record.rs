//! What comes out: records, and what could not be read.

use serde::{Deserialize, Serialize};
use std::{borrow::Cow, fmt, ops::Range};

/// What the text of a record is written in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Form {
    /// Plain text.
    #[default]
    Text,
    /// A web page, its markup included.
    Html,
    /// Markdown.
    Markdown,
}

/// One document. What is not stated is empty.
#[derive(Debug, Clone, Default)]
pub struct Record<'a> {
    /// Its id in the giver's own terms, else path and position; the same in every run.
    pub id: Cow<'a, str>,
    /// The document.
    pub text: Cow<'a, str>,
    /// What the text is written in.
    pub form: Form,
    /// Where it can be looked up.
    pub url: Cow<'a, str>,
    /// A work, site or package, such as `serde 1.0.228`.
    pub source: Cow<'a, str>,
    /// Licence, as an SPDX expression where the source gives one.
    pub licence: Cow<'a, str>,
    /// Who wrote it.
    pub author: Cow<'a, str>,
    /// Who gave it.
    pub contributor: Cow<'a, str>,
    /// Path of its file in the input, with `/` between parts; what lies in an archive follows the archive's path.
    pub path: &'a str,
    /// Where in the file.
    pub position: Position,
    /// Bytes of the file that it took, unpacked: its line, page or row.
    pub bytes: u64,
    /// Where the line lies in its file, its end included; for JSONL in UTF-8 that is not packed.
    pub line: Option<Range<u64>>,
    /// The JSON fields that have no name here, each with its raw value; only when asked for.
    pub extra: &'a [(&'a str, &'a str)],
    /// The JSON line, or the payload of a web page before decoding; only when asked for.
    pub raw: Option<&'a [u8]>,
}

impl Record<'_> {
    /// Who is credited: the contributor, else the author, else the source, else `unknown`.
    pub fn credited(&self) -> &str {
        [&self.contributor, &self.author, &self.source]
            .into_iter()
            .find(|name| !name.is_empty())
            .map_or("unknown", |name| name)
    }
}

/// Where in a file something lies.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Position {
    /// The file as a whole.
    #[default]
    File,
    /// A line, counted from 1.
    Line(u64),
    /// The byte where it begins, counted from 0: used where lines before it were left to other shards.
    Byte(u64),
    /// A row of a table or an entry of an archive, counted from 1.
    Row(u64),
}

impl Position {
    /// The id of what lies here in the file at `path`.
    pub(crate) fn id(self, path: &str) -> String {
        match self {
            Self::File => path.to_owned(),
            Self::Line(number) | Self::Row(number) => format!("{path}#{number}"),
            Self::Byte(offset) => format!("{path}@{offset}"),
        }
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File => f.write_str("the file"),
            Self::Line(number) => write!(f, "line {number}"),
            Self::Byte(offset) => write!(f, "byte {offset}"),
            Self::Row(number) => write!(f, "row {number}"),
        }
    }
}

/// Something that was not read, and why: one line of the side file. The run goes on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Broken {
    /// Path in the input.
    pub path: String,
    /// Where in the file.
    pub position: Position,
    /// Stable reason: `json_invalid`, `not_utf8`, `bomb`, `damaged`, ...
    pub code: String,
    /// The reason in words, and what to do about it.
    pub text: String,
    /// Size in bytes where it is known, else 0.
    pub bytes: u64,
}

impl Broken {
    pub(crate) fn file(path: &str, code: &str, text: impl Into<String>, bytes: u64) -> Self {
        Self {
            path: path.to_owned(),
            position: Position::File,
            code: code.to_owned(),
            text: text.into(),
            bytes,
        }
    }
}

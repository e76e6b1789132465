//! What a reader may be told: names of columns, bounds, forms. Every field has a default.

use crate::Form;
use kernel::{Error, Result};
use serde::{Deserialize, Serialize};

/// How an input is read. Unknown keys are refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Options {
    /// Which columns mean what.
    pub fields: Fields,
    /// Bounds on what is read.
    pub limits: Limits,
    /// What the text column of JSONL, CSV and Parquet holds.
    pub form: Form,
    /// The encoding of all texts, as a WHATWG label such as `gb18030`; detected for each document when empty.
    pub encoding: String,
    /// Hand on the JSON fields that `fields` doesn't name.
    pub extra: bool,
    /// Hand on the bytes behind each record: the JSON line, or the payload of a web page before decoding.
    pub raw: bool,
    /// Aim of a shard's size, in bytes as they lie on the disk.
    pub shard_bytes: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            fields: Fields::default(),
            limits: Limits::default(),
            form: Form::Text,
            encoding: String::new(),
            extra: false,
            raw: false,
            shard_bytes: 64 << 20,
        }
    }
}

/// Names of columns for each field of a record; the first that a record has counts. A dot leads into an object:
/// `meta.url`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Fields {
    /// The document itself.
    pub text: Vec<String>,
    /// Its id, as text or a number.
    pub id: Vec<String>,
    /// Where it can be looked up.
    pub url: Vec<String>,
    /// A work, site or package.
    pub source: Vec<String>,
    /// Its licence.
    pub licence: Vec<String>,
    /// Who wrote it.
    pub author: Vec<String>,
    /// Who gave it.
    pub contributor: Vec<String>,
}

impl Default for Fields {
    fn default() -> Self {
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        Self {
            text: names(&["text", "content"]),
            id: names(&["id"]),
            url: names(&["url"]),
            source: names(&["source"]),
            licence: names(&["licence", "license"]),
            author: names(&["author"]),
            contributor: names(&["contributor"]),
        }
    }
}

/// How many fields are told apart.
pub(crate) const SLOTS: usize = 7;
/// The place of a field in [`Fields::slots`].
pub(crate) mod slot {
    pub(crate) const TEXT: usize = 0;
    pub(crate) const ID: usize = 1;
    pub(crate) const URL: usize = 2;
    pub(crate) const SOURCE: usize = 3;
    pub(crate) const LICENCE: usize = 4;
    pub(crate) const AUTHOR: usize = 5;
    pub(crate) const CONTRIBUTOR: usize = 6;
}

impl Fields {
    /// All names by slot.
    pub(crate) fn slots(&self) -> [&[String]; SLOTS] {
        [&self.text, &self.id, &self.url, &self.source, &self.licence, &self.author, &self.contributor]
    }
}

/// Bounds on what is read; what passes them is refused with a line in the side file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Largest document, in bytes. What must lie in memory whole (PDF, EPUB, an archive in an archive) counts too.
    pub document_bytes: u64,
    /// Longest line of JSONL and longest row of CSV, in bytes.
    pub line_bytes: u64,
    /// Most bytes that one compressed file, one entry of an archive or one archive unpacks to.
    pub unpacked_bytes: u64,
    /// Highest ratio of unpacked to packed bytes of the same.
    pub ratio: u64,
    /// Most files of a folder, and most entries of an archive.
    pub entries: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            document_bytes: 64 << 20,
            line_bytes: 64 << 20,
            unpacked_bytes: 1 << 40,
            ratio: 250,
            entries: 1_000_000,
        }
    }
}

/// What unpacks to less than this is never called a bomb: small files pack very well.
const BOMB_FLOOR: u64 = 16 << 20;

impl Limits {
    /// Most bytes that may come out of `packed` bytes.
    pub(crate) fn ceiling(&self, packed: u64) -> u64 {
        packed.saturating_mul(self.ratio).max(BOMB_FLOOR).min(self.unpacked_bytes)
    }
}

impl Options {
    /// Refuses values that make no sense, naming the field.
    pub fn check(&self) -> Result<()> {
        let wrong =
            |text: &str| Err(Error::invalid("corpus_options_invalid", format!("reading options: {text}")));
        let limits = &self.limits;
        if !(1..=1 << 30).contains(&limits.document_bytes) || !(1..=1 << 30).contains(&limits.line_bytes) {
            return wrong("`limits.document_bytes` and `limits.line_bytes` are from 1 byte to 1 GiB");
        }
        if limits.ratio == 0 || limits.entries == 0 || limits.unpacked_bytes == 0 {
            return wrong("`limits.ratio`, `limits.entries` and `limits.unpacked_bytes` are above zero");
        }
        if self.shard_bytes < 1 << 10 {
            return wrong("`shard_bytes` is at least 1024; 67108864 is usual");
        }
        if self.fields.text.is_empty() {
            return wrong("`fields.text` names at least one column");
        }
        let names: Vec<_> = self.fields.slots().into_iter().flatten().collect();
        if names.len() > 64 || names.iter().any(|name| name.is_empty() || name.split('.').count() > 8) {
            return wrong("`fields` has at most 64 names, none empty or over 8 levels deep");
        }
        self.forced_encoding().map(|_| ())
    }

    /// The encoding that was asked for, if one was.
    pub(crate) fn forced_encoding(&self) -> Result<Option<&'static encoding_rs::Encoding>> {
        if self.encoding.is_empty() {
            return Ok(None);
        }
        encoding_rs::Encoding::for_label(self.encoding.as_bytes()).map(Some).ok_or_else(|| {
            let text = format!(
                "reading options: `encoding` is {:?}, which is no label of the Encoding Standard; `gb18030`, \
                 `big5` and `utf-8` are some",
                self.encoding
            );
            Error::invalid("corpus_options_invalid", text)
        })
    }
}

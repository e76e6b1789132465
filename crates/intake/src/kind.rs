//! What a file is, by its name.

use serde::{Deserialize, Serialize};

/// What a file holds once it is unpacked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// Plain text.
    Text,
    /// Markdown.
    Markdown,
    /// A web page.
    Html,
    /// One JSON object a line.
    Jsonl,
    /// Comma-separated values under a row of names.
    Csv,
    /// Tab-separated values under a row of names.
    Tsv,
    /// A web archive: WARC, or WET with texts already extracted.
    Warc,
    /// A Parquet file.
    Parquet,
    /// A book.
    Epub,
    /// A PDF document.
    Pdf,
    /// A zip of further files.
    Zip,
    /// A tar of further files.
    Tar,
}

/// How the bytes of a file are packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Packing {
    /// As they are.
    Plain,
    /// One or more members of gzip.
    Gzip,
    /// One or more frames of Zstandard.
    Zstd,
}

/// How a file is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Kind {
    /// What it holds.
    pub format: Format,
    /// How that is packed.
    pub packing: Packing,
}

/// Beginnings of file names that are text whatever follows the dot, such as `LICENSE.BSD-3`.
const TEXT_STEMS: [&str; 9] =
    ["readme", "license", "licence", "copying", "notice", "copyright", "authors", "unlicense", "changelog"];

/// What is read, in words, for messages.
pub(crate) const READABLE: &str = "read are .jsonl .json .csv .tsv .parquet .warc .wet .html .md .txt .epub .pdf \
     .zip .tar, packed with .gz or .zst too, and files without an ending";

impl Kind {
    /// What the file name of `path` promises; none when such files are not read.
    pub fn of(path: &str) -> Option<Self> {
        let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
        let (stem, packing) = match name.rsplit_once('.') {
            Some((stem, "gz" | "gzip")) => (stem, Packing::Gzip),
            Some((stem, "zst" | "zstd")) => (stem, Packing::Zstd),
            Some((stem, "tgz")) => {
                return Some(Self { format: Format::Tar, packing: Packing::Gzip })
                    .filter(|_| !stem.is_empty());
            }
            _ => (name.as_str(), Packing::Plain),
        };
        let extension = stem.rsplit_once('.').map_or("", |(_, extension)| extension);
        let format = match extension {
            "" | "txt" | "text" => Format::Text,
            "md" | "markdown" => Format::Markdown,
            "html" | "htm" | "xhtml" => Format::Html,
            "jsonl" | "ndjson" | "json" => Format::Jsonl,
            "csv" => Format::Csv,
            "tsv" | "tab" => Format::Tsv,
            "warc" | "wet" => Format::Warc,
            "parquet" => Format::Parquet,
            "epub" => Format::Epub,
            "pdf" => Format::Pdf,
            "zip" => Format::Zip,
            "tar" => Format::Tar,
            _ if TEXT_STEMS.iter().any(|text| stem.starts_with(text)) => Format::Text,
            _ => return None,
        };
        Some(Self { format, packing })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_decide() {
        let kind = |path| Kind::of(path).map(|kind| (kind.format, kind.packing));
        assert_eq!(kind("a/b/README"), Some((Format::Text, Packing::Plain)));
        assert_eq!(kind("LICENSE.BSD-3"), Some((Format::Text, Packing::Plain)));
        assert_eq!(kind("x.MD"), Some((Format::Markdown, Packing::Plain)));
        assert_eq!(kind("a.tar.gz"), Some((Format::Tar, Packing::Gzip)));
        assert_eq!(kind("a.TGZ"), Some((Format::Tar, Packing::Gzip)));
        assert_eq!(kind("CC-MAIN.warc.wet.gz"), Some((Format::Warc, Packing::Gzip)));
        assert_eq!(kind("en.jsonl.zst"), Some((Format::Jsonl, Packing::Zstd)));
        assert_eq!(kind("photo.png"), None);
        assert_eq!(kind("photo.png.gz"), None);
    }
}

//! Lines and paragraphs that stood in the corpus before: the first in the order of ranks stays, later ones
//! go, as C4 did. Two passes: write what all documents hold, then ask what to remove from each.

mod removed;

pub use removed::Removed;

use crate::{exact, rows};
use kernel::Result;
use serde::{Deserialize, Serialize};
use std::{ops::Range, path::Path};

const KIND: &str = "lines";

/// What a text is cut into.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// Between line feeds.
    #[default]
    Line,
    /// Between empty lines.
    Paragraph,
}

/// Settings of line deduplication.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    /// What a text is cut into.
    pub part: Part,
    /// Parts of fewer characters stay, wherever they stand; blank ones always do.
    pub minimum: usize,
}

impl Options {
    /// The places of the parts of `text`, each with the line feeds behind it; together they are the text.
    fn places(self, text: &str) -> impl Iterator<Item = Range<usize>> {
        let mut start = 0;
        std::iter::from_fn(move || {
            if start == text.len() {
                return None;
            }
            let mut end = text[start..].find('\n').map_or(text.len(), |at| start + at + 1);
            // A paragraph goes on until a line is blank, and takes the blank lines behind it along.
            while self.part == Part::Paragraph && end < text.len() {
                let next = text[end..].find('\n').map_or(text.len(), |at| end + at + 1);
                let (blank, in_gap) = (
                    text[end..next].trim().is_empty(),
                    text[start..end].trim_end_matches('\n').len() + 1 < end - start,
                );
                if !blank && in_gap {
                    break;
                }
                end = next;
            }
            let place = start..end;
            start = end;
            Some(place)
        })
    }

    /// `text` without the parts `removed`, which are numbered from 0, ascending.
    pub fn without(self, text: &str, removed: &[u32]) -> String {
        let mut gone = removed.iter().peekable();
        let kept = self.places(text).zip(0_u32..).filter(|(_, index)| gone.next_if_eq(&index).is_none());
        kept.map(|(place, _)| &text[place]).collect()
    }
}

/// Writes the parts of one worker's documents.
#[derive(Debug)]
pub struct Writer {
    rows: rows::Writer,
    options: Options,
}

impl Writer {
    /// A writer for `worker` in `folder`, which is made when missing.
    ///
    /// # Errors
    /// `dedup_spill` when the file can't be made.
    pub fn create(folder: &Path, worker: usize, options: Options) -> Result<Self> {
        Ok(Self { rows: rows::Writer::create(folder, KIND, worker, 2)?, options })
    }

    /// Whether `worker` has finished its file in `folder`, in this run or one before.
    pub fn is_finished(folder: &Path, worker: usize) -> bool {
        rows::is_finished(folder, KIND, worker)
    }

    /// Adds the parts of a document. White space around a part doesn't count.
    ///
    /// # Errors
    /// `dedup_spill` when the file can't be written.
    pub fn add(&mut self, document: u32, text: &str) -> Result<()> {
        for (place, index) in self.options.places(text).zip(0_u32..) {
            let part = text[place].trim();
            // Bytes are at least as many as characters: most parts need no counting.
            let short = part.len() < self.options.minimum || part.chars().count() < self.options.minimum;
            if part.is_empty() || (self.options.minimum > 0 && short) {
                continue;
            }
            let key = exact::key(part.as_bytes());
            // 96 bits tell parts apart; the rest of the second column says which part of its document it is.
            self.rows.add(document, &[(key >> 64) as u64, (key as u64) << 32 | u64::from(index)])?;
        }
        Ok(())
    }

    /// Puts the file in its place; from now on it counts.
    ///
    /// # Errors
    /// `dedup_spill` when the file can't be written.
    pub fn finish(self) -> Result<()> {
        self.rows.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(part: Part, text: &str) -> Vec<&str> {
        Options { part, minimum: 0 }.places(text).map(|place| &text[place]).collect()
    }

    #[test]
    fn parts_together_are_the_text() {
        let text = "\none\ntwo\n\n \nthree\n\n\nfour";
        assert_eq!(parts(Part::Line, text).concat(), text);
        assert_eq!(parts(Part::Paragraph, text).concat(), text);
        assert_eq!(parts(Part::Paragraph, "a\nb\n\nc\n\n\nd\ne"), ["a\nb\n\n", "c\n\n\n", "d\ne"]);
        assert_eq!(parts(Part::Line, "a\n\nb"), ["a\n", "\n", "b"]);
        assert!(parts(Part::Line, "").is_empty());
    }

    #[test]
    fn removed_parts_are_cut_out() {
        let lines = Options::default();
        assert_eq!(lines.without("a\nb\nc", &[1]), "a\nc");
        assert_eq!(lines.without("a\nb\nc", &[]), "a\nb\nc");
        assert_eq!(lines.without("a\nb", &[0, 1]), "");
    }
}

//! Two small rules: mC4's for paragraphs, and lines of symbols.

use super::{SymbolLines, Verdict, python};
use crate::words::class::{any, is};

const PARAGRAPHS: usize = 3;
const PARAGRAPH_CHARS: usize = 200;

/// Why a text has too few paragraphs.
pub(super) fn judge_paragraphs(text: &str) -> Option<&'static str> {
    let long =
        text.split('\n').filter(|line| line.len() >= PARAGRAPH_CHARS && python::len(line) >= PARAGRAPH_CHARS);
    (long.take(PARAGRAPHS).count() < PARAGRAPHS).then_some("< 3 paragraphs")
}

/// Takes out lines of punctuation and blanks, each run of them for one replacement.
pub(super) fn remove_symbols(options: &SymbolLines, text: &str) -> Verdict {
    let mut kept: Vec<&str> = Vec::new();
    let mut in_symbols = false;
    for line in python::lines(text) {
        let symbols = !python::strip(line).is_empty() && line.chars().all(|c| c == ' ' || any(c, is::SYMBOL));
        if !symbols {
            kept.push(line);
        } else if !in_symbols && !options.replace_char.is_empty() {
            kept.push(&options.replace_char);
        }
        in_symbols = symbols;
    }
    let kept = kept.join("\n");
    if kept == text { Verdict::Keep } else { Verdict::Change(kept) }
}

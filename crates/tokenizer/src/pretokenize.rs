//! The steps between a normalised text and the pieces that a model encodes one by one.

use kernel::Result;

use crate::{
    scan::Scanner,
    split::{Piece, Split},
};

/// When a stand-in for a space is put before a piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Prepend {
    /// Before the piece at the very beginning of the text.
    First,
    /// Never.
    Never,
    /// Before every piece.
    Always,
}

/// One step.
#[derive(Debug)]
pub(crate) enum Step {
    /// Cuts pieces.
    Split(Split),
    /// Spaces become `replacement`, which begins each piece when `split`.
    Metaspace { replacement: char, prepend: Prepend, split: bool },
    /// Each piece begins with a space.
    PrefixSpace,
}

/// A text and its pieces, on their way through the steps.
#[derive(Debug, Default)]
pub(crate) struct Pieces {
    pub text: String,
    pub all: Vec<Piece>,
    text_before: String,
    all_before: Vec<Piece>,
}

impl Pieces {
    /// One piece: all of `text`.
    pub fn begin(&mut self, text: &str) {
        self.text.clear();
        self.text.push_str(text);
        self.all.clear();
        if !text.is_empty() {
            self.all.push((0, text.len()));
        }
    }

    /// Takes one step; `is_first` when the text's beginning is the beginning of the whole input.
    pub fn step(&mut self, step: &Step, is_first: bool) -> Result<()> {
        std::mem::swap(&mut self.all, &mut self.all_before);
        self.all.clear();
        match step {
            Step::Split(split) => {
                for &(start, end) in &self.all_before {
                    split.pieces(&self.text[start..end], start, &mut self.all)?;
                }
            }
            Step::PrefixSpace => self.rewrite(|piece, _, text, all| {
                let start = text.len();
                if !piece.starts_with(' ') {
                    text.push(' ');
                }
                text.push_str(piece);
                all.push((start, text.len()));
            }),
            Step::Metaspace { replacement, prepend, split } => self.rewrite(|piece, at, text, all| {
                let prepends = match prepend {
                    Prepend::Always => true,
                    Prepend::First => is_first && at == 0,
                    Prepend::Never => false,
                };
                let start = text.len();
                if prepends && !piece.starts_with([' ', *replacement]) {
                    text.push(*replacement);
                }
                for (index, part) in piece.split(' ').enumerate() {
                    if index > 0 {
                        text.push(*replacement);
                    }
                    text.push_str(part);
                }
                if *split {
                    cut_before(text, start, *replacement, all);
                } else {
                    all.push((start, text.len()));
                }
            }),
        }
        Ok(())
    }

    fn rewrite(&mut self, mut each: impl FnMut(&str, usize, &mut String, &mut Vec<Piece>)) {
        std::mem::swap(&mut self.text, &mut self.text_before);
        self.text.clear();
        for &(start, end) in &self.all_before {
            each(&self.text_before[start..end], start, &mut self.text, &mut self.all);
        }
    }
}

/// Pieces of `text[start..]` that begin with `mark`, but for the first. A run of marks is cut at each.
fn cut_before(text: &str, start: usize, mark: char, pieces: &mut Vec<Piece>) {
    let mut begin = start;
    for (at, _) in text[start..].match_indices(mark) {
        if start + at > begin {
            pieces.push((begin, start + at));
            begin = start + at;
        }
    }
    if begin < text.len() {
        pieces.push((begin, text.len()));
    }
}

/// The scanner that does all of `steps`, when they are one known split.
pub(crate) fn only_scanner(steps: &[Step]) -> Option<Scanner> {
    match steps {
        [Step::Split(split)] => split.scanner(),
        _ => None,
    }
}

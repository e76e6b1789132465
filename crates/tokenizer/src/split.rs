//! Cutting pieces of a text at the matches of a pattern.

use fancy_regex::Regex;
use kernel::{Error, Result};

use crate::{error::invalid, scan::Scanner};

/// Start and end of a piece, in bytes of the text that it lies in.
pub(crate) type Piece = (usize, usize);

/// What may be matched.
#[derive(Debug)]
pub(crate) enum Pattern {
    /// One of the known regular expressions, by hand.
    Known(Scanner),
    /// Any other, by an engine that backtracks within a bound.
    Regex(Box<Regex>),
    /// This string.
    Literal(String),
    /// Every character with this property.
    Character(fn(char) -> bool),
}

/// What becomes of matches and of what stands between them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
pub(crate) enum Behavior {
    /// Matches are dropped.
    Removed,
    /// Both are pieces.
    Isolated,
    /// A match ends the piece before it.
    MergedWithPrevious,
    /// A match begins the piece behind it.
    MergedWithNext,
    /// Matches that touch are one piece.
    Contiguous,
}

/// A pattern and what to do where it matches.
#[derive(Debug)]
pub(crate) struct Split {
    pub pattern: Pattern,
    pub behavior: Behavior,
    pub invert: bool,
}

impl Pattern {
    /// The pattern that a regular expression stands for.
    pub fn regex(text: &str) -> Result<Self> {
        if let Some(scanner) = Scanner::of_pattern(text) {
            return Ok(Self::Known(scanner));
        }
        let regex = Regex::new(text)
            .map_err(|error| invalid(format!("the regular expression {text:?} is not one: {error}.")))?;
        Ok(Self::Regex(Box::new(regex)))
    }

    /// All matches and what stands between them, in order, each with whether it is a match.
    fn matches(&self, text: &str, mut each: impl FnMut(Piece, bool)) -> Result<()> {
        let mut last = 0;
        let mut found = |start: usize, end: usize, is_end: bool| {
            if last < start {
                each((last, start), false);
            }
            if !is_end {
                each((start, end), true);
            }
            last = end;
        };
        match self {
            Self::Known(scanner) => scanner.each(text, |start, end| found(start, end, false)),
            Self::Regex(regex) => {
                for one in regex.find_iter(text) {
                    let one = one.map_err(|error| too_hard(regex, &error))?;
                    found(one.start(), one.end(), false);
                }
            }
            Self::Literal(wanted) if wanted.is_empty() => {}
            Self::Literal(wanted) => {
                for (start, one) in text.match_indices(wanted.as_str()) {
                    found(start, start + one.len(), false);
                }
            }
            Self::Character(is) => {
                for (start, c) in text.char_indices().filter(|(_, c)| is(*c)) {
                    found(start, start + c.len_utf8(), false);
                }
            }
        }
        found(text.len(), text.len(), true);
        Ok(())
    }

    /// `text` with all matches replaced; `None` when there are none.
    pub fn replace(&self, text: &str, content: &str) -> Result<Option<String>> {
        let mut replaced = None;
        self.matches(text, |(start, end), is_match| {
            if is_match {
                replaced.get_or_insert_with(|| text[..start].to_owned()).push_str(content);
            } else if let Some(replaced) = &mut replaced {
                replaced.push_str(&text[start..end]);
            }
        })?;
        Ok(replaced)
    }
}

fn too_hard(regex: &Regex, error: &fancy_regex::Error) -> Error {
    Error::limited(
        "tokenizer_pattern_too_hard",
        format!(
            "The regular expression {:?} takes too long on this text ({error}); split it.",
            regex.as_str()
        ),
    )
}

impl Split {
    /// The scanner that gives these very pieces, if there is one.
    pub fn scanner(&self) -> Option<Scanner> {
        match (&self.pattern, self.behavior, self.invert) {
            (Pattern::Known(scanner), Behavior::Isolated, _) => Some(*scanner),
            // DeepSeek's pattern has gaps: only isolation treats them as the scanner does.
            (Pattern::Known(Scanner::DeepSeek), ..) => None,
            (Pattern::Known(scanner), Behavior::Removed, true) => Some(*scanner),
            _ => None,
        }
    }

    /// Appends the pieces of `text`, which begins at `offset`, without the empty ones.
    pub fn pieces(&self, text: &str, offset: usize, pieces: &mut Vec<Piece>) -> Result<()> {
        if let Some(scanner) = self.scanner() {
            scanner.each(text, |start, end| pieces.push((offset + start, offset + end)));
            return Ok(());
        }
        let begin = pieces.len();
        let (mut was_match, mut first) = (false, true);
        self.pattern.matches(text, |(start, end), is_match| {
            let is_match = is_match != self.invert;
            let joins = !first
                && match self.behavior {
                    Behavior::Removed | Behavior::Isolated => false,
                    Behavior::MergedWithPrevious => is_match && !was_match,
                    Behavior::MergedWithNext => was_match && !is_match,
                    Behavior::Contiguous => is_match == was_match,
                };
            (was_match, first) = (is_match, false);
            match pieces.last_mut() {
                Some(last) if joins => last.1 = offset + end,
                _ if self.behavior == Behavior::Removed && is_match => {}
                _ => pieces.push((offset + start, offset + end)),
            }
        })?;
        let mut kept = begin;
        for index in begin..pieces.len() {
            if pieces[index].0 < pieces[index].1 {
                pieces.swap(kept, index);
                kept += 1;
            }
        }
        pieces.truncate(kept);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_behavior_keeps_what_it_should() {
        let pieces = |behavior, invert| {
            let pattern = Pattern::Literal("-".into());
            let mut pieces = Vec::new();
            let text = "the-final--countdown";
            Split { pattern, behavior, invert }.pieces(text, 0, &mut pieces).expect("a plain pattern");
            pieces.into_iter().map(|(start, end)| &text[start..end]).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(pieces(Behavior::Removed, false), "the final countdown");
        assert_eq!(pieces(Behavior::Removed, true), "- - -");
        assert_eq!(pieces(Behavior::Isolated, false), "the - final - - countdown");
        assert_eq!(pieces(Behavior::MergedWithPrevious, false), "the- final- - countdown");
        assert_eq!(pieces(Behavior::MergedWithNext, false), "the -final - -countdown");
        assert_eq!(pieces(Behavior::Contiguous, false), "the - final -- countdown");
    }
}

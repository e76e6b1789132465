//! Hand-written scanners for the patterns by which known tokenizers cut text into pre-tokens.
//!
//! Each gives exactly the matches of its regular expression (tests hold it to that), reads every byte about
//! once, and needs no heap. All their patterns match at every character, so pre-tokens cover the text.

mod cl100k;
mod deepseek;
mod gpt2;
mod o200k;
#[cfg(test)]
mod tests;

use crate::classes::{Classes, SPACE, classes};

/// Cuts one pre-token after the other off a text.
pub(crate) trait Scan {
    /// The end of the pre-token that begins at `at`, which lies on a character and before the end.
    fn next(text: &[u8], at: usize, classes: &Classes) -> usize;
}

/// A known pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scanner {
    /// GPT-2, and `ByteLevel` with its own regular expression.
    Gpt2,
    /// cl100k and Llama 3: digits by threes.
    Cl100k,
    /// Qwen 2 and 3: digits alone.
    Qwen2,
    /// GPT-4o: words by case, with contractions.
    O200k,
    /// Mistral's Tekken: words by case, digits alone.
    Tekken,
    /// The last of the three patterns of DeepSeek 3.
    DeepSeek,
}

const GPT2: &str = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";
const CL100K: &str = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";
const QWEN2: &str = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";
const O200K: &str = r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+";
const TEKKEN: &str = r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+";
const DEEPSEEK: &str = r##"[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"##;

impl Scanner {
    /// All of them with their patterns.
    pub const ALL: [(Self, &str); 6] = [
        (Self::Gpt2, GPT2),
        (Self::Cl100k, CL100K),
        (Self::Qwen2, QWEN2),
        (Self::O200k, O200K),
        (Self::Tekken, TEKKEN),
        (Self::DeepSeek, DEEPSEEK),
    ];

    /// The scanner that does what `pattern` says.
    pub fn of_pattern(pattern: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(_, known)| *known == pattern).map(|(scanner, _)| scanner)
    }

    /// The regular expression.
    pub fn pattern(self) -> &'static str {
        Self::ALL.into_iter().find(|(scanner, _)| *scanner == self).map_or("", |(_, pattern)| pattern)
    }

    /// Calls `each` with start and end of every pre-token of `text`, in order.
    #[inline]
    pub fn each(self, text: &str, each: impl FnMut(usize, usize)) {
        match self {
            Self::Gpt2 => scan::<gpt2::Gpt2>(text, each),
            Self::Cl100k => scan::<cl100k::Cl100k<3>>(text, each),
            Self::Qwen2 => scan::<cl100k::Cl100k<1>>(text, each),
            Self::O200k => scan::<o200k::O200k<3, true>>(text, each),
            Self::Tekken => scan::<o200k::O200k<1, false>>(text, each),
            Self::DeepSeek => scan::<deepseek::DeepSeek>(text, each),
        }
    }
}

#[inline]
fn scan<S: Scan>(text: &str, mut each: impl FnMut(usize, usize)) {
    let (text, classes) = (text.as_bytes(), classes());
    let mut start = 0;
    while start < text.len() {
        let end = S::next(text, start, classes);
        each(start, end);
        start = end;
    }
}

/// `\s+(?!\S)|\s+` where whitespace begins at `at`: all of it at the end of the text, else all but its last
/// character, or that one alone.
#[inline]
fn spaces(text: &[u8], at: usize, classes: &Classes) -> usize {
    let (mut end, mut last) = (at, at);
    loop {
        let (class, length) = classes.at(text, end);
        if length == 0 {
            return end;
        }
        if class & SPACE == 0 {
            return if last == at { end } else { last };
        }
        last = end;
        end += length;
    }
}

/// `\s*[\r\n]+|\s+(?!\S)|\s+` where whitespace begins at `at`: up to the last line end, if there is one.
#[inline]
fn lines_or_spaces(text: &[u8], at: usize, classes: &Classes) -> usize {
    let (mut end, mut last, mut line_end) = (at, at, at);
    loop {
        let (class, length) = classes.at(text, end);
        if length == 0 || class & SPACE == 0 {
            return match () {
                () if line_end > at => line_end,
                () if length == 0 || last == at => end,
                () => last,
            };
        }
        last = end;
        end += length;
        if matches!(text[last], b'\r' | b'\n') {
            line_end = end;
        }
    }
}

/// The length of `'s|'t|'re|'ve|'m|'ll|'d` at `at`, case ignored when `any_case`; 0 when there is none.
///
/// Without case the long s (U+017F) is an s.
#[inline]
fn contraction(text: &[u8], at: usize, any_case: bool) -> usize {
    if text.get(at) != Some(&b'\'') {
        return 0;
    }
    let byte = |offset: usize| {
        let byte = text.get(at + offset).copied().unwrap_or(0);
        if any_case { byte.to_ascii_lowercase() } else { byte }
    };
    match (byte(1), byte(2)) {
        (b's' | b't' | b'm' | b'd', _) => 2,
        (b'r' | b'v', b'e') | (b'l', b'l') => 3,
        (0xc5, 0xbf) if any_case => 3,
        _ => 0,
    }
}

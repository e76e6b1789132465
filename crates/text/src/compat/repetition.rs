//! Gopher's limits on what repeats.

use super::{GopherRepetition, Text, ngrams::Ngrams, python, seen::Seen};

/// What judging takes, kept from text to text.
#[derive(Default)]
pub(super) struct Scratch {
    pub seen: Seen,
    pub ngrams: Ngrams,
}

/// Why a text repeats too much.
pub(super) fn judge(
    options: &GopherRepetition,
    text: &mut Text<'_>,
    scratch: &mut Scratch,
) -> Option<&'static str> {
    if text.text.is_empty() {
        return Some("empty");
    }
    let len = text.len();
    let over = |part: usize, of: usize, limit: f64| limit != 0.0 && part as f64 / of as f64 > limit;

    let paragraphs = scratch.seen.count(split_runs(python::strip(text.text), 2));
    if over(paragraphs.again, paragraphs.pieces, options.dup_para_frac) {
        return Some("dup_para_frac");
    }
    if over(paragraphs.chars, len, options.dup_para_char_frac) {
        return Some("dup_para_char_frac");
    }
    let lines = scratch.seen.count(split_runs(text.text, 1));
    if over(lines.again, lines.pieces, options.dup_line_frac) {
        return Some("dup_line_frac");
    }
    if over(lines.chars, len, options.dup_line_char_frac) {
        return Some("dup_line_char_frac");
    }
    let (words, source) = text.words_and_text();
    if let Some(n) = scratch.ngrams.top(words, &options.top_n_grams, len) {
        return Some(super::reasons::top(n));
    }
    scratch
        .ngrams
        .duplicated(source, words, &options.dup_n_grams, len, &mut scratch.seen)
        .map(super::reasons::duplicated)
}

/// Splits at runs of at least `least` line breaks.
fn split_runs(text: &str, least: usize) -> impl Iterator<Item = &str> + Clone {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let now = rest?;
        let bytes = now.as_bytes();
        let mut from = 0;
        while let Some(found) = memchr::memchr(b'\n', &bytes[from..]) {
            let at = from + found;
            let run = bytes[at..].iter().take_while(|&&b| b == b'\n').count();
            if run >= least {
                rest = Some(&now[at + run..]);
                return Some(&now[..at]);
            }
            from = at + run;
        }
        rest = None;
        Some(now)
    })
}

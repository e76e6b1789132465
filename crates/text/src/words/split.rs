//! How spaCy takes one chunk, a run of characters that are not whitespace, apart.

use super::{affix, lexicon::Lexicon, url};

/// Bytes of a chunk that are a token.
#[derive(Debug, Clone, Copy)]
pub(super) struct Span {
    pub from: usize,
    pub to: usize,
}

impl Span {
    /// Its text.
    pub fn of(self, chunk: &str) -> &str {
        &chunk[self.from..self.to]
    }
}

/// Splits a chunk: affixes off both ends until an exception or nothing more is left, then that, an address,
/// or its infixes. Without a lexicon, as spaCy reads the exceptions themselves.
pub(super) fn split(chunk: &str, lexicon: Option<&Lexicon>, spans: &mut Vec<Span>) {
    spans.clear();
    let rule = |text: &str| lexicon.and_then(|lexicon| lexicon.rule(text));
    let (mut from, mut to, mut last) = (0, chunk.len(), 0);
    let mut suffixes = Vec::new();
    while from < to && to - from != last {
        let text = &chunk[from..to];
        if rule(text).is_some() {
            break;
        }
        last = text.len();
        let front = affix::prefix(text);
        if front > 0 && rule(&text[front..]).is_some() {
            spans.push(Span { from, to: from + front });
            from += front;
            break;
        }
        let back = affix::suffix(&text[front..]);
        if back > 0 && rule(&text[..last - back]).is_some() {
            suffixes.push(Span { from: to - back, to });
            to -= back;
            break;
        }
        if front > 0 {
            spans.push(Span { from, to: from + front });
            from += front;
        }
        if back > 0 {
            suffixes.push(Span { from: to - back, to });
            to -= back;
        }
    }
    if from < to {
        let text = &chunk[from..to];
        match lexicon.zip(rule(text)) {
            Some((lexicon, rule)) => {
                for token in lexicon.tokens(rule) {
                    spans.push(Span { from, to: from + token.bytes as usize });
                    from += token.bytes as usize;
                }
            }
            None if url::is_url(text) => spans.push(Span { from, to }),
            None => split_infixes(from, to, text, spans),
        }
    }
    spans.extend(suffixes.into_iter().rev());
}

fn split_infixes(from: usize, to: usize, text: &str, spans: &mut Vec<Span>) {
    let mut start = from;
    affix::infixes(text, |begin, end| {
        let (begin, end) = (from + begin, from + end);
        // One at the very front stays with what follows.
        if begin == from {
            return;
        }
        if begin > start {
            spans.push(Span { from: start, to: begin });
        }
        spans.push(Span { from: begin, to: end });
        start = end;
    });
    if start < to {
        spans.push(Span { from: start, to });
    }
}

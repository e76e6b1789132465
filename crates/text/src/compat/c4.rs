//! C4's rules for lines and texts.

use super::{C4Quality, Text, Verdict, python};
use crate::words::class::{any, is};
use aho_corasick::{AhoCorasick, AhoCorasickKind};
use std::{borrow::Cow, sync::LazyLock};

const LOREM_IPSUM: usize = 0;
const JAVASCRIPT: usize = 1;
/// What is looked for in lower case; the rest are about policies.
const PHRASES: [&str; 8] = [
    "lorem ipsum",
    "javascript",
    "terms of use",
    "privacy policy",
    "cookie policy",
    "uses cookies",
    "use of cookies",
    "use cookies",
];
/// Python's lower case of this is an ASCII k. The other such character, U+0130, becomes two, which no phrase
/// has.
const KELVIN: &str = "\u{212A}";

static FINDER: LazyLock<AhoCorasick> = LazyLock::new(|| {
    let mut builder = AhoCorasick::builder();
    builder.ascii_case_insensitive(true).kind(Some(AhoCorasickKind::DFA));
    builder.build(PHRASES).expect("eight short phrases fit")
});

/// Each phrase holds one of these.
const HINTS: [&[u8; 4]; 5] = [b"orem", b"avas", b"erms", b"ivac", b"okie"];

/// Whether there is a hint of a phrase. The compiler makes vectors of this.
fn may_hold_phrase(bytes: &[u8]) -> bool {
    let is_hint = |at: &[u8], hint: &[u8; 4]| {
        (at[0] | 32 == hint[0]) & (at[1] | 32 == hint[1]) & (at[2] | 32 == hint[2]) & (at[3] | 32 == hint[3])
    };
    let is_any = |at: &[u8]| HINTS.iter().fold(0, |found, hint| found | u8::from(is_hint(at, hint)));
    bytes.windows(4).fold(0, |found, at| found | is_any(at)) != 0
}

/// What becomes of one line.
enum Line<'a> {
    Kept(Cow<'a, str>),
    Gone,
    /// The whole text goes.
    Ends(&'static str),
}

/// Removes lines, then says what becomes of the text.
pub(super) fn judge(options: &C4Quality, text: &mut Text<'_>) -> Verdict {
    let source = text.text;
    // Most texts hold nothing that the rules for single lines look for.
    let bytes = source.as_bytes();
    let is_plain = memchr::memchr2(b'[', b'{', bytes).is_none()
        && memchr::memmem::find(bytes, KELVIN.as_bytes()).is_none()
        && !(may_hold_phrase(bytes) && FINDER.is_match(source));
    let mut sentences = 0;
    let mut kept = String::with_capacity(source.len());
    let mut cut = Vec::new();
    let pieces: &mut dyn Iterator<Item = &str> = if options.split_paragraph {
        &mut python::lines(source)
    } else {
        cut.extend(text.state.tokenizer.sentence_ends(source));
        cut.push(source.len());
        let mut start = 0;
        &mut cut.iter().map(move |&end| &source[std::mem::replace(&mut start, end)..end])
    };
    for piece in pieces {
        let line = match judge_line(options, python::strip(piece), is_plain) {
            Line::Kept(line) => line,
            Line::Gone => continue,
            Line::Ends(reason) => return Verdict::Drop(reason),
        };
        // Once there are enough, the exact number changes nothing.
        if sentences < options.min_num_sentences {
            sentences += if options.split_paragraph { text.state.sentences(&line) as i64 } else { 1 };
        }
        if !kept.is_empty() {
            kept.push(if options.split_paragraph { '\n' } else { ' ' });
        }
        kept.push_str(&line);
    }
    if sentences < options.min_num_sentences {
        return Verdict::Drop("too_few_sentences");
    }
    let kept_text = python::strip(&kept);
    if kept_text == source {
        Verdict::Keep
    } else {
        Verdict::Change(if kept_text.len() == kept.len() { kept } else { kept_text.to_owned() })
    }
}

fn judge_line<'a>(options: &C4Quality, line: &'a str, is_plain: bool) -> Line<'a> {
    if options.max_word_length != -1 && has_longer_word(line, options.max_word_length) {
        return Line::Gone;
    }
    let least = usize::try_from(options.min_words_per_line).unwrap_or(0);
    let too_few = python::split(line).take(least).count() < least;
    let line = match options.remove_citations && !is_plain {
        true => remove_citations(line),
        false => Cow::Borrowed(line),
    };
    if options.filter_no_terminal_punct
        && (!line.ends_with(['.', '?', '!', '"', '\'']) || line.ends_with("..."))
    {
        return Line::Gone;
    }
    if too_few {
        return Line::Gone;
    }
    if is_plain {
        return Line::Kept(line);
    }
    let lower =
        if line.contains(KELVIN) { Cow::Owned(line.replace(KELVIN, "k")) } else { Cow::Borrowed(&*line) };
    let mut found = [false; PHRASES.len()];
    for phrase in FINDER.find_overlapping_iter(&*lower) {
        found[phrase.pattern().as_usize()] = true;
    }
    if options.filter_lorem_ipsum && found[LOREM_IPSUM] {
        return Line::Ends("lorem_ipsum");
    }
    if options.filter_javascript && found[JAVASCRIPT] {
        return Line::Gone;
    }
    if options.filter_curly_bracket && line.contains('{') {
        return Line::Ends("curly_bracket");
    }
    if options.filter_policy && found[JAVASCRIPT + 1..].contains(&true) {
        return Line::Gone;
    }
    drop(lower);
    Line::Kept(line)
}

/// Whether a word has more than so many characters.
fn has_longer_word(line: &str, most: i64) -> bool {
    let most = usize::try_from(most).unwrap_or(0);
    // No word is longer where each stretch of that many bytes after a blank has another.
    let mut rest = line.as_bytes();
    while rest.len() > most {
        match memchr::memrchr(b' ', &rest[..=most]) {
            Some(blank) => rest = &rest[blank + 1..],
            None => return python::split(line).any(|word| word.len() > most && python::len(word) > most),
        }
    }
    false
}

/// Takes out `[` digits `]`, `[edit]` and `[citation needed]`.
fn remove_citations(line: &str) -> Cow<'_, str> {
    let mut out = String::new();
    let (mut from, mut at) = (0, 0);
    while let Some(found) = memchr::memchr(b'[', &line.as_bytes()[at..]) {
        at += found;
        let inside = &line[at + 1..];
        let digits = inside.trim_start_matches(|c| any(c, is::DIGIT));
        let after = digits
            .strip_prefix(']')
            .or_else(|| inside.strip_prefix("edit]"))
            .or_else(|| inside.strip_prefix("citation needed]"));
        match after {
            Some(after) => {
                out.push_str(&line[from..at]);
                at = line.len() - after.len();
                from = at;
            }
            None => at += 1,
        }
    }
    if from == 0 { Cow::Borrowed(line) } else { Cow::Owned(out + &line[from..]) }
}

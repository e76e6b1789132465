//! Gopher's limits on words and lines.

use super::{GopherQuality, Text, ngrams::having, python};
use crate::words::{hash, lexicon::has};

const STOP_WORDS: [&str; 8] = ["the", "be", "to", "of", "and", "that", "have", "with"];

/// The hashes of the stop words.
pub(super) fn stop_words(options: &GopherQuality) -> Vec<u64> {
    let of = |word: &str| hash::of(word.as_bytes());
    let mut hashes: Vec<u64> = match &options.stop_words {
        Some(words) => words.iter().map(|word| of(word)).collect(),
        None => STOP_WORDS.iter().map(|word| of(word)).collect(),
    };
    hashes.sort_unstable();
    hashes.dedup();
    hashes
}

/// Why a text isn't prose. A text without any word is too short, whatever the limits.
pub(super) fn judge(options: &GopherQuality, stops: &[u64], text: &mut Text<'_>) -> Option<&'static str> {
    let source = text.text;
    let words = text.words();
    let (count, chars) = having(words, has::NO_SYMBOL);
    if words.is_empty() || (count as u64) < options.min_doc_words {
        return Some("gopher_short_doc");
    }
    if options.max_doc_words != 0 && count as u64 > options.max_doc_words {
        return Some("gopher_long_doc");
    }
    let mean = chars as f64 / count as f64;
    if options.min_avg_word_length != 0.0 && mean < options.min_avg_word_length {
        return Some("gopher_below_avg_threshold");
    }
    if options.max_avg_word_length != 0.0 && mean > options.max_avg_word_length {
        return Some("gopher_above_avg_threshold");
    }
    if options.max_symbol_word_ratio != 0.0 {
        let over = |count: usize| count as f64 / words.len() as f64 > options.max_symbol_word_ratio;
        if over(memchr::memchr_iter(b'#', source.as_bytes()).count()) {
            return Some("gopher_too_many_hashes");
        }
        let count = |what: &str| memchr::memmem::find_iter(source.as_bytes(), what).count();
        if over(count("...") + count("…")) {
            return Some("gopher_too_many_ellipsis");
        }
    }
    if let Some(reason) = judge_lines(options, source) {
        return Some(reason);
    }
    let limit = options.max_non_alpha_words_ratio;
    if limit != 0.0 && (having(words, has::LETTER).0 as f64 / words.len() as f64) < limit {
        return Some("gopher_below_alpha_threshold");
    }
    if !has_stop_words(options.min_stop_words, stops, words) {
        return Some("gopher_enough_stop_words");
    }
    None
}

fn judge_lines(options: &GopherQuality, text: &str) -> Option<&'static str> {
    let (mut lines, mut bullets, mut ellipses) = (0, 0, 0);
    for line in python::lines(text) {
        lines += 1;
        bullets += usize::from(python::lstrip(line).starts_with(['•', '-']));
        let line = python::rstrip(line);
        ellipses += usize::from(line.ends_with("...") || line.ends_with('…'));
    }
    let over = |part: usize, limit: f64| limit != 0.0 && f64::from(part as u32) / f64::from(lines) > limit;
    if over(bullets, options.max_bullet_lines_ratio) {
        return Some("gopher_too_many_bullets");
    }
    over(ellipses, options.max_ellipsis_lines_ratio).then_some("gopher_too_many_end_ellipsis")
}

/// Whether at least so many different stop words occur.
fn has_stop_words(least: usize, stops: &[u64], words: &[crate::words::Token]) -> bool {
    let mut left = stops.to_vec();
    for word in words {
        if stops.len() - left.len() >= least {
            break;
        }
        if let Some(at) = left.iter().position(|&stop| stop == word.hash) {
            left.swap_remove(at);
        }
    }
    stops.len() - left.len() >= least
}

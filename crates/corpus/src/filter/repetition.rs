//! Rules about what a text says again and again.
//!
//! Fractions are of bytes of words, without spaces and punctuation, so that layout does not hide repetition.

use super::{Scratch, Seen, Thresholds};
use crate::text::{Words, mix};

const TOP: [&str; 3] = ["repeated_2_grams", "repeated_3_grams", "repeated_4_grams"];
const REPEATED: [&str; 6] = [
    "repeated_5_grams",
    "repeated_6_grams",
    "repeated_7_grams",
    "repeated_8_grams",
    "repeated_9_grams",
    "repeated_10_grams",
];

pub(super) fn broken(
    text: &str,
    words: &Words,
    limits: &Thresholds,
    scratch: &mut Scratch,
) -> Option<&'static str> {
    if parts_repeat(text, "\n", limits, &mut scratch.seen) {
        return Some("repeated_lines");
    }
    if parts_repeat(text, "\n\n", limits, &mut scratch.seen) {
        return Some("repeated_paragraphs");
    }
    top_grams(words, limits, scratch).or_else(|| repeated_grams(words, limits, scratch))
}

fn parts_repeat(text: &str, between: &str, limits: &Thresholds, seen: &mut Seen) -> bool {
    seen.reset(text.matches(between).count() + 1);
    let (mut all, mut bytes, mut again, mut again_bytes) = (0_usize, 0_usize, 0_usize, 0_usize);
    for part in text.split(between).filter(|part| !part.is_empty()) {
        (all, bytes) = (all + 1, bytes + part.len());
        if !seen.insert(hash(part.as_bytes())) {
            (again, again_bytes) = (again + 1, again_bytes + part.len());
        }
    }
    again as f64 > limits.repeated_lines * all as f64
        || again_bytes as f64 > limits.repeated_line_bytes * bytes as f64
}

fn hash(bytes: &[u8]) -> u64 {
    let (chunks, rest) = bytes.as_chunks::<8>();
    let mut state = mix(bytes.len() as u64 + 1);
    for chunk in chunks {
        state = (state ^ u64::from_le_bytes(*chunk)).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29);
    }
    let mut last = [0; 8];
    last[..rest.len()].copy_from_slice(rest);
    mix(state ^ u64::from_le_bytes(last))
}

/// For scripts without spaces a word has about two characters.
fn scale(words: &Words) -> usize {
    if words.mostly_cjk() { 2 } else { 1 }
}

fn bytes_of(words: &Words, start: usize, end: usize) -> u64 {
    words.words[start..end].iter().map(|word| u64::from(word.bytes)).sum()
}

/// The rule about the most frequent 2-, 3- or 4-gram that is broken.
fn top_grams(words: &Words, limits: &Thresholds, scratch: &mut Scratch) -> Option<&'static str> {
    let (total, scale) = (bytes_of(words, 0, words.words.len()) as f64, scale(words));
    let bounds = top_bounds(words, scale, scratch);
    for (at, (limit, code)) in limits.top_grams.iter().zip(TOP).enumerate() {
        let limit = limit * total;
        if bounds[at] as f64 > limit && top_gram(words, (at + 2) * scale, scratch) as f64 > limit {
            return Some(code);
        }
    }
    None
}

/// Upper bounds of [`top_gram`] for 2-, 3- and 4-grams, from one pass: a run of words is no more frequent than the
/// 2-gram it starts with, and that no more than the cell it is counted in. Nearly every text is cleared by these.
fn top_bounds(words: &Words, scale: usize, scratch: &mut Scratch) -> [u64; 3] {
    let n = 2 * scale;
    if words.words.len() <= n {
        return [0; 3];
    }
    words.grams(n, &mut scratch.grams);
    let cells = (scratch.grams.len() * 2).next_power_of_two().min(1 << 16);
    scratch.cells.clear();
    scratch.cells.resize(cells, 0);
    let cell = |gram: u64| gram as usize & (cells - 1);
    for gram in &scratch.grams {
        let count = &mut scratch.cells[cell(*gram)];
        *count = count.saturating_add(1);
    }
    let mut bounds = [0; 3];
    for (start, gram) in scratch.grams.iter().enumerate() {
        let count = u64::from(scratch.cells[cell(*gram)]);
        if count < 2 {
            continue;
        }
        // A full cell has lost count.
        let count = if count == u64::from(u16::MAX) { scratch.grams.len() as u64 } else { count };
        for (at, bound) in bounds.iter_mut().enumerate() {
            let end = (start + (at + 2) * scale).min(words.words.len());
            *bound = (*bound).max(count * bytes_of(words, start, end));
        }
    }
    bounds
}

/// Bytes in all occurrences of the most frequent run of `n` words, when it occurs more than once.
fn top_gram(words: &Words, n: usize, scratch: &mut Scratch) -> u64 {
    if words.words.len() <= n {
        return 0;
    }
    words.grams(n, &mut scratch.grams);
    scratch.counts.clear();
    let (mut most, mut at) = (1, 0);
    for (start, gram) in scratch.grams.iter().enumerate() {
        let count = scratch.counts.entry(*gram).or_default();
        *count += 1;
        if *count > most {
            (most, at) = (*count, start);
        }
    }
    if most > 1 { bytes_of(words, at, at + n) * u64::from(most) } else { 0 }
}

/// The rule about repeated 5- to 10-grams that is broken.
fn repeated_grams(words: &Words, limits: &Thresholds, scratch: &mut Scratch) -> Option<&'static str> {
    let (total, scale) = (bytes_of(words, 0, words.words.len()) as f64, scale(words));
    let least = limits.repeated_grams.iter().copied().fold(f64::INFINITY, f64::min);
    for (n, (limit, code)) in (5..).zip(limits.repeated_grams.iter().zip(REPEATED)) {
        let repeated = repeated(words, n * scale, scratch) as f64;
        if repeated > limit * total {
            return Some(code);
        }
        // What repeats in longer runs repeats in shorter ones too, so nothing longer can pass the least limit.
        if repeated <= least * total {
            break;
        }
    }
    None
}

/// Bytes of the words inside second and later occurrences of runs of `n` words, each word counted once.
fn repeated(words: &Words, n: usize, scratch: &mut Scratch) -> u64 {
    if words.words.len() <= n {
        return 0;
    }
    words.grams(n, &mut scratch.grams);
    scratch.seen.reset(scratch.grams.len());
    let (mut bytes, mut counted) = (0, 0);
    for (start, gram) in scratch.grams.iter().enumerate() {
        if !scratch.seen.insert(*gram) {
            bytes += bytes_of(words, counted.max(start), start + n);
            counted = start + n;
        }
    }
    bytes
}

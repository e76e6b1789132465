//! Rules about what a text says again and again.
//!
//! Fractions are of bytes of words, without spaces and punctuation, so that layout does not hide repetition.

use super::{Counts, Scratch, Thresholds};
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

pub(super) fn broken(text: &str, words: &Words, limits: &Thresholds, scratch: &mut Scratch) -> Option<&'static str> {
    if parts_repeat(text.split('\n'), limits, &mut scratch.counts) {
        return Some("repeated_lines");
    }
    if parts_repeat(text.split("\n\n"), limits, &mut scratch.counts) {
        return Some("repeated_paragraphs");
    }
    grams_repeat(words, limits, scratch)
}

fn parts_repeat<'a>(parts: impl Iterator<Item = &'a str>, limits: &Thresholds, counts: &mut Counts) -> bool {
    counts.clear();
    let (mut all, mut bytes, mut again, mut again_bytes) = (0_usize, 0_usize, 0_usize, 0_usize);
    for part in parts.filter(|part| !part.is_empty()) {
        (all, bytes) = (all + 1, bytes + part.len());
        let seen = counts.entry(hash(part.as_bytes())).or_default();
        *seen += 1;
        if *seen > 1 {
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

fn grams_repeat(words: &Words, limits: &Thresholds, scratch: &mut Scratch) -> Option<&'static str> {
    let total: u64 = words.words.iter().map(|word| u64::from(word.bytes)).sum();
    let scale = if words.mostly_cjk() { 2 } else { 1 };
    for (n, (limit, code)) in (2..).zip(limits.top_grams.iter().zip(TOP)) {
        if top_gram(words, n * scale, scratch) as f64 > limit * total as f64 {
            return Some(code);
        }
    }
    let least = limits.repeated_grams.iter().copied().fold(f64::INFINITY, f64::min);
    for (n, (limit, code)) in (5..).zip(limits.repeated_grams.iter().zip(REPEATED)) {
        let repeated = repeated_grams(words, n * scale, scratch) as f64;
        if repeated > limit * total as f64 {
            return Some(code);
        }
        // What repeats in longer runs repeats in shorter ones too, so nothing longer can pass the least limit.
        if repeated <= least * total as f64 {
            break;
        }
    }
    None
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
    let bytes: u64 = words.words[at..at + n].iter().map(|word| u64::from(word.bytes)).sum();
    if most > 1 { bytes * u64::from(most) } else { 0 }
}

/// Bytes of the words inside second and later occurrences of runs of `n` words, each word counted once.
fn repeated_grams(words: &Words, n: usize, scratch: &mut Scratch) -> u64 {
    if words.words.len() <= n {
        return 0;
    }
    words.grams(n, &mut scratch.grams);
    scratch.counts.clear();
    let (mut bytes, mut counted) = (0, 0);
    for (start, gram) in scratch.grams.iter().enumerate() {
        let count = scratch.counts.entry(*gram).or_default();
        *count += 1;
        if *count > 1 {
            let from = counted.max(start);
            bytes += words.words[from..start + n].iter().map(|word| u64::from(word.bytes)).sum::<u64>();
            counted = start + n;
        }
    }
    bytes
}

//! Rules about words and lines.

use super::Thresholds;
use crate::text::Words;
use std::sync::OnceLock;

/// The stop words of Rae et al. 2021, and frequent function characters of modern Chinese.
const STOP_WORDS: &str = "the be to of and that have with 的 了 是 在 和 不 有 为 与 等 之 及 以 对";

pub(super) fn broken(text: &str, words: &Words, limits: &Thresholds) -> Option<&'static str> {
    let cjk = words.mostly_cjk();
    let scale = if cjk { 2 } else { 1 };
    if words.chunks < limits.words_min * scale {
        return Some("too_short");
    }
    if words.chunks > limits.words_max * scale {
        return Some("too_long");
    }
    let count = words.chunks as f64;
    let length = words.visible as f64 / count;
    if !cjk && !(limits.word_length_min..=limits.word_length_max).contains(&length) {
        return Some("word_length");
    }
    if most_symbols(text) as f64 > limits.symbols * count {
        return Some("symbols");
    }
    if (words.alphabetic as f64) < limits.alphabetic * count {
        return Some("few_letters");
    }
    lines(text, limits)
        .or_else(|| (stop_words(words, limits) < limits.stop_words).then_some("few_stop_words"))
}

/// The greater of the numbers of `#` and of ellipses.
fn most_symbols(text: &str) -> usize {
    let (mut hashes, mut dots, mut ellipses) = (0, 0, 0);
    for byte in text.bytes() {
        hashes += usize::from(byte == b'#');
        dots = if byte == b'.' { dots + 1 } else { 0 };
        ellipses += usize::from(dots == 3);
    }
    hashes.max(ellipses + text.matches('…').count())
}

fn lines(text: &str, limits: &Thresholds) -> Option<&'static str> {
    let (mut lines, mut bullets, mut ellipses) = (0_usize, 0_usize, 0_usize);
    for line in text.lines().filter(|line| !line.is_empty()) {
        lines += 1;
        bullets += usize::from(line.trim_start().starts_with(['-', '*', '•', '●', '·']));
        ellipses += usize::from(line.ends_with("...") || line.ends_with('…'));
    }
    if bullets as f64 > limits.bullets * lines as f64 {
        return Some("bullets");
    }
    (ellipses as f64 > limits.ellipses * lines as f64).then_some("ellipses")
}

/// How many different stop words occur, counted no further than the rule asks.
fn stop_words(words: &Words, limits: &Thresholds) -> usize {
    static HASHES: OnceLock<Vec<u64>> = OnceLock::new();
    let hashes = HASHES.get_or_init(|| {
        let mut words = Words::default();
        words.scan(STOP_WORDS);
        words.words.iter().map(|word| word.hash).collect()
    });
    let mut seen = 0_u32;
    for word in words.words.iter().filter(|word| word.bytes <= 4) {
        if let Some(at) = hashes.iter().position(|hash| *hash == word.hash) {
            seen |= 1 << at;
            if seen.count_ones() as usize >= limits.stop_words {
                break;
            }
        }
    }
    seen.count_ones() as usize
}

//! A small model of our own: the script decides, and within Latin and Cyrillic the trigrams of letters.
//!
//! `data/languages.py` made the table and says from what.

/// Buckets of trigrams in the table, for each language.
const BUCKETS: usize = 2048;
/// Characters of a text that are looked at: more tell nothing new.
const MOST: usize = 2000;
/// Units of the table in one bit.
const UNITS: f32 = 12.0;
static TABLE: &[u8] = include_bytes!("../../data/languages.bin");

/// Codes of the table, and its rows.
fn table() -> (impl Iterator<Item = &'static str> + Clone, &'static [u8]) {
    let end = TABLE.iter().position(|&b| b == b'\n').unwrap_or(0);
    let codes = std::str::from_utf8(&TABLE[..end]).unwrap_or("");
    (codes.split(' '), &TABLE[end + 1..])
}

/// Languages that their script tells, and those of the table.
pub(super) fn languages() -> Vec<&'static str> {
    let by_script = ["zh-Hans", "zh-Hant", "ja", "ko", "ar", "fa", "he", "el", "th", "hi"];
    by_script.into_iter().chain(table().0).collect()
}

/// Scripts that are told apart.
#[derive(Clone, Copy, PartialEq)]
enum Script {
    Latin,
    Cyrillic,
    Han,
    Kana,
    Hangul,
    Arabic,
    Hebrew,
    Greek,
    Thai,
    Devanagari,
    Other,
}

const SCRIPTS: usize = Script::Other as usize + 1;

fn script(c: char) -> Script {
    match u32::from(c) {
        0x41..=0x5A | 0x61..=0x7A | 0xC0..=0x24F | 0x1E00..=0x1EFF => Script::Latin,
        0x370..=0x3FF | 0x1F00..=0x1FFF => Script::Greek,
        0x400..=0x52F => Script::Cyrillic,
        0x590..=0x5FF => Script::Hebrew,
        0x600..=0x6FF | 0x750..=0x77F | 0xFB50..=0xFDFF | 0xFE70..=0xFEFF => Script::Arabic,
        0x900..=0x97F => Script::Devanagari,
        0xE00..=0xE7F => Script::Thai,
        0x3041..=0x30FF => Script::Kana,
        0x1100..=0x11FF | 0x3130..=0x318F | 0xAC00..=0xD7AF => Script::Hangul,
        0x3400..=0x9FFF | 0xF900..=0xFAFF | 0x2_0000..=0x3_FFFF => Script::Han,
        _ => Script::Other,
    }
}

/// The likeliest language; none when the text has no letters of a known script.
pub(super) fn identify(text: &str) -> Option<(&'static str, f32)> {
    let mut counts = [0usize; SCRIPTS];
    text.chars().take(MOST).for_each(|c| counts[script(c) as usize] += 1);
    // A Han character or a syllable tells as much as two or three letters.
    let weight = |s: Script| match s {
        Script::Han | Script::Hangul => 3 * counts[s as usize],
        Script::Kana => 2 * counts[s as usize],
        Script::Other => 0,
        _ => counts[s as usize],
    };
    let scripts = [
        Script::Han,
        Script::Kana,
        Script::Hangul,
        Script::Latin,
        Script::Cyrillic,
        Script::Arabic,
        Script::Hebrew,
        Script::Greek,
        Script::Thai,
        Script::Devanagari,
    ];
    let all: usize = scripts.iter().map(|&s| weight(s)).sum();
    let most = scripts.into_iter().rev().max_by_key(|&s| weight(s)).filter(|&s| weight(s) > 0)?;
    let east = weight(Script::Han) + weight(Script::Kana);
    let share = |part: usize| part as f32 / all as f32;
    let by_script = |code| Some((code, share(weight(most))));
    match most {
        Script::Han | Script::Kana if weight(Script::Kana) * 12 >= east => Some(("ja", share(east))),
        Script::Han => {
            let (code, sure) = chinese(text);
            Some((code, sure * share(weight(most))))
        }
        Script::Hangul => by_script("ko"),
        Script::Hebrew => by_script("he"),
        Script::Greek => by_script("el"),
        Script::Thai => by_script("th"),
        Script::Devanagari => by_script("hi"),
        Script::Arabic => {
            by_script(if text.chars().take(MOST).any(|c| "پچژگ".contains(c)) { "fa" } else { "ar" })
        }
        _ => {
            let (code, sure) = trigrams(text, most)?;
            Some((code, sure * share(weight(most))))
        }
    }
}

/// Which script Chinese is written in: by the characters that only one of the two has.
fn chinese(text: &str) -> (&'static str, f32) {
    let (mut simplified, mut traditional) = (0.0f32, 0.0f32);
    for c in text.chars().take(MOST) {
        match crate::normalise::script_of(c) {
            Some(true) => traditional += 1.0,
            Some(false) => simplified += 1.0,
            None => {}
        }
    }
    let sure = |part: f32| (part + 1.0) / (simplified + traditional + 1.0);
    if traditional > simplified { ("zh-Hant", sure(traditional)) } else { ("zh-Hans", sure(simplified)) }
}

fn trigrams(text: &str, wanted: Script) -> Option<(&'static str, f32)> {
    let (codes, rows) = table();
    let mut sums = vec![0u32; codes.clone().count()];
    let (mut window, mut count) = ([' '; 3], 0u32);
    let mut push = |c: char| {
        window = [window[1], window[2], c];
        // Not before the first letter's own trigram is whole.
        if count > 0 || c != ' ' {
            count += 1;
        }
        if count >= 2 {
            let hash = window
                .iter()
                .fold(2_166_136_261u32, |hash, &c| (hash ^ u32::from(c)).wrapping_mul(16_777_619));
            let bucket = (hash ^ hash >> 15) as usize % BUCKETS;
            sums.iter_mut()
                .enumerate()
                .for_each(|(row, sum)| *sum += u32::from(rows[row * BUCKETS + bucket]));
        }
    };
    let mut space = true;
    for c in text.chars().take(MOST).flat_map(char::to_lowercase) {
        if c.is_alphabetic() {
            push(c);
            space = false;
        } else if !space {
            push(' ');
            space = true;
        }
    }
    if !space {
        push(' ');
    }
    let candidates: Vec<(&str, u32)> = codes
        .zip(sums)
        .filter(|(code, _)| matches!(*code, "ru" | "uk" | "sr") == (wanted == Script::Cyrillic))
        .collect();
    let best = candidates.iter().min_by_key(|candidate| candidate.1)?;
    // Neighbouring trigrams say much the same: each counts as a fifth of one.
    let likelihood = |sum: u32| (-((sum - best.1) as f32) / UNITS / 5.0).exp2();
    let all: f32 = candidates.iter().map(|candidate| likelihood(candidate.1)).sum();
    Some((best.0, 1.0 / all))
}

//! Passwords, keys and tokens: found from the words that they begin with, or that stand before them.

use std::{ops::Range, sync::OnceLock};

use aho_corasick::{AhoCorasick, Input};

use super::{Find, Kind, scan::BLOCK};

/// What a secret begins with, and how many characters of its alphabet must follow. 0: the words before a
/// secret.
const BEGINNINGS: [(&str, usize); 42] = [
    ("-----BEGIN ", 1),
    ("AKIA", 16),
    ("ASIA", 16),
    ("eyJ", 30),
    ("ghp_", 36),
    ("gho_", 36),
    ("ghu_", 36),
    ("ghs_", 36),
    ("ghr_", 36),
    ("github_pat_", 22),
    ("glpat-", 20),
    ("sk-", 20),
    ("sk_live_", 16),
    ("rk_live_", 16),
    ("xoxb-", 20),
    ("xoxp-", 20),
    ("xoxa-", 20),
    ("AIza", 35),
    ("hf_", 30),
    ("npm_", 36),
    ("pypi-", 50),
    ("LTAI", 12),
    ("AKID", 13),
    ("token", 0),
    ("Token", 0),
    ("TOKEN", 0),
    ("secret", 0),
    ("Secret", 0),
    ("SECRET", 0),
    ("api_key", 0),
    ("apikey", 0),
    ("apiKey", 0),
    ("API_KEY", 0),
    ("api-key", 0),
    ("access_key", 0),
    ("ACCESS_KEY", 0),
    ("accessKey", 0),
    ("password", 0),
    ("Password", 0),
    ("PASSWORD", 0),
    ("passwd", 0),
    ("Bearer ", 0),
];

/// All secrets of a text, in order.
pub(super) fn find(text: &str) -> Vec<Find> {
    static BEGINS: OnceLock<AhoCorasick> = OnceLock::new();
    let begins = BEGINS.get_or_init(|| {
        AhoCorasick::new(BEGINNINGS.map(|(word, _)| word)).expect("the beginnings are few and short")
    });
    let mut finds: Vec<Find> = Vec::new();
    for found in lettered(text.as_bytes()).flat_map(|range| begins.find_iter(Input::new(text).range(range))) {
        let least = finds.last().map_or(0, |find| find.end);
        if found.start() < least {
            continue;
        }
        let (word, length) = BEGINNINGS[found.pattern().as_usize()];
        let span = match word {
            "-----BEGIN " => block(text, found.start()),
            "eyJ" => json_web_token(text, found.start()),
            _ if length == 0 => after_word(text, found.end(), word == "Bearer "),
            _ => prefixed(text, found.start(), word, length),
        };
        finds.extend(span.map(|(start, end)| Find { kind: Kind::Secret, start, end }));
    }
    finds
}

/// The parts of a text with ASCII letters in every block. Chinese text has few, and the rest needs no look.
fn lettered(bytes: &[u8]) -> impl Iterator<Item = Range<usize>> {
    /// A beginning may start with hyphens in the block before.
    const LEAD: usize = 8;
    let mut at = 0;
    let has = |from: usize| {
        let block = &bytes[from..bytes.len().min(from + BLOCK)];
        block.iter().fold(false, |any, b| any | ((b | 0x20).wrapping_sub(b'a') < 26))
    };
    let next =
        move |from: usize, wanted: bool| (from..bytes.len()).step_by(BLOCK).find(|&from| has(from) == wanted);
    std::iter::from_fn(move || {
        let start = next(at, true)?;
        let end = next(start, false).unwrap_or(bytes.len());
        let range = start.saturating_sub(LEAD).max(at.saturating_sub(LEAD))..end;
        at = end;
        Some(range)
    })
}

/// A block of a private key, up to its end line or the end of its base64.
fn block(text: &str, start: usize) -> Option<(usize, usize)> {
    let rest = &text[start..];
    let head = rest
        .find("-----\n")
        .or_else(|| rest.find("-----\\n"))
        .or_else(|| rest[11..].find("-----").map(|at| at + 11))?;
    if head > 60 || !rest[..head].contains("PRIVATE KEY") {
        return None;
    }
    let limit = rest.len().min(20_000);
    let limit = (0..=limit).rev().find(|&at| rest.is_char_boundary(at)).unwrap_or(0);
    let end = match rest[..limit].find("-----END ") {
        Some(end) => {
            let tail = &rest[end + 9..];
            end + 9 + tail.find("-----").filter(|&at| at < 50).map_or(0, |at| at + 5)
        }
        None => limit.min(
            head + 5 + body(&rest[head + 5..], |b| b.is_ascii_alphanumeric() || b"+/=\n\r ".contains(&b)),
        ),
    };
    Some((start, start + end))
}

fn body(text: &str, part: impl Fn(u8) -> bool) -> usize {
    text.bytes().take_while(|&b| part(b)).count()
}

fn word_before(text: &str, start: usize) -> bool {
    start > 0 && matches!(text.as_bytes()[start - 1], b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'_')
}

/// Three parts of base64url, parted by points; the last may be empty.
fn json_web_token(text: &str, start: usize) -> Option<(usize, usize)> {
    let url = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
    let first = body(&text[start..], url);
    let rest = text[start + first..].strip_prefix('.')?;
    let second = body(rest, url);
    let third = rest[second..].strip_prefix('.').map_or(0, |rest| 1 + body(rest, url));
    let good =
        first >= 10 && second >= 10 && rest.starts_with("eyJ") && third > 0 && !word_before(text, start);
    good.then_some((start, start + first + 1 + second + third))
}

/// A key with a known beginning.
fn prefixed(text: &str, start: usize, word: &str, length: usize) -> Option<(usize, usize)> {
    if word_before(text, start) {
        return None;
    }
    let rest = &text[start + word.len()..];
    let upper = matches!(word, "AKIA" | "ASIA");
    let count = body(rest, |b| match b {
        b'A'..=b'Z' | b'0'..=b'9' => true,
        b'a'..=b'z' => !upper,
        b'-' | b'_' => {
            matches!(word, "sk-" | "AIza" | "github_pat_" | "glpat-" | "xoxb-" | "xoxp-" | "xoxa-" | "pypi-")
        }
        _ => false,
    });
    let exact = if upper { count == length } else { count >= length };
    let has = |part: fn(&u8) -> bool| rest.as_bytes()[..count].iter().any(part);
    let mixed =
        upper || has(u8::is_ascii_digit) || has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase);
    let random = mixed && entropy(&rest.as_bytes()[..count]) > 2.8;
    (exact && random).then_some((start, start + word.len() + count))
}

/// A value of high entropy after `token=`, `"api_key": "` and their like.
fn after_word(text: &str, end: usize, bearer: bool) -> Option<(usize, usize)> {
    let tail = &text[end..];
    let name = body(tail, |b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'));
    let rest = if bearer { tail } else { &tail[name..] };
    let open = rest.len() - rest.trim_start_matches(['"', '\'', ' ', '`']).len();
    let mark = ["：", ":=", "=>", ":", "="]
        .iter()
        .find(|mark| rest[open..].starts_with(**mark))
        .map(|mark| mark.len());
    let value = match mark {
        Some(mark) => open + mark,
        None if bearer => 0,
        None => return None,
    };
    let quotes = rest[value..].len() - rest[value..].trim_start_matches(['"', '\'', ' ', '`']).len();
    let start = value + quotes;
    let count = body(&rest[start..], |b| b.is_ascii_alphanumeric() || b"_-+/=.~!@#$%^&*".contains(&b));
    let found = rest[start..start + count].trim_end_matches(['.', '=', '&', '!', '-']);
    let padded = found.len() + rest[start + found.len()..].bytes().take(2).take_while(|&b| b == b'=').count();
    let bytes = found.as_bytes();
    let mixed = bytes.iter().any(u8::is_ascii_digit) && bytes.iter().any(u8::is_ascii_alphabetic);
    let path = found.contains("//") || found.matches('.').count() > 3;
    let good = (12..=512).contains(&found.len()) && mixed && !path && entropy(bytes) > 3.2;
    let from = text.len() - rest.len() + start;
    good.then_some((from, from + padded))
}

/// Bits per character.
fn entropy(bytes: &[u8]) -> f64 {
    let mut counts = [0u32; 128];
    bytes.iter().filter(|b| b.is_ascii()).for_each(|&b| counts[b as usize] += 1);
    let all = bytes.len().max(1) as f64;
    counts
        .iter()
        .filter(|&&count| count > 0)
        .map(|&count| f64::from(count) / all)
        .map(|p| -p * p.log2())
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_beginning_is_seen_wherever_the_blocks_end() {
        for lead in 0..140 {
            let text =
                format!("{}-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----。", "1".repeat(lead));
            assert_eq!(find(&text).len(), 1, "{lead}");
        }
    }
}

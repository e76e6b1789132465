//! One spelling for what means the same: traditional characters to simplified ones, full width to half width.
//!
//! The table of characters is OpenCC's (see `data/README.md`). It is applied character by character, except
//! where a phrase of the table begins: 乾隆 stays 乾隆, though 乾燥 becomes 干燥.

use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
    sync::OnceLock,
};

/// All that the table holds: traditional and simplified form.
fn table() -> impl Iterator<Item = (&'static str, &'static str)> {
    include_str!("../data/zh.simplified.txt").lines().filter_map(|line| line.split_once(' '))
}

/// The single characters of the table: traditional and simplified form.
pub(crate) fn characters() -> impl Iterator<Item = (char, char)> {
    let only = |text: &str| {
        let mut chars = text.chars();
        chars.next().filter(|_| chars.next().is_none())
    };
    table().filter_map(move |(old, new)| Some((only(old)?, only(new)?)))
}

/// True of a character that only traditional Chinese has, false of one that only simplified Chinese has.
pub(crate) fn script_of(c: char) -> Option<bool> {
    if c.is_ascii() {
        return None;
    }
    let table = Simplifier::get();
    let traditional = table.characters.contains_key(&c);
    let simplified = table.simplified.contains(&c);
    (traditional != simplified).then_some(traditional)
}

struct Simplifier {
    characters: HashMap<char, char>,
    /// What the characters become.
    simplified: HashSet<char>,
    /// By first character, the longest first.
    phrases: HashMap<char, Vec<(&'static str, &'static str)>>,
}

impl Simplifier {
    fn get() -> &'static Self {
        static TABLE: OnceLock<Simplifier> = OnceLock::new();
        TABLE.get_or_init(|| {
            let mut phrases: HashMap<char, Vec<_>> = HashMap::new();
            for (old, new) in table().filter(|(old, _)| old.chars().nth(1).is_some()) {
                phrases.entry(old.chars().next().unwrap_or_default()).or_default().push((old, new));
            }
            phrases.values_mut().for_each(|list| list.sort_by_key(|(old, _)| std::cmp::Reverse(old.len())));
            let simplified = characters().map(|(_, new)| new).collect();
            Self { characters: characters().collect(), simplified, phrases }
        })
    }
}

/// The text in simplified characters; borrowed when nothing changes.
pub fn simplify(text: &str) -> Cow<'_, str> {
    let table = Simplifier::get();
    let mut out = String::new();
    let (mut done, mut at) = (0, 0);
    while let Some(c) = text[at..].chars().next() {
        let end = at + c.len_utf8();
        if c.is_ascii() || !(table.characters.contains_key(&c) || table.phrases.contains_key(&c)) {
            at = end;
            continue;
        }
        let phrase =
            table.phrases.get(&c).and_then(|list| list.iter().find(|(old, _)| text[at..].starts_with(old)));
        let (length, new): (usize, Cow<'_, str>) = match (phrase, table.characters.get(&c)) {
            (Some((old, new)), _) => (old.len(), Cow::Borrowed(*new)),
            (None, Some(new)) => (c.len_utf8(), Cow::Owned(new.to_string())),
            (None, None) => (c.len_utf8(), Cow::Borrowed(&text[at..end])),
        };
        if text[at..at + length] != *new {
            out.push_str(&text[done..at]);
            out.push_str(&new);
            done = at + length;
        }
        at += length;
    }
    finish(text, out, done)
}

/// The text with full-width Latin letters, digits and signs (`Ａ`, `１`, `＠`) in half width, and the
/// ideographic space as a plain one. Chinese punctuation (，。；：！？（）) stays: it is right in Chinese.
pub fn narrow(text: &str) -> Cow<'_, str> {
    let mut out = String::new();
    let mut done = 0;
    // All of them begin with the byte 0xEF, or are U+3000.
    for (at, c) in text.char_indices().filter(|&(_, c)| c >= '\u{3000}') {
        if let Some(new) = narrow_character(c) {
            out.push_str(&text[done..at]);
            out.push(new);
            done = at + c.len_utf8();
        }
    }
    finish(text, out, done)
}

fn narrow_character(c: char) -> Option<char> {
    match c {
        '，' | '；' | '：' | '！' | '？' | '（' | '）' => None,
        '\u{3000}' => Some(' '),
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(c) - 0xFEE0),
        _ => None,
    }
}

fn finish(text: &str, mut out: String, done: usize) -> Cow<'_, str> {
    if done == 0 {
        return Cow::Borrowed(text);
    }
    out.push_str(&text[done..]);
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn traditional_becomes_simplified_and_phrases_keep_their_exceptions() {
        assert_eq!(simplify("中華人民共和國憲法"), "中华人民共和国宪法");
        assert_eq!(simplify("乾隆皇帝喜歡乾燥的地方"), "乾隆皇帝喜欢干燥的地方");
        assert!(matches!(simplify("简体 plain"), Cow::Borrowed(_)));
        assert_eq!(simplify(""), "");
    }

    #[test]
    fn full_width_letters_become_plain_and_chinese_punctuation_stays() {
        assert_eq!(narrow("ＡＢＣ　１２３，好（的）"), "ABC 123，好（的）");
        assert!(matches!(narrow("好，的"), Cow::Borrowed(_)));
    }
}

//! How much a text reads like Chinese advertising: its words, its contacts, its shouting.

use std::sync::OnceLock;

use daachorse::{CharwiseDoubleArrayAhoCorasick, CharwiseDoubleArrayAhoCorasickBuilder, MatchKind};

use super::Measures;

/// What a word of the list says.
#[derive(Clone, Copy, PartialEq)]
enum Class {
    Strong,
    Weak,
    Contact,
}

/// The built-in list of words.
pub(super) struct Advertising {
    automaton: CharwiseDoubleArrayAhoCorasick<u32>,
    classes: Vec<Class>,
}

impl Advertising {
    pub(super) fn get() -> &'static Self {
        static LIST: OnceLock<Advertising> = OnceLock::new();
        LIST.get_or_init(|| {
            let (mut words, mut classes) = (Vec::new(), Vec::new());
            for line in
                include_str!("../../data/zh.advertising.txt").lines().filter(|line| !line.starts_with('#'))
            {
                let Some((class, word)) = line.split_once(' ') else { continue };
                words.push(word);
                classes.push(match class {
                    "strong" => Class::Strong,
                    "contact" => Class::Contact,
                    _ => Class::Weak,
                });
            }
            let automaton =
                CharwiseDoubleArrayAhoCorasickBuilder::new().match_kind(MatchKind::LeftmostLongest);
            Self { automaton: automaton.build(words).expect("the built-in list has no word twice"), classes }
        })
    }

    /// Points per hundred letters. A strong word gives one, a weak one a quarter, a contact (a word such as
    /// 微信 with a number or name behind it, or a telephone number) two, a price a half, an exclamation mark or
    /// star two tenths.
    ///
    /// Words say little where few stand together: with no contact in the text, half of them counts.
    pub(super) fn score(&self, text: &str, measures: &Measures) -> f64 {
        if measures.han < 10 {
            return 0.0;
        }
        let (mut words, mut contacts) = (0.0, 0.0);
        for found in self.automaton.leftmost_find_iter(text) {
            match self.classes[found.value() as usize] {
                Class::Strong => words += 1.0,
                Class::Weak => words += 0.25,
                Class::Contact => contacts += f64::from(u8::from(address_follows(&text[found.end()..]))),
            }
        }
        let (phones, prices) = numbers(text);
        contacts += phones;
        let points = words * if contacts > 0.0 { 1.0 } else { 0.5 }
            + contacts * 2.0
            + prices * 0.5
            + measures.shouts as f64 * 0.2;
        // A text of few letters is no proof.
        points * 100.0 / (measures.letters.max(60)) as f64
    }
}

/// Whether an account or number of five characters or more comes within the next few characters.
fn address_follows(rest: &str) -> bool {
    let mut run = 0;
    for (place, c) in rest.chars().take(24).enumerate() {
        if c.is_ascii_alphanumeric() || matches!(c, '-' | '_') {
            run += 1;
            if run == 5 {
                return true;
            }
        } else if place > 6 && run == 0 || c == '\n' {
            return false;
        } else if c != ' ' {
            run = 0;
        }
    }
    false
}

/// How many telephone numbers (mobile, 400 and 800) and prices stand in the text.
fn numbers(text: &str) -> (f64, f64) {
    let bytes = text.as_bytes();
    let (mut phones, mut prices, mut at) = (0.0, 0.0, 0);
    while let Some(step) = bytes[at..].iter().position(u8::is_ascii_digit) {
        let start = at + step;
        let (mut digits, mut count, mut end) = ([0u8; 12], 0, start);
        while end < bytes.len()
            && (bytes[end].is_ascii_digit() || (matches!(bytes[end], b'-' | b' ' | b'.') && count > 0))
        {
            if bytes[end].is_ascii_digit() {
                if count < 12 {
                    digits[count] = bytes[end];
                }
                count += 1;
            } else if !bytes.get(end + 1).is_some_and(u8::is_ascii_digit) {
                break;
            }
            end += 1;
        }
        let mobile = count == 11 && digits[0] == b'1' && digits[1] >= b'3';
        let service = count == 10 && matches!(&digits[..3], b"400" | b"800");
        phones += f64::from(u8::from(mobile || service));
        let price = text[end..].starts_with('元') || text[..start].ends_with(['¥', '￥']);
        prices += f64::from(u8::from(price && count < 8));
        at = end;
    }
    (phones, prices)
}

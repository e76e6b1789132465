//! The last pattern of DeepSeek 3: ASCII punctuation with the ASCII word behind it, words of letters and marks
//! with one character before them, punctuation and symbols with line ends, line ends, spaces.
//!
//! Characters of no alternative (digits, controls) stand between matches and stay together.

use super::{Scan, cl100k::line_ends, lines_or_spaces};
use crate::classes::{Classes, LETTER, MARK, PUNCTUATION, SPACE, SYMBOL};

pub(super) struct DeepSeek;

const WORD: u8 = LETTER | MARK;
const SIGN: u8 = PUNCTUATION | SYMBOL;

impl Scan for DeepSeek {
    #[inline(always)]
    fn next(text: &[u8], at: usize, classes: &Classes) -> usize {
        if let Some(end) = matched(text, at, classes) {
            return end;
        }
        let mut end = at + classes.at(text, at).1;
        while end < text.len() && matched(text, end, classes).is_none() {
            end += classes.at(text, end).1;
        }
        end
    }
}

#[inline(always)]
fn matched(text: &[u8], at: usize, classes: &Classes) -> Option<usize> {
    let (class, length) = classes.at(text, at);
    let first = text[at];
    if class & LETTER != 0 {
        return Some(words(text, at, classes));
    }
    let (second, _) = classes.at(text, at + length);
    if first.is_ascii_punctuation() && text.get(at + 1).is_some_and(u8::is_ascii_alphabetic) {
        let rest = &text[at + 1..];
        return Some(at + 1 + rest.iter().take_while(|byte| byte.is_ascii_alphabetic()).count());
    }
    if class & SIGN == 0 && second & WORD != 0 && !matches!(first, b'\r' | b'\n') {
        return Some(words(text, at + length, classes));
    }
    if class & WORD != 0 {
        return Some(words(text, at, classes));
    }
    if class & SIGN != 0 || (first == b' ' && second & SIGN != 0) {
        let signs = classes.run(text, at + length, |class| class & SIGN != 0);
        return Some(line_ends(text, signs));
    }
    (class & SPACE != 0).then(|| lines_or_spaces(text, at, classes))
}

#[inline(always)]
fn words(text: &[u8], at: usize, classes: &Classes) -> usize {
    classes.run(text, at, |class| class & WORD != 0)
}

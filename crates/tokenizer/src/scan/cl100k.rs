//! cl100k, Llama 3 (`DIGITS` 3) and Qwen 2 (1): contractions of any case, words with one character before
//! them, numbers, other characters with the line ends behind them, line ends, spaces.

use super::{Scan, contraction, lines_or_spaces};
use crate::classes::{Classes, LETTER, NUMBER, SPACE};

pub(super) struct Cl100k<const DIGITS: usize>;

impl<const DIGITS: usize> Scan for Cl100k<DIGITS> {
    #[inline(always)]
    fn next(text: &[u8], at: usize, classes: &Classes) -> usize {
        let (class, length) = classes.at(text, at);
        if class & LETTER != 0 {
            return letters(text, at + length, classes);
        }
        if class & NUMBER != 0 {
            return numbers::<DIGITS>(text, at + length, classes);
        }
        let first = text[at];
        if first == b'\'' {
            let short = contraction(text, at, true);
            if short > 0 {
                return at + short;
            }
        }
        let (second, second_length) = classes.at(text, at + length);
        if second & LETTER != 0 && !matches!(first, b'\r' | b'\n') {
            return letters(text, at + length + second_length, classes);
        }
        let others = match () {
            () if class & SPACE == 0 => at + length,
            () if first == b' ' && second_length > 0 && second & (SPACE | NUMBER | LETTER) == 0 => {
                at + length + second_length
            }
            () => return lines_or_spaces(text, at, classes),
        };
        let end = classes.run(text, others, |class| class & (SPACE | LETTER | NUMBER) == 0);
        line_ends(text, end)
    }
}

#[inline(always)]
fn letters(text: &[u8], at: usize, classes: &Classes) -> usize {
    classes.run(text, at, |class| class & LETTER != 0)
}

/// Up to `DIGITS - 1` more.
#[inline(always)]
pub(super) fn numbers<const DIGITS: usize>(text: &[u8], mut at: usize, classes: &Classes) -> usize {
    for _ in 1..DIGITS {
        let (class, length) = classes.at(text, at);
        if class & NUMBER == 0 {
            break;
        }
        at += length;
    }
    at
}

#[inline(always)]
pub(super) fn line_ends(text: &[u8], mut at: usize) -> usize {
    while matches!(text.get(at), Some(b'\r' | b'\n')) {
        at += 1;
    }
    at
}

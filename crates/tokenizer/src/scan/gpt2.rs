//! GPT-2: `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`.

use super::{Scan, contraction, spaces};
use crate::classes::{Classes, LETTER, NUMBER, SPACE};

pub(super) struct Gpt2;

impl Scan for Gpt2 {
    #[inline(always)]
    fn next(text: &[u8], at: usize, classes: &Classes) -> usize {
        let first = text[at];
        let word = if first == b' ' { at + 1 } else { at };
        let (class, length) = classes.at(text, word);
        if class & LETTER != 0 {
            return classes.run(text, word + length, |class| class & LETTER != 0);
        }
        if length == 0 || class & SPACE != 0 {
            return spaces(text, at, classes);
        }
        if class & NUMBER != 0 {
            return classes.run(text, word + length, |class| class & NUMBER != 0);
        }
        if first == b'\'' {
            let short = contraction(text, at, false);
            if short > 0 {
                return at + short;
            }
        }
        classes.run(text, word + length, |class| class & (SPACE | LETTER | NUMBER) == 0)
    }
}

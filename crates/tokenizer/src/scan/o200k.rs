//! GPT-4o (`DIGITS` 3, contractions) and Mistral's Tekken (1, none): words end where lower case meets upper.
//!
//! With `U` for letters that are not lower case and marks, and `W` for letters that are not upper case and
//! marks, the words are `[^\r\n\p{L}\p{N}]?U*W+C?|[^\r\n\p{L}\p{N}]?U+W*C?`.

use super::{Scan, cl100k, contraction, lines_or_spaces};
use crate::classes::{Classes, LETTER, LOWER, MARK, NUMBER, OTHER, SPACE, UPPER};

pub(super) struct O200k<const DIGITS: usize, const CONTRACTIONS: bool>;

const U: u8 = UPPER | OTHER | MARK;
const W: u8 = LOWER | OTHER | MARK;

impl<const DIGITS: usize, const CONTRACTIONS: bool> Scan for O200k<DIGITS, CONTRACTIONS> {
    #[inline(always)]
    fn next(text: &[u8], at: usize, classes: &Classes) -> usize {
        let (class, length) = classes.at(text, at);
        let first = text[at];
        let may_lead = class & (LETTER | NUMBER) == 0 && !matches!(first, b'\r' | b'\n');
        if let Some(end) = word(text, at, length, may_lead, class, classes) {
            return end + if CONTRACTIONS { contraction(text, end, true) } else { 0 };
        }
        if class & NUMBER != 0 {
            return cl100k::numbers::<DIGITS>(text, at + length, classes);
        }
        let others = if class & SPACE == 0 {
            at + length
        } else {
            let (second, second_length) = classes.at(text, at + length);
            if first != b' ' || second_length == 0 || second & (SPACE | NUMBER | LETTER) != 0 {
                return lines_or_spaces(text, at, classes);
            }
            at + length + second_length
        };
        let mut end = classes.run(text, others, |class| class & (SPACE | LETTER | NUMBER) == 0);
        while matches!(text.get(end), Some(b'\r' | b'\n' | b'/')) {
            end += 1;
        }
        end
    }
}

/// The end of the word at `at`: first with its leading character, then without; first ending in `W`, then not.
#[inline(always)]
fn word(
    text: &[u8],
    at: usize,
    length: usize,
    may_lead: bool,
    class: u8,
    classes: &Classes,
) -> Option<usize> {
    let led = may_lead.then_some(at + length);
    let bare = (class & (U | W) != 0).then_some(at);
    let lower = led.and_then(|at| ends_lower(text, at, classes));
    lower.or_else(|| ends_lower(text, bare?, classes)).or_else(|| {
        let upper = |at| Some(classes.run(text, at, |class| class & U != 0)).filter(|end| *end > at);
        led.and_then(upper).or_else(|| upper(bare?))
    })
}

/// `U*W+`: the capitals may give back what is in both.
#[inline(always)]
fn ends_lower(text: &[u8], at: usize, classes: &Classes) -> Option<usize> {
    let (mut end, mut given_back) = (at, None);
    loop {
        let (class, length) = classes.at(text, end);
        if class & U == 0 {
            return if class & W != 0 {
                Some(classes.run(text, end + length, |class| class & W != 0))
            } else {
                given_back
            };
        }
        end += length;
        if class & W != 0 {
            given_back = Some(end);
        }
    }
}

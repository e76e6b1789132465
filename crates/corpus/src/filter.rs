//! Which documents are worth keeping: the quality and repetition rules of Rae et al. 2021 ("Scaling Language
//! Models: Methods, Analysis & Insights from Training Gopher", arXiv:2112.11446, section A.1.1 and table A1),
//! adapted for scripts that put no spaces between words.
//!
//! Adaptation, ours: a document whose letters are at least 30 % Han or kana counts characters as words. Modern
//! written Chinese has somewhat under two characters a word, so its smallest length and its n-grams are doubled;
//! the mean length of words is not asked; the stop words are frequent function characters. In every script, lone
//! punctuation is no word.

mod quality;
mod repetition;
mod thresholds;

pub use thresholds::Thresholds;

use crate::text::Words;
use std::collections::HashMap;

/// Room for the rules to work in, reused from document to document.
#[derive(Debug, Default)]
pub struct Scratch {
    seen: Seen,
    counts: HashMap<u64, u32>,
    cells: Vec<u16>,
    grams: Vec<u64>,
}

/// A set of mixed hashes that is emptied and filled faster than a general one.
#[derive(Debug, Default)]
struct Seen {
    slots: Vec<u64>,
    mask: usize,
}

impl Seen {
    /// Empties the set and makes room for `n` hashes.
    fn reset(&mut self, n: usize) {
        let slots = (n * 2).next_power_of_two().max(64);
        self.slots.clear();
        self.slots.resize(slots, 0);
        self.mask = slots - 1;
    }

    /// Adds a hash; false when it was there.
    #[inline]
    fn insert(&mut self, hash: u64) -> bool {
        let hash = hash.max(1);
        let mut at = hash as usize & self.mask;
        while self.slots[at] != 0 {
            if self.slots[at] == hash {
                return false;
            }
            at = (at + 1) & self.mask;
        }
        self.slots[at] = hash;
        true
    }
}

/// The first rule that the text breaks, as a stable code; none when it passes all.
pub fn broken_rule(
    text: &str,
    words: &Words,
    limits: &Thresholds,
    scratch: &mut Scratch,
) -> Option<&'static str> {
    quality::broken(text, words, limits).or_else(|| repetition::broken(text, words, limits, scratch))
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) const GOOD: &str = "The community lends machines to young companies that have little money of their own. \
        Each of them applies once, and the operator looks at what it wants to build with the help it asks for. \
        When a model is trained, everybody can follow which documents went into it, who wrote those, and to whom \
        a share of the later income belongs. That makes public spending easy to check.";

    fn judge(text: &str) -> Option<&'static str> {
        let mut words = Words::default();
        words.scan(text);
        broken_rule(text, &words, &Thresholds::default(), &mut Scratch::default())
    }

    #[test]
    fn prose_passes_in_both_languages() {
        assert_eq!(judge(GOOD), None);
        let chinese = "模速空间是面向人工智能企业的创新社区，为入驻企业提供算力调度、开放数据、评测服务、金融服务和综合服务。\
            企业只需申请一次，运营方审核之后就可以使用社区的公共资源。每一笔补贴都有依据，每一份数据都能追溯来源，\
            模型的收入也会按照贡献分给语料的作者，这让公共资金的使用变得清楚透明。";
        assert_eq!(judge(chinese), None);
    }

    #[test]
    fn each_rule_is_broken_by_what_it_names() {
        let cases: [(&str, String); 9] = [
            ("too_short", "Too short to be of use.".into()),
            ("word_length", "a b c d e f g h i j ".repeat(10)),
            ("symbols", GOOD.replace(' ', " # ")),
            ("bullets", GOOD.split(' ').map(|word| format!("- {word} {word}\n")).collect()),
            ("ellipses", GOOD.replace("of", "of ...\n").replace(". ", "...\n")),
            ("few_letters", format!("{GOOD} {}", "12 345 6789 ".repeat(12))),
            (
                "few_stop_words",
                "Lorem ipsum dolor amet consetetur sadipscing elitr nonumy eirmod tempor ".repeat(6),
            ),
            ("repeated_lines", format!("{GOOD}\n{}", "press any key now\n".repeat(40))),
            ("repeated_2_grams", format!("{GOOD} {}", "buy shoes, ".repeat(50))),
        ];
        for (code, text) in cases {
            assert_eq!(judge(&text), Some(code), "{text:.80}");
        }
    }

    #[test]
    fn a_repeated_passage_is_found() {
        let long: String = (0..40).map(|n| format!("alpha{n} beta{n} gamma{n} ")).collect();
        assert_eq!(judge(&format!("{long}{GOOD}")), None);
        assert!(judge(&format!("{long}{GOOD}\n{GOOD}")).is_some_and(|code| code.starts_with("repeated_")));
    }
}

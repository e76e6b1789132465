//! Chinese words: the most probable way to cut a text into words of the built-in dictionary.
//!
//! Each word weighs the logarithm of its frequency; the cut with the greatest sum wins (a unigram model, the
//! same as jieba's without its hidden Markov model). Runs of Latin letters and digits are one word each;
//! spaces are none.

use std::sync::OnceLock;

use daachorse::{CharwiseDoubleArrayAhoCorasick, CharwiseDoubleArrayAhoCorasickBuilder};

use crate::dictionary::{each_word, is_han};

/// What a character outside the dictionary weighs, as a logarithm of a frequency: less than any word.
const UNKNOWN: f32 = -26.0;

/// Cuts text into words. Cheap to make: the dictionary is loaded once for the process.
#[derive(Debug, Default)]
pub struct Segmenter {
    /// For each byte place of the run at hand: the best sum up to it, and the length of its last word.
    best: Vec<(f32, u8)>,
    lengths: Vec<u8>,
}

struct Words {
    automaton: CharwiseDoubleArrayAhoCorasick<u32>,
    weights: Vec<f32>,
}

impl Words {
    fn get() -> &'static Self {
        static WORDS: OnceLock<Words> = OnceLock::new();
        WORDS.get_or_init(|| {
            let (mut words, mut weights, mut sum) = (Vec::new(), Vec::new(), 0.0f64);
            each_word(|word, weight| {
                words.push(word.to_owned());
                weights.push(weight);
                sum += f64::from(weight.exp2());
            });
            let total = sum.log2() as f32;
            weights.iter_mut().for_each(|weight| *weight -= total);
            let automaton = CharwiseDoubleArrayAhoCorasickBuilder::new().build(words);
            Self {
                automaton: automaton.expect("the built-in dictionary is sorted and has no word twice"),
                weights,
            }
        })
    }
}

impl Segmenter {
    /// A segmenter with its own working memory; use one per thread.
    pub fn new() -> Self {
        Self::default()
    }

    /// Calls `each` with every word of the text in order: Chinese words, runs of other letters and digits,
    /// and every other character that isn't a space as a word of its own.
    pub fn words<'t>(&mut self, text: &'t str, mut each: impl FnMut(&'t str)) {
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            let end = |keep: fn(char) -> bool| rest.find(|c| !keep(c)).unwrap_or(rest.len());
            let length = if is_han(c) {
                let length = end(is_han);
                self.chinese(&rest[..length], &mut each);
                length
            } else if c.is_alphanumeric() {
                let length = end(|c| c.is_alphanumeric() && !is_han(c));
                each(&rest[..length]);
                length
            } else {
                if !c.is_whitespace() {
                    each(&rest[..c.len_utf8()]);
                }
                c.len_utf8()
            };
            rest = &rest[length..];
        }
    }

    /// A run of Han characters, each three bytes long.
    fn chinese<'t>(&mut self, run: &'t str, each: &mut impl FnMut(&'t str)) {
        let words = Words::get();
        self.best.clear();
        self.best.resize(run.len() / 3 + 1, (f32::NEG_INFINITY, 1));
        self.best[0].0 = 0.0;
        let mut matches = words.automaton.find_overlapping_iter(run).peekable();
        for end in 1..self.best.len() {
            let mut found = (self.best[end - 1].0 + UNKNOWN, 1);
            while let Some(word) = matches.next_if(|word| word.end() == end * 3) {
                let sum = self.best[word.start() / 3].0 + words.weights[word.value() as usize];
                if sum > found.0 {
                    found = (sum, ((word.end() - word.start()) / 3) as u8);
                }
            }
            self.best[end] = found;
        }
        self.lengths.clear();
        let mut end = self.best.len() - 1;
        while end > 0 {
            self.lengths.push(self.best[end].1);
            end -= self.best[end].1 as usize;
        }
        let mut start = 0;
        for &length in self.lengths.iter().rev() {
            let end = start + length as usize * 3;
            each(&run[start..end]);
            start = end;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &str) -> String {
        let mut words = Vec::new();
        Segmenter::new().words(text, |word| words.push(word));
        words.join("/")
    }

    #[test]
    fn text_is_cut_into_its_likeliest_words() {
        assert_eq!(cut("我来到北京清华大学"), "我/来到/北京/清华大学");
        assert_eq!(
            cut("中华人民共和国宪法 2018年修正，GPU版。"),
            "中华人民共和国/宪法/2018/年/修正/，/GPU/版/。"
        );
        assert_eq!(cut("  "), "");
        assert_eq!(cut("㐀龘"), "㐀/龘");
    }

    proptest::proptest! {
        #[test]
        fn words_joined_are_the_text_without_spaces(text in "[\u{4e00}-\u{4e80}法律中国 a1。]{0,40}") {
            let mut joined = String::new();
            Segmenter::new().words(&text, |word| joined.push_str(word));
            proptest::prop_assert_eq!(joined, text.replace(' ', ""));
        }
    }
}

//! The numbers of the rules, with where each comes from.

use kernel::{Error, Result};
use serde::{Deserialize, Serialize};

/// Thresholds of the rules. The defaults are those of Rae et al. 2021, section A.1.1 (quality) and table A1
/// (repetition). Fractions are from 0 to 1.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Thresholds {
    /// Fewest words ("between 50 and 100,000 words"); twice as many characters for Chinese and Japanese.
    pub words_min: usize,
    /// Most words; twice as many characters for Chinese and Japanese.
    pub words_max: usize,
    /// Least mean length of words in characters ("3 to 10 characters").
    pub word_length_min: f64,
    /// Greatest mean length of words in characters.
    pub word_length_max: f64,
    /// Most `#` and ellipses for each word ("greater than 0.1 for either the hash symbol or the ellipsis").
    pub symbols: f64,
    /// Largest fraction of lines that start with a bullet ("more than 90%").
    pub bullets: f64,
    /// Largest fraction of lines that end with an ellipsis ("more than 30%").
    pub ellipses: f64,
    /// Least fraction of words with a letter ("80% of words").
    pub alphabetic: f64,
    /// Fewest different stop words ("at least two of the be to of and that have with"); 0 turns the rule off.
    pub stop_words: usize,
    /// Largest fraction of lines, and of paragraphs, that repeat an earlier one (0.30).
    pub repeated_lines: f64,
    /// Largest fraction of bytes in such lines or paragraphs (0.20).
    pub repeated_line_bytes: f64,
    /// Largest fraction of the words' bytes in the most frequent 2-, 3- and 4-gram (0.20, 0.18, 0.16).
    pub top_grams: [f64; 3],
    /// Largest fraction of the words' bytes in repeated 5- to 10-grams (0.15 down to 0.10).
    pub repeated_grams: [f64; 6],
}

impl Default for Thresholds {
    fn default() -> Self {
        Self {
            words_min: 50,
            words_max: 100_000,
            word_length_min: 3.0,
            word_length_max: 10.0,
            symbols: 0.1,
            bullets: 0.9,
            ellipses: 0.3,
            alphabetic: 0.8,
            stop_words: 2,
            repeated_lines: 0.3,
            repeated_line_bytes: 0.2,
            top_grams: [0.20, 0.18, 0.16],
            repeated_grams: [0.15, 0.14, 0.13, 0.12, 0.11, 0.10],
        }
    }
}

impl Thresholds {
    /// Refuses thresholds that are no fractions or leave nothing between them.
    pub fn check(&self) -> Result<()> {
        let single = [self.symbols, self.bullets, self.ellipses, self.alphabetic, self.repeated_lines];
        let mut fractions = single
            .iter()
            .chain([&self.repeated_line_bytes])
            .chain(&self.top_grams)
            .chain(&self.repeated_grams);
        if !fractions.all(|fraction| (0.0..=1.0).contains(fraction)) {
            let text = "corpus options: the fractions of `filter` are from 0 to 1";
            return Err(Error::invalid("corpus_options_invalid", text));
        }
        let ordered = self.words_min <= self.words_max && self.word_length_min <= self.word_length_max;
        if !ordered || self.words_max > 100_000_000 || self.stop_words > 8 {
            let text = "corpus options: in `filter`, each minimum is at most its maximum, `words_max` is at most \
                        100 million and `stop_words` at most 8";
            return Err(Error::invalid("corpus_options_invalid", text));
        }
        Ok(())
    }
}

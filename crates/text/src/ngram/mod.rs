//! Small n-gram language models, trained here: how surprising a text is.
//!
//! Interpolated Kneser-Ney with three discounts for each order (Chen and Goodman's modification), over
//! characters or words. Probabilities are worked out from counts when they are asked for, so that they sum to
//! one.
//!
//! Map: `count` counting a corpus · `file` saving and loading · here: asking.

mod count;
mod file;

use std::{
    collections::HashMap,
    hash::{BuildHasherDefault, Hasher},
};

use kernel::Result;
use serde::{Deserialize, Serialize};

use crate::{Drop, Outcome, segment::Segmenter};

/// What a model counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Characters; right for Chinese.
    Character,
    /// Words: Chinese ones by the dictionary, others by spaces and punctuation.
    Word,
}

/// How to train.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    /// What is counted.
    pub unit: Unit,
    /// Longest run of units, from 1 to 5.
    pub order: usize,
    /// Units seen less often in training are unknown.
    pub min_count: u32,
    /// Most different runs that are kept in memory: about 24 bytes each.
    pub max_runs: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self { unit: Unit::Character, order: 3, min_count: 2, max_runs: 50_000_000 }
    }
}

/// Hashes of runs are mixed already.
#[derive(Default)]
struct Mixed(u64);

impl Hasher for Mixed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|&b| self.0 = self.0.rotate_left(8) ^ u64::from(b));
    }

    fn write_u64(&mut self, value: u64) {
        self.0 = value;
    }
}

type Map<V> = HashMap<u64, V, BuildHasherDefault<Mixed>>;

/// What follows a context: the sum of the counts, and how many followers have the counts one, two, three or
/// more.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Context {
    sum: u64,
    kinds: [u32; 3],
}

/// The tables of one order.
#[derive(Debug, Clone, Default, PartialEq)]
struct Level {
    /// Counts of runs; below the highest order, how many different units come before them.
    runs: Map<u32>,
    /// By the run without its last unit.
    contexts: Map<Context>,
    /// What is taken off the counts one, two, three and more.
    discounts: [f64; 3],
}

/// A trained model. Shared by any number of threads.
#[derive(Debug, PartialEq)]
pub struct Model {
    options: Options,
    vocabulary: HashMap<String, u32>,
    levels: Vec<Level>,
}

/// The unit that stands for all that are unknown, the one before a line and the one after it.
const UNKNOWN: u32 = 0;
const BEGIN: u32 = 1;
const END: u32 = 2;

/// The hash of a run with one more unit before it.
fn extend(hash: u64, unit: u32) -> u64 {
    let mixed = (hash ^ u64::from(unit).wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15))
        .wrapping_mul(0xD6E8_FEB8_6659_FD93);
    mixed ^ (mixed >> 32)
}

/// The hash of a run, from its last unit to its first.
fn hash(run: &[u32]) -> u64 {
    run.iter().rev().fold(0x51_7C_C1_B7_27_22_0A_95, |hash, &unit| extend(hash, unit))
}

/// Calls `each` with the units of a line.
fn units<'t>(line: &'t str, unit: Unit, segmenter: &mut Segmenter, mut each: impl FnMut(&'t str)) {
    match unit {
        Unit::Word => segmenter.words(line, each),
        Unit::Character => line
            .char_indices()
            .filter(|(_, c)| !c.is_whitespace())
            .for_each(|(at, c)| each(&line[at..at + c.len_utf8()])),
    }
}

impl Model {
    /// Trains a model on texts; each line is a sentence. The texts are gone through once.
    ///
    /// # Errors
    /// `ngram_options_invalid`, `ngram_too_large` when there are more runs than the options allow,
    /// `ngram_no_text` when no text has anything to count.
    pub fn train<'t>(texts: impl IntoIterator<Item = &'t str>, options: &Options) -> Result<Self> {
        count::train(texts, options)
    }

    /// How surprising a text is: the perplexity per unit, ends of lines included. None for a text with no
    /// unit.
    pub fn perplexity(&self, text: &str) -> Option<f64> {
        let (mut bits, mut count) = (0.0, 0u64);
        let mut segmenter = Segmenter::new();
        let mut run: Vec<u32> = Vec::new();
        for line in text.lines() {
            let start = self.options.order - 1;
            run.clear();
            run.resize(start, BEGIN);
            units(line, self.options.unit, &mut segmenter, |unit| {
                run.push(self.vocabulary.get(unit).copied().unwrap_or(UNKNOWN));
            });
            if run.len() == start {
                continue;
            }
            run.push(END);
            for at in start..run.len() {
                bits -= self.probability(&run[at - start..=at]).log2();
            }
            count += (run.len() - start) as u64;
        }
        (count > 0).then(|| (bits / count as f64).exp2())
    }

    /// The probability of the last unit of a run after the ones before it.
    fn probability(&self, run: &[u32]) -> f64 {
        let vocabulary = (self.vocabulary.len() + 2) as f64;
        let mut probability = 1.0 / vocabulary;
        for (length, level) in (1..=run.len()).zip(&self.levels) {
            let run = &run[run.len() - length..];
            let Some(context) = level.contexts.get(&hash(&run[..length - 1])) else { break };
            let count = level.runs.get(&hash(run)).copied().unwrap_or(0);
            let discount = level.discounts[(count.clamp(1, 3) - 1) as usize];
            let own = (f64::from(count) - discount).max(0.0);
            let rest: f64 = level.discounts.iter().zip(context.kinds).map(|(d, n)| d * f64::from(n)).sum();
            probability = (own + rest * probability) / context.sum as f64;
        }
        probability
    }
}

/// Bounds of the perplexity of texts that stay.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Texts below it go: they say the same again and again.
    pub min: f64,
    /// Texts above it go: they are no language that the model knows.
    pub max: f64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { min: 0.0, max: f64::INFINITY }
    }
}

impl Limits {
    /// What a model says of a text, as the rule with this place in a list. Reasons: `perplexity_too_low`,
    /// `perplexity_too_high`, `perplexity_unknown` for a text with nothing to go by.
    pub fn judge(&self, model: &Model, rule: usize, text: &str) -> Outcome {
        let reason = match model.perplexity(text) {
            None => "perplexity_unknown",
            Some(perplexity) if perplexity < self.min => "perplexity_too_low",
            Some(perplexity) if perplexity > self.max => "perplexity_too_high",
            Some(_) => return Outcome::Keep,
        };
        Outcome::Drop(Drop { rule, reason })
    }
}

#[cfg(test)]
mod tests;

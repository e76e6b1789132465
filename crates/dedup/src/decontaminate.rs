//! Overlap with benchmarks: n-grams that a text shares with the items of test sets.
//!
//! Thirteen words are what the makers of GPT-3 took; the hits are reported by item, so that one can say which
//! questions of a benchmark a corpus gives away.

mod report;

pub use report::{Example, Overlap, Report};

use crate::{Shingler, hash::ByHash, units::Unit};
use kernel::{Error, Result};
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// Items of a benchmark that one n-gram stands for at most; a template's words are in all of them.
const ITEMS: usize = 16;

/// Settings of decontamination.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    /// Whether n-grams are of words or of characters.
    pub unit: Unit,
    /// Units of an n-gram; 2 to 64. For characters of Chinese some 20.
    pub ngram: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self { unit: Unit::Words, ngram: 13 }
    }
}

/// A benchmark: its name and its items.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Benchmark {
    /// Name, for the report.
    pub name: String,
    /// Questions, with or without answers.
    pub items: Vec<String>,
}

/// The n-grams of benchmarks.
#[derive(Debug)]
pub struct Index {
    options: Options,
    benchmarks: Vec<Size>,
    /// (n-gram, benchmark, item), sorted.
    grams: Vec<(u64, u32, u32)>,
    /// Where each n-gram starts in `grams`.
    starts: ByHash<u32>,
}

/// A benchmark as the index knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Size {
    /// Name.
    pub name: String,
    /// Items.
    pub items: usize,
    /// Items with fewer units than an n-gram: too short to be told from common phrases, so never hit.
    pub too_short: usize,
}

/// A stretch of a text that stands in an item of a benchmark.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// Number of the benchmark.
    pub benchmark: u32,
    /// Number of the item in its benchmark; where many share the n-gram, one of the first.
    pub item: u32,
    /// N-grams in the stretch, one after the other.
    pub ngrams: usize,
    /// The place in the text, in bytes.
    pub place: Range<usize>,
}

impl Index {
    /// The index of all n-grams of `benchmarks`.
    ///
    /// # Errors
    /// `dedup_options_invalid` for n-grams of fewer than 2 or more than 64 units.
    pub fn build(benchmarks: &[Benchmark], options: Options) -> Result<Self> {
        if !(2..=64).contains(&options.ngram) {
            let text = format!("decontaminate: ngram is {}; give a number from 2 to 64.", options.ngram);
            return Err(Error::invalid("dedup_options_invalid", text));
        }
        let (mut grams, mut sizes, mut found) = (Vec::new(), Vec::new(), Vec::new());
        let mut shingler = Shingler::new(options.unit, options.ngram);
        for (benchmark, number) in benchmarks.iter().zip(0_u32..) {
            let mut too_short = 0;
            for (text, item) in benchmark.items.iter().zip(0_u32..) {
                found.clear();
                if shingler.append(text, &mut found) < options.ngram {
                    too_short += 1;
                } else {
                    grams.extend(found.iter().map(|gram| (*gram, number, item)));
                }
            }
            sizes.push(Size { name: benchmark.name.clone(), items: benchmark.items.len(), too_short });
        }
        grams.sort_unstable();
        grams.dedup();
        let mut same = 0;
        let mut before = None;
        grams.retain(|(gram, benchmark, _)| {
            same = if before == Some((*gram, *benchmark)) { same + 1 } else { 1 };
            before = Some((*gram, *benchmark));
            same <= ITEMS
        });
        // From the last to the first: the first of equal ones stays.
        let starts = grams.iter().enumerate().rev().map(|(at, (gram, ..))| (*gram, at as u32)).collect();
        Ok(Self { options, benchmarks: sizes, grams, starts })
    }

    /// The benchmarks, by number.
    pub fn benchmarks(&self) -> &[Size] {
        &self.benchmarks
    }

    fn of(&self, gram: u64) -> &[(u64, u32, u32)] {
        let Some(start) = self.starts.get(&gram) else { return &[] };
        let rest = &self.grams[*start as usize..];
        &rest[..rest.iter().take_while(|entry| entry.0 == gram).count()]
    }
}

/// Looks texts up in an index; one for each worker, since it keeps its buffers.
#[derive(Debug)]
pub struct Finder<'a> {
    index: &'a Index,
    shingler: Shingler,
    shingles: Vec<u64>,
    places: Vec<Range<usize>>,
}

impl<'a> Finder<'a> {
    /// A finder.
    pub fn new(index: &'a Index) -> Self {
        let shingler = Shingler::new(index.options.unit, index.options.ngram);
        Self { index, shingler, shingles: Vec::new(), places: Vec::new() }
    }

    /// The stretches of `text` that stand in benchmarks, by benchmark, item, and place.
    pub fn hits(&mut self, text: &str) -> Vec<Hit> {
        self.shingles.clear();
        let units = self.shingler.append(text, &mut self.shingles);
        let is_hit = |gram: &u64| self.index.starts.contains_key(gram);
        // Few texts are hit: places are worked out only for these.
        if units < self.index.options.ngram || !self.shingles.iter().any(is_hit) {
            return Vec::new();
        }
        self.shingles.clear();
        self.places.clear();
        self.shingler.append_with_places(text, &mut self.shingles, &mut self.places);
        let mut found: Vec<(u32, u32, usize)> = Vec::new();
        for (at, gram) in self.shingles.iter().enumerate() {
            found.extend(self.index.of(*gram).iter().map(|(_, benchmark, item)| (*benchmark, *item, at)));
        }
        found.sort_unstable();
        let stretches = found.chunk_by(|a, b| (a.0, a.1, a.2 + 1) == (b.0, b.1, b.2));
        let hits = stretches.map(|stretch| {
            let (benchmark, item, first) = stretch[0];
            let last = first + stretch.len() + self.index.options.ngram - 2;
            let place = self.places[first].start..self.places[last].end;
            Hit { benchmark, item, ngrams: stretch.len(), place }
        });
        hits.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index(items: &[&str], options: Options) -> Index {
        let items = items.iter().map(|item| (*item).to_owned()).collect();
        Index::build(&[Benchmark { name: "quiz".into(), items }], options).unwrap()
    }

    #[test]
    fn a_question_in_a_text_is_found_with_its_place() {
        let options = Options { ngram: 4, ..Options::default() };
        let index = index(
            &["What is the capital of France?", "too short here", "Name the largest of moons!"],
            options,
        );
        assert_eq!(index.benchmarks()[0].too_short, 1);
        let text = "They asked: “what is the CAPITAL of France”, and then: name the largest of Moons. What is the end";
        let hits = Finder::new(&index).hits(text);
        let found: Vec<_> = hits.iter().map(|hit| (hit.item, hit.ngrams, &text[hit.place.clone()])).collect();
        let first = (0, 3, "“what is the CAPITAL of France”,");
        assert_eq!(found, [first, (2, 2, "name the largest of Moons.")]);
        assert!(Finder::new(&index).hits("the capital of France is Paris").len() == 1);
        assert!(Finder::new(&index).hits("too short here").is_empty());
    }

    #[test]
    fn chinese_goes_by_characters() {
        let options = Options { unit: Unit::Characters, ngram: 6 };
        let index = index(&["法国的首都是哪座城市？"], options);
        let hits = Finder::new(&index).hits("问：法国的首都是哪里");
        assert_eq!((hits.len(), hits[0].ngrams), (1, 2));
    }

    #[test]
    fn a_template_does_not_list_all_its_items() {
        let items: Vec<String> = (0..50).map(|n| format!("answer with one letter {n}")).collect();
        let items: Vec<&str> = items.iter().map(String::as_str).collect();
        let index = index(&items, Options { ngram: 4, ..Options::default() });
        assert_eq!(Finder::new(&index).hits("please answer with one letter now").len(), ITEMS);
    }
}

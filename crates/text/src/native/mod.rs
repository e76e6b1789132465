//! Quality rules of our own, right for Chinese, for English, and for the mix of both.
//!
//! What other tools count in words separated by spaces is counted here in characters, in pairs of
//! neighbouring Han characters and in passages. Every threshold that a rule has by default was set from data:
//! `benches/chinese` says on what, and prints the figures again.
//!
//! Map: [`rule`] the rules and their defaults · `measure` one pass over a text, all figures · `passages` what
//! repeats · `advertising` words and contacts.

mod advertising;
mod measure;
mod passages;
pub mod rule;

use kernel::Result;
pub use measure::Measures;
pub use rule::Rule;

use self::{advertising::Advertising, passages::Passages};
use crate::{Drop, Outcome, normalise};

/// A list of rules with its working memory; use one per thread. The same text always gets the same answer.
pub struct Filter {
    rules: Vec<Rule>,
    passages: Passages,
}

impl Filter {
    /// A filter of these rules, in this order.
    ///
    /// # Errors
    /// `native_rule_invalid` when a threshold is no number or out of its range.
    pub fn new(rules: &[Rule]) -> Result<Self> {
        rules.iter().try_for_each(Rule::check)?;
        Ok(Self { rules: rules.to_vec(), passages: Passages::default() })
    }

    /// What the rules say about a text: the first one that drops it decides.
    pub fn judge(&mut self, text: &str) -> Outcome {
        let mut changed: Option<String> = None;
        let mut measures: Option<Measures> = None;
        for rule in 0..self.rules.len() {
            let now = changed.as_deref().unwrap_or(text);
            if let Rule::Normalise(options) = &self.rules[rule] {
                let new = normalised(now, options);
                if let Some(new) = new {
                    (changed, measures) = (Some(new), None);
                }
                continue;
            }
            let measures = measures.get_or_insert_with(|| Measures::of(now));
            if let Some(reason) = reason(&self.rules[rule], now, measures, &mut self.passages) {
                return Outcome::Drop(Drop { rule, reason });
            }
        }
        changed.map_or(Outcome::Keep, Outcome::Change)
    }
}

fn normalised(text: &str, options: &rule::Normalise) -> Option<String> {
    let narrow = if options.narrow { normalise::narrow(text) } else { text.into() };
    let simple = if options.simplify { normalise::simplify(&narrow) } else { narrow.as_ref().into() };
    (simple != text).then(|| simple.into_owned())
}

/// The advertising score of a text, as [`Rule::Advertising`] counts it; for setting a threshold.
pub fn advertising_score(text: &str) -> f64 {
    Advertising::get().score(text, &Measures::of(text))
}

/// The shares of a text that repeat, as [`Rule::Repetition`] counts them: passages, then lines.
pub fn repeated_shares(text: &str) -> (f64, f64) {
    let mut passages = Passages::default();
    (passages.repeated(text), passages.repeated_lines(text))
}

fn reason(rule: &Rule, text: &str, m: &Measures, passages: &mut Passages) -> Option<&'static str> {
    match rule {
        Rule::Normalise(_) => None,
        Rule::Quality(r) => r.reason(m),
        Rule::Fluency(r) => r.reason(m),
        Rule::Menu(r) => r.reason(m),
        Rule::Repetition(r) => {
            if passages.repeated_lines(text) > r.max_repeated_lines {
                return Some("repeated_lines");
            }
            (passages.repeated(text) > r.max_repeated).then_some("repeated_passages")
        }
        Rule::Advertising(r) => (Advertising::get().score(text, m) > r.max_score).then_some("advertising"),
    }
}

#[cfg(test)]
mod tests;

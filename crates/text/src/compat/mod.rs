//! The published definitions of the field's filters, as datatrove 0.10.1 has them: the same texts kept, the
//! same reasons, for English. What a word is comes from [`crate::words`].
//!
//! Where the peer would stop with an error, a division by zero words, a text is dropped as
//! `gopher_short_doc`.
//!
//! Map: [`options`] each rule's options; `repetition` with `ngrams` and `seen`, `quality`, `c4`, `badwords`,
//! `fineweb`, `lines`: the rules; `check` which options are refused; `python` what strip, split and
//! splitlines mean; `reasons` names.

mod badwords;
mod c4;
mod check;
mod fineweb;
mod lines;
mod ngrams;
pub mod options;
mod python;
mod quality;
mod reasons;
mod repetition;
mod seen;
#[cfg(test)]
mod tests;

pub use options::{
    C4Badwords, C4Paragraph, C4Quality, FinewebQuality, GopherQuality, GopherRepetition, SymbolLines,
};

use crate::{
    Drop, Outcome,
    words::{Token, Tokenizer, Words},
};
use aho_corasick::AhoCorasick;
use kernel::Result;
use serde::{Deserialize, Serialize};

/// A rule with its options.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "rule", rename_all = "snake_case", deny_unknown_fields)]
pub enum Rule {
    /// Gopher's limits on what repeats.
    GopherRepetition(GopherRepetition),
    /// Gopher's limits on words and lines.
    GopherQuality(GopherQuality),
    /// C4's rules for lines; it may change the text.
    C4Quality(C4Quality),
    /// C4's rule for words of a list.
    C4Badwords(C4Badwords),
    /// mC4's rule for paragraphs.
    C4Paragraph(C4Paragraph),
    /// FineWeb's limits on lines.
    FinewebQuality(FinewebQuality),
    /// Removes lines of symbols; it drops no text.
    SymbolLines(SymbolLines),
}

/// What one rule says.
enum Verdict {
    Keep,
    Change(String),
    Drop(&'static str),
}

impl From<Option<&'static str>> for Verdict {
    fn from(reason: Option<&'static str>) -> Self {
        reason.map_or(Self::Keep, Self::Drop)
    }
}

/// Rules in order, and what judging with them takes. Each worker has one; its answers depend on the text
/// alone.
pub struct Filter {
    steps: Vec<Step>,
    state: State,
    scratch: repetition::Scratch,
}

/// A rule, and what is made of its options once.
struct Step {
    rule: Rule,
    stop_words: Vec<u64>,
    badwords: Option<AhoCorasick>,
}

/// What rules share while the text is the same.
struct State {
    tokenizer: Tokenizer,
    words: Words,
    is_cut: bool,
    /// The text that was cut, where it isn't the text itself.
    cut_text: Option<String>,
    len: Option<usize>,
}

/// A word that the peer's tokenizer fails on; the peer then takes it out of the text and tries again. (In each
/// process, the first text with it passes; here none does. And where C4 judges sentences, the peer then cuts the
/// whole text where those of the shorter one end, which isn't followed here.)
const UNCUTTABLE: &str = "IS_ALPHA";

impl State {
    fn begin(&mut self) {
        (self.is_cut, self.cut_text, self.len) = (false, None, None);
    }

    fn cut(&mut self, text: &str) {
        self.cut_text = cuttable(&mut self.tokenizer, text);
        self.tokenizer.cut(self.cut_text.as_deref().unwrap_or(text), &mut self.words);
        self.is_cut = true;
    }

    fn sentences(&mut self, text: &str) -> usize {
        let cut_text = cuttable(&mut self.tokenizer, text);
        1 + self.tokenizer.sentence_ends(cut_text.as_deref().unwrap_or(text)).len()
    }
}

/// What the peer cuts in the place of a text that it can't.
fn cuttable(tokenizer: &mut Tokenizer, text: &str) -> Option<String> {
    memchr::memmem::find(text.as_bytes(), UNCUTTABLE.as_bytes())?;
    let fails = tokenizer.spans(text).any(|span| &text[span] == UNCUTTABLE);
    fails.then(|| text.replace(UNCUTTABLE, ""))
}

/// A text under judgement.
struct Text<'a> {
    text: &'a str,
    state: &'a mut State,
}

impl Text<'_> {
    /// Its words.
    fn words(&mut self) -> &[Token] {
        self.words_and_text().0
    }

    /// Its words, and the text in which they stand.
    fn words_and_text(&mut self) -> (&[Token], &str) {
        if !self.state.is_cut {
            self.state.cut(self.text);
        }
        (&self.state.words.list, self.state.cut_text.as_deref().unwrap_or(self.text))
    }

    /// Its length in code points.
    fn len(&mut self) -> usize {
        *self.state.len.get_or_insert_with(|| python::len(self.text))
    }
}

impl Filter {
    /// A filter of these rules, in this order.
    ///
    /// # Errors
    /// `filter_option_invalid` for a limit that isn't a number, a run of words that is empty or too long, an
    /// empty word in a list.
    pub fn new(rules: &[Rule]) -> Result<Self> {
        rules.iter().try_for_each(check::check)?;
        let steps = rules.iter().map(prepare).collect::<Result<_>>()?;
        let (words, is_cut, cut_text, len) = Default::default();
        let state = State { tokenizer: Tokenizer::new(), words, is_cut, cut_text, len };
        Ok(Self { steps, state, scratch: Default::default() })
    }

    /// What becomes of a text. One of more than [`crate::words::LONGEST_TEXT`] bytes is dropped as
    /// `too_long`.
    pub fn judge(&mut self, text: &str) -> Outcome {
        let mut changed: Option<String> = None;
        if text.len() > crate::words::LONGEST_TEXT {
            return Outcome::Drop(Drop { rule: 0, reason: "too_long" });
        }
        self.state.begin();
        for (rule, step) in self.steps.iter().enumerate() {
            let mut now = Text { text: changed.as_deref().unwrap_or(text), state: &mut self.state };
            match apply(step, &mut now, &mut self.scratch) {
                Verdict::Keep => {}
                Verdict::Drop(reason) => return Outcome::Drop(Drop { rule, reason }),
                Verdict::Change(text) => {
                    changed = Some(text);
                    self.state.begin();
                }
            }
        }
        changed.map_or(Outcome::Keep, Outcome::Change)
    }
}

fn prepare(rule: &Rule) -> Result<Step> {
    let mut step = Step { rule: rule.clone(), stop_words: Vec::new(), badwords: None };
    match rule {
        Rule::GopherQuality(options) => step.stop_words = quality::stop_words(options),
        Rule::C4Badwords(options) => step.badwords = Some(badwords::finder(options)?),
        _ => {}
    }
    Ok(step)
}

fn apply(step: &Step, text: &mut Text<'_>, scratch: &mut repetition::Scratch) -> Verdict {
    match &step.rule {
        Rule::GopherRepetition(options) => repetition::judge(options, text, scratch).into(),
        Rule::GopherQuality(options) => quality::judge(options, &step.stop_words, text).into(),
        Rule::C4Quality(options) => c4::judge(options, text),
        Rule::C4Badwords(options) => badwords::judge(options, step.badwords.as_ref(), text.text).into(),
        Rule::C4Paragraph(C4Paragraph {}) => lines::judge_paragraphs(text.text).into(),
        Rule::FinewebQuality(options) => fineweb::judge(options, text, &mut scratch.seen).into(),
        Rule::SymbolLines(options) => lines::remove_symbols(options, text.text),
    }
}

//! The rules and what they are set to. A default is the value that `benches/chinese` justifies.

use kernel::{Error, Result};
use serde::{Deserialize, Serialize};

use super::Measures;

/// One rule.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "rule", rename_all = "snake_case")]
pub enum Rule {
    /// Changes the text before the rules behind it look at it.
    Normalise(Normalise),
    /// Gopher's quality rules, counted in letters and in words of other scripts.
    Quality(Quality),
    /// Characters in no order.
    Fluency(Fluency),
    /// Passages and lines that come again and again.
    Repetition(Repetition),
    /// Navigation: entries instead of sentences.
    Menu(Menu),
    /// Chinese advertising.
    Advertising(Advertising),
}

/// What [`Rule::Normalise`] changes.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Normalise {
    /// Traditional characters become simplified ones.
    pub simplify: bool,
    /// Full-width letters and digits become half-width ones.
    pub narrow: bool,
}

/// Limits of [`Rule::Quality`]. Reasons: `too_few_letters`, `mean_word_length`, `too_many_symbols`,
/// `too_many_bullets`, `too_many_ellipses`, `too_few_letters_among_characters`, `too_few_stop_words`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Quality {
    /// Fewest letters of a text.
    pub min_letters: u64,
    /// Shortest mean length of the words that aren't Chinese, asked where they are most of the text.
    pub min_mean_word: f64,
    /// Longest mean length of them.
    pub max_mean_word: f64,
    /// Largest share of symbols among all characters.
    pub max_symbols: f64,
    /// Largest share of lines that begin with a bullet.
    pub max_bullets: f64,
    /// Largest share of lines that end in an ellipsis.
    pub max_ellipses: f64,
    /// Smallest share of letters among all characters.
    pub min_letter_share: f64,
    /// Fewest English function words in a text of at least fifty words, nearly all Latin.
    pub min_stop_words: u64,
}

impl Default for Quality {
    fn default() -> Self {
        Self {
            min_letters: 50,
            min_mean_word: 2.5,
            max_mean_word: 12.0,
            max_symbols: 0.1,
            max_bullets: 0.9,
            max_ellipses: 0.3,
            min_letter_share: 0.4,
            min_stop_words: 2,
        }
    }
}

/// Limits of [`Rule::Fluency`]. Reasons: `shuffled_characters`, `shuffled_scripts`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Fluency {
    /// Smallest share of neighbouring Han characters that stand side by side in some word of the dictionary.
    pub min_known_pairs: f64,
    /// Fewest pairs that are judged.
    pub pairs: u64,
    /// How often Han and Latin letters may change along the lines, against letters in random order.
    pub max_changes: f64,
}

impl Default for Fluency {
    fn default() -> Self {
        Self { min_known_pairs: 0.3, pairs: 40, max_changes: 0.7 }
    }
}

/// Limits of [`Rule::Repetition`]. Reasons: `repeated_passages`, `repeated_lines`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Repetition {
    /// Largest share of passages of twelve Han characters that occurred before.
    pub max_repeated: f64,
    /// Largest share of the text in lines that occurred before.
    pub max_repeated_lines: f64,
}

impl Default for Repetition {
    fn default() -> Self {
        Self { max_repeated: 0.4, max_repeated_lines: 0.3 }
    }
}

/// Limits of [`Rule::Menu`]. Reason: `navigation_menu`: few sentences and few function words together, or
/// nothing but short lines.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Menu {
    /// Smallest share of letters in lines with a mark that a sentence has.
    pub min_prose: f64,
    /// Smallest share of 的, 是, 在 and their like among the Han characters.
    pub min_function: f64,
    /// Fewest Han characters that are judged.
    pub han: u64,
    /// Fewest letters of a mean line, in a text with nearly no such mark.
    pub min_line: f64,
}

impl Default for Menu {
    fn default() -> Self {
        Self { min_prose: 0.4, min_function: 0.06, han: 30, min_line: 10.0 }
    }
}

/// Limits of [`Rule::Advertising`]. Reason: `advertising`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Advertising {
    /// Most points per hundred letters.
    pub max_score: f64,
}

impl Default for Advertising {
    fn default() -> Self {
        Self { max_score: 2.5 }
    }
}

fn share(part: u64, of: u64) -> f64 {
    part as f64 / of.max(1) as f64
}

impl Quality {
    pub(super) fn reason(&self, m: &Measures) -> Option<&'static str> {
        let mostly_words = 2 * m.word_letters > m.letters && m.words >= 20;
        let mean = share(m.word_letters, m.words);
        let english = m.words >= 50 && share(m.latin, m.letters) > 0.95;
        let checks = [
            (m.letters < self.min_letters, "too_few_letters"),
            (share(m.letters, m.characters) < self.min_letter_share, "too_few_letters_among_characters"),
            (share(m.symbols, m.characters) > self.max_symbols, "too_many_symbols"),
            (share(m.bullets, m.lines) > self.max_bullets, "too_many_bullets"),
            (share(m.ellipses, m.lines) > self.max_ellipses, "too_many_ellipses"),
            (mostly_words && !(self.min_mean_word..=self.max_mean_word).contains(&mean), "mean_word_length"),
            (english && m.stop_words < self.min_stop_words, "too_few_stop_words"),
        ];
        checks.into_iter().find(|check| check.0).map(|check| check.1)
    }
}

impl Fluency {
    pub(super) fn reason(&self, m: &Measures) -> Option<&'static str> {
        if m.pairs >= self.pairs && share(m.known_pairs, m.pairs) < self.min_known_pairs {
            return Some("shuffled_characters");
        }
        // Units and names make honest text change often, too; but its Chinese is in order.
        let mixed = m.random_changes >= 12.0 && m.changes as f64 / m.random_changes > self.max_changes;
        let doubtful = m.pairs < self.pairs || share(m.known_pairs, m.pairs) < self.min_known_pairs + 0.1;
        let much = share(m.latin, m.letters) > 0.05;
        (mixed && doubtful && much).then_some("shuffled_scripts")
    }
}

impl Menu {
    pub(super) fn reason(&self, m: &Measures) -> Option<&'static str> {
        let listed =
            share(m.prose, m.letters) < self.min_prose && share(m.function, m.han) < self.min_function;
        let bare = share(m.prose, m.letters) < 0.05 && share(m.letters, m.lines) < self.min_line;
        (m.han >= self.han && (listed || bare)).then_some("navigation_menu")
    }
}

impl Rule {
    pub(super) fn check(&self) -> Result<()> {
        let shares: &[(&str, f64)] = match self {
            Self::Normalise(_) => &[],
            Self::Quality(r) => &[
                ("max_symbols", r.max_symbols),
                ("max_bullets", r.max_bullets),
                ("max_ellipses", r.max_ellipses),
                ("min_letter_share", r.min_letter_share),
            ],
            Self::Fluency(r) => &[("min_known_pairs", r.min_known_pairs)],
            Self::Repetition(r) => {
                &[("max_repeated", r.max_repeated), ("max_repeated_lines", r.max_repeated_lines)]
            }
            Self::Menu(r) => &[("min_prose", r.min_prose), ("min_function", r.min_function)],
            Self::Advertising(_) => &[],
        };
        if let Some((name, value)) = shares.iter().find(|(_, value)| !(0.0..=1.0).contains(value)) {
            let text = format!("{name} is {value}; give a share from 0 to 1.");
            return Err(Error::invalid("native_rule_invalid", text));
        }
        let others: &[(&str, f64)] = match self {
            Self::Quality(r) => &[("min_mean_word", r.min_mean_word), ("max_mean_word", r.max_mean_word)],
            Self::Fluency(r) => &[("max_changes", r.max_changes)],
            Self::Advertising(r) => &[("max_score", r.max_score)],
            Self::Menu(r) => &[("min_line", r.min_line)],
            _ => &[],
        };
        if let Some((name, value)) = others.iter().find(|(_, value)| !(value.is_finite() && *value >= 0.0)) {
            let text = format!("{name} is {value}; give a number that isn't negative.");
            return Err(Error::invalid("native_rule_invalid", text));
        }
        Ok(())
    }
}

//! Recipes: TOML files that say what is read, which steps it goes through and what comes out.

mod builtin;
mod explain;
mod plan;

pub use builtin::{NAMES as BUILTIN, builtin, text};
pub use explain::explain;
pub use plan::{Segment, segments};

use crate::licence;
use kernel::{Error, Result};
use serde::{Deserialize, Serialize};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// Largest recipe file that is read, in bytes.
const RECIPE_BYTES: u64 = 1 << 20;
/// Most steps of a recipe.
const STEPS: usize = 64;

/// A whole recipe. Unknown keys are refused.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipe {
    /// Title of what it makes, for the card.
    pub title: String,
    /// What it is for and where its rules come from.
    #[serde(default)]
    pub about: String,
    /// How the input is read.
    #[serde(default)]
    pub read: intake::Options,
    /// What each document goes through, in order.
    #[serde(default, rename = "step")]
    pub steps: Vec<Step>,
    /// What is written.
    #[serde(default)]
    pub output: Output,
}

/// One step. Those of one document at a time run in a stream; those over all documents wait for the last one.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "use", rename_all = "snake_case")]
pub enum Step {
    /// The main text of web pages, the text of Markdown; other text is left as it is.
    Extract(extract::Options),
    /// One form for line ends, spaces and control characters.
    Normalise,
    /// Filters as published, with the tokenisation of their reference implementation.
    Compat(Rules<text::compat::Rule>),
    /// Filters for any language, with Chinese segmentation.
    Native(Rules<text::native::Rule>),
    /// Keeps documents in some languages.
    Language(Language),
    /// Drops documents of blocked hosts.
    Urls(WordFile),
    /// Drops documents that use listed words.
    Words(WordFile),
    /// Drops what a language model of words or characters finds too surprising.
    Perplexity(Perplexity),
    /// Masks, hashes or drops personal information.
    Pii(text::pii::Options),
    /// Keeps documents whose licence allows what is wanted.
    Licence(Licence),
    /// Any program: JSON lines in, JSON lines out.
    Command(Command),
    /// Drops repeated documents, by their text or their address.
    Exact(Exact),
    /// Drops near duplicates, by MinHash.
    Near(dedup::minhash::Options),
    /// Drops what overlaps with benchmarks.
    Decontaminate(Decontaminate),
}

/// A list of rules, judged in order.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, bound(deserialize = "R: Deserialize<'de>"))]
pub struct Rules<R> {
    /// The rules.
    pub rules: Vec<R>,
}

/// Which languages stay.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Language {
    /// Codes such as `en` and `zh`.
    pub keep: Vec<String>,
    /// Least confidence, from 0 to 1.
    #[serde(default = "Language::confidence")]
    pub confidence: f64,
    /// A fastText model; the built-in one when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<PathBuf>,
}

impl Language {
    fn confidence() -> f64 {
        0.65
    }
}

/// A file with one entry a line.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WordFile {
    /// The file; blank lines and lines that begin with `#` do not count.
    pub file: PathBuf,
    /// As many different entries as this must be found.
    #[serde(default = "WordFile::one")]
    pub at_least: usize,
}

impl WordFile {
    fn one() -> usize {
        1
    }
}

/// How surprising a text may be.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Perplexity {
    /// A model made by `mosu corpus perplexity`.
    pub model: PathBuf,
    /// Most perplexity a document may have.
    pub at_most: f64,
}

/// What licences must allow.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Licence {
    /// Uses that each document's licence must allow.
    pub require: Vec<licence::Use>,
    /// Whether documents with an unknown licence or none stay.
    pub keep_unknown: bool,
    /// Licences that are on no list.
    pub records: Vec<licence::Record>,
    /// Whether the run fails when the licences that stay can't be together in one work.
    pub refuse_impossible: bool,
}

/// A program that judges documents.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Command {
    /// The program and its arguments. It reads `{"id", "text", "url"}` a line and answers each with
    /// `{"keep": true}`, `{"keep": false, "reason": ".."}` or `{"keep": true, "text": ".."}`.
    pub run: Vec<String>,
}

/// What makes two documents the same.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Exact {
    /// Their text or their address.
    pub by: By,
}

/// See [`Exact`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// Their text.
    #[default]
    Text,
    /// Their address; documents without one are not compared.
    Url,
}

/// Which benchmarks must not be in the result.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decontaminate {
    /// JSONL files, each a benchmark of that name with its questions and answers in `text`.
    pub benchmarks: Vec<PathBuf>,
    /// Whether runs are of words or of characters.
    #[serde(default)]
    pub unit: dedup::Unit,
    /// Length of the shared run; for characters of Chinese some 20.
    #[serde(default = "Decontaminate::ngram")]
    pub ngram: usize,
}

impl Decontaminate {
    fn ngram() -> usize {
        13
    }
}

/// What is written.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Output {
    /// Records only, or a data set with card, contributions and a held-out part.
    pub form: Form,
    /// Format of the data files.
    pub format: Format,
    /// How the held-out part of a data set is chosen.
    pub heldout: Heldout,
}

/// See [`Output::form`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Form {
    /// Kept records and the report.
    #[default]
    Records,
    /// A data set: card, splits, words counted, who gave what.
    Dataset,
}

/// See [`Output::format`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// One JSON object a line.
    #[default]
    Jsonl,
    /// Apache Parquet.
    Parquet,
}

/// How the held-out part is chosen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Heldout {
    /// Share of the documents, in parts per million.
    pub share_ppm: u32,
    /// At least this many documents, as long as they are at most a fifth of all.
    pub documents: usize,
}

impl Default for Heldout {
    fn default() -> Self {
        Self { share_ppm: 30_000, documents: 8 }
    }
}

impl Step {
    /// Its name in recipes and reports.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Extract(_) => "extract",
            Self::Normalise => "normalise",
            Self::Compat(_) => "compat",
            Self::Native(_) => "native",
            Self::Language(_) => "language",
            Self::Urls(_) => "urls",
            Self::Words(_) => "words",
            Self::Perplexity(_) => "perplexity",
            Self::Pii(_) => "pii",
            Self::Licence(_) => "licence",
            Self::Command(_) => "command",
            Self::Exact(_) => "exact",
            Self::Near(_) => "near",
            Self::Decontaminate(_) => "decontaminate",
        }
    }

    /// Whether it compares all documents with each other, and so waits for the last one.
    pub fn is_barrier(&self) -> bool {
        matches!(self, Self::Exact(_) | Self::Near(_))
    }
}

impl Recipe {
    /// The recipe named `builtin:NAME`, or that of a file.
    pub fn open(name: &str) -> Result<Self> {
        match name.strip_prefix("builtin:") {
            Some(name) => builtin(name),
            None => Self::read(Path::new(name)),
        }
    }

    fn read(path: &Path) -> Result<Self> {
        let shown = path.display();
        let unreadable = |why: String| {
            let text = format!(
                "the recipe {shown} cannot be read: {why}. Name a TOML file or one of builtin:{}",
                BUILTIN.join(", builtin:")
            );
            Error::invalid("corpus_recipe_invalid", text)
        };
        let size = fs::metadata(path).map_err(|error| unreadable(error.to_string()))?.len();
        if size > RECIPE_BYTES {
            return Err(unreadable(format!("it has {size} bytes, over {RECIPE_BYTES}")));
        }
        let text = fs::read_to_string(path).map_err(|error| unreadable(error.to_string()))?;
        Self::parse(&text, &shown.to_string())
    }

    /// Reads and checks a recipe's text; `name` is what errors call it.
    pub fn parse(text: &str, name: &str) -> Result<Self> {
        let recipe: Self = toml::from_str(text)
            .map_err(|error| Error::invalid("corpus_recipe_invalid", format!("recipe {name}: {error}")))?;
        recipe.check(name)?;
        Ok(recipe)
    }

    /// The recipe as the text of a file.
    pub fn to_toml(&self) -> Result<String> {
        toml::to_string(self).map_err(Error::internal)
    }

    /// Refuses values that make no sense, naming the field.
    pub fn check(&self, name: &str) -> Result<()> {
        let wrong =
            |text: String| Err(Error::invalid("corpus_recipe_invalid", format!("recipe {name}: {text}")));
        let title = &self.title;
        if title.is_empty() || title.chars().count() > 200 || title.contains(char::is_control) {
            return wrong("`title` is one line of 1 to 200 characters".into());
        }
        if self.steps.len() > STEPS {
            return wrong(format!("{} steps, over {STEPS}", self.steps.len()));
        }
        if self.output.heldout.share_ppm > 500_000 {
            return wrong("`output.heldout.share_ppm` is at most 500000, half of the documents".into());
        }
        if self.output.form == Form::Records && self.output.format == Format::Parquet {
            return wrong("`output.format = \"parquet\"` needs `output.form = \"dataset\"`".into());
        }
        for (at, step) in self.steps.iter().enumerate() {
            if let Err(error) = crate::step::check(step) {
                return wrong(format!("step {} ({}): {}", at + 1, step.name(), error.text));
            }
        }
        Ok(())
    }

    /// The recipe as it may be published: keys are left out.
    pub fn without_secrets(&self) -> Self {
        let mut recipe = self.clone();
        for step in &mut recipe.steps {
            if let Step::Pii(options) = step {
                options.key.clear();
            }
        }
        recipe
    }

    /// Refuses steps that reach beyond the input: programs and files of the machine that it runs on.
    pub fn check_self_contained(&self) -> Result<()> {
        let reaches = |step: &&Step| match step {
            Step::Language(language) => language.model.is_some(),
            Step::Urls(_) | Step::Words(_) | Step::Perplexity(_) => true,
            Step::Command(_) | Step::Decontaminate(_) => true,
            _ => false,
        };
        match self.steps.iter().find(reaches) {
            None => Ok(()),
            Some(step) => {
                let text = format!(
                    "the step `{}` uses files or programs of the machine; a job of the platform has none of them. Run \
                     this recipe with `mosu corpus run` on a machine of your own",
                    step.name()
                );
                Err(Error::denied("corpus_recipe_reaches_out", text))
            }
        }
    }
}

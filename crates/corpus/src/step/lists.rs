//! Steps that look documents up: languages, lists of hosts and words, an n-gram model.

use super::{Document, Maker, Reason, Worker};
use crate::recipe;
use kernel::{Error, Result};
use std::{collections::BTreeMap, fs, path::Path, sync::Arc};
use text::{language::Identifier, lists, ngram};

/// Most bytes of a list.
const LIST_BYTES: u64 = 256 << 20;
/// As much of a text as tells its language.
const SAMPLE_BYTES: usize = 4 << 10;

/// Keeps languages.
pub fn language(options: &recipe::Language) -> Result<Maker> {
    let identifier = match &options.model {
        None => Identifier::builtin(),
        Some(path) => Identifier::load(path)?,
    };
    let (identifier, options) = (Arc::new(identifier), options.clone());
    Ok(Box::new(move || {
        let (identifier, options) = (identifier.clone(), options.clone());
        Ok(Box::new(Language { identifier, options, seen: BTreeMap::new() }))
    }))
}

/// Checks what languages are asked for.
pub fn check_language(options: &recipe::Language) -> Result<()> {
    if options.keep.is_empty() || !(0.0..=1.0).contains(&options.confidence) {
        let text = "`keep` names at least one language, such as [\"en\"], and `confidence` is from 0 to 1";
        return Err(Error::invalid("corpus_recipe_invalid", text));
    }
    let known = Identifier::builtin_languages();
    match options
        .keep
        .iter()
        .find(|code| options.model.is_none() && !known.iter().any(|known| is_in(known, code)))
    {
        None => Ok(()),
        Some(code) => {
            let text = format!(
                "the built-in model does not know the language {code:?}; it knows {}. Name a fastText file as `model`",
                known.join(", ")
            );
            Err(Error::invalid("corpus_recipe_invalid", text))
        }
    }
}

/// Whether a language is `wanted` or one of its written forms: `zh-Hans` is in `zh`.
fn is_in(code: &str, wanted: &str) -> bool {
    code.strip_prefix(wanted).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
}

struct Language {
    identifier: Arc<Identifier>,
    options: recipe::Language,
    seen: BTreeMap<String, u64>,
}

impl Worker for Language {
    fn apply(&mut self, document: &mut Document<'_>) -> Result<Option<Reason>> {
        let mut end = document.text.len().min(SAMPLE_BYTES);
        while !document.text.is_char_boundary(end) {
            end -= 1;
        }
        let (code, confidence) = self.identifier.identify(&document.text[..end]);
        *self.seen.entry(format!("language {code}")).or_default() += 1;
        let sure = f64::from(confidence) >= self.options.confidence;
        Ok(match self.options.keep.iter().any(|keep| is_in(code, keep)) {
            true if sure => None,
            true => Some("language_unsure".into()),
            false => Some(format!("language_{code}").into()),
        })
    }

    fn counts(&self) -> Vec<(String, u64)> {
        self.seen.clone().into_iter().collect()
    }
}

/// Drops blocked hosts.
pub fn urls(options: &recipe::WordFile) -> Result<Maker> {
    let domains = Arc::new(lists::Domains::from_lines(&read(&options.file)?));
    Ok(Box::new(move || Ok(Box::new(Urls(domains.clone())))))
}

struct Urls(Arc<lists::Domains>);

impl Worker for Urls {
    fn apply(&mut self, document: &mut Document<'_>) -> Result<Option<Reason>> {
        Ok(self.0.blocks(&document.url).map(|_| "url_blocked".into()))
    }
}

/// Drops listed words.
pub fn words(options: &recipe::WordFile) -> Result<Maker> {
    let words = Arc::new(lists::Words::from_lines(&read(&options.file)?, "listed")?);
    let at_least = options.at_least;
    Ok(Box::new(move || Ok(Box::new(Words { words: words.clone(), at_least }))))
}

struct Words {
    words: Arc<lists::Words>,
    at_least: usize,
}

impl Worker for Words {
    fn apply(&mut self, document: &mut Document<'_>) -> Result<Option<Reason>> {
        let counts = self.words.count(&document.text);
        let total: u64 = counts.values().sum();
        if total < self.at_least.max(1) as u64 {
            return Ok(None);
        }
        let most = counts.into_iter().max_by_key(|(_, count)| *count);
        Ok(most.map(|(category, _)| format!("words_{category}").into()))
    }
}

/// Drops what is too surprising.
pub fn perplexity(options: &recipe::Perplexity) -> Result<Maker> {
    let (model, at_most) = (Arc::new(ngram::Model::load(&options.model)?), options.at_most);
    Ok(Box::new(move || Ok(Box::new(Perplexity { model: model.clone(), at_most }))))
}

struct Perplexity {
    model: Arc<ngram::Model>,
    at_most: f64,
}

impl Worker for Perplexity {
    fn apply(&mut self, document: &mut Document<'_>) -> Result<Option<Reason>> {
        let perplexity = self.model.perplexity(&document.text);
        Ok(perplexity.is_none_or(|found| found > self.at_most).then(|| "perplexity_too_high".into()))
    }
}

fn read(path: &Path) -> Result<String> {
    let wrong = |why: String| {
        let text = format!(
            "the list {} can't be read: {why}. It is a text file with an entry a line",
            path.display()
        );
        Error::invalid("corpus_recipe_invalid", text)
    };
    let size = fs::metadata(path).map_err(|error| wrong(error.to_string()))?.len();
    if size > LIST_BYTES {
        return Err(wrong(format!("it has {size} bytes, over {LIST_BYTES}")));
    }
    fs::read_to_string(path).map_err(|error| wrong(error.to_string()))
}

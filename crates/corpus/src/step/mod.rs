//! Steps of one document at a time, made from a recipe once per worker.

mod command;
mod convert;
mod decontaminate;
mod licence;
mod lists;
mod rules;
mod tidy;

use crate::recipe::{Recipe, Step};
use kernel::Result;
use std::borrow::Cow;

/// A document on its way. What a step does not change stays borrowed from what was read.
#[derive(Debug)]
pub struct Document<'a> {
    /// Its id.
    pub id: Cow<'a, str>,
    /// Its text, or the page before `extract`.
    pub text: Cow<'a, str>,
    /// What the text is.
    pub form: intake::Form,
    /// Its address; empty when unstated, as the following.
    pub url: Cow<'a, str>,
    /// A work, site or package.
    pub source: Cow<'a, str>,
    /// Who wrote it.
    pub author: Cow<'a, str>,
    /// Who gave it.
    pub contributor: Cow<'a, str>,
    /// Its licence.
    pub licence: Cow<'a, str>,
    /// Its path in the input.
    pub path: Cow<'a, str>,
    /// Further fields, as a JSON object.
    pub metadata: Option<Cow<'a, str>>,
}

impl<'a> Document<'a> {
    /// What was read.
    pub fn of(record: intake::Record<'a>) -> Self {
        Self {
            metadata: metadata(record.extra),
            id: record.id,
            text: record.text,
            form: record.form,
            url: record.url,
            source: record.source,
            author: record.author,
            contributor: record.contributor,
            licence: record.licence,
            path: record.path.into(),
        }
    }
}

/// Fields without a name here as a JSON object; their values are JSON already.
fn metadata(extra: &[(&str, &str)]) -> Option<Cow<'static, str>> {
    let pairs = extra.iter().map(|(name, value)| format!("{}:{value}", serde_json::Value::from(*name)));
    let pairs: Vec<String> = pairs.collect();
    (!pairs.is_empty()).then(|| format!("{{{}}}", pairs.join(",")).into())
}

/// Why a document goes; a stable code.
pub type Reason = Cow<'static, str>;

/// Looks at one document after the other.
pub trait Worker: Send {
    /// Changes the document, or says why it goes. An error ends the run.
    fn apply(&mut self, document: &mut Document<'_>) -> Result<Option<Reason>>;

    /// What it counted besides, such as masked personal information, by name.
    fn counts(&self) -> Vec<(String, u64)> {
        Vec::new()
    }
}

/// Makes workers of one step. What they share, such as an index, is read once.
pub type Maker = Box<dyn Fn() -> Result<Box<dyn Worker>> + Send + Sync>;

/// Makers for all steps of a recipe; none for barriers.
pub fn makers(recipe: &Recipe) -> Result<Vec<Option<Maker>>> {
    let maker = |step: &Step| (!step.is_barrier()).then(|| maker(step)).transpose();
    recipe.steps.iter().map(maker).collect()
}

/// Checks what a step was told, without opening its files.
pub fn check(step: &Step) -> Result<()> {
    match step {
        Step::Compat(rules) => text::compat::Filter::new(&rules.rules).map(drop),
        Step::Native(rules) => text::native::Filter::new(&rules.rules).map(drop),
        Step::Near(options) => options.check(),
        Step::Command(command) => command::check(command),
        Step::Language(options) => lists::check_language(options),
        Step::Pii(options) => rules::Pii::new(options).map(drop),
        Step::Licence(options) => licence::Licence::new(options).map(drop),
        _ => Ok(()),
    }
}

fn maker(step: &Step) -> Result<Maker> {
    match step {
        Step::Language(options) => lists::language(options),
        Step::Urls(options) => lists::urls(options),
        Step::Words(options) => lists::words(options),
        Step::Perplexity(options) => lists::perplexity(options),
        Step::Decontaminate(options) => {
            let index = decontaminate::index(options)?;
            Ok(Box::new(move || Ok(Box::new(decontaminate::Decontaminate::new(index.clone())))))
        }
        step => {
            let step = step.clone();
            Ok(Box::new(move || worker(&step)))
        }
    }
}

fn worker(step: &Step) -> Result<Box<dyn Worker>> {
    Ok(match step {
        Step::Extract(options) => Box::new(convert::Extract::new(options)),
        Step::Normalise => Box::new(convert::Normalise::default()),
        Step::Compat(rules) => Box::new(rules::Compat(text::compat::Filter::new(&rules.rules)?)),
        Step::Native(rules) => Box::new(rules::Native(text::native::Filter::new(&rules.rules)?)),
        Step::Pii(options) => Box::new(rules::Pii::new(options)?),
        Step::Licence(options) => Box::new(licence::Licence::new(options)?),
        Step::Command(command) => Box::new(command::Process::start(command)?),
        _ => {
            return Err(kernel::Error::internal(std::io::Error::other("this step has no worker of its own")));
        }
    })
}

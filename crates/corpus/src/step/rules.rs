//! Filters and cleaners of the `text` crate as steps.

use super::{Document, Reason, Worker};
use kernel::Result;
use std::collections::BTreeMap;
use text::{Outcome, pii};

/// Filters as published.
pub struct Compat(pub text::compat::Filter);
/// Filters for any language.
pub struct Native(pub text::native::Filter);

impl Worker for Compat {
    fn apply(&mut self, document: &mut Document<'_>) -> Result<Option<Reason>> {
        let outcome = self.0.judge(&document.text);
        Ok(follow(document, outcome))
    }
}

impl Worker for Native {
    fn apply(&mut self, document: &mut Document<'_>) -> Result<Option<Reason>> {
        let outcome = self.0.judge(&document.text);
        Ok(follow(document, outcome))
    }
}

fn follow(document: &mut Document<'_>, outcome: Outcome) -> Option<Reason> {
    match outcome {
        Outcome::Keep => None,
        Outcome::Change(text) => {
            document.text = text.into();
            None
        }
        Outcome::Drop(drop) => Some(drop.reason.into()),
    }
}

/// Personal information masked, hashed or dropped.
pub struct Pii {
    cleaner: pii::Cleaner,
    counts: BTreeMap<&'static str, u64>,
}

impl Pii {
    /// Cleans as `options` say.
    pub fn new(options: &pii::Options) -> Result<Self> {
        Ok(Self { cleaner: pii::Cleaner::new(options)?, counts: BTreeMap::new() })
    }
}

impl Worker for Pii {
    fn apply(&mut self, document: &mut Document<'_>) -> Result<Option<Reason>> {
        let cleaned = self.cleaner.clean(&document.text);
        for (kind, count) in &cleaned.counts {
            *self.counts.entry(kind.name()).or_default() += count;
        }
        if let Some(text) = cleaned.text {
            document.text = text.into();
        }
        Ok(cleaned.dropped.map(|kind| format!("pii_{}", kind.name()).into()))
    }

    fn counts(&self) -> Vec<(String, u64)> {
        self.counts.iter().map(|(kind, count)| (format!("pii {kind}"), *count)).collect()
    }
}

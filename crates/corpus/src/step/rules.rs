//! Filters and cleaners of the `text` crate as steps.

use super::{Document, Reason, Worker};
use kernel::Result;
use text::Outcome;

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

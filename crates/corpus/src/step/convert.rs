//! Steps that change the text.

use super::{Document, Reason, Worker, tidy};
use kernel::Result;
use std::borrow::Cow;

/// Pages and Markdown to text.
pub struct Extract(extract::Extractor);

impl Extract {
    /// Extraction as `options` say.
    pub fn new(options: &extract::Options) -> Self {
        Self(extract::Extractor::new(options))
    }
}

impl Worker for Extract {
    fn apply(&mut self, document: &mut Document<'_>) -> Result<Option<Reason>> {
        let url = (!document.url.is_empty()).then_some(document.url.as_ref());
        let text = match document.form {
            intake::Form::Text => return Ok(None),
            intake::Form::Markdown => Some(extract::markdown(&document.text)),
            intake::Form::Html => self.0.extract(&document.text, url).map(|page| page.text),
        };
        match text.filter(|text| !text.trim_ascii().is_empty()) {
            None => Ok(Some("no_text".into())),
            Some(text) => {
                (document.text, document.form) = (Cow::Owned(text), intake::Form::Text);
                Ok(None)
            }
        }
    }
}

/// One form for what looks the same.
#[derive(Default)]
pub struct Normalise {
    room: String,
}

impl Worker for Normalise {
    fn apply(&mut self, document: &mut Document<'_>) -> Result<Option<Reason>> {
        tidy::tidy(&document.text, &mut self.room);
        if self.room.is_empty() {
            return Ok(Some("no_text".into()));
        }
        if self.room != document.text {
            document.text = Cow::Owned(self.room.clone());
        }
        Ok(None)
    }
}

//! Where a document lies and where it comes from.

use crate::{
    Form, Position, Record, charset,
    provenance::Origin,
    stop::{Done, Fault, Out},
};

/// A file, or an entry of an archive.
pub(crate) struct Place<'a> {
    pub path: &'a str,
    pub origin: &'a Origin,
}

impl<'a> Place<'a> {
    /// A record with what is known of the whole file.
    pub(crate) fn record(&self) -> Record<'a> {
        Record {
            path: self.path,
            source: self.origin.source.as_str().into(),
            licence: self.origin.licence.as_str().into(),
            author: self.origin.author.as_str().into(),
            contributor: self.origin.contributor.as_str().into(),
            ..Record::default()
        }
    }

    /// Hands on a file that is one document.
    pub(crate) fn document(&self, bytes: &[u8], form: Form, out: &mut Out<'_>) -> Done {
        if bytes.is_empty() {
            return Err(Fault::new("empty", "the file is empty").into());
        }
        let text = match form {
            Form::Html => charset::page(bytes, None, out.encoding),
            Form::Text | Form::Markdown => charset::text(bytes, out.encoding)?,
        };
        let raw = out.options.raw.then_some(bytes);
        let id = Position::File.id(self.path).into();
        out.record(Record { id, text, form, bytes: bytes.len() as u64, raw, ..self.record() })
    }
}

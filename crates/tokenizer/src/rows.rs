//! Documents as rows of ids, for tables of tokens.

use kernel::Result;
use serde::Serialize;

use crate::{Scratch, Tokenizer};

/// One document's ids.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Row {
    /// The document's id.
    pub id: String,
    /// Its tokens, with what the tokenizer puts around a text.
    pub input_ids: Vec<u32>,
}

/// Rows of documents, each an id and a text, in their order.
pub fn rows<I, T>(tokenizer: &Tokenizer, documents: I) -> impl Iterator<Item = Result<Row>>
where
    I: IntoIterator<Item = (String, T)>,
    T: AsRef<str>,
{
    let mut scratch = Scratch::new();
    documents.into_iter().map(move |(id, text)| {
        let mut input_ids = tokenizer.before().to_vec();
        tokenizer.encode_into(text.as_ref(), &mut scratch, &mut input_ids)?;
        input_ids.extend_from_slice(tokenizer.after());
        Ok(Row { id, input_ids })
    })
}

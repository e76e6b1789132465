//! Which language a text is in: by fastText's models, or by a small model of our own.
//!
//! Map: `fasttext` models read from files · `features` words and pieces of words as rows · `tree`
//! hierarchical softmax · `builtin` scripts and trigrams.

mod builtin;
mod fasttext;
mod features;
mod tree;

use std::{fs::File, io::Read, path::Path};

use kernel::{Error, Result};

/// Largest model file that is read.
const MOST_BYTES: u64 = 4 << 30;

/// Tells languages. Shared by any number of threads.
pub struct Identifier {
    model: Option<fasttext::Model>,
}

impl Identifier {
    /// The small model that is built in. It knows Chinese in both scripts (`zh-Hans`, `zh-Hant`), Japanese,
    /// Korean, the languages of Latin and Cyrillic script that [`Identifier::builtin_languages`] lists, and
    /// takes some others by their script alone.
    pub fn builtin() -> Self {
        Self { model: None }
    }

    /// The codes that the built-in model can answer.
    pub fn builtin_languages() -> Vec<&'static str> {
        builtin::languages()
    }

    /// A supervised model of fastText, such as `lid.176.ftz`.
    ///
    /// # Errors
    /// `language_model_missing` when the file can't be read, `language_model_invalid` when it is no such
    /// model.
    pub fn load(path: &Path) -> Result<Self> {
        let missing = |cause: std::io::Error| {
            let text = format!(
                "The language model {} can't be read: {cause}. Give the path of a .bin or .ftz file.",
                path.display()
            );
            Error::not_found("language_model_missing", text)
        };
        let mut bytes = Vec::new();
        File::open(path).and_then(|file| file.take(MOST_BYTES).read_to_end(&mut bytes)).map_err(missing)?;
        Self::read(&bytes)
    }

    /// A supervised model of fastText from the bytes of its file.
    ///
    /// # Errors
    /// `language_model_invalid`.
    pub fn read(bytes: &[u8]) -> Result<Self> {
        Ok(Self { model: Some(fasttext::Model::read(bytes)?) })
    }

    /// The code of the likeliest language and how sure that is, from 0 to 1. `und` with 0 when there is
    /// nothing to go by.
    ///
    /// The whole text counts as one line, as fastText's users give it. The cost grows with the text; the
    /// first thousand characters tell as much as all of them.
    pub fn identify(&self, text: &str) -> (&str, f32) {
        let found = match &self.model {
            Some(model) => model.predict(text),
            None => builtin::identify(text),
        };
        found.unwrap_or(("und", 0.0))
    }
}

#[cfg(test)]
mod tests;

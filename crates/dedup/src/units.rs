//! What similarity is counted in: words or characters of a text after normalisation.
//!
//! Words: lower case; everything but letters, digits and `_` is deleted; white space separates. This is the
//! normalisation that MinHash tools for web text share. Characters: white space is deleted, letters are lower
//! case, the rest stays, for scripts that put no space between words.

mod block;
mod characters;
mod words;

use serde::{Deserialize, Serialize};
use std::ops::Range;

/// What n-grams are made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Words between white space, lower case, without punctuation.
    #[default]
    Words,
    /// Characters without white space, lower case: for Chinese, Japanese, Thai.
    Characters,
}

impl Unit {
    /// Calls `each` with the hash and the place (in bytes) of each unit of `text`, in order.
    #[inline]
    pub(crate) fn each(self, text: &str, each: impl FnMut(u64, Range<usize>)) {
        match self {
            Self::Words => words::each(text, each),
            Self::Characters => characters::each(text, each),
        }
    }
}

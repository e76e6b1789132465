//! Floor 1: subword tokenizers: train, encode, decode, and write packed token files.
//!
//! Reads and writes the `tokenizer.json` of Hugging Face's `tokenizers` and gives the very same ids.
//!
//! Invariants:
//! - What a file asks for either runs exactly as the peers run it or is refused by name when the file is read.
//! - Time for a text grows at most as n log n, whatever it is; memory is bounded by the longest text.
//! - Training and mixing give the same result from the same input, on any machine.
//!
//! Map: [`Tokenizer`] (`file` reads, `encode` and `decode` run), whose parts are `normalize` (with `charsmap`),
//! `added`, `pretokenize` (with `split`, `scan`, `classes`), the models `bpe` and `unigram`, and `cache`;
//! [`train`] makes new ones; [`megatron`], [`pack`] and [`rows()`] lay tokens out for training, [`mixture`] plans
//! in which order sources are read.

mod added;
mod bpe;
mod cache;
mod charsmap;
mod classes;
mod decode;
mod encode;
mod error;
mod file;
pub mod megatron;
pub mod mixture;
mod normalize;
pub mod pack;
mod pretokenize;
mod rows;
mod scan;
mod split;
pub mod train;
mod unigram;

pub use encode::Scratch;
pub use rows::{Row, rows};

use added::Finder;
use decode::Decoder;
use encode::Model;
use normalize::Normalizer;
use pretokenize::Step;
use scan::Scanner;

/// A tokenizer: cheap to share between threads, each with its own [`Scratch`].
#[derive(Debug)]
pub struct Tokenizer {
    /// Tells tokenizers apart, so that a scratch knows whose pieces it remembers.
    serial: u64,
    /// Added tokens that are looked for in the text as it comes.
    raw_tokens: Option<Finder>,
    /// Those that are looked for in the normalised text.
    normal_tokens: Option<Finder>,
    normalizers: Vec<Normalizer>,
    steps: Vec<Step>,
    /// Does all of `steps`, if one can.
    scanner: Option<Scanner>,
    model: Model,
    decoders: Vec<Decoder>,
    /// How each id is written.
    tokens: Vec<Option<Box<str>>>,
    /// Ids of special tokens, sorted.
    special: Vec<u32>,
    before: Vec<u32>,
    after: Vec<u32>,
    special_as_text: bool,
}

impl Tokenizer {
    /// Special tokens that a text spells are text from now on, as they should be in a corpus that anybody may
    /// have written. Without this they become the special tokens, as the peers do it.
    #[must_use]
    pub fn special_as_text(mut self) -> Self {
        self.special_as_text = true;
        self
    }

    /// Ids that the file's post-processor puts before a text (a beginning-of-text token, often).
    pub fn before(&self) -> &[u32] {
        &self.before
    }

    /// Ids that the file's post-processor puts behind a text.
    pub fn after(&self) -> &[u32] {
        &self.after
    }

    /// One more than the highest id: what decides the width of token files.
    pub fn len(&self) -> usize {
        self.tokens.len()
    }

    /// Whether there is no token at all.
    pub fn is_empty(&self) -> bool {
        self.tokens.is_empty()
    }

    /// The id of a token as the file writes it, added tokens included.
    pub fn id_of(&self, token: &str) -> Option<u32> {
        let found = self.tokens.iter().position(|known| known.as_deref() == Some(token))?;
        Some(found as u32)
    }
}

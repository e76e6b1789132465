//! Makes new tokenizers from text and writes them as `tokenizer.json`.

mod bpe;
mod counts;
mod shell;

use kernel::{Error, Result};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Scratch, Tokenizer};
use counts::Counts;

pub use shell::Style;

/// What a byte-pair tokenizer should be like.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BpeOptions {
    /// Ids, special tokens and the 256 bytes included.
    pub vocab_size: usize,
    /// A pair seen less often is not merged.
    pub min_frequency: u64,
    /// The first ids, in this order.
    pub special_tokens: Vec<String>,
    /// How text is cut before it is merged.
    pub style: Style,
    /// Tokens stay shorter than this, in bytes.
    pub max_token_length: Option<usize>,
}

impl Default for BpeOptions {
    fn default() -> Self {
        Self {
            vocab_size: 32_000,
            min_frequency: 0,
            special_tokens: vec!["<|endoftext|>".into()],
            style: Style::Llama3,
            max_token_length: None,
        }
    }
}

/// Counts the pieces of texts and learns merges from them: a byte-level BPE, with the same merges and ids as
/// the `BpeTrainer` of `tokenizers` with `ByteLevel.alphabet()`.
///
/// The most frequent pair is merged first; of equally frequent ones that with the smaller left id, then the
/// smaller right id. Memory grows with the distinct pieces of all texts.
#[derive(Debug)]
pub struct BpeTrainer {
    options: BpeOptions,
    cutter: Tokenizer,
    scratch: Scratch,
    counts: Counts,
}

impl BpeTrainer {
    /// A trainer that has seen nothing.
    ///
    /// # Errors
    /// `tokenizer_training_invalid` when the vocabulary has no room for bytes and special tokens.
    pub fn new(options: BpeOptions) -> Result<Self> {
        let least = 256 + options.special_tokens.len();
        if !(least..=crate::bpe::pairs::MAX_ID as usize).contains(&options.vocab_size) {
            let most = crate::bpe::pairs::MAX_ID;
            let text =
                format!("A vocabulary has {least} (bytes and special tokens) to {most} ids; set vocab_size.");
            return Err(Error::invalid("tokenizer_training_invalid", text));
        }
        let cutter = Tokenizer::from_value(&options.style.file(&[], &Default::default(), &[]))?;
        Ok(Self { options, cutter, scratch: Scratch::new(), counts: Counts::default() })
    }

    /// Counts the pieces of a text.
    ///
    /// # Errors
    /// None with the styles of today; see [`Tokenizer::encode_into`].
    pub fn feed(&mut self, text: &str) -> Result<()> {
        let Self { cutter, scratch, counts, .. } = self;
        cutter.each_piece(text, scratch, |piece| counts.add(piece.as_bytes(), 1))
    }

    /// Takes over what another trainer has counted: one each for several threads gives the same in the end.
    pub fn absorb(&mut self, other: Self) {
        self.counts.absorb(other.counts);
    }

    /// Learns the merges and gives the `tokenizer.json`; [`Tokenizer::from_value`] makes it run.
    ///
    /// # Errors
    /// `tokenizer_training_invalid` when no text was fed, or more than 4 billion bytes of distinct pieces.
    pub fn train(self) -> Result<Value> {
        if self.counts.is_empty() {
            return Err(Error::invalid(
                "tokenizer_training_invalid",
                "There is no text to learn from; feed some.",
            ));
        }
        let learned = bpe::learn(&self.counts, &self.options)?;
        Ok(self.options.style.file(&self.options.special_tokens, &learned.vocabulary, &learned.merges))
    }
}

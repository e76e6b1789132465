//! Byte-level byte-pair encoding, as GPT-2 has it and `tokenizers` reads it.
//!
//! Invariants: every byte has an id, so every text can be encoded and decoded again; ids 0, 1..=256 and the
//! rest are `<|endoftext|>`, the bytes and the merges in a tokenizer that was trained here.

mod bytes;
mod encode;
mod json;
mod split;
mod train;

use std::collections::HashMap;

use kernel::{Error, Result};

pub use encode::{Decoder, Encoder};

/// The one special token: stands between documents, begins and ends generation.
pub const END_OF_TEXT: &str = "<|endoftext|>";

const FIRST_BYTE: u32 = 1;
const BYTES: usize = 256;

/// A byte-level BPE tokenizer.
#[derive(Clone, Debug, PartialEq)]
pub struct Tokenizer {
    /// Bytes of every id; special tokens have none.
    tokens: Vec<Vec<u8>>,
    byte_ids: [u32; BYTES],
    /// Pair of ids to rank and merged id.
    merges: HashMap<(u32, u32), (u32, u32)>,
    end_of_text: u32,
}

impl Tokenizer {
    /// The tokenizer without merges: one token a byte.
    pub fn bytes() -> Self {
        let mut tokens = vec![Vec::new()];
        tokens.extend((0..=255u8).map(|byte| vec![byte]));
        let byte_ids = std::array::from_fn(|byte| FIRST_BYTE + byte as u32);
        Self { tokens, byte_ids, merges: HashMap::new(), end_of_text: 0 }
    }

    /// Learns a tokenizer of up to `vocabulary` ids; fewer when the documents hold no more repeated pairs.
    ///
    /// # Errors
    /// `tokenizer_invalid` when `vocabulary` is not from 257 to 65536.
    pub fn train<'a>(documents: impl Iterator<Item = &'a str>, vocabulary: usize) -> Result<Self> {
        let least = FIRST_BYTE as usize + BYTES;
        if !(least..=1 << 16).contains(&vocabulary) {
            let text = format!("A vocabulary of {vocabulary} ids is not from {least} to 65536.");
            return Err(Error::invalid("tokenizer_invalid", text));
        }
        let mut tokenizer = Self::bytes();
        train::learn(documents, vocabulary, &mut tokenizer);
        Ok(tokenizer)
    }

    /// Number of ids.
    pub fn len(&self) -> usize {
        self.tokens.len()
    }

    /// Never: there are always the bytes.
    pub fn is_empty(&self) -> bool {
        self.tokens.is_empty()
    }

    /// The id of `<|endoftext|>`.
    pub fn end_of_text(&self) -> u32 {
        self.end_of_text
    }

    /// The bytes that an id stands for; none for special tokens and unknown ids.
    pub fn bytes_of(&self, id: u32) -> &[u8] {
        self.tokens.get(id as usize).map_or(&[], Vec::as_slice)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str =
        "The licence says: the software is provided as is. The software's licence is 模速 free. ";

    fn trained() -> Tokenizer {
        Tokenizer::train([TEXT, TEXT, "the theme of the thesis"].into_iter(), 300).unwrap()
    }

    #[test]
    fn merges_are_learned_and_text_survives() {
        let tokenizer = trained();
        let ids = tokenizer.encode(TEXT);
        assert!(ids.len() * 2 < TEXT.len(), "{} ids for {} bytes", ids.len(), TEXT.len());
        assert_eq!(tokenizer.decode(&ids), TEXT);
        assert_eq!(Tokenizer::bytes().encode("é"), [1 + 0xc3, 1 + 0xa9]);
        assert!(!tokenizer.encode(END_OF_TEXT).contains(&tokenizer.end_of_text()));
    }

    #[test]
    fn training_does_not_depend_on_the_order_of_documents() {
        let one = Tokenizer::train(["alpha beta", "beta gamma", "gamma gamma"].into_iter(), 270).unwrap();
        let two = Tokenizer::train(["gamma gamma", "alpha beta", "beta gamma"].into_iter(), 270).unwrap();
        assert_eq!(one, two);
    }

    #[test]
    fn json_round_trip_and_clear_errors() {
        let tokenizer = trained();
        let json = tokenizer.to_json();
        assert_eq!(Tokenizer::from_json(json.to_string().as_bytes()).unwrap(), tokenizer);
        let mut gaps = json.clone();
        gaps["model"]["vocab"]["!"] = serde_json::json!(100_000);
        let mut merge = json.clone();
        merge["model"]["merges"][0] = serde_json::json!(["nowhere", "x"]);
        let mut kind = json.clone();
        kind["pre_tokenizer"]["type"] = serde_json::json!("Metaspace");
        for broken in [gaps, merge, kind, serde_json::json!({}), serde_json::json!(3)] {
            assert_eq!(
                Tokenizer::from_json(broken.to_string().as_bytes()).unwrap_err().code,
                "tokenizer_invalid"
            );
        }
        assert!(Tokenizer::from_json(b"\xff").is_err());
    }

    #[test]
    fn incremental_decoding_never_gives_half_a_character() {
        let tokenizer = Tokenizer::bytes();
        let mut decoder = Decoder::default();
        let parts: Vec<String> =
            tokenizer.encode("a模🙂").iter().map(|id| decoder.push(&tokenizer, *id)).collect();
        assert_eq!(parts, ["a", "", "", "模", "", "", "", "🙂"]);
        assert_eq!(decoder.push(&tokenizer, 1 + 0xe6), "");
        assert_eq!(decoder.push(&tokenizer, 1 + b'x' as u32), "\u{fffd}x");
        assert_eq!(decoder.push(&tokenizer, 1 + 0xe6), "");
        assert_eq!(decoder.finish(), "\u{fffd}");
    }

    proptest::proptest! {
        #[test]
        fn any_text_survives(text in "\\PC*|[ \n\tthe licence's模é🙂0-9]*") {
            let tokenizer = trained();
            proptest::prop_assert_eq!(tokenizer.decode(&tokenizer.encode(&text)), text);
        }

        #[test]
        fn any_ids_decode_the_same_at_once_and_one_by_one(ids in proptest::collection::vec(0u32..320, 0..40)) {
            let tokenizer = trained();
            let mut decoder = Decoder::default();
            let mut text: String = ids.iter().map(|id| decoder.push(&tokenizer, *id)).collect();
            text.push_str(&decoder.finish());
            proptest::prop_assert_eq!(text, tokenizer.decode(&ids));
        }
    }
}

//! The parts of a `tokenizer.json` around its model.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::{file::Vocabulary, scan::Scanner};

/// How text is cut before it is merged: the patterns of well-known tokenizers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Style {
    /// As GPT-2: a space belongs to the word behind it.
    Gpt2,
    /// As Llama 3 and GPT-4 (cl100k): digits by threes, any one sign may begin a word.
    Llama3,
    /// As Qwen 2 and 3: digits alone, text in Unicode's NFC.
    Qwen2,
    /// As GPT-4o: words also end where lower case meets upper.
    O200k,
}

impl Style {
    fn normalizer(self) -> Value {
        if self == Self::Qwen2 { json!({ "type": "NFC" }) } else { Value::Null }
    }

    fn pre_tokenizer(self) -> Value {
        let scanner = match self {
            Self::Gpt2 => return byte_level(true),
            Self::Llama3 => Scanner::Cl100k,
            Self::Qwen2 => Scanner::Qwen2,
            Self::O200k => Scanner::O200k,
        };
        let split = json!({
            "type": "Split", "pattern": { "Regex": scanner.pattern() }, "behavior": "Isolated", "invert": false
        });
        json!({ "type": "Sequence", "pretokenizers": [split, byte_level(false)] })
    }

    /// The whole file.
    pub(super) fn file(
        self,
        special: &[String],
        vocabulary: &Vocabulary,
        merges: &[(String, String)],
    ) -> Value {
        let added = special.iter().filter_map(|content| {
            Some(json!({
                "id": vocabulary.get(content.as_str())?, "content": content, "single_word": false,
                "lstrip": false, "rstrip": false, "normalized": false, "special": true
            }))
        });
        let mut sorted: Vec<_> = vocabulary.iter().collect();
        sorted.sort_unstable_by_key(|(_, id)| **id);
        let vocab: Map<String, Value> =
            sorted.into_iter().map(|(token, id)| (token.to_string(), json!(id))).collect();
        json!({
            "version": "1.0",
            "truncation": null,
            "padding": null,
            "added_tokens": added.collect::<Vec<_>>(),
            "normalizer": self.normalizer(),
            "pre_tokenizer": self.pre_tokenizer(),
            "post_processor": null,
            "decoder": byte_level(true),
            "model": {
                "type": "BPE", "dropout": null, "unk_token": null, "continuing_subword_prefix": null,
                "end_of_word_suffix": null, "fuse_unk": false, "byte_fallback": false, "ignore_merges": false,
                "vocab": vocab, "merges": merges
            }
        })
    }
}

fn byte_level(use_regex: bool) -> Value {
    json!({ "type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": use_regex })
}

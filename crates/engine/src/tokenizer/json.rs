//! The `tokenizer.json` of Hugging Face's `tokenizers`: byte-level BPE, the part of it that we write.

use std::collections::HashMap;

use kernel::{Error, Result};
use serde_json::{Map, Value, json};

use super::{END_OF_TEXT, Tokenizer, bytes};

/// Largest `tokenizer.json` that is read.
const MAX_BYTES: usize = 64 << 20;
/// Most ids a tokenizer may have.
const MAX_IDS: usize = 1 << 18;

fn invalid(text: impl std::fmt::Display) -> Error {
    Error::invalid("tokenizer_invalid", format!("tokenizer.json cannot be used: {text}"))
}

impl Tokenizer {
    /// The `tokenizer.json` that `tokenizers` and `transformers` read.
    pub fn to_json(&self) -> Value {
        let written = |id: u32| bytes::to_written(&self.tokens[id as usize]);
        let mut vocab: Map<String, Value> = Map::new();
        vocab.insert(END_OF_TEXT.into(), json!(self.end_of_text));
        let ids = (0..self.len() as u32).filter(|id| *id != self.end_of_text);
        vocab.extend(ids.map(|id| (written(id), json!(id))));
        let mut merges: Vec<_> = self.merges.iter().map(|(pair, (rank, _))| (*rank, *pair)).collect();
        merges.sort_unstable();
        let merges: Vec<_> = merges.iter().map(|(_, (a, b))| json!([written(*a), written(*b)])).collect();
        let byte_level = json!({
            "type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true
        });
        json!({
            "version": "1.0",
            "truncation": null,
            "padding": null,
            "added_tokens": [{
                "id": self.end_of_text, "content": END_OF_TEXT, "single_word": false, "lstrip": false,
                "rstrip": false, "normalized": false, "special": true
            }],
            "normalizer": null,
            "pre_tokenizer": byte_level,
            "post_processor": null,
            "decoder": byte_level,
            "model": {
                "type": "BPE", "dropout": null, "unk_token": null, "continuing_subword_prefix": null,
                "end_of_word_suffix": null, "fuse_unk": false, "byte_fallback": false,
                "ignore_merges": false, "vocab": vocab, "merges": merges
            }
        })
    }

    /// Reads a `tokenizer.json` of a byte-level BPE with `<|endoftext|>`.
    ///
    /// # Errors
    /// `tokenizer_invalid` when it is not one, or not of the kind that this engine computes.
    pub fn from_json(text: &[u8]) -> Result<Self> {
        if text.len() > MAX_BYTES {
            return Err(invalid(format!("it has {} bytes, at most {MAX_BYTES} are read.", text.len())));
        }
        let json: Value =
            serde_json::from_slice(text).map_err(|e| invalid(format!("it is not JSON: {e}.")))?;
        refuse_other_kinds(&json)?;
        let vocab = json.pointer("/model/vocab").and_then(Value::as_object);
        let vocab = vocab.ok_or_else(|| invalid("model.vocab is missing."))?;
        let ids = read_ids(vocab, json["added_tokens"].as_array())?;
        let merges = json.pointer("/model/merges").and_then(Value::as_array);
        let merges = merges.ok_or_else(|| invalid("model.merges is missing."))?;
        let merges = merges.iter().map(read_merge).collect::<Result<Vec<_>>>()?;
        Self::assemble(&ids, &merges)
    }

    fn assemble(ids: &HashMap<String, u32>, merges: &[(String, String)]) -> Result<Self> {
        let find = |written: &str| {
            ids.get(written)
                .copied()
                .ok_or_else(|| invalid(format!("token {written:?} is not in model.vocab.")))
        };
        let end_of_text = find(END_OF_TEXT)?;
        let mut tokens = vec![Vec::new(); ids.len()];
        for (written, id) in ids.iter().filter(|(_, id)| **id != end_of_text) {
            // Other special tokens may use characters that stand for no byte; they decode to nothing.
            tokens[*id as usize] = bytes::from_written(written).unwrap_or_default();
        }
        let mut byte_ids = [0; 256];
        for byte in 0..=255u8 {
            byte_ids[usize::from(byte)] = find(&bytes::to_written(&[byte]))?;
        }
        let mut table = HashMap::with_capacity(merges.len());
        for (rank, (a, b)) in merges.iter().enumerate() {
            let merged = find(&format!("{a}{b}"))?;
            table.entry((find(a)?, find(b)?)).or_insert((rank as u32, merged));
        }
        Ok(Self { tokens, byte_ids, merges: table, end_of_text })
    }
}

fn refuse_other_kinds(json: &Value) -> Result<()> {
    let kind = |pointer: &str| json.pointer(pointer).and_then(Value::as_str);
    if kind("/model/type") != Some("BPE") || kind("/pre_tokenizer/type") != Some("ByteLevel") {
        return Err(invalid("only a BPE model behind a ByteLevel pre-tokenizer runs here."));
    }
    let is = |pointer: &str, wanted: Value| json.pointer(pointer).is_none_or(|value| *value == wanted);
    let empty = |pointer: &str| json.pointer(pointer).is_none_or(|v| v.is_null() || v == "" || v == 0.0);
    let plain = is("/pre_tokenizer/add_prefix_space", json!(false))
        && is("/pre_tokenizer/use_regex", json!(true))
        && is("/model/ignore_merges", json!(false))
        && is("/model/byte_fallback", json!(false))
        && ["/normalizer", "/model/dropout", "/model/continuing_subword_prefix", "/model/end_of_word_suffix"]
            .iter()
            .all(|pointer| empty(pointer));
    if plain {
        Ok(())
    } else {
        Err(invalid("normalizers, prefixes, dropout and byte fallback do not run here."))
    }
}

fn read_ids(vocab: &Map<String, Value>, added: Option<&Vec<Value>>) -> Result<HashMap<String, u32>> {
    let mut ids = HashMap::with_capacity(vocab.len());
    let added =
        added.into_iter().flatten().filter_map(|token| Some((token["content"].as_str()?, &token["id"])));
    for (written, id) in vocab.iter().map(|(written, id)| (written.as_str(), id)).chain(added) {
        let id = id.as_u64().and_then(|id| u32::try_from(id).ok());
        let id = id.ok_or_else(|| invalid(format!("the id of {written:?} is not a whole number.")))?;
        if ids.insert(written.to_owned(), id).is_some_and(|old| old != id) {
            return Err(invalid(format!("{written:?} has two ids.")));
        }
    }
    if ids.len() > MAX_IDS {
        return Err(invalid(format!("it has {} ids, at most {MAX_IDS} are read.", ids.len())));
    }
    let mut seen = vec![false; ids.len()];
    for (written, id) in &ids {
        match seen.get_mut(*id as usize) {
            Some(seen) if !*seen => *seen = true,
            _ => return Err(invalid(format!("ids have gaps or repeat (at {written:?}, id {id})."))),
        }
    }
    Ok(ids)
}

/// A merge is `["a", "b"]`, or `"a b"` in older files.
fn read_merge(merge: &Value) -> Result<(String, String)> {
    let pair = match merge {
        Value::String(text) => text.split_once(' '),
        Value::Array(pair) if pair.len() == 2 => pair[0].as_str().zip(pair[1].as_str()),
        _ => None,
    };
    let (a, b) = pair.ok_or_else(|| invalid(format!("merge {merge} is not a pair of tokens.")))?;
    Ok((a.to_owned(), b.to_owned()))
}

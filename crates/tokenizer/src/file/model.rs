//! The model of a `tokenizer.json`: BPE or Unigram.

use kernel::Result;
use serde_json::Value;

use super::Vocabulary;
use crate::{
    bpe::{Alphabet, Bpe, Seams, Unknown, pairs},
    decode::{byte_of, char_of},
    encode::Model,
    error::{invalid, unsupported},
    unigram::Unigram,
};

/// A model and what the rest of the tokenizer must know of it.
pub(super) struct Read {
    pub model: Model,
    pub vocabulary: Vocabulary,
}

/// Reads the model; `is_byte_level` when characters stand for bytes.
pub(super) fn read(json: &Value, is_byte_level: bool) -> Result<Read> {
    match json["type"].as_str() {
        Some("BPE") => bpe(json, is_byte_level),
        None if json["merges"].is_array() => bpe(json, is_byte_level),
        Some("Unigram") if is_byte_level => {
            Err(unsupported("Unigram behind ByteLevel", "use Metaspace before a Unigram model."))
        }
        Some("Unigram") => unigram(json),
        Some(other) => Err(unsupported(&format!("The model {other}"), "BPE and Unigram do.")),
        None => Err(invalid("model.type is missing.")),
    }
}

fn id_of(json: &Value, token: &str) -> Result<u32> {
    let id = json.as_u64().and_then(|id| u32::try_from(id).ok()).filter(|id| *id < pairs::MAX_ID);
    id.ok_or_else(|| invalid(format!("the id of {token:?} is not a whole number below {}.", pairs::MAX_ID)))
}

fn bpe(json: &Value, is_byte_level: bool) -> Result<Read> {
    let is_set = |name: &str| json[name].as_str().is_some_and(|text| !text.is_empty());
    if json["dropout"].as_f64().is_some_and(|dropout| dropout > 0.0) {
        return Err(unsupported("BPE dropout", "it makes ids random. Set it to null."));
    }
    for affix in ["continuing_subword_prefix", "end_of_word_suffix"] {
        if is_set(affix) {
            return Err(unsupported(&format!("BPE with {affix}"), "only models without it do."));
        }
    }
    let entries = json["vocab"].as_object().ok_or_else(|| invalid("model.vocab is not an object."))?;
    let ids = entries.iter().map(|(token, id)| Ok((token.as_str().into(), id_of(id, token)?)));
    let vocabulary: Vocabulary = ids.collect::<Result<_>>()?;
    let merges = read_merges(&json["merges"], &vocabulary)?;
    let unknown = Unknown {
        id: json["unk_token"].as_str().map(|token| find(&vocabulary, token)).transpose()?,
        is_fused: json["fuse_unk"] == true,
    };
    let falls_back = json["byte_fallback"] == true;
    let alphabet = if is_byte_level {
        byte_alphabet(&vocabulary, unknown, falls_back)?
    } else {
        char_alphabet(&vocabulary, unknown, falls_back)
    };
    let in_bytes = |byte: u8| vocabulary.get(&*format!("<0x{byte:02X}>")).copied();
    let opaque: Vec<u32> = (0..=255).filter(|_| falls_back).filter_map(in_bytes).chain(unknown.id).collect();
    let ignores_merges = json["ignore_merges"] == true;
    let whole = vocabulary.iter().filter(|_| ignores_merges).filter_map(|(token, id)| {
        let bytes = if is_byte_level {
            token.chars().map(byte_of).collect::<Option<Vec<u8>>>()?
        } else {
            token.as_bytes().to_vec()
        };
        Some((bytes.into_boxed_slice(), *id))
    });
    let table: Vec<_> = merges.iter().map(|merge| merge.ids).collect();
    // Merges of tokens that stand for bytes or for unknown characters: their text is not the text that they
    // stand for, so it does not tell where merges reach.
    let is_opaque = |id: &u32| opaque.contains(id);
    let has_seams = !merges.iter().any(|merge| is_opaque(&merge.ids.0) || is_opaque(&merge.ids.1));
    let made: Vec<Vec<u8>> = merges.iter().map(|merge| bytes_of(&merge.made, is_byte_level)).collect();
    let seams = has_seams.then(|| Seams::new(made.iter().map(Vec::as_slice)));
    let model = Model::Bpe(Box::new(Bpe::new(alphabet, &table, seams, whole)));
    Ok(Read { model, vocabulary })
}

/// The bytes of text that a token stands for.
fn bytes_of(token: &str, is_byte_level: bool) -> Vec<u8> {
    if is_byte_level { token.chars().filter_map(byte_of).collect() } else { token.as_bytes().to_vec() }
}

struct Merge {
    /// Left, right, and what they make.
    ids: (u32, u32, u32),
    made: Box<str>,
}

fn find(vocabulary: &Vocabulary, token: &str) -> Result<u32> {
    let found = vocabulary.get(token).copied();
    found.ok_or_else(|| invalid(format!("the token {token:?} is not in model.vocab.")))
}

/// A merge is `["a", "b"]`, or `"a b"` in older files.
fn read_merges(json: &Value, vocabulary: &Vocabulary) -> Result<Vec<Merge>> {
    let list = json.as_array().ok_or_else(|| invalid("model.merges is not a list."))?;
    if list.len() >= pairs::MAX_RANK as usize {
        return Err(invalid(format!(
            "model.merges has {} entries, fewer than {} are read.",
            list.len(),
            pairs::MAX_RANK
        )));
    }
    let mut made = String::new();
    let mut read = |merge: &Value| {
        let pair = match merge {
            Value::String(text) => text.split_once(' ').filter(|(_, right)| !right.contains(' ')),
            Value::Array(pair) if pair.len() == 2 => pair[0].as_str().zip(pair[1].as_str()),
            _ => None,
        };
        let (left, right) =
            pair.ok_or_else(|| invalid(format!("the merge {merge} is not a pair of tokens.")))?;
        made.clear();
        made.push_str(left);
        made.push_str(right);
        let ids = (find(vocabulary, left)?, find(vocabulary, right)?, find(vocabulary, &made)?);
        Ok(Merge { ids, made: made.as_str().into() })
    };
    list.iter().map(&mut read).collect()
}

fn byte_alphabet(vocabulary: &Vocabulary, unknown: Unknown, falls_back: bool) -> Result<Alphabet> {
    let mut buffer = [0; 4];
    let found: Vec<_> = (0..=255u8)
        .filter_map(|byte| Some((byte, *vocabulary.get(&*char_of(byte).encode_utf8(&mut buffer))?)))
        .collect();
    if falls_back && found.len() < 256 {
        let mend = "its vocabulary lacks characters that stand for bytes. Set byte_fallback to false.";
        return Err(unsupported("BPE with byte_fallback behind ByteLevel", mend));
    }
    Ok(Alphabet::bytes(found, unknown))
}

fn char_alphabet(vocabulary: &Vocabulary, unknown: Unknown, falls_back: bool) -> Alphabet {
    let single = vocabulary.iter().filter_map(|(token, id)| {
        let mut chars = token.chars();
        Some((chars.next().filter(|_| chars.as_str().is_empty())?, *id))
    });
    let bytes = (0..=255u8).filter_map(|byte| Some((byte, *vocabulary.get(&*format!("<0x{byte:02X}>"))?)));
    Alphabet::characters(single, falls_back.then(|| bytes.collect()), unknown)
}

fn unigram(json: &Value) -> Result<Read> {
    let list = json["vocab"].as_array().ok_or_else(|| invalid("model.vocab is not a list."))?;
    if list.len() >= pairs::MAX_ID as usize {
        return Err(invalid(format!(
            "model.vocab has {} entries, fewer than {} are read.",
            list.len(),
            pairs::MAX_ID
        )));
    }
    let pieces = list.iter().map(|entry| {
        let score = entry[1].as_f64().filter(|score| !score.is_nan());
        let piece = entry[0].as_str().zip(score).map(|(piece, score)| (Box::from(piece), score));
        piece
            .ok_or_else(|| invalid(format!("the entry {entry} of model.vocab is not a token and its score.")))
    });
    let pieces: Vec<(Box<str>, f64)> = pieces.collect::<Result<_>>()?;
    let unknown = match &json["unk_id"] {
        Value::Null => None,
        id => Some(id_of(id, "<unk>")?).filter(|id| (*id as usize) < pieces.len()),
    };
    if unknown.is_none() && !json["unk_id"].is_null() {
        return Err(invalid("model.unk_id is not an index of model.vocab."));
    }
    let vocabulary = pieces.iter().map(|(piece, _)| piece.clone()).zip(0..).collect();
    let model = Model::Unigram(Box::new(Unigram::new(&pieces, unknown, json["byte_fallback"] == true)));
    Ok(Read { model, vocabulary })
}

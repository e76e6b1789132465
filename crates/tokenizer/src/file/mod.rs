//! Reads a `tokenizer.json`. Components are read strictly: what does not run here is refused by name.

mod model;
mod parts;
mod post;

use std::{
    path::Path,
    sync::atomic::{AtomicU64, Ordering},
};

use foldhash::HashMap;
use kernel::{Error, Result};
use serde_json::Value;

use crate::{
    Tokenizer,
    added::{AddedToken, Finder},
    error::{invalid, unsupported},
    normalize::Normalizer,
    pretokenize::only_scanner,
};

/// Largest file that is read.
const MAX_BYTES: usize = 256 << 20;

/// Ids of tokens as the model's part of the file writes them.
pub(crate) type Vocabulary = HashMap<Box<str>, u32>;

impl Tokenizer {
    /// Reads a `tokenizer.json`.
    ///
    /// # Errors
    /// `tokenizer_file_invalid` when it is not one; `tokenizer_unsupported`, with the component's name, when
    /// it asks for something that does not run here.
    pub fn from_json(text: &[u8]) -> Result<Self> {
        if text.len() > MAX_BYTES {
            return Err(invalid(format!("it has {} bytes, at most {MAX_BYTES} are read.", text.len())));
        }
        let json: Value =
            serde_json::from_slice(text).map_err(|error| invalid(format!("it is not JSON: {error}.")))?;
        Self::from_value(&json)
    }

    /// Reads a `tokenizer.json` from a file.
    ///
    /// # Errors
    /// `tokenizer_file_missing` when it can't be read, and those of [`Tokenizer::from_json`].
    pub fn from_file(path: &Path) -> Result<Self> {
        let text = std::fs::read(path).map_err(|error| {
            let text = format!("{} cannot be read: {error}.", path.display());
            Error::not_found("tokenizer_file_missing", text).with_source(error)
        })?;
        Self::from_json(&text)
    }

    /// Reads a `tokenizer.json` that was parsed already.
    ///
    /// # Errors
    /// As [`Tokenizer::from_json`].
    pub fn from_value(json: &Value) -> Result<Self> {
        for whole in ["truncation", "padding"] {
            if !json[whole].is_null() {
                return Err(unsupported(whole, "it changes the ids of long or short texts. Set it to null."));
            }
        }
        let normalizers = flat(&json["normalizer"], "normalizers").into_iter().map(parts::normalizer);
        let normalizers: Vec<_> = normalizers.collect::<Result<_>>()?;
        let (steps, is_byte_level) = parts::steps(&flat(&json["pre_tokenizer"], "pretokenizers"))?;
        let model = model::read(&json["model"], is_byte_level)?;
        let added = added_tokens(&json["added_tokens"], &model.vocabulary)?;
        let decoders = flat(&json["decoder"], "decoders").into_iter().map(parts::decoder);
        let (before, after) = post::read(&flat(&json["post_processor"], "processors"))?;
        let mut tokenizer = Self {
            serial: next_serial(),
            raw_tokens: None,
            normal_tokens: None,
            scanner: only_scanner(&steps),
            steps,
            model: model.model,
            decoders: decoders.collect::<Result<_>>()?,
            tokens: by_id(&model.vocabulary),
            special: Vec::new(),
            before,
            after,
            special_as_text: false,
            normalizers,
        };
        tokenizer.add(added)?;
        Ok(tokenizer)
    }

    fn add(&mut self, added: Vec<AddedToken>) -> Result<()> {
        let (mut raw, mut normal) = (Vec::new(), Vec::new());
        for token in added {
            let mut shown = token.content.clone();
            if token.normalized {
                shown = normalized(&self.normalizers, &shown)?;
            }
            let place = token.id as usize;
            if place >= self.tokens.len() {
                self.tokens.resize(place + 1, None);
            }
            self.tokens[place] = Some(shown.as_str().into());
            if token.special {
                self.special.push(token.id);
            }
            if token.normalized { &mut normal } else { &mut raw }.push((shown, token));
        }
        self.special.sort_unstable();
        self.raw_tokens = Finder::new(raw)?;
        self.normal_tokens = Finder::new(normal)?;
        Ok(())
    }
}

fn next_serial() -> u64 {
    static SERIAL: AtomicU64 = AtomicU64::new(1);
    SERIAL.fetch_add(1, Ordering::Relaxed)
}

fn normalized(normalizers: &[Normalizer], text: &str) -> Result<String> {
    let mut normal = std::borrow::Cow::Borrowed(text);
    for normalizer in normalizers {
        normal = normalizer.apply(normal)?;
    }
    Ok(normal.into_owned())
}

/// The components of a `Sequence`, however nested; or the one component; or none.
fn flat<'v>(component: &'v Value, list: &str) -> Vec<&'v Value> {
    let (mut flat, mut waiting) = (Vec::new(), vec![component]);
    while let Some(next) = waiting.pop() {
        match next[list].as_array() {
            Some(parts) if next["type"] == "Sequence" => waiting.extend(parts.iter().rev()),
            _ if next.is_null() => {}
            _ => flat.push(next),
        }
    }
    flat
}

/// Added tokens with the ids that the peers give them: the model's, or the next free one.
fn added_tokens(list: &Value, vocabulary: &Vocabulary) -> Result<Vec<AddedToken>> {
    if list.is_null() {
        return Ok(Vec::new());
    }
    let list = list.as_array().ok_or_else(|| invalid("added_tokens is not a list."))?;
    let mut next = vocabulary.len() as u32;
    let mut by_content: HashMap<String, usize> = HashMap::default();
    let mut tokens: Vec<AddedToken> = Vec::with_capacity(list.len());
    for token in list {
        let mut token: AddedToken = serde::Deserialize::deserialize(token)
            .map_err(|error| invalid(format!("an entry of added_tokens is not one: {error}.")))?;
        if token.content.is_empty() {
            continue;
        }
        let known = by_content.get(&token.content).copied();
        token.id = match (known, vocabulary.get(token.content.as_str())) {
            (Some(known), _) => tokens[known].id,
            (None, Some(id)) => *id,
            (None, None) => {
                next += 1;
                next - 1
            }
        };
        match known {
            Some(known) => tokens[known] = token,
            None => {
                by_content.insert(token.content.clone(), tokens.len());
                tokens.push(token);
            }
        }
    }
    Ok(tokens)
}

fn by_id(vocabulary: &Vocabulary) -> Vec<Option<Box<str>>> {
    let size = vocabulary.values().max().map_or(0, |id| *id as usize + 1);
    let mut tokens = vec![None; size];
    for (token, id) in vocabulary {
        let place = &mut tokens[*id as usize];
        // Should two share an id, the same one is shown every time.
        if place.as_ref().is_none_or(|shown| token < shown) {
            *place = Some(token.clone());
        }
    }
    tokens
}

//! From text to tokens: training a tokenizer on an input, and laying its tokens out for training.

use kernel::{Error, Result};
use std::{fs, path::Path};
use tokenizer::{
    Scratch, Tokenizer,
    megatron::{Width, Writer, Written},
    train::{BpeOptions, BpeTrainer},
};

/// Trains a byte-level BPE of `vocabulary` ids on all documents of `input`; writes a `tokenizer.json`. Returns the
/// number of documents and their bytes.
pub fn train(input: &Path, output: &Path, vocabulary: usize) -> Result<(u64, u64)> {
    let mut trainer = BpeTrainer::new(BpeOptions { vocab_size: vocabulary, ..BpeOptions::default() })?;
    let seen = each(input, &mut |text| trainer.feed(text))?;
    let bytes = serde_json::to_vec(&trainer.train()?).map_err(Error::internal)?;
    let partial = output.with_extension("partial");
    fs::write(&partial, bytes)
        .and_then(|()| fs::rename(&partial, output))
        .map_err(|error| crate::run::unwritable(output, error))?;
    Ok(seen)
}

/// Writes the tokens of all documents of `input` as an indexed dataset of Megatron-LM, `PREFIX.bin` and `PREFIX.idx`;
/// each document ends with `end`, a special token of the tokenizer, when it is given.
pub fn pack(input: &Path, file: &Path, prefix: &Path, end: Option<&str>) -> Result<Written> {
    let tokenizer = Tokenizer::from_file(file)?;
    let end = match end {
        None => None,
        Some(token) => Some(tokenizer.id_of(token).ok_or_else(|| {
            let text = format!(
                "the tokenizer {} has no token {token:?}. Name one of its added tokens",
                file.display()
            );
            Error::invalid("corpus_tokenizer_invalid", text)
        })?),
    };
    let mut writer = Writer::create(prefix, Width::of_vocabulary(tokenizer.len()))?;
    let (mut scratch, mut ids) = (Scratch::new(), Vec::new());
    each(input, &mut |text| {
        ids.clear();
        tokenizer.encode_into(text, &mut scratch, &mut ids)?;
        ids.extend(end);
        writer.push_document(&ids)
    })?;
    writer.finish()
}

/// Hands every document's text to `take`, in the order of the input; what can't be read ends it.
fn each(input: &Path, take: &mut dyn FnMut(&str) -> Result<()>) -> Result<(u64, u64)> {
    let options = intake::Options::default();
    let (mut documents, mut bytes) = (0, 0);
    for shard in &intake::plan(input, &options)?.shards {
        intake::read(
            input,
            shard,
            &options,
            &mut |record| {
                documents += 1;
                bytes += record.text.len() as u64;
                take(&record.text)
            },
            &mut |broken| {
                let text = format!(
                    "{}, {}: {}. Clean the input with `mosu corpus run` first",
                    broken.path, broken.position, broken.text
                );
                Err(Error::invalid("corpus_input_unreadable", text))
            },
        )?;
    }
    Ok((documents, bytes))
}

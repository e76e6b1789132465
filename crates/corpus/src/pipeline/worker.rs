//! One item after the other: decode, extract, clean, judge, hash, keep.

use super::spool::{Line, Place, Writer};
use crate::{
    Options, dedup, extract,
    filter::{self, Scratch},
    read::{self, Format, Item, Origin, Skip},
    report::{Example, Tally},
    text::{Words, normalise},
};
use kernel::Result;
use sha2::{Digest, Sha256};
use std::{borrow::Cow, collections::HashMap, fs::File, path::Path, sync::Arc};

/// A document that passed the filters.
#[derive(Debug)]
pub struct Document {
    /// The first 96 bits of SHA-256 of source and path.
    pub id: u128,
    /// The first 128 bits of SHA-256 of the text.
    pub content: u128,
    /// Hashes of the bands of its signature; none when it has no words.
    pub bands: Option<dedup::Bands>,
    /// Where its line lies.
    pub place: Place,
    /// Bytes of its text.
    pub bytes: u32,
    /// Words of its text.
    pub tokens: u32,
    /// Whether it is mostly Han or kana.
    pub cjk: bool,
    /// Where it comes from.
    pub origin: Arc<Origin>,
}

/// How an id is written: 24 hexadecimal digits.
pub fn id_text(id: u128) -> String {
    format!("{id:024x}")
}

/// What a worker found.
#[derive(Debug, Default)]
pub struct Found {
    /// Documents that passed, in no order.
    pub documents: Vec<Document>,
    /// Items and records that could not be read.
    pub skips: Vec<Skip>,
    /// Counts of reading, extraction, cleaning and filters.
    pub read: Tally,
    /// See `read`.
    pub extract: Tally,
    /// See `read`.
    pub normalise: Tally,
    /// See `read`.
    pub filter: Tally,
}

/// A worker with its room to work in.
pub struct Worker<'a> {
    options: &'a Options,
    found: Found,
    spool: Writer,
    words: Words,
    scratch: Scratch,
    grams: Vec<u64>,
    text: String,
    origins: HashMap<Origin, Arc<Origin>>,
}

/// A text with all that is known about it.
struct Raw<'a> {
    path: String,
    text: &'a str,
    format: Format,
    origin: Arc<Origin>,
    url: String,
}

impl<'a> Worker<'a> {
    /// Worker `number`, which spools into `folder`.
    pub fn new(options: &'a Options, folder: &Path, number: u32) -> Result<Self> {
        Ok(Self {
            options,
            found: Found::default(),
            spool: Writer::create(folder, number)?,
            words: Words::default(),
            scratch: Scratch::default(),
            grams: Vec::new(),
            text: String::new(),
            origins: HashMap::new(),
        })
    }

    /// Ends the work.
    pub fn finish(self) -> Result<(Found, File)> {
        Ok((self.found, self.spool.finish()?))
    }

    /// Works on one item.
    pub fn item(&mut self, item: Item) -> Result<()> {
        if item.format == Format::Jsonl {
            return self.records(&item);
        }
        match read::decode(&item.bytes) {
            Err((code, text)) => {
                self.skip(Skip::new(&item.path, code, text, item.bytes.len() as u64));
                Ok(())
            }
            Ok(text) => {
                let Item { path, format, origin, .. } = &item;
                let raw = Raw {
                    path: path.clone(),
                    text,
                    format: *format,
                    origin: origin.clone(),
                    url: String::new(),
                };
                self.document(raw, item.bytes.len())
            }
        }
    }

    fn skip(&mut self, skip: Skip) {
        self.found.read.skip(&skip);
        self.found.skips.push(skip);
    }

    fn records(&mut self, item: &Item) -> Result<()> {
        for (line, number) in item.bytes.split(|byte| *byte == b'\n').zip(item.first_line..) {
            if line.trim_ascii().is_empty() {
                continue;
            }
            match read::decode(line).and_then(read::parse_record) {
                Err((code, text)) => {
                    self.skip(Skip::new(&format!("{}#{number}", item.path), code, text, line.len() as u64));
                }
                Ok(mut record) => {
                    let name = record.id.take().map_or_else(|| number.to_string(), |id| id.to_string());
                    let origin = self.origin(&item.origin, &mut record);
                    let raw = Raw {
                        path: format!("{}#{name}", item.path),
                        text: record.text.as_deref().unwrap_or_default(),
                        format: Format::Jsonl,
                        origin,
                        url: record.url.unwrap_or_default(),
                    };
                    self.document(raw, line.len())?;
                }
            }
        }
        Ok(())
    }

    /// What a record says of its origin goes before what is said of its file.
    fn origin(&mut self, file: &Arc<Origin>, record: &mut read::Record<'_>) -> Arc<Origin> {
        let fields = [&mut record.source, &mut record.author, &mut record.licence].map(Option::take);
        if fields.iter().all(Option::is_none) {
            return file.clone();
        }
        let [source, author, licence] = fields;
        let origin = Origin {
            source: source.unwrap_or_else(|| file.source.clone()),
            author: author.unwrap_or_else(|| file.author.clone()),
            licence: licence.unwrap_or_else(|| file.licence.clone()),
        };
        self.origins.entry(origin).or_insert_with_key(|origin| Arc::new(origin.clone())).clone()
    }

    fn document(&mut self, raw: Raw<'_>, bytes: usize) -> Result<()> {
        let id = hash(&[raw.origin.source.as_bytes(), b"\0", raw.path.as_bytes()]) >> 32;
        let example = || Example { id: id_text(id), path: raw.path.clone() };
        self.found.read.pass(bytes, raw.text.len());
        let extracted = extract::extract(raw.format, raw.text, self.options.code_lines);
        if extracted.trim_ascii().is_empty() {
            self.found.extract.drop("no_text", raw.text.len() as u64, example);
            return Ok(());
        }
        self.found.extract.pass(raw.text.len(), extracted.len());
        normalise(&extracted, &mut self.text);
        if self.text.is_empty() {
            self.found.normalise.drop("no_text", extracted.len() as u64, example);
            return Ok(());
        }
        self.found.normalise.pass(extracted.len(), self.text.len());
        self.words.scan(&self.text);
        let rule = filter::broken_rule(&self.text, &self.words, &self.options.filter, &mut self.scratch);
        if let Some(rule) = rule {
            self.found.filter.drop(rule, self.text.len() as u64, example);
            return Ok(());
        }
        self.found.filter.pass(self.text.len(), self.text.len());
        self.keep(raw, id)
    }

    fn keep(&mut self, raw: Raw<'_>, id: u128) -> Result<()> {
        let tokens = self.words.words.len();
        let line = Line {
            id: id_text(id).into(),
            text: Cow::Borrowed(&self.text),
            source: Cow::Borrowed(&raw.origin.source),
            author: Cow::Borrowed(&raw.origin.author),
            licence: Cow::Borrowed(&raw.origin.licence),
            url: raw.url.into(),
            path: raw.path.into(),
            tokens: tokens as u64,
        };
        let place = self.spool.append(&line)?;
        self.words.grams(dedup::RUN, &mut self.grams);
        let signature = dedup::signature(self.grams.iter().copied());
        self.found.documents.push(Document {
            id,
            content: hash(&[self.text.as_bytes()]),
            bands: signature.as_ref().map(dedup::bands),
            place,
            bytes: self.text.len() as u32,
            tokens: tokens as u32,
            cjk: self.words.mostly_cjk(),
            origin: raw.origin,
        });
        Ok(())
    }
}

/// The first 128 bits of SHA-256.
fn hash(parts: &[&[u8]]) -> u128 {
    let mut hasher = Sha256::new();
    parts.iter().for_each(|part| hasher.update(part));
    let digest = hasher.finalize();
    digest.iter().take(16).fold(0, |hash, byte| (hash << 8) | u128::from(*byte))
}

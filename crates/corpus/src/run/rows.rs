//! Documents between two stages: a JSON line each, an index of where the lines lie, and their ids in order.

use super::folder::{unreadable, unwritable};
use crate::step::Document;
use kernel::{Error, Result};
use serde::{Deserialize, Serialize};
use std::{
    borrow::Cow,
    fs::File,
    io::{BufWriter, Write},
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
};

/// A document as it is written.
#[derive(Debug, Serialize, Deserialize)]
pub struct Line<'a> {
    /// Stable id.
    #[serde(borrow)]
    pub id: Cow<'a, str>,
    /// Clean text.
    #[serde(borrow)]
    pub text: Cow<'a, str>,
    /// Where it comes from; empty when unstated, as the following.
    #[serde(borrow)]
    pub source: Cow<'a, str>,
    /// Who wrote it.
    #[serde(borrow)]
    pub author: Cow<'a, str>,
    /// Who gave it.
    #[serde(borrow)]
    pub contributor: Cow<'a, str>,
    /// Its licence.
    #[serde(borrow)]
    pub licence: Cow<'a, str>,
    /// Where it can be looked up.
    #[serde(borrow)]
    pub url: Cow<'a, str>,
    /// Its path in the input.
    #[serde(borrow)]
    pub path: Cow<'a, str>,
    /// Its words, once they are counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tokens: Option<u64>,
    /// Further fields of the input, as it has them.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<&'a serde_json::value::RawValue>,
}

impl<'a> Line<'a> {
    /// Reads a line.
    pub fn parse(line: &'a [u8]) -> Result<Self> {
        serde_json::from_slice(line).map_err(Error::internal)
    }
}

/// Where a line lies, and how many bytes of text it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Offset in the file.
    pub offset: u64,
    /// Bytes of the line, with its end.
    pub length: u32,
    /// Bytes of the text.
    pub text: u32,
}

/// Bytes of a place in an index.
const PLACE: usize = 16;

impl Place {
    /// As an entry of an index.
    pub fn to_bytes(self) -> [u8; PLACE] {
        let mut bytes = [0; PLACE];
        bytes[..8].copy_from_slice(&self.offset.to_le_bytes());
        bytes[8..12].copy_from_slice(&self.length.to_le_bytes());
        bytes[12..].copy_from_slice(&self.text.to_le_bytes());
        bytes
    }

    /// From an entry of an index.
    pub fn from_bytes(bytes: &[u8]) -> Self {
        let part = |from: usize, to: usize| {
            bytes[from..to].iter().rev().fold(0_u64, |value, byte| (value << 8) | u64::from(*byte))
        };
        Self { offset: part(0, 8), length: part(8, 12) as u32, text: part(12, 16) as u32 }
    }
}

/// A file being written in large pieces.
#[derive(Debug)]
pub struct Sink {
    path: PathBuf,
    file: BufWriter<File>,
    /// Bytes written so far.
    pub bytes: u64,
}

impl Sink {
    /// Creates the file.
    pub fn create(path: PathBuf) -> Result<Self> {
        let file = File::create(&path).map_err(|error| unwritable(&path, error))?;
        Ok(Self { path, file: BufWriter::with_capacity(256 << 10, file), bytes: 0 })
    }

    /// Appends bytes.
    pub fn put(&mut self, bytes: &[u8]) -> Result<()> {
        self.bytes += bytes.len() as u64;
        self.file.write_all(bytes).map_err(|error| unwritable(&self.path, error))
    }

    /// Appends a line of JSON; returns where it lies.
    pub fn put_line(&mut self, line: &Line<'_>, room: &mut Vec<u8>) -> Result<Place> {
        room.clear();
        serde_json::to_writer(&mut *room, line).map_err(Error::internal)?;
        room.push(b'\n');
        let place = Place {
            offset: self.bytes,
            length: u32::try_from(room.len()).map_err(Error::internal)?,
            text: u32::try_from(line.text.len()).map_err(Error::internal)?,
        };
        self.put(room)?;
        Ok(place)
    }

    /// Writes what is left in memory.
    pub fn close(self) -> Result<()> {
        let Self { path, file, .. } = self;
        file.into_inner().map(drop).map_err(|error| unwritable(&path, error.into_error()))
    }
}

/// A file that is read at random.
#[derive(Debug)]
pub struct Source {
    path: PathBuf,
    file: File,
}

impl Source {
    /// Opens the file.
    pub fn open(path: PathBuf) -> Result<Self> {
        let file = File::open(&path).map_err(|error| unreadable(&path, error))?;
        Ok(Self { path, file })
    }

    /// The file itself.
    pub fn file(&self) -> &File {
        &self.file
    }

    /// The path of the file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Reads exactly `into` at `offset`.
    pub fn read_at(&self, into: &mut [u8], offset: u64) -> Result<()> {
        self.file.read_exact_at(into, offset).map_err(|error| unreadable(&self.path, error))
    }

    /// The place of document `number` of an index.
    pub fn place(&self, number: u32) -> Result<Place> {
        let mut bytes = [0; PLACE];
        self.read_at(&mut bytes, u64::from(number) * PLACE as u64)?;
        Ok(Place::from_bytes(&bytes))
    }

    /// All places of an index.
    pub fn places(&self) -> Result<Vec<Place>> {
        let bytes = std::fs::read(&self.path).map_err(|error| unreadable(&self.path, error))?;
        Ok(bytes.chunks_exact(PLACE).map(Place::from_bytes).collect())
    }

    /// The line at `place`.
    pub fn line(&self, place: Place, into: &mut Vec<u8>) -> Result<()> {
        into.resize(place.length as usize, 0);
        self.read_at(into, place.offset)
    }
}

/// The line of a document.
pub fn line_of<'a>(document: &'a Document<'_>, tokens: Option<u64>) -> Result<Line<'a>> {
    let metadata =
        document.metadata.as_deref().map(serde_json::from_str).transpose().map_err(Error::internal)?;
    Ok(Line {
        id: Cow::Borrowed(&document.id),
        text: Cow::Borrowed(&document.text),
        source: Cow::Borrowed(&document.source),
        author: Cow::Borrowed(&document.author),
        contributor: Cow::Borrowed(&document.contributor),
        licence: Cow::Borrowed(&document.licence),
        url: Cow::Borrowed(&document.url),
        path: Cow::Borrowed(&document.path),
        tokens,
        metadata,
    })
}

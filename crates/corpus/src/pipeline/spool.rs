//! A worker's file of cleaned documents, one JSON line each, read again at random.

use crate::{dedup, report::Example, text::Words};
use kernel::{Error, Result};
use serde::{Deserialize, Serialize};
use std::{
    borrow::Cow,
    fs::File,
    io::{BufWriter, Write},
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
};

/// A document as it is published: a line of the data files.
#[derive(Debug, Serialize, Deserialize)]
pub struct Line<'a> {
    /// Stable id.
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
    /// Its licence.
    #[serde(borrow)]
    pub licence: Cow<'a, str>,
    /// Where it can be looked up.
    #[serde(borrow)]
    pub url: Cow<'a, str>,
    /// Its path in the input.
    #[serde(borrow)]
    pub path: Cow<'a, str>,
    /// Its words.
    pub tokens: u64,
}

/// Where a line lies.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    /// Which worker's file.
    pub spool: u32,
    /// Length in bytes, with the line end.
    pub length: u32,
    /// Offset in the file.
    pub offset: u64,
}

/// A file being written.
pub struct Writer {
    path: PathBuf,
    file: BufWriter<File>,
    number: u32,
    offset: u64,
    line: Vec<u8>,
}

impl Writer {
    /// Creates the file of worker `number` in `folder`.
    pub fn create(folder: &Path, number: u32) -> Result<Self> {
        let path = folder.join(format!(".spool-{number}"));
        let file = File::options().read(true).write(true).create_new(true).open(&path);
        let file =
            BufWriter::with_capacity(256 << 10, file.map_err(|error| super::unwritable(&path, error))?);
        Ok(Self { path, file, number, offset: 0, line: Vec::new() })
    }

    /// Appends a document.
    pub fn append(&mut self, line: &Line<'_>) -> Result<Place> {
        self.line.clear();
        serde_json::to_writer(&mut self.line, line).map_err(Error::internal)?;
        self.line.push(b'\n');
        self.file.write_all(&self.line).map_err(|error| super::unwritable(&self.path, error))?;
        // A document is at most 1 GiB and JSON makes at most six bytes of one.
        let length = u32::try_from(self.line.len()).map_err(Error::internal)?;
        let place = Place { spool: self.number, offset: self.offset, length };
        self.offset += u64::from(length);
        Ok(place)
    }

    /// Ends writing; the file can be read now. Its name is gone already, so nothing has to be cleaned up.
    pub fn finish(self) -> Result<File> {
        let Self { path, file, .. } = self;
        let file = file.into_inner().map_err(|error| super::unwritable(&path, error.into_error()))?;
        std::fs::remove_file(&path).map_err(|error| super::unwritable(&path, error))?;
        Ok(file)
    }
}

/// All workers' files.
#[derive(Debug, Default)]
pub struct Spools(pub Vec<File>);

impl Spools {
    /// The bytes of a line, with its line end.
    pub fn line(&self, place: Place) -> Result<Vec<u8>> {
        let mut bytes = vec![0; place.length as usize];
        let file = &self.0[place.spool as usize];
        file.read_exact_at(&mut bytes, place.offset).map_err(Error::internal)?;
        Ok(bytes)
    }

    /// Id and path of the document at `place`.
    pub fn example(&self, place: Place) -> Result<Example> {
        let bytes = self.line(place)?;
        let line: Line<'_> = serde_json::from_slice(&bytes).map_err(Error::internal)?;
        Ok(Example { id: line.id.into_owned(), path: line.path.into_owned() })
    }

    /// The sorted 5-grams of the document at `place`.
    pub fn shingles(&self, place: Place) -> Result<Vec<u64>> {
        let bytes = self.line(place)?;
        let line: Line<'_> = serde_json::from_slice(&bytes).map_err(Error::internal)?;
        let mut words = Words::default();
        words.scan(&line.text);
        Ok(dedup::shingles(&words))
    }
}

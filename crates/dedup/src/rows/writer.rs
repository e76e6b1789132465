//! Writing rows.

use super::{CHUNK, MAGIC, path};
use crate::folder::{at, make};
use kernel::Result;
use std::{
    fs::File,
    io::Write,
    path::{Path, PathBuf},
};

/// Writes the rows of one worker.
#[derive(Debug)]
pub struct Writer {
    file: File,
    temporary: PathBuf,
    finished: PathBuf,
    documents: Vec<u32>,
    columns: Vec<Vec<u64>>,
    bytes: Vec<u8>,
}

impl Writer {
    /// A file of `columns` columns.
    pub fn create(folder: &Path, kind: &str, worker: usize, columns: usize) -> Result<Self> {
        make(folder)?;
        let finished = path(folder, kind, worker);
        let temporary = finished.with_extension("part");
        let file = File::create(&temporary).map_err(at(&temporary))?;
        let mut bytes = Vec::new();
        bytes.extend_from_slice(&MAGIC.to_le_bytes());
        bytes.extend_from_slice(&(columns as u64).to_le_bytes());
        let columns = vec![Vec::with_capacity(CHUNK); columns];
        Ok(Self { file, temporary, finished, documents: Vec::with_capacity(CHUNK), columns, bytes })
    }

    /// Adds a row.
    pub fn add(&mut self, document: u32, row: &[u64]) -> Result<()> {
        assert_eq!(row.len(), self.columns.len(), "a row has as many columns as its file");
        self.documents.push(document);
        for (column, value) in self.columns.iter_mut().zip(row) {
            column.push(*value);
        }
        if self.documents.len() == CHUNK { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<()> {
        if !self.documents.is_empty() {
            self.bytes.extend_from_slice(&(self.documents.len() as u64).to_le_bytes());
            self.bytes.extend(self.documents.iter().flat_map(|document| document.to_le_bytes()));
            for column in &mut self.columns {
                self.bytes.extend(column.iter().flat_map(|value| value.to_le_bytes()));
                column.clear();
            }
            self.documents.clear();
        }
        self.file.write_all(&self.bytes).map_err(at(&self.temporary))?;
        self.bytes.clear();
        Ok(())
    }

    /// Puts the file in its place.
    pub fn finish(mut self) -> Result<()> {
        self.flush()?;
        self.file.sync_data().map_err(at(&self.temporary))?;
        std::fs::rename(&self.temporary, &self.finished).map_err(at(&self.finished))
    }
}

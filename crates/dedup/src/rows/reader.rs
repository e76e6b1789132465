//! Reading rows back, a few columns at a time.

use super::{CHUNK, CHUNK_HEADER, HEADER, MAGIC};
use crate::folder::{at, damaged};
use kernel::Result;
use std::{
    fs::File,
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
};

/// All finished files of a kind. There may be thousands, so that none is held open.
#[derive(Debug)]
pub struct Reader {
    /// Files with their lengths.
    files: Vec<(PathBuf, u64)>,
    columns: usize,
    rows: u64,
}

impl Reader {
    /// Opens what is finished in `folder`.
    pub fn open(folder: &Path, kind: &str) -> Result<Self> {
        let mut paths = Vec::new();
        for entry in std::fs::read_dir(folder).map_err(at(folder))? {
            let path = entry.map_err(at(folder))?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if name.strip_prefix(kind).is_some_and(|rest| rest.starts_with('-') && rest.ends_with(".rows")) {
                paths.push(path);
            }
        }
        paths.sort();
        let mut reader = Self { files: Vec::new(), columns: 0, rows: 0 };
        for path in paths {
            reader.add(path)?;
        }
        Ok(reader)
    }

    fn add(&mut self, path: PathBuf) -> Result<()> {
        let file = File::open(&path).map_err(at(&path))?;
        let length = file.metadata().map_err(at(&path))?.len();
        if length < HEADER {
            return Err(damaged(&path));
        }
        let mut header = [0; HEADER as usize];
        file.read_exact_at(&mut header, 0).map_err(at(&path))?;
        let [magic, columns] = [0, 8].map(|from| number(&header[from..from + 8]));
        let columns = usize::try_from(columns).unwrap_or(usize::MAX);
        if magic != MAGIC || columns > 1 << 16 || (!self.files.is_empty() && columns != self.columns) {
            return Err(damaged(&path));
        }
        self.columns = columns;
        let body = length - HEADER;
        let full = CHUNK_HEADER + CHUNK as u64 * self.row();
        let rest = (body % full).saturating_sub(CHUNK_HEADER);
        self.rows += body / full * CHUNK as u64 + rest / self.row();
        self.files.push((path, length));
        Ok(())
    }

    /// Bytes of a row.
    fn row(&self) -> u64 {
        4 + 8 * self.columns as u64
    }

    /// Rows in all files.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Columns of the files; 0 when there are none.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// Calls `each` with the document and the `N` columns from `first` on of every row.
    pub fn scan<const N: usize>(&self, first: usize, mut each: impl FnMut(u32, [u64; N])) -> Result<()> {
        assert!(self.files.is_empty() || first + N <= self.columns, "the columns are there");
        let (mut documents, mut columns) = (Vec::new(), vec![Vec::new(); N]);
        for (path, length) in &self.files {
            let file = &File::open(path).map_err(at(path))?;
            let mut from = HEADER;
            while from < *length {
                let count = self.count(path, file, from, *length)?;
                read(path, file, from + CHUNK_HEADER, count * 4, &mut documents)?;
                let body = from + CHUNK_HEADER + count * 4;
                for (index, column) in columns.iter_mut().enumerate() {
                    read(path, file, body + (first + index) as u64 * count * 8, count * 8, column)?;
                }
                for (row, document) in documents.chunks_exact(4).enumerate() {
                    let document = u32::from_le_bytes(document.try_into().unwrap_or_default());
                    each(
                        document,
                        std::array::from_fn(|index| number(&columns[index][8 * row..8 * row + 8])),
                    );
                }
                from += CHUNK_HEADER + count * self.row();
            }
        }
        Ok(())
    }

    /// The number of rows of the chunk at `from`, which must lie within the file.
    fn count(&self, path: &Path, file: &File, from: u64, length: u64) -> Result<u64> {
        let mut header = [0; CHUNK_HEADER as usize];
        if length - from < CHUNK_HEADER {
            return Err(damaged(path));
        }
        file.read_exact_at(&mut header, from).map_err(at(path))?;
        let count = number(&header);
        let fits = count <= CHUNK as u64 && from + CHUNK_HEADER + count * self.row() <= length;
        if count == 0 || !fits { Err(damaged(path)) } else { Ok(count) }
    }
}

fn read(path: &Path, file: &File, from: u64, length: u64, into: &mut Vec<u8>) -> Result<()> {
    into.resize(length as usize, 0);
    file.read_exact_at(into, from).map_err(at(path))
}

fn number(bytes: &[u8]) -> u64 {
    u64::from_le_bytes(bytes.try_into().unwrap_or_default())
}

//! The indexed dataset of Megatron-LM: `PREFIX.bin` holds all ids, `PREFIX.idx` says where sequences and
//! documents begin.
//!
//! The index: `MMIDIDX\0\0`, version 1 (u64), type code (u8), numbers of sequences and of document bounds (u64
//! each), lengths of sequences (i32), their byte offsets (i64), and the bounds of documents counted in
//! sequences, from 0 on (i64); all little-endian.

use std::{
    fs::{self, File},
    io::{self, BufReader, BufWriter, Read, Write},
    path::{Path, PathBuf},
};

use kernel::{Error, Result};

const MAGIC: &[u8] = b"MMIDIDX\0\0";
const VERSION: u64 = 1;
/// Vocabularies below this are written in 16 bits, as Megatron chooses it.
const NARROW: usize = 65_500;

/// How ids are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Width {
    /// 16 bits, code 8.
    U16,
    /// 32 bits with sign, code 4.
    I32,
}

impl Width {
    /// What Megatron takes for a vocabulary of this size.
    pub fn of_vocabulary(size: usize) -> Self {
        if size < NARROW { Self::U16 } else { Self::I32 }
    }

    fn code(self) -> u8 {
        if self == Self::U16 { 8 } else { 4 }
    }

    fn bytes(self) -> u64 {
        if self == Self::U16 { 2 } else { 4 }
    }
}

/// What was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Written {
    /// Sequences.
    pub sequences: u64,
    /// Documents.
    pub documents: u64,
    /// Ids.
    pub tokens: u64,
}

/// Writes an indexed dataset with memory that doesn't grow. Both files appear under their names when
/// [`Writer::finish`] has written all of them; a writer that is dropped before leaves nothing.
#[derive(Debug)]
pub struct Writer {
    prefix: PathBuf,
    width: Width,
    ids: Part,
    lengths: Part,
    bounds: Part,
    written: Written,
    buffer: Vec<u8>,
}

impl Writer {
    /// A writer of `PREFIX.bin` and `PREFIX.idx`, whose folder exists.
    ///
    /// # Errors
    /// `tokens_unwritable` when files can't be made there.
    pub fn create(prefix: &Path, width: Width) -> Result<Self> {
        let part = |name: &str| Part::create(with_ending(prefix, &format!(".{name}.partial")));
        let mut bounds = part("bounds")?;
        bounds.write(&0u64.to_le_bytes())?;
        let (ids, lengths) = (part("bin")?, part("lengths")?);
        let (written, buffer) = (Written::default(), Vec::new());
        Ok(Self { prefix: prefix.to_owned(), width, ids, lengths, bounds, written, buffer })
    }

    /// Writes a document of one sequence.
    ///
    /// # Errors
    /// As [`Writer::push_sequence`].
    pub fn push_document(&mut self, ids: &[u32]) -> Result<()> {
        self.push_sequence(ids)?;
        self.end_document()
    }

    /// Writes a sequence of the document under way.
    ///
    /// # Errors
    /// `token_too_large` when an id doesn't fit the width; `tokens_unwritable` when the disk fails.
    pub fn push_sequence(&mut self, ids: &[u32]) -> Result<()> {
        let most = if self.width == Width::U16 { u32::from(u16::MAX) } else { i32::MAX as u32 };
        if let Some(id) = ids.iter().find(|id| **id > most) {
            let text = format!(
                "The id {id} is larger than {most}, the largest of {:?}; write wider ids.",
                self.width
            );
            return Err(Error::invalid("token_too_large", text));
        }
        let length = i32::try_from(ids.len()).map_err(|_| {
            Error::limited(
                "sequence_too_long",
                "A sequence has more than 2,147,483,647 ids; split the document.",
            )
        })?;
        self.buffer.clear();
        match self.width {
            Width::U16 => self.buffer.extend(ids.iter().flat_map(|id| (*id as u16).to_le_bytes())),
            Width::I32 => self.buffer.extend(ids.iter().flat_map(|id| id.to_le_bytes())),
        }
        self.ids.write(&self.buffer)?;
        self.lengths.write(&length.to_le_bytes())?;
        self.written.sequences += 1;
        self.written.tokens += ids.len() as u64;
        Ok(())
    }

    /// Ends the document under way.
    ///
    /// # Errors
    /// `tokens_unwritable` when the disk fails.
    pub fn end_document(&mut self) -> Result<()> {
        self.written.documents += 1;
        self.bounds.write(&self.written.sequences.to_le_bytes())
    }

    /// Writes the index and gives both files their names, the index last.
    ///
    /// # Errors
    /// `tokens_unwritable` when the disk fails.
    pub fn finish(mut self) -> Result<Written> {
        let mut index = Part::create(with_ending(&self.prefix, ".idx.partial"))?;
        index.write(MAGIC)?;
        index.write(&VERSION.to_le_bytes())?;
        index.write(&[self.width.code()])?;
        index.write(&self.written.sequences.to_le_bytes())?;
        index.write(&(self.written.documents + 1).to_le_bytes())?;
        self.lengths.each::<4>(|length| index.write(length))?;
        let (mut offset, bytes) = (0u64, self.width.bytes());
        self.lengths.each::<4>(|length| {
            index.write(&offset.to_le_bytes())?;
            offset += u64::from(u32::from_le_bytes(*length)) * bytes;
            Ok(())
        })?;
        self.bounds.each::<8>(|bound| index.write(bound))?;
        self.ids.finish(&with_ending(&self.prefix, ".bin"))?;
        index.finish(&with_ending(&self.prefix, ".idx"))?;
        Ok(self.written)
    }
}

fn with_ending(prefix: &Path, ending: &str) -> PathBuf {
    let mut path = prefix.as_os_str().to_owned();
    path.push(ending);
    path.into()
}

fn unwritable(path: &Path, error: io::Error) -> Error {
    let text = format!("{} cannot be written: {error}.", path.display());
    Error::unavailable("tokens_unwritable", text).with_source(error)
}

/// A file under a temporary name, removed when it is dropped before it has got its own.
#[derive(Debug)]
struct Part {
    path: PathBuf,
    file: BufWriter<File>,
    is_done: bool,
}

impl Part {
    fn create(path: PathBuf) -> Result<Self> {
        let file = File::create(&path).map_err(|error| unwritable(&path, error))?;
        Ok(Self { file: BufWriter::with_capacity(1 << 18, file), path, is_done: false })
    }

    fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.file.write_all(bytes).map_err(|error| unwritable(&self.path, error))
    }

    /// Calls `each` with what was written, `N` bytes at a time.
    fn each<const N: usize>(&mut self, mut each: impl FnMut(&[u8; N]) -> Result<()>) -> Result<()> {
        let failed = |error| unwritable(&self.path, error);
        self.file.flush().map_err(failed)?;
        let mut file = BufReader::new(File::open(&self.path).map_err(failed)?);
        let mut item = [0; N];
        loop {
            match file.read_exact(&mut item) {
                Ok(()) => each(&item)?,
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(()),
                Err(error) => return Err(unwritable(&self.path, error)),
            }
        }
    }

    fn finish(mut self, path: &Path) -> Result<()> {
        let synced = self.file.flush().and_then(|()| self.file.get_ref().sync_all());
        synced.and_then(|()| fs::rename(&self.path, path)).map_err(|error| unwritable(path, error))?;
        self.is_done = true;
        Ok(())
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        if !self.is_done {
            // What can't be removed is left: it bears a name that nobody reads.
            let _ = fs::remove_file(&self.path);
        }
    }
}

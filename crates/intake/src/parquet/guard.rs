//! Keeps what a file says of itself from taking memory or ending the program.

use crate::stop::Fault;
use bytes::Bytes;
use parquet::{
    errors::{ParquetError, Result},
    file::reader::{ChunkReader, Length},
};
use std::{
    io::{Chain, Cursor, Read},
    panic::{AssertUnwindSafe, catch_unwind},
};

/// Runs `work` of the library, whose errors and panics both mean that the file is broken.
pub(super) fn guarded<T>(work: impl FnOnce() -> Result<T>) -> std::result::Result<T, Fault> {
    let text = match catch_unwind(AssertUnwindSafe(work)) {
        Ok(Ok(value)) => return Ok(value),
        Ok(Err(error)) => error.to_string(),
        Err(_) => "its parts contradict each other".to_owned(),
    };
    Err(Fault::new("parquet_invalid", format!("no whole Parquet file: {text}; make it again")))
}

/// A file whose pages announce how much they unpack to before the library believes them.
pub(super) struct Guarded<R> {
    source: R,
    page_bytes: u64,
}

impl<R> Guarded<R> {
    pub(super) fn new(source: R, page_bytes: u64) -> Self {
        Self { source, page_bytes }
    }
}

impl<R: ChunkReader> Length for Guarded<R> {
    fn len(&self) -> u64 {
        self.source.len()
    }
}

impl<R: ChunkReader> ChunkReader for Guarded<R> {
    type T = Chain<Cursor<Vec<u8>>, R::T>;

    /// Pages are asked for here by their headers, and the last bytes of the file.
    fn get_read(&self, start: u64) -> Result<Self::T> {
        let mut reader = self.source.get_read(start)?;
        let mut head = Vec::new();
        reader.by_ref().take(16).read_to_end(&mut head)?;
        if start + 8 < self.source.len() && unpacked(&head).is_none_or(|bytes| bytes > self.page_bytes) {
            return Err(ParquetError::General("a page is too large, or its header is damaged".into()));
        }
        Ok(Cursor::new(head).chain(reader))
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes> {
        if start.checked_add(length as u64).is_none_or(|end| end > self.source.len()) {
            return Err(ParquetError::EOF("a part lies behind the end of the file".into()));
        }
        self.source.get_bytes(start, length)
    }
}

/// The unpacked size in the header of a page: its second field, after its type, in Thrift's compact form.
fn unpacked(head: &[u8]) -> Option<u64> {
    let mut bytes = head.iter().copied();
    let mut field = || {
        // Each is the next field, a 32-bit integer.
        (bytes.next()? == 0x15).then_some(())?;
        let (mut value, mut shift) = (0_u64, 0);
        loop {
            let byte = bytes.next()?;
            value |= u64::from(byte & 0x7f) << shift;
            shift += 7;
            if byte < 0x80 || shift > 35 {
                return Some(value);
            }
        }
    };
    field()?;
    // Zigzag: odd numbers are negative, which no size is.
    field().filter(|value| value % 2 == 0).map(|value| value / 2)
}

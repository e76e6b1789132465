//! A part of a file in memory that moves on as it is read.

use std::io::{self, BufRead, Read};

/// Bytes in memory.
const SIZE: usize = 4 << 20;

/// The present part of a file.
pub(super) struct Window<R> {
    reader: R,
    buffer: Vec<u8>,
    from: usize,
    to: usize,
    /// Where `from` is in the file.
    pub offset: u64,
    pub at_end: bool,
}

impl<R: Read> Window<R> {
    /// A window over a file that stands at `offset`.
    pub(super) fn new(reader: R, offset: u64) -> Self {
        Self { reader, buffer: vec![0; SIZE], from: 0, to: 0, offset, at_end: false }
    }

    /// What lies ahead: at least `want` bytes unless the file ends.
    pub(super) fn ahead(&mut self, want: usize) -> io::Result<&[u8]> {
        if self.to - self.from < want && !self.at_end {
            self.buffer.copy_within(self.from..self.to, 0);
            (self.to, self.from) = (self.to - self.from, 0);
            while self.to < self.buffer.len() && !self.at_end {
                match self.reader.read(&mut self.buffer[self.to..]) {
                    Ok(0) => self.at_end = true,
                    Ok(read) => self.to += read,
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(&self.buffer[self.from..self.to])
    }

    pub(super) fn pass(&mut self, bytes: usize) {
        self.from += bytes;
        self.offset += bytes as u64;
    }
}

impl<R: Read> Read for Window<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.ahead(1)?.read(into)?;
        self.pass(read);
        Ok(read)
    }
}

impl<R: Read> BufRead for Window<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.ahead(1)
    }

    fn consume(&mut self, bytes: usize) {
        self.pass(bytes);
    }
}

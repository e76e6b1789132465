//! Runs of whole lines from any reader, in bounded memory.

use std::io::{self, Read};

/// Bytes that are asked for at once.
const BLOCK: usize = 1 << 20;

/// Cuts what it reads into runs of whole lines.
pub(crate) struct Lines<R> {
    reader: R,
    buffer: Vec<u8>,
    /// The part of the buffer that was not handed out yet.
    from: usize,
    to: usize,
    /// Longest line.
    limit: usize,
    at_end: bool,
}

/// What comes next.
pub(crate) enum Next<'a> {
    /// Whole lines; the last one of a file may lack its line feed.
    Lines(&'a [u8]),
    /// A line of so many bytes, longer than the limit, was passed over.
    TooLong(u64),
    /// Nothing.
    End,
}

impl<R: Read> Lines<R> {
    pub(crate) fn new(reader: R, limit: u64) -> Self {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX).saturating_add(1);
        Self { reader, buffer: vec![0; BLOCK], from: 0, to: 0, limit, at_end: false }
    }

    pub(crate) fn next(&mut self) -> io::Result<Next<'_>> {
        self.buffer.copy_within(self.from..self.to, 0);
        (self.to, self.from) = (self.to - self.from, 0);
        loop {
            self.fill()?;
            if let Some(last) = memchr::memrchr(b'\n', &self.buffer[..self.to]) {
                self.from = last + 1;
                return Ok(Next::Lines(&self.buffer[..self.from]));
            }
            if self.to > self.limit {
                return self.pass_over().map(Next::TooLong);
            }
            if self.at_end {
                self.from = self.to;
                return Ok(if self.to == 0 { Next::End } else { Next::Lines(&self.buffer[..self.to]) });
            }
            let larger = (self.buffer.len() * 2).min(self.limit + BLOCK);
            self.buffer.resize(larger, 0);
        }
    }

    fn fill(&mut self) -> io::Result<()> {
        while !self.at_end && self.to < self.buffer.len() {
            match self.reader.read(&mut self.buffer[self.to..]) {
                Ok(0) => self.at_end = true,
                Ok(read) => self.to += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Drops the rest of the line that fills the buffer; returns its length.
    fn pass_over(&mut self) -> io::Result<u64> {
        let mut passed = 0;
        loop {
            passed += self.to as u64;
            self.to = 0;
            self.fill()?;
            if let Some(end) = memchr::memchr(b'\n', &self.buffer[..self.to]) {
                self.from = end + 1;
                return Ok(passed + self.from as u64);
            }
            if self.to == 0 {
                self.from = 0;
                return Ok(passed);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_are_passed_over_and_the_next_are_read() {
        let mut data = b"ab\n".to_vec();
        data.extend(std::iter::repeat_n(b'x', 5 * BLOCK));
        data.extend_from_slice(b"\nc\nd");
        let mut lines = Lines::new(&data[..], 2 * BLOCK as u64);
        let mut found = Vec::new();
        loop {
            match lines.next().unwrap() {
                Next::Lines(run) => found.push(String::from_utf8(run.to_vec()).unwrap()),
                Next::TooLong(bytes) => found.push(bytes.to_string()),
                Next::End => break,
            }
        }
        assert_eq!(found, ["ab\n", &(5 * BLOCK + 1).to_string(), "c\n", "d"]);
        assert!(lines.buffer.len() <= 4 * BLOCK);
    }

    #[test]
    fn a_line_at_the_limit_is_whole() {
        let mut lines = Lines::new(&b"abcd\nabcde\n"[..], 10);
        assert!(matches!(lines.next().unwrap(), Next::Lines(b"abcd\nabcde\n")));
        assert!(matches!(lines.next().unwrap(), Next::End));
    }
}

//! Logs and events, read by byte offset and in bounds.

use serde::Serialize;
use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    path::Path,
};

/// The most bytes that one read returns.
pub const CHUNK_BYTES: u64 = 256 << 10;

/// A piece of a growing text file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Chunk {
    /// Where the piece begins, in bytes.
    pub offset: u64,
    /// Where the next read should begin.
    pub next_offset: u64,
    /// How large the file is now.
    pub size: u64,
    /// The piece; bytes that are no UTF-8 show as �.
    pub text: String,
}

/// The piece of the file at `path` that begins at `offset`; negative offsets count from the end.
///
/// A file that isn't there is an empty one: the job hasn't said anything yet. A piece ends at the end of a line
/// where it can, so that a character is never cut.
pub fn chunk(path: &Path, offset: i64) -> io::Result<Chunk> {
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if absent(&error) => {
            return Ok(Chunk { offset: 0, next_offset: 0, size: 0, text: String::new() });
        }
        Err(error) => return Err(error),
    };
    let size = file.metadata()?.len();
    let offset = match u64::try_from(offset) {
        Ok(offset) => offset.min(size),
        Err(_) => size.saturating_sub(offset.unsigned_abs()),
    };
    file.seek(SeekFrom::Start(offset))?;
    let mut bytes = Vec::new();
    file.take(CHUNK_BYTES).read_to_end(&mut bytes)?;
    if let Some(end) = bytes.iter().rposition(|&byte| byte == b'\n') {
        bytes.truncate(end + 1);
    } else if (bytes.len() as u64) < CHUNK_BYTES {
        bytes.clear(); // an unfinished line: it comes with the next read
    }
    let next_offset = offset + bytes.len() as u64;
    Ok(Chunk { offset, next_offset, size, text: String::from_utf8_lossy(&bytes).into_owned() })
}

/// Whether a file isn't there, because of itself or of a folder above it.
pub(super) fn absent(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn follows_a_growing_file_without_losing_or_cutting_a_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log.txt");
        assert_eq!(chunk(&path, 0).unwrap().next_offset, 0);
        std::fs::write(&path, "模速\nhal").unwrap();
        let first = chunk(&path, 0).unwrap();
        assert_eq!((first.text.as_str(), first.next_offset, first.size), ("模速\n", 7, 10));
        std::fs::write(&path, "模速\nhalf\n").unwrap();
        assert_eq!(chunk(&path, first.next_offset as i64).unwrap().text, "half\n");
        assert_eq!(chunk(&path, -5).unwrap().text, "half\n");
        assert_eq!(chunk(&path, i64::MIN).unwrap().offset, 0);
        assert_eq!(chunk(&path, i64::MAX).unwrap().text, "");
    }

    #[test]
    fn one_read_is_bounded_even_without_line_ends() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log.txt");
        std::fs::write(&path, vec![b'x'; CHUNK_BYTES as usize + 10]).unwrap();
        assert_eq!(chunk(&path, 0).unwrap().next_offset, CHUNK_BYTES);
    }
}

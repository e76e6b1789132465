//! Files of rows: a document and a fixed number of 64-bit columns. Every kind of deduplication spills its
//! keys into these and reads back one column at a time.
//!
//! A file has a header (magic, columns) and chunks: the number of rows, their documents, then column after
//! column, all little-endian. A worker writes one file under a temporary name and renames it when all is in;
//! only finished files are read, so a run that was killed can go on.

mod reader;
mod writer;

pub use reader::Reader;
pub use writer::Writer;

use std::path::{Path, PathBuf};

const MAGIC: u64 = u64::from_le_bytes(*b"mosurow1");
/// Rows of a chunk; the last of a file may have fewer.
const CHUNK: usize = 4096;
/// Bytes of the header of a file and of a chunk.
const HEADER: u64 = 16;
const CHUNK_HEADER: u64 = 8;

fn path(folder: &Path, kind: &str, worker: usize) -> PathBuf {
    folder.join(format!("{kind}-{worker:06}.rows"))
}

/// Whether `worker` has finished its file.
pub fn is_finished(folder: &Path, kind: &str, worker: usize) -> bool {
    path(folder, kind, worker).exists()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back_column_by_column() {
        let folder = tempfile::tempdir().unwrap();
        for worker in 0..2_u32 {
            let mut writer = Writer::create(folder.path(), "test", worker as usize, 3).unwrap();
            for row in 0..CHUNK as u32 + 5 {
                writer.add(row * 2 + worker, &[u64::from(row), u64::from(row) << 40, 7]).unwrap();
            }
            writer.finish().unwrap();
        }
        let reader = Reader::open(folder.path(), "test").unwrap();
        assert_eq!((reader.rows(), reader.columns()), (2 * (CHUNK as u64 + 5), 3));
        let mut seen = 0;
        reader
            .scan(0, |document, [a, b]| {
                assert_eq!(u64::from(document / 2), a);
                assert_eq!(a << 40, b);
                seen += 1;
            })
            .unwrap();
        assert_eq!(seen, reader.rows());
    }

    #[test]
    fn unfinished_files_do_not_count_and_damaged_ones_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let mut writer = Writer::create(folder.path(), "test", 0, 1).unwrap();
        writer.add(1, &[1]).unwrap();
        assert_eq!(Reader::open(folder.path(), "test").unwrap().rows(), 0);
        writer.finish().unwrap();
        assert!(is_finished(folder.path(), "test", 0));
        let file = path(folder.path(), "test", 0);
        let bytes = std::fs::read(&file).unwrap();
        std::fs::write(&file, &bytes[..bytes.len() - 1]).unwrap();
        let error = Reader::open(folder.path(), "test").and_then(|reader| reader.scan(0, |_, [_]| {}));
        assert_eq!(error.unwrap_err().code, "dedup_spill_damaged");
    }
}

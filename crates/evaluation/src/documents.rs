//! Reads a split's documents from JSON lines, within bounds.

use crate::types::Document;
use kernel::{Error, Result};
use std::{
    fs::File,
    io::{BufRead, BufReader, Read},
    path::Path,
};

/// Longest line that is read, in bytes.
const LINE_BYTES: u64 = 16 << 20;

/// The documents of `path` in order, until their text comes to `max_bytes`; the last one may pass the limit.
pub fn read(path: &Path, max_bytes: usize) -> Result<Vec<Document>> {
    let file = File::open(path).map_err(|cause| {
        let text =
            format!("{} can't be opened: {cause}; name a split written by a corpus job", path.display());
        Error::invalid("evaluation_documents_unreadable", text)
    })?;
    let mut reader = BufReader::new(file);
    let (mut documents, mut bytes, mut number) = (Vec::new(), 0, 0u64);
    let mut line = Vec::new();
    while bytes < max_bytes {
        line.clear();
        number += 1;
        let wrong = |why: String| {
            let text = format!(
                "{} line {number}: {why}; each line must be a JSON object with id and text",
                path.display()
            );
            Error::invalid("evaluation_documents_unreadable", text)
        };
        let read = (&mut reader)
            .take(LINE_BYTES)
            .read_until(b'\n', &mut line)
            .map_err(|cause| wrong(cause.to_string()))?;
        if read == 0 {
            break;
        }
        if read as u64 == LINE_BYTES && line.last() != Some(&b'\n') {
            return Err(wrong(format!("longer than {LINE_BYTES} bytes")));
        }
        if line.trim_ascii().is_empty() {
            continue;
        }
        let document: Document = serde_json::from_slice(&line).map_err(|cause| wrong(cause.to_string()))?;
        bytes += document.text.len();
        documents.push(document);
    }
    Ok(documents)
}

/// The longest start of `text` that has at most `bytes` bytes and splits no character.
pub fn clip(text: &str, bytes: usize) -> &str {
    &text[..boundary_at_or_before(text, bytes)]
}

/// The last character boundary at or before `place`.
pub fn boundary_at_or_before(text: &str, place: usize) -> usize {
    let place = place.min(text.len());
    (0..=place).rev().find(|&index| text.is_char_boundary(index)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::io::Write;

    fn file_of(text: &str) -> tempfile::NamedTempFile {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        file
    }

    #[test]
    fn reads_lines_until_the_limit_and_ignores_other_fields() {
        let file = file_of(
            "{\"id\":\"a\",\"text\":\"one\",\"licence\":\"MIT\"}\n\n{\"id\":\"b\",\"text\":\"two\"}\n",
        );
        assert_eq!(read(file.path(), 100).unwrap().len(), 2);
        assert_eq!(read(file.path(), 1).unwrap().len(), 1);
    }

    #[test]
    fn says_which_line_is_wrong() {
        let file = file_of("{\"id\":\"a\",\"text\":\"one\"}\n{\"id\":2}\n");
        let error = read(file.path(), 100).unwrap_err();
        assert!(error.to_string().contains("line 2"), "{error}");
        assert!(read(Path::new("/nowhere/at.all"), 1).is_err());
    }

    proptest! {
        #[test]
        fn clipping_keeps_characters_whole(text: String, bytes in 0usize..50) {
            let clipped = clip(&text, bytes);
            prop_assert!(clipped.len() <= bytes && text.starts_with(clipped));
            prop_assert!(clipped.len() + 4 > bytes.min(text.len()));
        }
    }
}

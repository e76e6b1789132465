//! Reads a split's documents, within bounds.

use crate::types::Document;
use kernel::Result;
use std::path::Path;

/// The documents of the part `split` of the data set in `folder`, in order, until their text comes to `max_bytes`; the
/// last one may pass the limit.
pub fn read(folder: &Path, split: &str, max_bytes: usize) -> Result<Vec<Document>> {
    let (mut documents, mut bytes) = (Vec::new(), 0);
    intake::read_split(folder, split, &mut |record| {
        bytes += record.text.len();
        documents.push(Document { id: record.id.into_owned(), text: record.text.into_owned() });
        Ok(bytes < max_bytes)
    })?;
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

    fn folder_of(text: &str) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("data")).unwrap();
        std::fs::write(folder.path().join("data/train-00000-of-00001.jsonl"), text).unwrap();
        folder
    }

    #[test]
    fn reads_until_the_limit_and_ignores_other_fields() {
        let folder = folder_of(
            "{\"id\":\"a\",\"text\":\"one\",\"licence\":\"MIT\"}\n\n{\"id\":\"b\",\"text\":\"two\"}\n",
        );
        assert_eq!(read(folder.path(), "train", 100).unwrap().len(), 2);
        assert_eq!(read(folder.path(), "train", 1).unwrap().len(), 1);
    }

    #[test]
    fn says_what_is_wrong_and_where() {
        let folder = folder_of("{\"id\":\"a\",\"text\":\"one\"}\n{\"id\":2}\n");
        let error = read(folder.path(), "train", 100).unwrap_err();
        assert!(error.to_string().contains("line 2"), "{error}");
        assert_eq!(read(folder.path(), "heldout", 100).unwrap_err().code, "dataset_unreadable");
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

//! The working folder: errors that name the file, and room to spill.

use kernel::{Error, Result};
use std::{io, path::Path};

/// Makes the folder when it is missing.
pub fn make(folder: &Path) -> Result<()> {
    std::fs::create_dir_all(folder).map_err(at(folder))
}

/// An input or output error of a file of the working folder.
pub fn at(path: &Path) -> impl Fn(io::Error) -> Error + '_ {
    move |source| {
        let text = format!(
            "The working folder of deduplication can't be used: {}: {source}. Give a folder that may be written, \
             on a disk with free room.",
            path.display()
        );
        Error::unavailable("dedup_spill", text).with_source(source)
    }
}

/// A file that isn't what was written.
pub fn damaged(path: &Path) -> Error {
    let text = format!(
        "{} is damaged or of another version. Delete it and run the step again that wrote it.",
        path.display()
    );
    Error::invalid("dedup_spill_damaged", text)
}

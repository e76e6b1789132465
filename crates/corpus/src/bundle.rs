//! Bundles: one zip of text files with a `provenance.jsonl`, as the job `corpus.build` takes it.

use kernel::{Error, Result};
use std::{
    fs::{self, File},
    io::{BufWriter, Read, Write},
    path::{Path, PathBuf},
};
use zip::{ZipWriter, write::SimpleFileOptions};

/// Most files and most bytes that a bundle takes.
const FILES: usize = 1_000_000;
const BYTES: u64 = 64 << 30;

/// What was put into a bundle.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bundled {
    /// Files in the bundle.
    pub files: usize,
    /// Their bytes, unpacked.
    pub bytes: u64,
}

/// Packs the files of `folder` into the zip `bundle`, in the order of their names; hidden ones and links are left out.
/// What can't be read as text is listed by the run, not here. A `folder` that is a zip file is copied as it is.
pub fn from_folder(folder: &Path, bundle: &Path) -> Result<Bundled> {
    let unreadable = |error: std::io::Error| {
        let text = format!("{} cannot be read: {error}. Name a folder or a zip file", folder.display());
        Error::invalid("corpus_input_unreadable", text)
    };
    if fs::metadata(folder).map_err(unreadable)?.is_file() {
        let bytes = fs::copy(folder, bundle).map_err(|error| unwritable(bundle, error))?;
        return Ok(Bundled { files: 1, bytes });
    }
    let mut writer = Writer::create(bundle)?;
    let mut bundled = Bundled::default();
    for path in files(folder).map_err(unreadable)? {
        let name = path.strip_prefix(folder).unwrap_or(&path).to_string_lossy().replace('\\', "/");
        let mut source = File::open(&path).map_err(unreadable)?;
        bundled.bytes += writer.add(&name, &mut source)?;
        bundled.files += 1;
        if bundled.files > FILES || bundled.bytes > BYTES {
            let text = format!("{} holds over {FILES} files or {BYTES} bytes; split it", folder.display());
            return Err(Error::limited("corpus_input_too_large", text));
        }
    }
    writer.finish()?;
    Ok(bundled)
}

/// All files below a folder, in the order of their paths.
fn files(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let (mut files, mut folders) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let kind = entry.file_type()?;
            if entry.file_name().to_string_lossy().starts_with('.') {
                continue;
            }
            if kind.is_dir() {
                folders.push(entry.path());
            } else if kind.is_file() {
                files.push(entry.path());
            }
        }
    }
    files.sort();
    Ok(files)
}

/// A bundle being written: beside its place, then renamed.
pub(crate) struct Writer {
    zip: ZipWriter<BufWriter<File>>,
    partial: PathBuf,
    target: PathBuf,
}

impl Writer {
    /// Starts the bundle at `target`.
    pub(crate) fn create(target: &Path) -> Result<Self> {
        let partial = target.with_extension(format!("partial-{}", std::process::id()));
        let file = File::create(&partial).map_err(|error| unwritable(&partial, error))?;
        Ok(Self { zip: ZipWriter::new(BufWriter::new(file)), partial, target: target.to_owned() })
    }

    /// Adds a file; returns its size.
    pub(crate) fn add(&mut self, path: &str, source: &mut impl Read) -> Result<u64> {
        // No time of its own: the same files make the same bundle, and so the same upload.
        let options = SimpleFileOptions::default().large_file(true);
        self.zip.start_file(path, options).map_err(|error| self.failed(error.into()))?;
        std::io::copy(source, &mut self.zip).map_err(|error| self.failed(error))
    }

    /// Completes the bundle.
    pub(crate) fn finish(self) -> Result<()> {
        let Self { zip, partial, target } = self;
        let failed = |error: std::io::Error| {
            // Nothing half-written stays; that the removal fails too says nothing new.
            let _ = fs::remove_file(&partial);
            unwritable(&target, error)
        };
        let mut file = zip.finish().map_err(|error| failed(error.into()))?;
        file.flush().map_err(failed)?;
        fs::rename(&partial, &target).map_err(failed)
    }

    fn failed(&self, error: std::io::Error) -> Error {
        let _ = fs::remove_file(&self.partial);
        unwritable(&self.target, error)
    }
}

fn unwritable(path: &Path, error: std::io::Error) -> Error {
    let text = format!(
        "cannot write the bundle {}: {error}. Free some space or choose another place",
        path.display()
    );
    Error::unavailable("corpus_output_unwritable", text)
}

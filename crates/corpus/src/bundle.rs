//! Bundles: one zip of text files with a `provenance.jsonl`, as the job `corpus.build` takes it.

use crate::{
    options::Limits,
    read::{Container, Format, PROVENANCE_FILE},
};
use kernel::{Error, Result};
use std::{
    fs::{self, File},
    io::{BufWriter, Read, Write},
    path::{Path, PathBuf},
};
use zip::{ZipWriter, write::SimpleFileOptions};

/// What was put into a bundle.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bundled {
    /// Files in the bundle, provenance not counted.
    pub files: usize,
    /// Their bytes, unpacked.
    pub bytes: u64,
    /// Paths that were left out, each with the reason.
    pub left_out: Vec<String>,
}

/// Packs the readable files of `folder` (see [`Format::of`]) and its provenance files into the zip `bundle`.
/// Only what the pipeline would refuse by name, kind or size is left out, so the run itself lists the rest.
/// A `folder` that is a zip file already is copied as it is.
pub fn from_folder(folder: &Path, bundle: &Path, limits: &Limits) -> Result<Bundled> {
    let mut container = Container::open(folder)?;
    let (entries, more) = container.entries(limits.files)?;
    if more {
        let text = format!("{} holds over {} files; split it", folder.display(), limits.files);
        return Err(Error::limited("corpus_input_too_large", text));
    }
    if matches!(container, Container::Zip(_)) {
        let bytes = fs::copy(folder, bundle).map_err(|error| unwritable(bundle, error))?;
        return Ok(Bundled { files: entries.len(), bytes, left_out: Vec::new() });
    }
    let mut writer = Writer::create(bundle)?;
    let mut bundled = Bundled::default();
    for entry in &entries {
        let reason = match (&entry.refused, Format::of(&entry.path)) {
            (Some(refused), _) => Some(refused.text.clone()),
            (_, None) => Some("this kind of file is not read".to_owned()),
            (_, Some(format)) if format != Format::Jsonl && entry.size > limits.file_bytes => {
                Some(format!("{} bytes, over the limit of {}", entry.size, limits.file_bytes))
            }
            _ if bundled.bytes + entry.size > limits.total_bytes => Some("the bundle is full".to_owned()),
            _ => None,
        };
        if let Some(reason) = reason {
            bundled.left_out.push(format!("{}: {reason}", entry.path));
            continue;
        }
        let mut source = match container.read(entry) {
            Ok(source) => source.take(entry.size),
            Err(error) => {
                bundled.left_out.push(format!("{}: {error}", entry.path));
                continue;
            }
        };
        bundled.bytes += writer.add(&entry.path, &mut source)?;
        bundled.files += usize::from(!entry.path.ends_with(PROVENANCE_FILE));
    }
    writer.finish()?;
    Ok(bundled)
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

//! Walks a container and hands its bytes on, within the limits.

use super::{Container, Format, Item, Origin, PROVENANCE_FILE, Provenance, Skip, container::Entry, jsonl};
use crate::options::Limits;
use kernel::{Error, Result};
use std::{
    io::{BufReader, Cursor, Read},
    path::Path,
    sync::Arc,
};

/// Lines of JSONL handed on at once, in bytes.
const RUN_BYTES: usize = 1 << 20;
/// A file or zip under this size is never called a bomb: small files pack very well.
const BOMB_FLOOR: u64 = 16 << 20;

/// Takes items; an error stops the reading.
pub type Sink<'a> = dyn FnMut(Item) -> Result<()> + 'a;

/// What was read so far.
#[derive(Debug, Default)]
pub struct Reader {
    /// What was not read.
    pub skips: Vec<Skip>,
    /// Unpacked bytes read.
    pub bytes: u64,
    /// Files seen, read or not.
    pub files: usize,
    limits: Limits,
}

/// Reads `input` to its end, handing items to `sink` and telling `progress` the share of bytes that is done.
pub fn read(
    input: &Path,
    limits: &Limits,
    sink: &mut Sink<'_>,
    progress: &mut dyn FnMut(f64),
) -> Result<Reader> {
    let mut container = Container::open(input)?;
    let mut reader = Reader { limits: limits.clone(), ..Reader::default() };
    reader.container(&mut container, "", false, sink, progress)?;
    Ok(reader)
}

impl Reader {
    fn container(
        &mut self,
        container: &mut Container,
        prefix: &str,
        nested: bool,
        sink: &mut Sink<'_>,
        progress: &mut dyn FnMut(f64),
    ) -> Result<()> {
        let (entries, more) = container.entries(self.limits.files.saturating_sub(self.files))?;
        if more {
            let text = format!("over {} files; the rest was left out. Split the input", self.limits.files);
            self.skips.push(Skip::new(&format!("{prefix}*"), "too_many_files", text, 0));
        }
        self.files += entries.len();
        let mut provenance = Provenance::default();
        let own = |entry: &&Entry| {
            entry.path.rsplit('/').next() == Some(PROVENANCE_FILE) && entry.refused.is_none()
        };
        for entry in entries.iter().filter(own) {
            let path = format!("{prefix}{}", entry.path);
            let opened = container.read(entry).map_err(|error| {
                let text = format!("{path} cannot be opened: {error}");
                Error::invalid("corpus_provenance_invalid", text)
            })?;
            provenance.add(&path, opened)?;
        }
        // Sizes are as declared: a zip may declare anything.
        let total = entries.iter().fold(1_u64, |total, entry| total.saturating_add(entry.size));
        let mut done = 0;
        for entry in entries.iter().filter(|entry| !own(entry)) {
            let path = format!("{prefix}{}", entry.path);
            let origin = provenance.of(&path);
            if let Err(skip) = self.entry(container, entry, &path, nested, origin, sink)? {
                self.skips.push(skip);
            }
            done = entry.size.saturating_add(done);
            progress(done as f64 / total as f64);
        }
        Ok(())
    }

    /// Reads one entry. The outer error ends the run, the inner one only this entry.
    fn entry(
        &mut self,
        container: &mut Container,
        entry: &Entry,
        path: &str,
        nested: bool,
        origin: Arc<Origin>,
        sink: &mut Sink<'_>,
    ) -> Result<Result<(), Skip>> {
        let skip = |code: &str, text: String| Ok(Err(Skip::new(path, code, text, entry.size)));
        if let Some(refused) = &entry.refused {
            return Ok(Err(Skip { path: path.to_owned(), ..refused.clone() }));
        }
        if path.split('/').any(|part| part.starts_with('.') || part == "__MACOSX") {
            return skip("hidden", "hidden files are not read".into());
        }
        let Some(format) = Format::of(path) else {
            return skip(
                "kind_unknown",
                "read are .txt .md .html .jsonl .zip and files without an ending".into(),
            );
        };
        if entry.size == 0 {
            return skip("empty", "the file is empty".into());
        }
        let inside_folder = matches!(container, Container::Folder(_));
        let limit = self.limits.file_bytes;
        let whole = format != Format::Jsonl && !(format == Format::Zip && inside_folder);
        if whole && entry.size > limit {
            let text = format!(
                "{} bytes, over the limit of {limit} a file; split it, or pass it as .jsonl",
                entry.size
            );
            return skip("too_large", text);
        }
        if self.bytes.saturating_add(entry.size) > self.limits.total_bytes && format != Format::Zip {
            return skip(
                "total_too_large",
                format!("the input unpacks to over {} bytes", self.limits.total_bytes),
            );
        }
        match format {
            Format::Zip if nested => {
                skip("zip_too_deep", "a zip inside a zip inside the input; unpack it once".into())
            }
            Format::Zip => self.nested(container, entry, path, sink),
            _ => {
                let ceiling = self.ceiling(entry);
                let opened = match container.read(entry) {
                    Ok(opened) => opened,
                    Err(error) => return skip("unreadable", format!("cannot open: {error}")),
                };
                if format == Format::Jsonl {
                    self.lines(opened, ceiling, path, origin, sink)
                } else {
                    let bytes = match bounded(opened, limit.min(ceiling), path) {
                        Ok(bytes) => bytes,
                        Err(skip) => return Ok(Err(skip)),
                    };
                    self.bytes += bytes.len() as u64;
                    sink(Item { path: path.to_owned(), format, bytes, first_line: 1, origin })?;
                    Ok(Ok(()))
                }
            }
        }
    }

    /// Most bytes that may come out of an entry: what it declares is not believed.
    fn ceiling(&self, entry: &Entry) -> u64 {
        let left = self.limits.total_bytes.saturating_sub(self.bytes);
        let ratio = |packed: u64| packed.saturating_mul(self.limits.ratio).max(BOMB_FLOOR);
        entry.packed.map_or(left, |packed| left.min(ratio(packed)))
    }

    fn nested(
        &mut self,
        container: &mut Container,
        entry: &Entry,
        path: &str,
        sink: &mut Sink<'_>,
    ) -> Result<Result<(), Skip>> {
        let broken = |error: &dyn std::fmt::Display| {
            Skip::new(path, "zip_broken", format!("not a whole zip file: {error}. Make it again"), entry.size)
        };
        let opened = match container {
            Container::Folder(root) => match std::fs::File::open(root.join(&entry.path)) {
                Ok(file) => Container::zip(Box::new(file)),
                Err(error) => return Ok(Err(broken(&error))),
            },
            Container::Zip(_) => {
                let limit = self.ceiling(entry).min(self.limits.file_bytes);
                let read = container.read(entry).map_err(|error| broken(&error));
                match read.and_then(|reader| bounded(reader, limit, path)) {
                    Ok(bytes) => Container::zip(Box::new(Cursor::new(bytes))),
                    Err(skip) => return Ok(Err(skip)),
                }
            }
        };
        match opened {
            Ok(mut inner) => self.container(&mut inner, &format!("{path}/"), true, sink, &mut |_| ()).map(Ok),
            Err(error) => Ok(Err(broken(&error))),
        }
    }

    fn lines(
        &mut self,
        opened: Box<dyn Read + '_>,
        ceiling: u64,
        path: &str,
        origin: Arc<Origin>,
        sink: &mut Sink<'_>,
    ) -> Result<Result<(), Skip>> {
        let limit = self.limits.file_bytes;
        let mut reader = BufReader::with_capacity(256 << 10, opened.take(ceiling.saturating_add(1)));
        let (mut run, mut first_line, mut line) = (Vec::new(), 1, 0);
        let mut read = 0;
        loop {
            let before = run.len();
            let next = match jsonl::next_line(&mut reader, limit, &mut run) {
                Ok(next) => next,
                Err(error) => return Ok(Err(damaged(path, &error, read))),
            };
            line += 1;
            let bytes = match next {
                jsonl::Next::TooLong(bytes) => bytes,
                _ => (run.len() - before) as u64,
            };
            (read, self.bytes) = (read + bytes, self.bytes + bytes);
            if read > ceiling {
                return Ok(Err(bomb(path, ceiling, read)));
            }
            let ends = !matches!(next, jsonl::Next::Line);
            if (ends || run.len() >= RUN_BYTES) && !run.is_empty() {
                let bytes = std::mem::take(&mut run);
                sink(Item {
                    path: path.to_owned(),
                    format: Format::Jsonl,
                    bytes,
                    first_line,
                    origin: origin.clone(),
                })?;
            }
            match next {
                jsonl::Next::TooLong(_) => {
                    let text = format!("a record over the limit of {limit} bytes; split it");
                    self.skips.push(Skip::new(&format!("{path}#{line}"), "too_large", text, bytes));
                }
                jsonl::Next::End => return Ok(Ok(())),
                jsonl::Next::Line => {}
            }
            if run.is_empty() {
                first_line = line + 1;
            }
        }
    }
}

/// Reads all of `reader`, or says why not; never more than `limit` bytes.
fn bounded(mut reader: Box<dyn Read + '_>, limit: u64, path: &str) -> Result<Vec<u8>, Skip> {
    let mut bytes = Vec::new();
    match reader.by_ref().take(limit.saturating_add(1)).read_to_end(&mut bytes) {
        Err(error) => Err(damaged(path, &error, bytes.len() as u64)),
        Ok(read) if read as u64 > limit => Err(bomb(path, limit, read as u64)),
        Ok(_) => Ok(bytes),
    }
}

fn damaged(path: &str, error: &std::io::Error, bytes: u64) -> Skip {
    Skip::new(path, "unreadable", format!("reading failed after {bytes} bytes: {error}"), bytes)
}

fn bomb(path: &str, limit: u64, bytes: u64) -> Skip {
    let text = format!(
        "unpacks to over {limit} bytes, more than its packed size allows; unpack it yourself if you trust it"
    );
    Skip::new(path, "zip_bomb", text, bytes)
}

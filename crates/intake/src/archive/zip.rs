//! Zip files: entries in the order of their paths.

use super::{Entry, safe, shown};
use crate::{
    options::Limits,
    plan::is_provenance,
    provenance::{Origin, Provenance},
    stop::{Done, Fault, Out},
    unpack::Bounded,
};
use kernel::Error;
use std::{
    io::{Read, Seek, SeekFrom},
    ops::Range,
};
use zip::{ZipArchive, result::ZipResult};

/// An open zip.
pub(crate) struct Zip<R> {
    archive: ZipArchive<R>,
    listed: Vec<Listed>,
}

struct Listed {
    name: String,
    index: usize,
    /// Its size in the archive.
    packed: u64,
    refused: Option<(&'static str, &'static str)>,
}

impl<R: Read + Seek> Zip<R> {
    /// Opens a zip. One whose entries overlap is refused: only bombs are built so.
    pub(crate) fn open(mut source: R, limits: &Limits) -> Result<Self, Fault> {
        if declared(&mut source)? > limits.entries as u64 {
            let text = format!("over {} entries; split the archive", limits.entries);
            return Err(Fault::new("too_many_entries", text));
        }
        let open = |source| -> ZipResult<_> {
            let mut archive = ZipArchive::new(source)?;
            let overlap = archive.has_overlapping_files()?;
            Ok((archive, overlap))
        };
        let (mut archive, overlap) = open(source)
            .map_err(|error| Fault::new("zip_invalid", format!("no whole zip: {error}; make it again")))?;
        if overlap {
            return Err(Fault::new("bomb", "its entries overlap, as those of zip bombs do"));
        }
        let mut listed: Vec<_> = (0..archive.len()).filter_map(|index| list(&mut archive, index)).collect();
        listed.sort_by(|a, b| (&a.name, a.index).cmp(&(&b.name, b.index)));
        Ok(Self { archive, listed })
    }

    /// The archive, its checks passed.
    pub(crate) fn into_inner(self) -> ZipArchive<R> {
        self.archive
    }

    /// The sizes of the entries, in order.
    pub(crate) fn sizes(&self) -> Vec<u64> {
        self.listed.iter().map(|entry| entry.packed).collect()
    }

    /// Reads these entries.
    pub(crate) fn read(
        &mut self,
        entries: Range<usize>,
        prefix: &str,
        origin: &Origin,
        level: u32,
        out: &mut Out<'_>,
    ) -> Done {
        let provenance = self.provenance(prefix, origin, &out.options.limits)?;
        let end = entries.end.min(self.listed.len());
        for entry in &self.listed[entries.start.min(end)..end] {
            if is_provenance(&entry.name) && entry.refused.is_none() {
                continue;
            }
            let path = format!("{prefix}{}", entry.name);
            if let Some((code, text)) = entry.refused {
                out.broken(&path, Fault::new(code, text))?;
                continue;
            }
            let opened = match self.archive.by_index(entry.index) {
                Ok(opened) => opened,
                Err(error) => {
                    out.broken(
                        &path,
                        Fault::new("damaged", format!("the entry can't be unpacked: {error}")),
                    )?;
                    continue;
                }
            };
            if opened.size() == 0 {
                out.broken(&path, Fault::new("empty", "the file is empty"))?;
                continue;
            }
            let reader = Bounded::new(opened, out.options.limits.ceiling(entry.packed));
            let origin = provenance.of(&entry.name);
            Entry { path: &path, inner: &entry.name, bytes: entry.packed, origin: &origin }
                .read(reader, level, out)?;
        }
        Ok(())
    }

    fn provenance(&mut self, prefix: &str, origin: &Origin, limits: &Limits) -> kernel::Result<Provenance> {
        let mut provenance = Provenance::below(origin);
        for entry in self.listed.iter().filter(|entry| is_provenance(&entry.name) && entry.refused.is_none())
        {
            let opened = self.archive.by_index(entry.index).map_err(|error| {
                let text = format!("{prefix}{} cannot be opened: {error}", entry.name);
                Error::invalid("corpus_provenance_invalid", text)
            })?;
            provenance.add(&entry.name, Bounded::new(opened, limits.ceiling(entry.packed)))?;
        }
        Ok(provenance)
    }
}

/// The entry at `index`; none for folders.
fn list<R: Read + Seek>(archive: &mut ZipArchive<R>, index: usize) -> Option<Listed> {
    let refuse =
        |name: String, code, text| Some(Listed { name, index, packed: 0, refused: Some((code, text)) });
    let file = match archive.by_index_raw(index) {
        Ok(file) if file.is_dir() => return None,
        Ok(file) => file,
        Err(_) => return refuse(format!("entry {index}"), "zip_invalid", "the entry is damaged"),
    };
    let raw = String::from_utf8_lossy(file.name_raw());
    let Some(name) = file.name().ok().and_then(|name| safe(&name)) else {
        return refuse(shown(&raw), "path_unsafe", "the name leads out of the archive; it was ignored");
    };
    if file.is_symlink() {
        return refuse(name, "not_a_file", "a link in an archive is not followed");
    }
    if file.encrypted() {
        return refuse(name, "encrypted", "the entry is encrypted; pack it without a password");
    }
    Some(Listed { name, index, packed: file.compressed_size(), refused: None })
}

/// How many entries the archive says it has. Read before all else, for its list is held in memory.
fn declared<R: Read + Seek>(source: &mut R) -> std::io::Result<u64> {
    let length = source.seek(SeekFrom::End(0))?;
    let start = source.seek(SeekFrom::Start(length.saturating_sub(66_000)))?;
    let mut tail = Vec::new();
    source.take(length - start).read_to_end(&mut tail)?;
    source.seek(SeekFrom::Start(0))?;
    let number = |at: usize, bytes: usize| {
        let raw = tail.get(at..at + bytes)?;
        Some(raw.iter().rev().fold(0_u64, |number, byte| number << 8 | u64::from(*byte)))
    };
    let small = memchr::memmem::find_iter(&tail, b"PK\x05\x06").filter_map(|at| number(at + 10, 2));
    let large = memchr::memmem::find_iter(&tail, b"PK\x06\x06").filter_map(|at| number(at + 32, 8));
    Ok(large.chain(small).max().unwrap_or(0))
}

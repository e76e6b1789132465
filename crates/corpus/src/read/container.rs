//! A folder or a zip as one sorted list of entries that can be opened.

use super::Skip;
use kernel::{Error, Result};
use std::{
    fs::{self, File},
    io::{Read, Seek},
    path::{Path, PathBuf},
};
use zip::{ZipArchive, read::ZipFile};

/// Deepest folder that is entered.
const MAX_DEPTH: usize = 64;

/// What a zip is read from.
pub trait Source: Read + Seek + Send {}
impl<T: Read + Seek + Send> Source for T {}

/// A file of a container.
#[derive(Debug)]
pub struct Entry {
    /// Path inside the container, with `/` between parts; safe to join.
    pub path: String,
    /// Size in bytes as declared.
    pub size: u64,
    /// Packed size, in a zip.
    pub packed: Option<u64>,
    /// Why it is not to be read, if so.
    pub refused: Option<Skip>,
    index: usize,
}

/// A folder or a zip.
pub enum Container {
    /// The folder's root.
    Folder(PathBuf),
    /// An open zip.
    Zip(Box<ZipArchive<Box<dyn Source>>>),
}

impl Container {
    /// Opens the input: a folder or a zip file.
    pub fn open(input: &Path) -> Result<Self> {
        let shown = input.display();
        let metadata = fs::metadata(input).map_err(|error| {
            let text = format!("cannot read {shown}: {error}. The input is a folder or a .zip file");
            Error::invalid("corpus_input_unreadable", text)
        })?;
        if metadata.is_dir() {
            return Ok(Self::Folder(input.to_owned()));
        }
        let file = File::open(input).map_err(|error| {
            Error::invalid("corpus_input_unreadable", format!("cannot open {shown}: {error}"))
        })?;
        Self::zip(Box::new(file)).map_err(|error| {
            let text = format!(
                "{shown} is neither a folder nor a whole zip file: {error}. Make it again, or pass a folder"
            );
            Error::invalid("corpus_input_unreadable", text)
        })
    }

    /// Opens a zip. One whose entries overlap is refused: only bombs are built so.
    pub fn zip(source: Box<dyn Source>) -> zip::result::ZipResult<Self> {
        let mut archive = ZipArchive::new(source)?;
        if archive.has_overlapping_files()? {
            return Err(zip::result::ZipError::InvalidArchive("its entries overlap".into()));
        }
        Ok(Self::Zip(Box::new(archive)))
    }

    /// All files, sorted by path; at most `limit` of them. The second is true when there were more.
    pub fn entries(&mut self, limit: usize) -> Result<(Vec<Entry>, bool)> {
        let mut entries = Vec::new();
        match self {
            Self::Folder(root) => walk(root, limit, &mut entries)?,
            Self::Zip(archive) => {
                for index in 0..archive.len().min(limit.saturating_add(1)) {
                    entries.extend(zip_entry(index, archive.by_index_raw(index)));
                }
            }
        }
        entries.sort_by(|a, b| a.path.cmp(&b.path));
        let more = entries.len() > limit;
        entries.truncate(limit);
        Ok((entries, more))
    }

    /// Opens an entry for reading.
    pub fn read<'a>(&'a mut self, entry: &Entry) -> std::io::Result<Box<dyn Read + 'a>> {
        Ok(match self {
            Self::Folder(root) => Box::new(File::open(root.join(&entry.path))?),
            Self::Zip(archive) => Box::new(archive.by_index(entry.index)?),
        })
    }
}

/// Lists the files under `root`. Links are not followed, so a link cannot lead out of the folder.
fn walk(root: &Path, limit: usize, entries: &mut Vec<Entry>) -> Result<()> {
    let mut folders = vec![(String::new(), 0)];
    while let Some((folder, depth)) = folders.pop() {
        let listed = fs::read_dir(root.join(&folder)).and_then(Iterator::collect::<std::io::Result<Vec<_>>>);
        let listed = match listed {
            Ok(mut listed) => {
                // In one order everywhere, so that a limit cuts off the same files everywhere.
                listed.sort_by_key(fs::DirEntry::file_name);
                listed
            }
            Err(error) if folder.is_empty() => {
                let text = format!("cannot list {}: {error}", root.display());
                return Err(Error::invalid("corpus_input_unreadable", text));
            }
            Err(error) => {
                entries.push(refused(&folder, "unreadable", format!("cannot list this folder: {error}")));
                continue;
            }
        };
        for found in listed {
            if entries.len() > limit {
                return Ok(());
            }
            let name = found.file_name();
            let path = format!("{folder}{}", name.to_string_lossy());
            match (name.to_str(), found.metadata()) {
                (None, _) => {
                    entries.push(refused(&path, "name_invalid", "the file's name is not valid UTF-8"))
                }
                (_, Err(error)) => {
                    entries.push(refused(&path, "unreadable", format!("cannot read: {error}")))
                }
                (_, Ok(data)) if data.is_dir() && depth >= MAX_DEPTH => {
                    entries.push(refused(&path, "too_deep", format!("over {MAX_DEPTH} folders deep")));
                }
                (_, Ok(data)) if data.is_dir() => folders.push((format!("{path}/"), depth + 1)),
                (_, Ok(data)) if data.is_file() => {
                    entries.push(Entry { path, size: data.len(), packed: None, refused: None, index: 0 });
                }
                _ => entries.push(refused(
                    &path,
                    "not_a_file",
                    "a link or a special file; copy the file itself",
                )),
            }
        }
    }
    Ok(())
}

/// The entry at `index`; none for folders.
fn zip_entry<R: Read + ?Sized>(index: usize, file: zip::result::ZipResult<ZipFile<'_, R>>) -> Option<Entry> {
    let file = match file {
        Ok(file) if file.is_dir() => return None,
        Ok(file) => file,
        Err(error) => {
            return Some(refused(
                &format!("entry {index}"),
                "zip_broken",
                format!("damaged zip entry: {error}"),
            ));
        }
    };
    let raw = String::from_utf8_lossy(file.name_raw()).replace('\\', "/");
    let Some(path) = file.enclosed_name().filter(|_| !raw.starts_with('/')).and_then(|path| safe(&path))
    else {
        return Some(refused(&raw, "path_unsafe", "the name leads out of the archive; it was ignored"));
    };
    let (size, packed) = (file.size(), Some(file.compressed_size()));
    let refused = if file.is_symlink() {
        Some(Skip::new(&path, "not_a_file", "a link inside a zip is not followed", 0))
    } else if file.encrypted() {
        Some(Skip::new(&path, "encrypted", "the entry is encrypted; pack it without a password", size))
    } else {
        None
    };
    Some(Entry { path, size, packed, refused, index })
}

/// The path with `/` between plain parts; none when it is absolute, climbs, or holds control characters.
fn safe(path: &Path) -> Option<String> {
    let text = path.to_str()?.replace('\\', "/");
    let plain =
        |part: &str| !part.is_empty() && part != "." && part != ".." && !part.contains(char::is_control);
    text.split('/').all(plain).then_some(text)
}

fn refused(path: &str, code: &str, text: impl Into<String>) -> Entry {
    let skip = Skip::new(path, code, text, 0);
    Entry { path: path.to_owned(), size: 0, packed: None, refused: Some(skip), index: 0 }
}

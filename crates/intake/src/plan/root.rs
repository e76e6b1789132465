//! What an input names: a folder, one file, or a pattern over the files of a folder.

use super::Listed;
use crate::{Broken, Options, PROVENANCE_FILE};
use kernel::{Error, Result};
use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

/// Deepest folder that is entered.
const MAX_DEPTH: usize = 64;

/// Where the files of an input lie.
pub(crate) struct Root {
    folder: PathBuf,
    only: Only,
}

enum Only {
    All,
    /// The one file that was named.
    File(String),
    Pattern(glob::Pattern),
}

impl Root {
    pub(crate) fn of(input: &Path) -> Result<Self> {
        let unreadable = |text: String| Err(Error::invalid("corpus_input_unreadable", text));
        match fs::metadata(input) {
            Ok(data) if data.is_dir() => Ok(Self { folder: input.to_owned(), only: Only::All }),
            Ok(_) => {
                let folder = input.parent().filter(|folder| !folder.as_os_str().is_empty());
                let name = input.file_name().and_then(|name| name.to_str()).map(str::to_owned);
                match name {
                    Some(name) => {
                        let folder = folder.unwrap_or(Path::new(".")).to_owned();
                        Ok(Self { folder, only: Only::File(name) })
                    }
                    None => {
                        unreadable(format!("the name of {} is not valid UTF-8; rename it", input.display()))
                    }
                }
            }
            Err(_) if is_pattern(input) => Self::pattern(input),
            Err(error) => unreadable(format!(
                "cannot read {}: {error}. The input is a folder, a file, or a pattern such as `data/*.jsonl.zst`",
                input.display()
            )),
        }
    }

    fn pattern(input: &Path) -> Result<Self> {
        let split = input.components().position(|part| is_pattern(Path::new(&part))).unwrap_or(0);
        let folder: PathBuf = input.components().take(split).collect();
        let rest: PathBuf = input.components().skip(split).collect();
        let pattern = glob::Pattern::new(&rest.to_string_lossy()).map_err(|error| {
            let text = format!("{} is no pattern: {error}", input.display());
            Error::invalid("corpus_input_unreadable", text)
        })?;
        let folder = if folder.as_os_str().is_empty() { PathBuf::from(".") } else { folder };
        Ok(Self { folder, only: Only::Pattern(pattern) })
    }

    /// Whether the input is this one file; what lies in it then needs no path before its own.
    pub(crate) fn is_file(&self) -> bool {
        matches!(self.only, Only::File(_))
    }

    pub(crate) fn open(&self, path: &str) -> io::Result<File> {
        File::open(self.folder.join(path))
    }

    /// All files in the order of their paths, and what isn't one.
    pub(crate) fn files(&self, options: &Options) -> Result<(Vec<Listed>, Vec<Broken>)> {
        if let Only::File(name) = &self.only {
            let bytes = fs::metadata(self.folder.join(name)).map_or(0, |data| data.len());
            return Ok((vec![Listed { path: name.clone(), bytes }], Vec::new()));
        }
        let mut walk =
            Walk { root: self, limit: options.limits.entries, files: Vec::new(), broken: Vec::new() };
        walk.all()?;
        let Walk { mut files, mut broken, .. } = walk;
        files.sort_by(|a, b| a.path.cmp(&b.path));
        broken.sort();
        Ok((files, broken))
    }

    /// Whether a file belongs to the input. Provenance files always do.
    fn wants(&self, path: &str) -> bool {
        let options = glob::MatchOptions { require_literal_separator: true, ..Default::default() };
        match &self.only {
            Only::Pattern(pattern) => pattern.matches_with(path, options) || is_provenance(path),
            _ => true,
        }
    }
}

/// Whether this is a file that says where others come from.
pub(crate) fn is_provenance(path: &str) -> bool {
    path.rsplit('/').next() == Some(PROVENANCE_FILE)
}

/// Whether a name in an input is one that its owner doesn't see: hidden files, and what macOS puts into zips.
pub(crate) fn is_hidden(path: &str) -> bool {
    path.split('/').any(|part| part.starts_with('.') || part == "__MACOSX")
}

fn is_pattern(path: &Path) -> bool {
    path.to_string_lossy().contains(['*', '?', '['])
}

/// A walk through folders. Links are not followed, so none can lead out of the input.
struct Walk<'a> {
    root: &'a Root,
    limit: usize,
    files: Vec<Listed>,
    broken: Vec<Broken>,
}

impl Walk<'_> {
    fn all(&mut self) -> Result<()> {
        let mut folders = vec![(String::new(), 0)];
        while let Some((folder, depth)) = folders.pop() {
            let listed = fs::read_dir(self.root.folder.join(&folder))
                .and_then(Iterator::collect::<io::Result<Vec<_>>>);
            let mut listed = match listed {
                Ok(listed) => listed,
                Err(error) if folder.is_empty() => {
                    let text = format!("cannot list {}: {error}", self.root.folder.display());
                    return Err(Error::invalid("corpus_input_unreadable", text));
                }
                Err(error) => {
                    self.refuse(&folder, "damaged", format!("cannot list this folder: {error}"));
                    continue;
                }
            };
            // In one order everywhere, so that a limit cuts off the same files everywhere.
            listed.sort_by_key(fs::DirEntry::file_name);
            for entry in listed {
                if self.files.len() >= self.limit {
                    let text = format!("over {} files; the rest was left out. Split the input", self.limit);
                    self.refuse("", "too_many_entries", text);
                    return Ok(());
                }
                let path = format!("{folder}{}", entry.file_name().to_string_lossy());
                if self.entry(&entry, &path, depth) {
                    folders.push((format!("{path}/"), depth + 1));
                }
            }
        }
        Ok(())
    }

    /// Takes in a file; says whether it is a folder to enter.
    fn entry(&mut self, entry: &fs::DirEntry, path: &str, depth: usize) -> bool {
        let whole = matches!(self.root.only, Only::All);
        match (entry.file_name().to_str(), entry.metadata()) {
            (Some(name), Ok(data)) if is_hidden(name) && (data.is_dir() || self.root.wants(path)) => {
                if whole {
                    self.refuse(path, "hidden", "hidden files are not read");
                }
            }
            (_, Ok(data)) if data.is_dir() && depth >= MAX_DEPTH => {
                self.refuse(path, "too_deep", format!("over {MAX_DEPTH} folders deep"));
            }
            (Some(_), Ok(data)) if data.is_dir() => return true,
            (Some(_), Ok(data)) if data.is_file() && self.root.wants(path) => {
                self.files.push(Listed { path: path.to_owned(), bytes: data.len() });
            }
            (Some(_), _) if !self.root.wants(path) => {}
            (None, _) => self.refuse(path, "name_invalid", "the file's name is not valid UTF-8; rename it"),
            (_, Err(error)) => self.refuse(path, "damaged", format!("cannot read: {error}")),
            _ => self.refuse(path, "not_a_file", "a link or a special file; copy the file itself"),
        }
        false
    }

    fn refuse(&mut self, path: &str, code: &str, text: impl Into<String>) {
        self.broken.push(Broken::file(path, code, text, 0));
    }
}

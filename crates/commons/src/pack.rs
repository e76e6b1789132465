//! Packs: a city as data. A pack is a folder of TOML files; the ones that ship are embedded in the binary.

use include_dir::{Dir, include_dir};
use kernel::{Error, Result};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};
use std::{collections::BTreeMap, path::Path};

static EMBEDDED: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/../../packs");

/// The most bytes of one file of a pack, and the most files.
const MAX_FILE: u64 = 1 << 20;
const MAX_FILES: usize = 1_000;

/// A text in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Text {
    /// In Chinese.
    pub zh: String,
    /// In English.
    pub en: String,
}

/// A pack's files by their path inside it, such as `policies/compute-voucher.toml`.
#[derive(Debug, Clone)]
pub struct Pack {
    /// Its name: the folder's.
    pub name: String,
    files: BTreeMap<String, String>,
}

/// A file, parsed, with the version that decisions pin.
#[derive(Debug, Clone)]
pub struct Parsed<T> {
    /// What the file says.
    pub value: T,
    /// First twelve hexadecimal digits of the SHA-256 of its text.
    pub version: String,
    /// Its path inside the pack.
    pub path: String,
    /// Its text, as it was read.
    pub text: String,
}

impl Pack {
    /// A pack that ships with the program.
    pub fn embedded(name: &str) -> Result<Self> {
        let missing = || {
            let known: Vec<_> = EMBEDDED.dirs().map(|dir| dir.path().display().to_string()).collect();
            Error::not_found(
                "pack_missing",
                format!("no pack “{name}” ships with this program; there are: {}", known.join(", ")),
            )
        };
        let dir = EMBEDDED.get_dir(name).ok_or_else(missing)?;
        let mut files = BTreeMap::new();
        collect(dir, dir.path(), &mut files);
        Ok(Self { name: name.to_owned(), files })
    }

    /// The pack in a folder.
    pub fn read(folder: &Path) -> Result<Self> {
        let name = folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let mut files = BTreeMap::new();
        read_folder(folder, folder, &mut files)?;
        if files.is_empty() {
            return Err(Error::invalid("pack_empty", format!("{} holds no .toml files", folder.display())));
        }
        Ok(Self { name, files })
    }

    /// The paths under a folder of the pack, in order.
    pub fn paths<'a>(&'a self, folder: &'a str) -> impl Iterator<Item = &'a str> {
        self.files
            .keys()
            .map(String::as_str)
            .filter(move |path| path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/')))
    }

    /// Parses one file. Unknown keys fail when `T` says so; every error names file, line and key.
    pub fn parse<T: DeserializeOwned>(&self, path: &str) -> Result<Parsed<T>> {
        let text = self.files.get(path).ok_or_else(|| {
            Error::not_found("pack_file_missing", format!("the pack “{}” has no file {path}", self.name))
        })?;
        let value = toml::from_str(text).map_err(|error| {
            let line = error.span().map(|span| text[..span.start.min(text.len())].matches('\n').count() + 1);
            let line = line.map(|line| format!(", line {line}")).unwrap_or_default();
            Error::invalid("pack_invalid", format!("{}/{path}{line}: {}", self.name, error.message()))
        })?;
        let version = hex::encode(&Sha256::digest(text.as_bytes())[..6]);
        Ok(Parsed { value, version, path: path.to_owned(), text: text.clone() })
    }

    /// Parses every file under a folder of the pack.
    pub fn parse_all<T: DeserializeOwned>(&self, folder: &str) -> Result<Vec<Parsed<T>>> {
        self.paths(folder).map(|path| self.parse(path)).collect()
    }
}

fn collect(dir: &Dir<'_>, root: &Path, files: &mut BTreeMap<String, String>) {
    for file in dir.files() {
        let path = file.path().strip_prefix(root).unwrap_or(file.path());
        if let Some(text) = file.contents_utf8().filter(|_| is_toml(path)) {
            files.insert(path.to_string_lossy().into_owned(), text.to_owned());
        }
    }
    for inner in dir.dirs() {
        collect(inner, root, files);
    }
}

fn read_folder(folder: &Path, root: &Path, files: &mut BTreeMap<String, String>) -> Result<()> {
    let wrong = |path: &Path, error: std::io::Error| {
        Error::invalid("pack_unreadable", format!("{} can't be read", path.display())).with_source(error)
    };
    for entry in std::fs::read_dir(folder).map_err(|error| wrong(folder, error))? {
        let entry = entry.map_err(|error| wrong(folder, error))?;
        let (path, kind) = (entry.path(), entry.file_type().map_err(|error| wrong(folder, error))?);
        if kind.is_dir() {
            read_folder(&path, root, files)?;
        } else if kind.is_file() && is_toml(&path) {
            let size = entry.metadata().map_err(|error| wrong(&path, error))?.len();
            if size > MAX_FILE || files.len() >= MAX_FILES {
                let limit =
                    format!("a pack holds at most {MAX_FILES} files of {MAX_FILE} bytes; {}", path.display());
                return Err(Error::limited("pack_too_large", limit));
            }
            let text = std::fs::read_to_string(&path).map_err(|error| wrong(&path, error))?;
            let inside = path.strip_prefix(root).unwrap_or(&path);
            files.insert(inside.to_string_lossy().into_owned(), text);
        }
    }
    Ok(())
}

fn is_toml(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "toml")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Tiny {
        #[allow(dead_code)]
        name: String,
    }

    #[test]
    fn an_unknown_key_is_named_with_file_and_line() {
        let text = "name = \"x\"\nnmae = 3\n".to_owned();
        let pack = Pack { name: "test".into(), files: [("a/b.toml".to_owned(), text)].into() };
        let error = pack.parse::<Tiny>("a/b.toml").unwrap_err().to_string();
        assert!(error.contains("test/a/b.toml, line 2") && error.contains("nmae"), "{error}");
        assert_eq!(pack.paths("a").collect::<Vec<_>>(), ["a/b.toml"]);
    }
}

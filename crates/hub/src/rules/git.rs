//! Ids as git computes them, so that a history here can be compared with one in git byte for byte.

use crate::types::Entry;
use kernel::{Error, Result, Timestamp};
use sha1::{Digest, Sha1};
use std::collections::BTreeMap;

/// Files above this many bytes are kept as git-lfs would: by pointer.
pub const LARGE_BYTES: u64 = 10 * 1024 * 1024;
/// Files of these kinds are binary and are kept by pointer whatever their size.
const LARGE_SUFFIXES: [&str; 16] = [
    "7z",
    "arrow",
    "bin",
    "gguf",
    "gz",
    "npy",
    "npz",
    "onnx",
    "parquet",
    "pt",
    "pth",
    "safetensors",
    "tar",
    "wasm",
    "zip",
    "zst",
];

/// Whether a file of this path and size is kept by pointer.
pub fn is_large(path: &str, size: u64) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let suffix = name.rsplit_once('.').map(|(_, suffix)| suffix.to_ascii_lowercase());
    // Nothing to point at: clients hold empty files to be regular.
    size > 0 && (size > LARGE_BYTES || suffix.is_some_and(|suffix| LARGE_SUFFIXES.contains(&suffix.as_str())))
}

/// The id of an object of `kind` (`blob`, `tree` or `commit`) that holds `body`.
fn object_oid(kind: &str, body: &[u8]) -> String {
    let mut hasher = Sha1::new();
    hasher.update(format!("{kind} {}\0", body.len()));
    hasher.update(body);
    hex::encode(hasher.finalize())
}

/// The id of a file with this content.
pub fn blob_oid(content: &[u8]) -> String {
    object_oid("blob", content)
}

/// The git-lfs pointer to a content: the text that git history holds instead.
pub fn pointer(sha256: &str, size: u64) -> String {
    format!("version https://git-lfs.github.com/spec/v1\noid sha256:{sha256}\nsize {size}\n")
}

/// The id of a commit.
pub fn commit_oid(tree: &str, parent: Option<&str>, author: &str, at: Timestamp, message: &str) -> String {
    let seconds = at.0.div_euclid(1_000_000);
    let parent = parent.map(|oid| format!("parent {oid}\n")).unwrap_or_default();
    let who = format!("{author} <> {seconds} +0000");
    object_oid(
        "commit",
        format!("tree {tree}\n{parent}author {who}\ncommitter {who}\n\n{message}\n").as_bytes(),
    )
}

/// The ids of all folders of a tree by their paths; the root's is `""`.
///
/// Fails when a path is both a file and a folder.
pub fn folder_oids(entries: &[Entry]) -> Result<BTreeMap<String, String>> {
    let mut root = Folder::default();
    for entry in entries {
        root.insert(&entry.path, &entry.path, &entry.oid)?;
    }
    let mut oids = BTreeMap::new();
    root.collect("", &mut oids)?;
    Ok(oids)
}

#[derive(Default)]
struct Folder<'a> {
    files: BTreeMap<&'a str, &'a str>,
    folders: BTreeMap<&'a str, Folder<'a>>,
}

impl<'a> Folder<'a> {
    fn insert(&mut self, path: &str, rest: &'a str, oid: &'a str) -> Result<()> {
        let clash = || {
            Error::invalid("path_invalid", format!("“{path}” is named twice, or is both a file and a folder"))
        };
        match rest.split_once('/') {
            Some((name, rest)) if !self.files.contains_key(name) => {
                self.folders.entry(name).or_default().insert(path, rest, oid)
            }
            None if !self.folders.contains_key(rest) && self.files.insert(rest, oid).is_none() => Ok(()),
            _ => Err(clash()),
        }
    }

    /// Adds this folder's id and those below; their depth is bounded by the paths' depth.
    fn collect(&self, path: &str, oids: &mut BTreeMap<String, String>) -> Result<String> {
        // Git sorts a folder as if its name ended with a slash.
        let mut rows: Vec<(String, &str, &str, String)> = Vec::new();
        for (name, folder) in &self.folders {
            let below = if path.is_empty() { (*name).to_owned() } else { format!("{path}/{name}") };
            rows.push((format!("{name}/"), "40000", name, folder.collect(&below, oids)?));
        }
        for (name, oid) in &self.files {
            rows.push(((*name).to_owned(), "100644", name, (*oid).to_owned()));
        }
        rows.sort();
        let mut body = Vec::new();
        for (_, mode, name, oid) in &rows {
            body.extend_from_slice(format!("{mode} {name}\0").as_bytes());
            body.extend_from_slice(&hex::decode(oid).map_err(Error::internal)?);
        }
        let oid = object_oid("tree", &body);
        oids.insert(path.to_owned(), oid.clone());
        Ok(oid)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(path: &str, content: &str) -> Entry {
        let oid = blob_oid(content.as_bytes());
        Entry { path: path.into(), size: content.len() as u64, sha256: String::new(), oid, large: false }
    }

    #[test]
    fn ids_are_those_of_git() {
        // Made with git 2.47: hash-object, write-tree and commit-tree of the same files, author and date.
        assert_eq!(blob_oid(b"hello\n"), "ce013625030ba8dba906f756967f9e9ca394464a");
        let entries =
            [entry("data/a.txt", "hello\n"), entry("data.txt", "x\n"), entry("README.md", "# Hi\n")];
        let oids = folder_oids(&entries).unwrap();
        assert_eq!(oids["data"], "2e81171448eb9f2ee3821e3d447aa6b2fe3ddba1");
        assert_eq!(oids[""], "b62f6976dcac667b59abba591fe25d90857fd25e");
        let at = Timestamp(1_700_000_000_000_000);
        let first = commit_oid(&oids[""], None, "acme", at, "First");
        assert_eq!(first, "973cdf10195e4f9e6ef571f1e8298b0fdaad55d5");
        assert_eq!(
            commit_oid(&oids[""], Some(&first), "acme", at, "Second\n\nMore."),
            "1a60e93d2c98d447bc8ff9180270966d04f5f13d"
        );
    }

    #[test]
    fn a_path_can_not_be_a_file_and_a_folder() {
        assert!(folder_oids(&[entry("a", "1"), entry("a/b", "2")]).is_err());
        assert!(folder_oids(&[entry("a/b", "2"), entry("a", "1")]).is_err());
        assert!(folder_oids(&[entry("a", "2"), entry("a", "1")]).is_err());
    }

    #[test]
    fn weights_and_long_files_go_by_pointer() {
        assert!(is_large("model.safetensors", 8));
        assert!(is_large("data/train.jsonl", LARGE_BYTES + 1));
        assert!(!is_large("data/train.jsonl", LARGE_BYTES));
        assert!(!is_large("empty.bin", 0));
    }
}

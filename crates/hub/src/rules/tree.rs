//! Trees: laying a change over one, listing a folder of one, telling two apart.

use super::{git, names};
use crate::types::Entry;
use kernel::{Error, Result};
use std::collections::BTreeMap;

/// Files that one version of a repository holds at the most.
pub const MAX_FILES: usize = 10_000;

/// The tree after `changed` files were laid over `before` (nothing, when all files are replaced), with git's
/// id of it.
pub fn overlay(before: Vec<Entry>, changed: Vec<Entry>) -> Result<(String, Vec<Entry>)> {
    let mut by_path: BTreeMap<String, Entry> =
        before.into_iter().map(|entry| (entry.path.clone(), entry)).collect();
    for entry in changed {
        by_path.insert(entry.path.clone(), entry);
    }
    if by_path.len() > MAX_FILES {
        return Err(Error::limited(
            "tree_too_large",
            format!("a repository holds at most {MAX_FILES} files; pack small files into larger ones"),
        ));
    }
    let entries: Vec<Entry> = by_path.into_values().collect();
    let tree = git::folder_oids(&entries)?.remove("").unwrap_or_default();
    Ok((tree, entries))
}

/// A thing in a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Node<'a> {
    /// A file.
    File(&'a Entry),
    /// A folder: its path and git's id of it.
    Folder(String, String),
}

impl Node<'_> {
    /// Path from the repository's root.
    pub fn path(&self) -> &str {
        match self {
            Self::File(entry) => &entry.path,
            Self::Folder(path, _) => path,
        }
    }
}

/// What lies in `folder` (`""` for the root), with all below it when `recursive`, in order of paths.
/// `None` when there is no such folder.
pub fn list<'a>(entries: &'a [Entry], folder: &str, recursive: bool) -> Result<Option<Vec<Node<'a>>>> {
    let oids = git::folder_oids(entries)?;
    if !oids.contains_key(folder) {
        return Ok(None);
    }
    let listed = |path: &str| {
        let inside = folder.is_empty() || path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'));
        !path.is_empty() && inside && (recursive || names::folder_of(path) == folder)
    };
    let folders = oids.iter().filter(|(path, _)| listed(path));
    let files = entries.iter().filter(|entry| listed(&entry.path));
    let mut nodes: Vec<Node<'_>> = folders
        .map(|(path, oid)| Node::Folder(path.clone(), oid.clone()))
        .chain(files.map(Node::File))
        .collect();
    nodes.sort_by(|a, b| a.path().cmp(b.path()));
    Ok(Some(nodes))
}

/// What changed between two trees, by path.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Diff {
    /// Files that only the later tree has.
    pub added: Vec<String>,
    /// Files that both have, with different content.
    pub changed: Vec<String>,
    /// Files that only the earlier tree has.
    pub removed: Vec<String>,
}

/// What changed from `before` to `after`; paths in order.
pub fn diff(before: &[Entry], after: &[Entry]) -> Diff {
    let index = |entries: &[Entry]| -> BTreeMap<String, String> {
        entries.iter().map(|entry| (entry.path.clone(), entry.sha256.clone())).collect()
    };
    let (old, new) = (index(before), index(after));
    let mut diff = Diff::default();
    for (path, sha256) in &new {
        match old.get(path) {
            None => diff.added.push(path.clone()),
            Some(known) if known != sha256 => diff.changed.push(path.clone()),
            Some(_) => {}
        }
    }
    diff.removed = old.into_keys().filter(|path| !new.contains_key(path)).collect();
    diff
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn entry(path: &str, content: u8) -> Entry {
        let oid = git::blob_oid(&[content]);
        Entry { path: path.into(), size: 1, sha256: format!("{content:064x}"), oid, large: false }
    }

    fn tree() -> impl Strategy<Value = Vec<Entry>> {
        proptest::collection::btree_map("[a-d]/[a-d]", 0u8..4, 0..8)
            .prop_map(|files| files.iter().map(|(path, content)| entry(path, *content)).collect())
    }

    proptest! {
        #[test]
        fn a_diff_tells_exactly_what_an_overlay_did(before in tree(), changed in tree()) {
            let (_, after) = overlay(before.clone(), changed.clone()).unwrap();
            let diff = diff(&before, &after);
            prop_assert!(diff.removed.is_empty());
            for path in diff.added.iter().chain(&diff.changed) {
                prop_assert!(changed.iter().any(|entry| &entry.path == path));
            }
            prop_assert_eq!(after.len(), before.len() + diff.added.len());
        }

        #[test]
        fn equal_trees_and_only_they_have_equal_ids(a in tree(), b in tree()) {
            let (a_oid, a) = overlay(vec![], a).unwrap();
            let (b_oid, b) = overlay(vec![], b).unwrap();
            prop_assert_eq!(a_oid == b_oid, diff(&a, &b) == Diff::default());
        }
    }

    #[test]
    fn lists_one_folder_or_all_below() {
        let entries =
            [entry("README.md", 1), entry("data/a", 2), entry("data/deep/b", 3), entry("database", 4)];
        let paths = |folder, recursive| -> Option<Vec<String>> {
            let nodes = list(&entries, folder, recursive).unwrap()?;
            Some(nodes.iter().map(|node| node.path().to_owned()).collect())
        };
        assert_eq!(paths("", false).unwrap(), ["README.md", "data", "database"]);
        assert_eq!(paths("data", false).unwrap(), ["data/a", "data/deep"]);
        assert_eq!(paths("data", true).unwrap(), ["data/a", "data/deep", "data/deep/b"]);
        assert_eq!(paths("", true).unwrap().len(), 6);
        assert_eq!(paths("dat", true), None);
        assert_eq!(paths("data/a", true), None);
    }

    #[test]
    fn the_number_of_files_is_bounded() {
        let many = (0..=MAX_FILES).map(|n| entry(&format!("f{n}"), 0)).collect();
        assert_eq!(overlay(vec![], many).unwrap_err().code, "tree_too_large");
    }
}

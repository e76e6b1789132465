//! Which names of repositories, revisions and files there can be.
//!
//! Repository names follow what `huggingface_hub` accepts, so that every repository can be named by its users.

use kernel::{Error, Result};

/// Characters of each half of a full name.
pub const MAX_NAME: usize = 96;
/// Bytes of a path.
pub const MAX_PATH: usize = 1024;
/// Bytes of one name in a path: what file systems hold.
pub const MAX_SEGMENT: usize = 255;
/// Names in a path.
pub const MAX_DEPTH: usize = 16;
/// First halves that are taken by addresses of the platform.
const RESERVED: [&str; 6] = ["api", "datasets", "models", "spaces", "static", "v1"];

/// Checks `org-slug/name`.
pub fn check_full_name(full: &str) -> Result<()> {
    let (org, name) = full
        .split_once('/')
        .ok_or_else(|| name_invalid("a repository's full name is org/name, such as acme/notes"))?;
    if RESERVED.contains(&org) {
        return Err(name_invalid("this organisation's name is an address of the platform; choose another"));
    }
    check_half(org)?;
    check_half(name)
}

/// Whether `full`, as `org-slug/name`, is a name under `org`.
pub fn is_under(full: &str, org: &str) -> bool {
    full.split_once('/').is_some_and(|(first, _)| first == org)
}

fn check_half(half: &str) -> Result<()> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if half.is_empty() || half.len() > MAX_NAME || !half.chars().all(allowed) {
        return Err(name_invalid("each half of a repository's name has 1 to 96 of: a-z A-Z 0-9 - _ ."));
    }
    let edge = |c: Option<char>| matches!(c, Some('-' | '.'));
    if edge(half.chars().next())
        || edge(half.chars().next_back())
        || half.contains("--")
        || half.contains("..")
    {
        return Err(name_invalid(
            "a repository's name neither begins nor ends with - or . and has no -- or ..",
        ));
    }
    if half.ends_with(".git") || half.ends_with(".ipynb") {
        return Err(name_invalid("a repository's name does not end with .git or .ipynb"));
    }
    Ok(())
}

fn name_invalid(text: &'static str) -> Error {
    Error::invalid("repo_name_invalid", text)
}

/// Checks the path of a file or folder in a repository: one that is safe to make under any folder.
pub fn check_path(path: &str) -> Result<()> {
    let wrong =
        |why: &'static str| Err(Error::invalid("path_invalid", format!("the path “{}” {why}", clip(path))));
    if path.is_empty() || path.len() > MAX_PATH {
        return wrong("is empty or longer than 1024 bytes");
    }
    if path.chars().any(|c| c.is_control() || c == '\\') {
        return wrong("holds a control character or a backslash; use / between names");
    }
    if path.split('/').count() > MAX_DEPTH {
        return wrong("is more than 16 names deep");
    }
    for segment in path.split('/') {
        if segment.is_empty() || segment == "." || segment == ".." || segment.eq_ignore_ascii_case(".git") {
            return wrong(
                "has an empty name, “.”, “..” or “.git” in it; write it from the repository's root",
            );
        }
        if segment.len() > MAX_SEGMENT {
            return wrong("has a name longer than 255 bytes");
        }
    }
    Ok(())
}

/// Whether `text` is the id of a commit: 40 lower-case hexadecimal digits.
pub fn is_oid(text: &str) -> bool {
    text.len() == 40 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// The folder that a path lies in; empty for the root.
pub fn folder_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// The start of a text from outside, short enough to be quoted back.
pub fn clip(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(96).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::path::{Component, Path};

    proptest! {
        #[test]
        fn a_path_that_passes_stays_inside_any_folder(path in "([a-z.\\\\/ \\x00-\\x02]|\\.\\.|\\.git){1,12}") {
            if check_path(&path).is_ok() {
                prop_assert!(Path::new(&path).components().all(|part| matches!(part, Component::Normal(_))));
                prop_assert_eq!(Path::new(&path).components().count(), path.split('/').count());
                prop_assert!(!path.contains('\0'));
            }
        }

        #[test]
        fn plain_paths_pass(path in "[a-z0-9_\\u{4e00}-\\u{4e10}]{1,20}(/[a-z0-9_-]{1,20}){0,15}") {
            prop_assert!(check_path(&path).is_ok());
        }

        #[test]
        fn a_name_that_passes_needs_no_escaping(name in ".{0,12}/.{0,12}") {
            if check_full_name(&name).is_ok() {
                prop_assert!(name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_./".contains(&b)));
                prop_assert_eq!(name.matches('/').count(), 1);
            }
        }
    }

    #[test]
    fn names_that_addresses_or_clients_can_not_hold_are_refused() {
        for name in
            ["acme", "acme/", "/notes", "a/b/c", "api/notes", "datasets/x", "acme/..", "acme/a--b", "acme/-a"]
        {
            assert!(check_full_name(name).is_err(), "{name}");
        }
        assert!(check_full_name(&format!("acme/{}", "x".repeat(97))).is_err());
        assert!(check_full_name("acme/tiny-2.7M_v1").is_ok());
    }

    #[test]
    fn a_name_is_under_the_organisation_before_its_slash_only() {
        assert!(is_under("acme/notes", "acme"));
        for name in ["acme", "acme2/notes", "acm/notes", "notes/acme", "/acme"] {
            assert!(!is_under(name, "acme"), "{name}");
        }
    }

    #[test]
    fn depth_and_length_are_bounded() {
        assert!(check_path(&vec!["a"; 17].join("/")).is_err());
        assert!(check_path(&"a".repeat(256)).is_err());
        assert!(check_path(&vec!["a".repeat(200); 6].join("/")).is_err());
        assert!(check_path("data/.git/config").is_err());
    }
}

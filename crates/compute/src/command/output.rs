//! What a command left in its output folder, to be published. None of it is trusted.

use hub::Content;
use kernel::{Error, Result};
use std::{fs, io, path::Path};

/// The most files that a version has.
const MAX_FILES: usize = 10_000;
/// The deepest folder that is looked into.
const MAX_DEPTH: usize = 32;

/// Every plain file below `folder` with its path from there. Links aren't followed, since they could lead to the
/// server's own files: they and whatever else is no plain file are refused by name.
pub(super) fn files(folder: &Path) -> Result<Vec<(String, Content)>> {
    let mut found = Vec::new();
    walk(folder, "", 0, &mut found)?;
    if found.is_empty() {
        return Err(refuse("the command wrote nothing into its output folder, MOSU_OUTPUT"));
    }
    Ok(found)
}

fn walk(folder: &Path, prefix: &str, depth: usize, found: &mut Vec<(String, Content)>) -> Result<()> {
    let unread = |error: io::Error| {
        Error::unavailable("job_folder", format!("the output folder “{prefix}” can't be read"))
            .with_source(error)
    };
    for entry in fs::read_dir(folder).map_err(unread)? {
        let entry = entry.map_err(unread)?;
        let Ok(name) = entry.file_name().into_string() else {
            return Err(refuse(format!("a name of a file in “{prefix}” isn't UTF-8")));
        };
        let path = format!("{prefix}{name}");
        let kind = entry.file_type().map_err(unread)?;
        if kind.is_dir() && depth < MAX_DEPTH {
            walk(&entry.path(), &format!("{path}/"), depth + 1, found)?;
        } else if kind.is_file() && found.len() < MAX_FILES {
            found.push((path, Content::File(entry.path())));
        } else if kind.is_file() {
            return Err(refuse(format!(
                "there are more than {MAX_FILES} files; pack small ones into larger ones"
            )));
        } else {
            return Err(refuse(format!("“{path}” is a link, lies too deep, or is no plain file")));
        }
    }
    Ok(())
}

fn refuse(why: impl Into<String>) -> Error {
    Error::invalid("command_output_invalid", format!("the output can't be published: {}", why.into()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn takes_plain_files_and_refuses_links() {
        let base = tempfile::tempdir().unwrap();
        assert_eq!(files(base.path()).unwrap_err().code, "command_output_invalid");
        fs::create_dir_all(base.path().join("a/b")).unwrap();
        fs::write(base.path().join("a/b/c.txt"), "x").unwrap();
        let paths: Vec<_> = files(base.path()).unwrap().into_iter().map(|(path, _)| path).collect();
        assert_eq!(paths, ["a/b/c.txt"]);
        symlink("/etc", base.path().join("a/etc")).unwrap();
        assert!(files(base.path()).unwrap_err().text.contains("a/etc"));
    }
}

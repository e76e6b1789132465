//! A job's secret on its way from the server to the supervisor, on this machine or another.

use super::Folder;
use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
};

/// The longest secret that is read, in bytes.
const MAX_BYTES: usize = 4096;

/// Leaves `secret` in the folder, readable by its owner only, until the supervisor takes it.
pub fn leave(folder: &Folder, secret: &str) -> io::Result<()> {
    // A file that is there already may be open to others: it is replaced, never written over.
    take(folder)?;
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(folder.token())?
        .write_all(secret.as_bytes())
}

/// Takes the secret out of the folder; `None` when none was left.
pub fn take(folder: &Folder) -> io::Result<Option<String>> {
    let secret = match fs::read_to_string(folder.token()) {
        Ok(secret) => secret,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    fs::remove_file(folder.token())?;
    Ok(Some(secret).filter(|secret| !secret.is_empty() && secret.len() <= MAX_BYTES))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_secret_is_taken_once_and_open_to_nobody_else() {
        let base = tempfile::tempdir().unwrap();
        let folder = Folder::at(base.path());
        leave(&folder, "old").unwrap();
        leave(&folder, "secret").unwrap();
        assert_eq!(fs::metadata(folder.token()).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(take(&folder).unwrap().as_deref(), Some("secret"));
        assert_eq!(take(&folder).unwrap(), None);
    }
}

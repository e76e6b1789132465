//! What proves who asks.

use std::{fmt, fs::File, io, io::Read, path::Path, path::PathBuf};

/// The most bytes of a file of tokens or certificates.
const MAX_FILE: u64 = 1 << 20;

/// A token that each call bears.
#[derive(Clone)]
pub enum Token {
    /// None: the socket itself says who calls, or a proxy adds it.
    None,
    /// The token's text.
    Text(String),
    /// A file that holds it, read for each call: tokens end, and whoever renews one needn't restart us.
    File(PathBuf),
}

impl Token {
    /// The token's text, without what stands empty around it.
    ///
    /// # Errors
    /// When its file can't be read.
    pub fn read(&self) -> io::Result<Option<String>> {
        let text = match self {
            Self::None => return Ok(None),
            Self::Text(text) => text.clone(),
            Self::File(path) => file(path)?,
        };
        Ok(Some(text.trim().to_owned()))
    }
}

impl fmt::Debug for Token {
    /// Never shows the secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("None"),
            Self::Text(_) => f.write_str("Text(…)"),
            Self::File(path) => f.debug_tuple("File").field(path).finish(),
        }
    }
}

/// The text of a small file, cut after 1 MiB.
///
/// # Errors
/// When it can't be read or isn't UTF-8.
pub fn file(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    File::open(path)?.take(MAX_FILE).read_to_string(&mut text)?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_read_anew_each_time_and_never_shown() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        let token = Token::File(path.clone());
        assert!(token.read().is_err());
        for text in ["first", "second"] {
            std::fs::write(&path, format!(" {text}\n")).unwrap();
            assert_eq!(token.read().unwrap().as_deref(), Some(text));
        }
        assert_eq!(format!("{:?}", Token::Text("secret".into())), "Text(…)");
    }
}

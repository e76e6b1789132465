//! How the API server is reached, and as whom.

use std::{fmt, path::PathBuf};

/// An API server, a namespace, and who asks.
#[derive(Debug, Clone)]
pub struct Access {
    /// `https://HOST:PORT`, or `http://` where a proxy on this machine does the rest.
    pub url: String,
    /// The namespace that jobs are made in.
    pub namespace: String,
    /// What proves who asks.
    pub token: Token,
    /// The authority that the server's certificate is signed by, in PEM; without it the public ones.
    pub authority: Option<PathBuf>,
    /// A word that all jobs of this platform bear as a label, so that two platforms in one namespace don't meet.
    pub owner: String,
}

/// A bearer token, as service accounts have them.
#[derive(Clone)]
pub enum Token {
    /// None: a proxy adds it.
    None,
    /// The token's text.
    Text(String),
    /// A file that holds it, read for each call: a cluster renews such files.
    File(PathBuf),
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

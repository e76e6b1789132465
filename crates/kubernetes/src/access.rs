//! How the API server is reached, and as whom.

use std::path::PathBuf;

pub use remote::Token;

/// An API server, a namespace, and who asks.
#[derive(Debug, Clone)]
pub struct Access {
    /// `https://HOST:PORT`, or `http://` where a proxy on this machine does the rest.
    pub url: String,
    /// The namespace that jobs are made in.
    pub namespace: String,
    /// What proves who asks: a bearer token, as service accounts have them.
    pub token: Token,
    /// The authority that the server's certificate is signed by, in PEM; without it the public ones.
    pub authority: Option<PathBuf>,
    /// A word that all jobs of this platform bear as a label, so that two platforms in one namespace don't meet.
    pub owner: String,
}

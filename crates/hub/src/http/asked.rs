//! What a request asks for, from its address and its token.

use crate::Viewer;
use axum::{
    extract::{FromRequestParts, Path},
    http::request::Parts,
};
use commons::{http::Fail, identity::Caller};
use kernel::Error;
use std::collections::HashMap;

/// A place in a repository, and on whose behalf it is asked for.
pub(super) struct Asked {
    /// Who reads.
    pub viewer: Viewer,
    /// `org/name`.
    pub repo: String,
    /// Branch or commit; `main` where the address has none.
    pub revision: String,
    /// File or folder; empty where the address has none.
    pub path: String,
}

impl<S: Send + Sync> FromRequestParts<S> for Asked {
    type Rejection = Fail;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Fail> {
        let viewer = Viewer::of(parts.extensions.get::<Caller>());
        let Path(mut named) =
            Path::<HashMap<String, String>>::from_request_parts(parts, state).await.map_err(|_| {
                Fail(Error::invalid(
                    "address_invalid",
                    "the address does not decode to UTF-8; percent-encode it anew",
                ))
            })?;
        let mut take = |key: &str| named.remove(key).unwrap_or_default();
        let repo = format!("{}/{}", take("org"), take("name"));
        let (revision, path) = (take("revision"), take("path"));
        let revision = if revision.is_empty() { "main".to_owned() } else { revision };
        Ok(Self { viewer, repo, revision, path })
    }
}

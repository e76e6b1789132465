//! The embedded files.

use crate::assets::assets;
use axum::{
    body::Body,
    http::{StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use commons::http::Fail;
use kernel::Error;

/// An embedded file; its name changes with its content, so it may be kept for ever.
pub async fn file(uri: Uri) -> Result<Response, Fail> {
    let missing =
        || Error::not_found("page_missing", "there is no such file; reload the page to get its present ones");
    let (media, text) = assets().get(uri.path()).ok_or_else(missing)?;
    let headers = [
        (header::CONTENT_TYPE, media),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    Ok((StatusCode::OK, headers, Body::from(text)).into_response())
}

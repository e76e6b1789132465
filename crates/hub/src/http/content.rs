//! `GET` and `HEAD` of a file: whole, in part, or "you have it already".

use super::{Door, answer, asked::Asked};
use crate::{
    rules::range::{self, Wanted},
    types::{Commit, Entry},
};
use axum::{
    body::Body,
    extract::State,
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header},
    response::Response,
};
use commons::http::Fail;
use kernel::{Error, Result};

const LINKED_ETAG: HeaderName = HeaderName::from_static("x-linked-etag");
const LINKED_SIZE: HeaderName = HeaderName::from_static("x-linked-size");

/// `/[datasets/]{id}/resolve/{rev}/{path}`.
pub(super) async fn file(
    State(door): State<Door>,
    asked: Asked,
    method: Method,
    headers: HeaderMap,
) -> Result<Response, Fail> {
    let (_, commit) = door.at(&asked).await?;
    let entry = match door.hub.entry(&commit, &asked.path).await {
        Ok(entry) => entry,
        Err(error) => return Ok(answer::refusal_at(&commit, error)),
    };
    let about = describe(&commit, &entry)?;
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    if text(header::IF_NONE_MATCH).is_some_and(|known| matches_etag(known, etag(&entry))) {
        return respond(StatusCode::NOT_MODIFIED, about, None, Body::empty());
    }
    // A range counts only for GET, and only while the file is the one that the client has a part of.
    let same = text(header::IF_RANGE).is_none_or(|known| known.trim().trim_matches('"') == etag(&entry));
    let asked_range = text(header::RANGE).filter(|_| method == Method::GET && same);
    match range::parse(asked_range, entry.size) {
        Wanted::Whole if method == Method::HEAD => {
            respond(StatusCode::OK, about, Some(entry.size), Body::empty())
        }
        Wanted::Whole => {
            let body = Body::from_stream(door.hub.open_file(&entry, None).await?);
            respond(StatusCode::OK, about, Some(entry.size), body)
        }
        Wanted::Part(part) => {
            let mut about = about;
            let told = format!("bytes {}-{}/{}", part.start, part.end - 1, entry.size);
            about.insert(header::CONTENT_RANGE, value(&told)?);
            let length = part.end - part.start;
            let body = Body::from_stream(door.hub.open_file(&entry, Some(part)).await?);
            respond(StatusCode::PARTIAL_CONTENT, about, Some(length), body)
        }
        Wanted::Unsatisfiable => {
            let mut about = about;
            about.insert(header::CONTENT_RANGE, value(&format!("bytes */{}", entry.size))?);
            about.remove(header::CONTENT_TYPE);
            respond(StatusCode::RANGE_NOT_SATISFIABLE, about, Some(0), Body::empty())
        }
    }
}

fn respond(
    status: StatusCode,
    headers: HeaderMap,
    length: Option<u64>,
    body: Body,
) -> Result<Response, Fail> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    if let Some(length) = length {
        response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    }
    Ok(response)
}

/// What identifies a content: git's id, or the SHA-256 of a large file.
fn etag(entry: &Entry) -> &str {
    if entry.large { &entry.sha256 } else { &entry.oid }
}

fn matches_etag(known: &str, etag: &str) -> bool {
    known
        .split(',')
        .map(|one| one.trim().trim_start_matches("W/"))
        .any(|one| one == "*" || one.trim_matches('"') == etag)
}

/// The headers that every answer about a file has.
fn describe(commit: &Commit, entry: &Entry) -> Result<HeaderMap> {
    let mut headers = HeaderMap::new();
    answer::insert_commit(&mut headers, commit);
    let quoted = value(&format!("\"{}\"", etag(entry)))?;
    if entry.large {
        headers.insert(LINKED_ETAG, quoted.clone());
        headers.insert(LINKED_SIZE, HeaderValue::from(entry.size));
    }
    headers.insert(header::ETAG, quoted);
    headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    headers.insert(header::CONTENT_DISPOSITION, value(&disposition(&entry.path))?);
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type(&entry.path)));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    // Files come from tenants and are served beside the console: they must never run as a page of it.
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; sandbox"));
    Ok(headers)
}

fn value(text: &str) -> Result<HeaderValue> {
    HeaderValue::from_str(text).map_err(Error::internal)
}

/// The file's name, in ASCII and percent-encoded UTF-8 (RFC 6266).
fn disposition(path: &str) -> String {
    let name = path.rsplit('/').next().unwrap_or(path);
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    let ascii: String =
        name.chars().map(|c| if u8::try_from(c).is_ok_and(plain) { c } else { '_' }).collect();
    let encoded: String = name
        .bytes()
        .map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect();
    format!("inline; filename*=UTF-8''{encoded}; filename=\"{ascii}\"")
}

/// Text as plain text, pictures as pictures, the rest as bytes: nothing that a browser would run.
fn content_type(path: &str) -> &'static str {
    let suffix = path.rsplit_once('.').map(|(_, suffix)| suffix.to_ascii_lowercase()).unwrap_or_default();
    match suffix.as_str() {
        "md" | "txt" | "json" | "jsonl" | "csv" | "yaml" | "yml" | "toml" | "py" | "html" => {
            "text/plain; charset=utf-8"
        }
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "webp" => "image/webp",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn any_name_makes_a_header(path in ".{1,40}") {
            prop_assert!(HeaderValue::from_str(&disposition(&path)).is_ok());
        }
    }

    #[test]
    fn names_are_told_twice() {
        assert_eq!(
            disposition("data/语料 1.txt"),
            "inline; filename*=UTF-8''%E8%AF%AD%E6%96%99%201.txt; filename=\"___1.txt\""
        );
    }

    #[test]
    fn etags_match_weak_strong_and_any() {
        assert!(matches_etag("\"a\", W/\"b\"", "b"));
        assert!(matches_etag("*", "b"));
        assert!(!matches_etag("\"a\"", "b"));
    }
}

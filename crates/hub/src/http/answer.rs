//! The shapes of answers: repositories, files, folders, the link to the next page, refusals.

use crate::{
    rules::{git, tree::Node},
    types::{Commit, Entry, Repo, RepoKind},
};
use axum::{
    http::{HeaderMap, HeaderName, HeaderValue, Uri, header},
    response::{IntoResponse, Response},
};
use commons::http::Fail;
use kernel::{Error, Timestamp};
use serde_json::{Value, json};

/// Which commit an answer is about. Clients refuse a file without it.
pub(crate) const REPO_COMMIT: HeaderName = HeaderName::from_static("x-repo-commit");

/// A repository without its files.
pub(crate) fn repo(repo: &Repo, sha: &str, changed_at: Timestamp) -> Value {
    let mut body = json!({
        "_id": repo.id,
        "id": repo.name,
        "author": repo.org_slug(),
        "sha": sha,
        "lastModified": changed_at,
        "createdAt": repo.created_at,
        "private": repo.visibility == crate::Visibility::Private,
        "gated": false,
        "disabled": false,
        "tags": [],
    });
    if repo.kind == RepoKind::Model {
        body["modelId"] = json!(repo.name);
    }
    body
}

/// A file as a repository's answer lists it; sizes and ids only when asked for.
pub(crate) fn sibling(entry: &Entry, blobs: bool) -> Value {
    let mut body = json!({"rfilename": entry.path});
    if blobs {
        body["size"] = json!(entry.size);
        body["blobId"] = json!(entry.oid);
        if entry.large {
            body["lfs"] =
                json!({"sha256": entry.sha256, "size": entry.size, "pointerSize": pointer_size(entry)});
        }
    }
    body
}

/// A file or folder as a tree lists it.
pub(crate) fn node(node: &Node<'_>) -> Value {
    match node {
        Node::Folder(path, oid) => json!({"type": "directory", "oid": oid, "size": 0, "path": path}),
        Node::File(entry) => {
            let mut body = json!({"type": "file", "oid": entry.oid, "size": entry.size, "path": entry.path});
            if entry.large {
                body["lfs"] =
                    json!({"oid": entry.sha256, "size": entry.size, "pointerSize": pointer_size(entry)});
            }
            body
        }
    }
}

fn pointer_size(entry: &Entry) -> usize {
    git::pointer(&entry.sha256, entry.size).len()
}

/// A commit as a history lists it.
pub(crate) fn commit(commit: &Commit) -> Value {
    let (title, message) = commit.message.split_once('\n').unwrap_or((&commit.message, ""));
    json!({
        "id": commit.oid,
        "title": title,
        "message": message.trim(),
        "date": commit.created_at,
        "authors": [{"user": commit.author}],
    })
}

/// JSON with a `Link` to the next page when there is one.
pub(crate) fn page(body: Vec<Value>, cursor: Option<String>, headers: &HeaderMap, uri: &Uri) -> Response {
    let mut response = axum::Json(body).into_response();
    let link = cursor.and_then(|cursor| next_link(headers, uri, &cursor));
    if let Some(link) = link {
        response.headers_mut().insert(header::LINK, link);
    }
    response
}

/// `<https://host/path?…&cursor=…>; rel="next"`. Cursors need no escaping: they are digits, letters and dots.
fn next_link(headers: &HeaderMap, uri: &Uri, cursor: &str) -> Option<HeaderValue> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let host = text("x-forwarded-host").or_else(|| text("host"))?;
    if !host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".:-[]".contains(&byte)) {
        return None;
    }
    let scheme = if text("x-forwarded-proto") == Some("https") { "https" } else { "http" };
    let mut query: Vec<&str> = uri
        .query()
        .unwrap_or_default()
        .split('&')
        .filter(|pair| !pair.is_empty() && !pair.starts_with("cursor="))
        .collect();
    let cursor = format!("cursor={cursor}");
    query.push(&cursor);
    HeaderValue::from_str(&format!("<{scheme}://{host}{}?{}>; rel=\"next\"", uri.path(), query.join("&")))
        .ok()
}

/// A refusal that still names the commit it looked in, so that clients remember the miss.
pub(crate) fn refusal_at(commit: &Commit, error: Error) -> Response {
    let mut response = Fail(error).into_response();
    insert_commit(response.headers_mut(), commit);
    response
}

/// Names the commit in an answer's headers.
pub(crate) fn insert_commit(headers: &mut HeaderMap, commit: &Commit) {
    if let Ok(oid) = HeaderValue::from_str(&commit.oid) {
        headers.insert(REPO_COMMIT, oid);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(host: &'static str, uri: &'static str) -> Option<String> {
        let mut headers = HeaderMap::new();
        headers.insert("host", HeaderValue::from_static(host));
        next_link(&headers, &Uri::from_static(uri), "abc").map(|value| value.to_str().unwrap().to_owned())
    }

    #[test]
    fn the_next_page_keeps_the_query_and_replaces_the_cursor() {
        assert_eq!(
            link("hub.test:80", "/api/models?search=a%20b&cursor=old&limit=2").unwrap(),
            "<http://hub.test:80/api/models?search=a%20b&limit=2&cursor=abc>; rel=\"next\""
        );
    }

    #[test]
    fn a_host_that_would_break_out_of_the_link_is_not_repeated() {
        assert_eq!(link("evil>; rel=x", "/api/models"), None);
    }
}

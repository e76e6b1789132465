//! Trees: what lies in a folder, and what is known of named paths.

use super::{Door, answer, asked::Asked, params, params::Pairs};
use crate::rules::tree::{self, Node};
use axum::{
    Form, Json,
    extract::{Query, State, rejection::FormRejection},
    http::{HeaderMap, Uri},
    response::{IntoResponse, Response},
};
use commons::http::Fail;
use kernel::Error;
use serde_json::Value;
use std::collections::HashMap;

/// Entries on a page of a tree.
const PAGE: u32 = 1000;
/// Paths that one question may name.
const MAX_PATHS: usize = 1000;

/// `GET /api/T/{id}/tree/{rev}[/{path}]?recursive=&limit=&cursor=`.
pub(super) async fn tree(
    State(door): State<Door>,
    asked: Asked,
    Query(query): Query<Pairs>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Response, Fail> {
    let (_, commit) = door.at(&asked).await?;
    let entries = door.hub.entries(&commit).await?;
    let folder = asked.path.trim_matches('/');
    let Some(nodes) = tree::list(&entries, folder, params::flag(&query, "recursive"))? else {
        let missing = Error::not_found("entry_not_found", "there is no such folder in this version");
        return Ok(answer::refusal_at(&commit, missing));
    };
    let limit = params::limit(&query, PAGE, PAGE)? as usize;
    let after = params::text(&query, "cursor").map(path_of).transpose()?.unwrap_or_default();
    let start = nodes.partition_point(|node| node.path() <= after.as_str());
    let shown = &nodes[start..nodes.len().min(start + limit)];
    let more = start + shown.len() < nodes.len();
    let cursor = shown.last().filter(|_| more).map(|node| hex::encode(node.path()));
    let mut response = answer::page(shown.iter().map(answer::node).collect(), cursor, &headers, &uri);
    answer::insert_commit(response.headers_mut(), &commit);
    Ok(response)
}

/// The path in a cursor, which is hexadecimal so that no address needs to escape it.
fn path_of(cursor: &str) -> kernel::Result<String> {
    let bytes = hex::decode(cursor).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let text = "this cursor is not one that a page before gave; begin without one";
    bytes.ok_or_else(|| Error::invalid("cursor_invalid", text))
}

/// `POST /api/T/{id}/paths-info/{rev}` with `paths=a&paths=b`: what there is of them, files and folders.
pub(super) async fn paths_info(
    State(door): State<Door>,
    asked: Asked,
    form: Result<Form<Pairs>, FormRejection>,
) -> Result<Response, Fail> {
    let Form(form) = form.map_err(|_| {
        Error::invalid(
            "form_invalid",
            "send the paths as a form: paths=a&paths=b, application/x-www-form-urlencoded",
        )
    })?;
    let wanted: Vec<&str> =
        form.iter().filter(|(key, _)| key == "paths").map(|(_, path)| path.trim_matches('/')).collect();
    if wanted.len() > MAX_PATHS {
        let text = format!("one request asks for at most {MAX_PATHS} paths");
        return Err(Error::invalid("form_invalid", text).into());
    }
    let (_, commit) = door.at(&asked).await?;
    let entries = door.hub.entries(&commit).await?;
    let nodes = tree::list(&entries, "", true)?.unwrap_or_default();
    let by_path: HashMap<&str, &Node<'_>> = nodes.iter().map(|node| (node.path(), node)).collect();
    let body: Vec<Value> =
        wanted.iter().filter_map(|path| by_path.get(path)).map(|node| answer::node(node)).collect();
    let mut response = Json(body).into_response();
    answer::insert_commit(response.headers_mut(), &commit);
    Ok(response)
}

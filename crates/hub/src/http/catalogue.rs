//! Repositories: the list, one with its files, its branches, its history.

use super::{Door, answer, asked::Asked, params, params::Pairs};
use crate::{Viewer, types::Listing};
use axum::{
    Json,
    extract::{Query, State},
    http::{HeaderMap, Uri},
    response::{IntoResponse, Response},
};
use commons::http::{Fail, MaybeCaller};
use kernel::{PageRequest, page::MAX_LIMIT};
use serde_json::{Value, json};

/// `GET /api/T?search=&author=&filter=&limit=`.
pub(super) async fn list(
    State(door): State<Door>,
    MaybeCaller(caller): MaybeCaller,
    Query(query): Query<Pairs>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Response, Fail> {
    if params::text(&query, "filter").is_some() {
        // Filters name tags, and no repository has any yet.
        return Ok(answer::page(Vec::new(), None, &headers, &uri));
    }
    let listing = Listing {
        kind: door.kind,
        search: params::text(&query, "search").map(str::to_owned),
        org_slug: params::text(&query, "author").map(str::to_owned),
    };
    let page = door.hub.list(Viewer::of(caller.as_ref()), &listing, &page_request(&query)?).await?;
    let items = page.items.iter().map(|repo| answer::repo(repo, &repo.head, repo.updated_at)).collect();
    Ok(answer::page(items, page.next_cursor, &headers, &uri))
}

fn page_request(query: &Pairs) -> kernel::Result<PageRequest> {
    let limit = params::limit(query, MAX_LIMIT, MAX_LIMIT)?;
    Ok(PageRequest { limit: Some(limit), cursor: params::text(query, "cursor").map(str::to_owned) })
}

/// `GET /api/T/{id}` and `GET /api/T/{id}/revision/{rev}`.
pub(super) async fn info(
    State(door): State<Door>,
    asked: Asked,
    Query(query): Query<Pairs>,
) -> Result<Response, Fail> {
    let (repo, commit) = door.at(&asked).await?;
    let entries = door.hub.entries(&commit).await?;
    let blobs = params::flag(&query, "blobs");
    let mut body = answer::repo(&repo, &commit.oid, commit.created_at);
    body["siblings"] = entries.iter().map(|entry| answer::sibling(entry, blobs)).collect();
    body["usedStorage"] = json!(entries.iter().map(|entry| entry.size).sum::<u64>());
    let mut response = Json(body).into_response();
    answer::insert_commit(response.headers_mut(), &commit);
    Ok(response)
}

/// `GET /api/T/{id}/refs`.
pub(super) async fn refs(State(door): State<Door>, asked: Asked) -> Result<Json<Value>, Fail> {
    let repo = door.repo(&asked).await?;
    let branch = |(name, oid): (String, String)| {
        let full = format!("refs/heads/{name}");
        json!({"name": name, "ref": full, "targetCommit": oid})
    };
    let branches: Vec<Value> = door.hub.branches(&repo).await?.into_iter().map(branch).collect();
    Ok(Json(json!({"branches": branches, "tags": [], "converts": []})))
}

/// `GET /api/T/{id}/commits/{rev}`.
pub(super) async fn commits(
    State(door): State<Door>,
    asked: Asked,
    Query(query): Query<Pairs>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Response, Fail> {
    let (repo, commit) = door.at(&asked).await?;
    let page = door.hub.commits(&repo, &commit, &page_request(&query)?).await?;
    let items = page.items.iter().map(answer::commit).collect();
    Ok(answer::page(items, page.next_cursor, &headers, &uri))
}

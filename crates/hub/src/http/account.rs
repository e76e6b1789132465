//! Who the caller is, and whether they may read a repository.

use super::{Door, asked::Asked};
use crate::Hub;
use axum::{Json, extract::State};
use commons::{
    http::Fail,
    identity::{self, Caller, Scope},
};
use serde_json::{Value, json};

/// `GET /api/whoami-v2`. The name is the organisation's short name: where clients put a repository without one.
pub(super) async fn whoami(State(hub): State<Hub>, caller: Caller) -> Result<Json<Value>, Fail> {
    let org = identity::find_org(hub.commons.db.pool(), caller.org).await?;
    let role = if caller.may(Scope::Write) { "write" } else { "read" };
    Ok(Json(json!({
        "type": "user",
        "id": org.id,
        "name": org.slug,
        "fullname": org.name,
        "orgs": [{"type": "org", "id": org.id, "name": org.slug, "fullname": org.name}],
        "auth": {"type": "access_token", "accessToken": {"displayName": caller.token, "role": role}},
    })))
}

/// `GET /api/T/{id}/auth-check`: says whether the repository may be read, by its status.
pub(super) async fn check(State(door): State<Door>, asked: Asked) -> Result<Json<Value>, Fail> {
    door.repo(&asked).await?;
    Ok(Json(json!({})))
}

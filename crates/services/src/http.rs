//! The doors of services.

use crate::{Services, rules::Form, types::Ruling};
use axum::{
    Json,
    extract::{Path, Query, State},
};
use commons::{
    Commons,
    http::{Envelope, Fail, MaybeCaller, Routes, Rule},
    identity::{Caller, Scope},
};
use kernel::{PageRequest, Result};
use serde::Deserialize;
use serde_json::{Value, json};

type Answer = Result<Json<Value>, Fail>;

pub(crate) fn routes(services: &Services, commons: &Commons) -> Routes {
    let state = || services.clone();
    Routes::new(commons, Envelope::Problem)
        .get("/api/v1/services", Rule::Public, list_services, state())
        .post("/api/v1/services/{id}/cases", Rule::Public, open_case, state())
        .get("/api/v1/cases", Rule::Needs(Scope::Read), list_cases, state())
        .get("/api/v1/cases/{id}", Rule::Needs(Scope::Read), get_case, state())
        .post("/api/v1/cases/{id}/decisions", Rule::Needs(Scope::Operate), decide, state())
        .post("/api/v1/cases/{id}/claim", Rule::Public, claim, state())
}

async fn list_services(State(services): State<Services>) -> Answer {
    Ok(Json(json!({"items": services.list()})))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OpenRequest {
    form: Form,
}

async fn open_case(
    State(services): State<Services>,
    MaybeCaller(caller): MaybeCaller,
    Path(id): Path<String>,
    Json(body): Json<OpenRequest>,
) -> Answer {
    let opened = services.open_case(caller.as_ref(), &id, body.form).await?;
    let code = opened.claim_code.as_ref().map(|code| code.reveal());
    Ok(Json(json!({"case": opened.case, "claim_code": code})))
}

async fn list_cases(
    State(services): State<Services>,
    caller: Caller,
    Query(page): Query<PageRequest>,
) -> Answer {
    Ok(Json(json!(services.list_cases(&caller, &page).await?)))
}

async fn get_case(State(services): State<Services>, caller: Caller, Path(id): Path<String>) -> Answer {
    Ok(Json(json!(services.get_case(&caller, id.parse()?).await?)))
}

async fn decide(
    State(services): State<Services>,
    caller: Caller,
    Path(id): Path<String>,
    Json(ruling): Json<Ruling>,
) -> Answer {
    Ok(Json(json!(services.decide(&caller, id.parse()?, ruling).await?)))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ClaimRequest {
    code: String,
}

async fn claim(
    State(services): State<Services>,
    Path(id): Path<String>,
    Json(body): Json<ClaimRequest>,
) -> Answer {
    let claimed = services.claim(id.parse()?, &body.code).await?;
    Ok(Json(json!({
        "org": claimed.org,
        "org_slug": claimed.org_slug,
        "token": claimed.token,
        "secret": claimed.secret.reveal(),
    })))
}

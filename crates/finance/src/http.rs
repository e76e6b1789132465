//! The doors of finance.

use crate::{Finance, rules::Facts};
use axum::{
    Json,
    extract::{Path, Query, State},
    http::HeaderMap,
};
use commons::{
    Commons,
    http::{Envelope, Fail, Routes, Rule},
    identity::{Caller, Scope},
};
use kernel::{Error, PageRequest, Result};
use serde::Deserialize;
use serde_json::{Value, json};

type Answer = Result<Json<Value>, Fail>;

pub(crate) fn routes(finance: &Finance, commons: &Commons) -> Routes {
    let state = || finance.clone();
    Routes::new(commons, Envelope::Problem)
        .get("/api/v1/policies", Rule::Public, list_policies, state())
        .get("/api/v1/policies/{id}", Rule::Public, get_policy, state())
        .post("/api/v1/policies/{id}/decide", Rule::SignedIn, try_policy, state())
        .get("/api/v1/vouchers", Rule::Needs(Scope::Read), list_vouchers, state())
        .get("/api/v1/programmes", Rule::Needs(Scope::Read), list_programmes, state())
        .post("/api/v1/programmes/{policy}/fund", Rule::Needs(Scope::Operate), fund_programme, state())
        .get("/api/v1/charges/{id}/trace", Rule::Needs(Scope::Read), trace, state())
        .get(
            "/api/v1/datasets/{org}/{name}/distributions",
            Rule::Needs(Scope::Read),
            list_distributions,
            state(),
        )
        .post("/api/v1/datasets/{org}/{name}/distribute", Rule::Needs(Scope::Operate), distribute, state())
}

async fn list_policies(State(finance): State<Finance>) -> Answer {
    Ok(Json(json!({"items": finance.policies()})))
}

async fn get_policy(State(finance): State<Finance>, Path(id): Path<String>) -> Answer {
    Ok(Json(json!(finance.policy(&id).await?)))
}

async fn try_policy(
    State(finance): State<Finance>,
    Path(id): Path<String>,
    Json(facts): Json<Facts>,
) -> Answer {
    Ok(Json(json!(finance.try_policy(&id, facts)?)))
}

async fn list_vouchers(
    State(finance): State<Finance>,
    caller: Caller,
    Query(page): Query<PageRequest>,
) -> Answer {
    let everyone = caller.may(Scope::Operate) || caller.may(Scope::Audit);
    let org = if everyone { None } else { Some(caller.org) };
    Ok(Json(json!(finance.list_vouchers(org, &page).await?)))
}

async fn list_programmes(State(finance): State<Finance>) -> Answer {
    Ok(Json(json!({"items": finance.programmes().await?})))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FundRequest {
    amount_micros: i64,
}

async fn fund_programme(
    State(finance): State<Finance>,
    caller: Caller,
    Path(policy): Path<String>,
    headers: HeaderMap,
    Json(body): Json<FundRequest>,
) -> Answer {
    let key = idempotency_key(&headers)?;
    Ok(Json(json!(finance.fund_programme(caller.actor(), &policy, body.amount_micros, &key).await?)))
}

async fn trace(State(finance): State<Finance>, caller: Caller, Path(id): Path<String>) -> Answer {
    Ok(Json(json!(finance.trace(&caller, id.parse()?).await?)))
}

async fn list_distributions(
    State(finance): State<Finance>,
    Path((org, name)): Path<(String, String)>,
) -> Answer {
    Ok(Json(json!({"items": finance.distributions(&format!("{org}/{name}")).await?})))
}

async fn distribute(
    State(finance): State<Finance>,
    caller: Caller,
    Path((org, name)): Path<(String, String)>,
    headers: HeaderMap,
) -> Answer {
    let key = idempotency_key(&headers)?;
    let items = finance.distribute(caller.actor(), &format!("{org}/{name}"), &key).await?;
    Ok(Json(json!({"items": items})))
}

/// The request's `Idempotency-Key`, which whatever moves money needs.
fn idempotency_key(headers: &HeaderMap) -> Result<String> {
    let key = headers.get("idempotency-key").and_then(|value| value.to_str().ok()).unwrap_or_default().trim();
    if (1..=128).contains(&key.len()) {
        return Ok(key.to_owned());
    }
    Err(Error::invalid(
        "idempotency_key_missing",
        "this moves money, so send an Idempotency-Key header of 1 to 128 characters; repeat it when you try again",
    ))
}

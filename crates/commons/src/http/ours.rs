//! The routes of what all platforms share: who am I, tokens, organisations, accounts, charges, uploads, audit.

use super::{Envelope, Fail, Routes, Rule};
use crate::{
    Commons, audit, billing,
    identity::{self, Caller, NewToken, Scope},
    ids::{Account, Charge, Token},
    ledger, uploads,
};
use axum::{
    Json,
    body::Body,
    extract::{Path, Query, State},
    http::Method,
};
use kernel::{Error, Id, PageRequest};
use serde::Deserialize;
use serde_json::{Value, json};

/// Routes of this crate.
pub fn routes(commons: &Commons) -> Routes {
    let state = || commons.clone();
    Routes::new(commons, Envelope::Problem)
        .get("/api/v1/whoami", Rule::SignedIn, whoami, state())
        .get("/api/v1/tokens", Rule::Needs(Scope::Read), list_tokens, state())
        .post("/api/v1/tokens", Rule::Needs(Scope::Write), mint_token, state())
        .route(Method::DELETE, "/api/v1/tokens/{id}", Rule::Needs(Scope::Write), revoke_token, state())
        .get("/api/v1/organisations", Rule::Needs(Scope::Operate), list_orgs, state())
        .get("/api/v1/accounts", Rule::Needs(Scope::Read), list_accounts, state())
        .get("/api/v1/accounts/{id}/transfers", Rule::Needs(Scope::Read), list_transfers, state())
        .post("/api/v1/transfers", Rule::Needs(Scope::Operate), post_transfer, state())
        .get("/api/v1/transfers/{idempotency}", Rule::Needs(Scope::Operate), get_transfer, state())
        .get("/api/v1/charges", Rule::Needs(Scope::Read), list_charges, state())
        .get("/api/v1/charges/{id}", Rule::Needs(Scope::Read), get_charge, state())
        .get("/api/v1/ledger/verification", Rule::Needs(Scope::Audit), verify, state())
        .get("/api/v1/audit", Rule::Needs(Scope::Audit), list_audit, state())
        .route(Method::PUT, "/api/v1/uploads", Rule::Needs(Scope::Write), put_upload, state())
}

type Answer = Result<Json<Value>, Fail>;

async fn whoami(State(commons): State<Commons>, caller: Caller) -> Answer {
    let org = identity::find_org(commons.db.pool(), caller.org).await?;
    Ok(Json(json!({
        "organisation": {"id": org.id, "slug": org.slug, "name": org.name, "operator": org.operator},
        "person": caller.person, "token": caller.token, "scopes": caller.scopes, "job": caller.job,
    })))
}

async fn list_tokens(State(commons): State<Commons>, caller: Caller) -> Answer {
    let items = identity::list_tokens(commons.db.pool(), caller.org).await?;
    Ok(Json(json!({"items": items})))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TokenRequest {
    name: String,
    scopes: String,
    days: Option<i64>,
}

async fn mint_token(
    State(commons): State<Commons>,
    caller: Caller,
    Json(body): Json<TokenRequest>,
) -> Answer {
    let scopes: identity::Scopes = body.scopes.parse()?;
    if !caller.scopes.covers(scopes) {
        return Err(Error::denied(
            "scope_missing",
            "a new token can't allow more than the one that makes it",
        )
        .into());
    }
    let days = body.days.unwrap_or(90);
    if !(1..=366).contains(&days) {
        return Err(Error::invalid("token_days", "a token lasts 1 to 366 days").into());
    }
    let now = commons.now();
    let token = NewToken {
        org: caller.org,
        person: caller.person,
        job: None,
        name: body.name,
        scopes,
        expires_at: Some(now.plus_seconds(days * 86_400)),
    };
    let actor = caller.actor();
    let (id, secret) = commons
        .db
        .write(move |tx| {
            Box::pin(async move {
                let (id, secret) = identity::mint_token(tx, now, &token).await?;
                let detail = json!({"name": token.name, "scopes": token.scopes});
                audit::record(tx, now, &actor, "token.mint", &id.to_string(), detail).await?;
                Ok((id, secret))
            })
        })
        .await?;
    Ok(Json(json!({"id": id, "secret": secret.reveal()})))
}

async fn revoke_token(State(commons): State<Commons>, caller: Caller, Path(id): Path<String>) -> Answer {
    let (id, now): (Id<Token>, _) = (id.parse()?, commons.now());
    let (org, actor) = (caller.org, caller.actor());
    commons
        .db
        .write(move |tx| {
            Box::pin(async move {
                identity::revoke_token(tx, now, org, id).await?;
                audit::record(tx, now, &actor, "token.revoke", &id.to_string(), json!({})).await
            })
        })
        .await?;
    Ok(Json(json!({"id": id, "revoked": true})))
}

async fn list_orgs(State(commons): State<Commons>) -> Answer {
    Ok(Json(json!({"items": identity::list_orgs(commons.db.pool()).await?})))
}

async fn list_accounts(State(commons): State<Commons>, caller: Caller) -> Answer {
    let everyone = caller.may(Scope::Operate) || caller.may(Scope::Audit);
    let owner = if everyone { None } else { Some(caller.org) };
    Ok(Json(json!({"items": ledger::list_accounts(commons.db.pool(), owner).await?})))
}

async fn list_transfers(
    State(commons): State<Commons>,
    caller: Caller,
    Path(id): Path<String>,
    Query(page): Query<PageRequest>,
) -> Answer {
    let id: Id<Account> = id.parse()?;
    let account = ledger::find_account(commons.db.pool(), id).await?;
    if !caller.may(Scope::Audit) && account.owner != Some(caller.org) {
        return Err(Error::not_found("account_missing", "there is no such account that you may see").into());
    }
    let page = ledger::list_transfers(commons.db.pool(), Some(id), &page).await?;
    Ok(Json(json!(page)))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TransferRequest {
    idempotency: String,
    legs: Vec<ledger::Leg>,
    reference: String,
}

async fn post_transfer(
    State(commons): State<Commons>,
    caller: Caller,
    Json(body): Json<TransferRequest>,
) -> Answer {
    if body.idempotency.is_empty() || body.idempotency.len() > 128 || body.reference.len() > 256 {
        return Err(Error::invalid(
            "idempotency_invalid",
            "idempotency has 1 to 128 characters, reference at most 256",
        )
        .into());
    }
    let (now, actor) = (commons.now(), caller.actor());
    let transfers = commons
        .db
        .write(move |tx| {
            Box::pin(async move {
                // Keys from outside live apart from those that the platform makes itself.
                let key = format!("api:{}", body.idempotency);
                let posted = ledger::transfer(tx, now, &key, &body.legs, &body.reference).await?;
                if posted.fresh {
                    let detail = json!({"reference": body.reference, "legs": body.legs.len()});
                    audit::record(tx, now, &actor, "transfer.post", &key, detail).await?;
                }
                Ok(posted.transfers)
            })
        })
        .await?;
    Ok(Json(json!({"items": transfers})))
}

async fn get_transfer(State(commons): State<Commons>, Path(idempotency): Path<String>) -> Answer {
    let items = ledger::transfers_of_batch(commons.db.pool(), &format!("api:{idempotency}")).await?;
    if items.is_empty() {
        return Err(Error::not_found("transfer_missing", "no transfer was posted with this key").into());
    }
    Ok(Json(json!({"items": items})))
}

async fn list_charges(
    State(commons): State<Commons>,
    caller: Caller,
    Query(page): Query<PageRequest>,
) -> Answer {
    let everyone = caller.may(Scope::Operate) || caller.may(Scope::Audit);
    let org = if everyone { None } else { Some(caller.org) };
    Ok(Json(json!(billing::list(commons.db.pool(), org, &page).await?)))
}

async fn get_charge(State(commons): State<Commons>, caller: Caller, Path(id): Path<String>) -> Answer {
    let id: Id<Charge> = id.parse()?;
    let charge = billing::get(commons.db.pool(), id).await?;
    billing::require_party(&caller, &charge)?;
    Ok(Json(json!(charge)))
}

async fn verify(State(commons): State<Commons>) -> Answer {
    Ok(Json(json!(ledger::verify(&commons.db).await?)))
}

async fn list_audit(State(commons): State<Commons>) -> Answer {
    Ok(Json(json!({"items": audit::list(commons.db.pool(), None, 100).await?})))
}

async fn put_upload(State(commons): State<Commons>, caller: Caller, body: Body) -> Answer {
    let upload = uploads::receive(&commons, &caller, body.into_data_stream()).await?;
    Ok(Json(json!({"reference": upload.reference(), "size": upload.size})))
}

//! An app under test: a fresh database, blobs in a temporary folder, a clock that stands still.

use crate::postgres;
use axum::{
    Router,
    body::{Body, to_bytes},
    http::{HeaderMap, Request, StatusCode},
};
use bytes::Bytes;
use commons::{
    Commons,
    billing::balance_account,
    identity::{self, Caller, NewOrg, NewToken, Scopes},
    ledger::{self, CNY, Leg},
};
use kernel::{ManualClock, Timestamp};
use serde_json::Value;
use std::sync::Arc;
use store::{Blobs, Database};
use tower::ServiceExt;

/// The most bytes of an answer that a test reads.
const MAX_ANSWER: usize = 64 << 20;

/// An app under test.
pub struct Kit {
    /// The handle that platforms are opened with.
    pub commons: Commons,
    /// The clock behind it; stands at 2026-01-15 08:00 UTC at first.
    pub clock: Arc<ManualClock>,
    /// The URL of the database, for opening it once more.
    pub database_url: String,
    /// Everything local lives here; gone when the kit is dropped.
    pub folder: tempfile::TempDir,
}

/// An answer of the app.
#[derive(Debug)]
pub struct Reply {
    /// Status.
    pub status: StatusCode,
    /// Headers.
    pub headers: HeaderMap,
    /// Body.
    pub body: Bytes,
}

impl Reply {
    /// The body as JSON; `null` when it is none.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

impl Kit {
    /// On a fresh SQLite file.
    pub async fn sqlite() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let url = format!("sqlite://{}", folder.path().join("test.sqlite").display());
        Self::open(folder, url).await
    }

    /// On a fresh PostgreSQL database; `None`, with a visible line, when this machine has no PostgreSQL.
    pub async fn postgres() -> Option<Self> {
        let url = postgres::fresh_database().await?;
        Some(Self::open(tempfile::tempdir().expect("a temporary folder"), url).await)
    }

    async fn open(folder: tempfile::TempDir, database_url: String) -> Self {
        let start: Timestamp = "2026-01-15T08:00:00Z".parse().expect("a valid time");
        let clock = Arc::new(ManualClock::new(start));
        let db = Database::open(&database_url).await.expect("the database opens");
        let blobs = Blobs::local(&folder.path().join("blobs")).expect("the blobs open");
        let commons = Commons::open(db, blobs, clock.clone(), folder.path().to_owned())
            .await
            .expect("the tables are made");
        Self { commons, clock, database_url, folder }
    }

    /// Makes an organisation with a member's token; returns who calls with it, and its secret.
    pub async fn org(&self, slug: &str) -> (Caller, String) {
        self.org_with(slug, false, Scopes::member()).await
    }

    /// Makes the operator's organisation with a token that allows everything.
    pub async fn operator(&self) -> (Caller, String) {
        self.org_with("operator", true, Scopes::operator()).await
    }

    async fn org_with(&self, slug: &str, operator: bool, scopes: Scopes) -> (Caller, String) {
        let (slug, now) = (slug.to_owned(), self.commons.now());
        let secret = self
            .commons
            .db
            .write(move |tx| {
                Box::pin(async move {
                    let org = NewOrg { name: slug.clone(), slug, operator, profile: Value::Null };
                    let org = identity::create_org(tx, now, &org).await?;
                    let person =
                        identity::add_person(tx, now, org, "Test", "test@example.org", "owner").await?;
                    let token = NewToken {
                        org,
                        person: Some(person),
                        job: None,
                        name: "test".into(),
                        scopes,
                        expires_at: None,
                    };
                    Ok(identity::mint_token(tx, now, &token).await?.1)
                })
            })
            .await
            .expect("an organisation is made");
        let caller = identity::authenticate(&self.commons, secret.reveal()).await.expect("its token works");
        (caller, secret.reveal().to_owned())
    }

    /// Puts `micros` of CNY on an organisation's balance, from a source without a floor.
    pub async fn fund(&self, caller: &Caller, micros: i64) {
        let (org, now) = (caller.org, self.commons.now());
        self.commons
            .db
            .write(move |tx| {
                Box::pin(async move {
                    let debit = ledger::account(tx, None, "test:source", CNY, None).await?;
                    let credit = balance_account(tx, org).await?;
                    let leg = Leg { debit, credit, amount_micros: micros, kind: "grant".into() };
                    let key = kernel::Id::<commons::ids::Transfer>::generate().to_string();
                    ledger::transfer(tx, now, &key, &[leg], "test").await
                })
            })
            .await
            .expect("the balance is funded");
    }

    /// Sends a request to `router`; a JSON body when there is one.
    pub async fn call(
        &self,
        router: &Router,
        method: &str,
        path: &str,
        token: Option<&str>,
        body: Option<Value>,
    ) -> Reply {
        let mut request = Request::builder().method(method).uri(path).header("host", "localhost");
        if let Some(token) = token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let body = match body {
            Some(value) => {
                request = request.header("content-type", "application/json");
                Body::from(value.to_string())
            }
            None => Body::empty(),
        };
        self.send(router, request.body(body).expect("a valid request")).await
    }

    /// Sends any request to `router`.
    pub async fn send(&self, router: &Router, request: Request<Body>) -> Reply {
        let response = router.clone().oneshot(request).await.expect("the router answers");
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, MAX_ANSWER).await.expect("the body ends");
        Reply { status: parts.status, headers: parts.headers, body }
    }
}

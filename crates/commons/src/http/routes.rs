//! The only way to a route: with its rule. The table of all rules is checked by a snapshot test.

use super::{
    auth::{caller_of, no_token},
    fail::{Envelope, Facts, Fail},
};
use crate::{Commons, identity::Scope};
use axum::{
    Router,
    body::to_bytes,
    extract::{Request, State},
    handler::Handler,
    http::{Method, StatusCode},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{MethodFilter, on},
};
use kernel::{Error, Result};
use std::{sync::Arc, time::Instant};

/// Who may come through a door.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// Anyone.
    Public,
    /// Whoever brings a valid token or session.
    SignedIn,
    /// Whoever brings a token with this scope. What belongs to one organisation is checked by the operation.
    Needs(Scope),
}

impl std::fmt::Display for Rule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Public => f.write_str("public"),
            Self::SignedIn => f.write_str("signed in"),
            Self::Needs(scope) => write!(f, "needs {}", scope.name()),
        }
    }
}

/// One line of the table of routes.
#[derive(Debug, Clone)]
pub struct RouteInfo {
    /// Method.
    pub method: Method,
    /// Path with its parameters in braces.
    pub path: String,
    /// Who may come through.
    pub rule: Rule,
}

#[derive(Clone)]
struct Guard {
    commons: Commons,
    route: Arc<str>,
    rule: Rule,
    envelope: Envelope,
}

/// Routes of one room, with their rules.
pub struct Routes {
    commons: Commons,
    envelope: Envelope,
    router: Router,
    table: Vec<RouteInfo>,
}

impl Routes {
    /// No routes yet; failures will be rendered in `envelope`.
    pub fn new(commons: &Commons, envelope: Envelope) -> Self {
        Self { commons: commons.clone(), envelope, router: Router::new(), table: Vec::new() }
    }

    /// Adds a route. GET routes answer HEAD too.
    #[must_use]
    pub fn route<H, T, S>(mut self, method: Method, path: &str, rule: Rule, handler: H, state: S) -> Self
    where
        H: Handler<T, S>,
        T: 'static,
        S: Clone + Send + Sync + 'static,
    {
        let Ok(filter) = MethodFilter::try_from(method.clone()) else {
            unreachable!("routes are declared in the source with methods that axum knows");
        };
        let (commons, envelope) = (self.commons.clone(), self.envelope.clone());
        let guard = Guard { commons, route: path.into(), rule, envelope };
        let guarded =
            on(filter, handler).with_state(state).layer(middleware::from_fn_with_state(guard, enforce));
        self.router = self.router.route(path, guarded);
        self.table.push(RouteInfo { method, path: path.to_owned(), rule });
        self
    }

    /// [`Routes::route`] for GET.
    #[must_use]
    pub fn get<H, T, S>(self, path: &str, rule: Rule, handler: H, state: S) -> Self
    where
        H: Handler<T, S>,
        T: 'static,
        S: Clone + Send + Sync + 'static,
    {
        self.route(Method::GET, path, rule, handler, state)
    }

    /// [`Routes::route`] for POST.
    #[must_use]
    pub fn post<H, T, S>(self, path: &str, rule: Rule, handler: H, state: S) -> Self
    where
        H: Handler<T, S>,
        T: 'static,
        S: Clone + Send + Sync + 'static,
    {
        self.route(Method::POST, path, rule, handler, state)
    }

    /// Joins the routes of another room.
    #[must_use]
    pub fn merge(mut self, other: Self) -> Self {
        self.router = self.router.merge(other.router);
        self.table.extend(other.table);
        self
    }

    /// The table of rules.
    pub fn table(&self) -> &[RouteInfo] {
        &self.table
    }

    /// The router, for the server.
    pub fn into_router(self) -> Router {
        self.router
    }
}

async fn enforce(State(guard): State<Guard>, mut request: Request, next: Next) -> Response {
    let began = Instant::now();
    let method = request.method().clone();
    let facts = Facts { uri: request.uri().clone(), headers: request.headers().clone() };
    let response = match admit(&guard, &mut request).await {
        Ok(()) => adopt(next.run(request).await).await,
        Err(error) => Fail(error).into_response(),
    };
    guard.commons.metrics.note_answer(&method, &guard.route, response.status(), began.elapsed());
    guard.envelope.render(response, &facts)
}

/// The most bytes of an extractor's refusal.
const REFUSAL_BYTES: usize = 4096;

/// axum's extractors refuse a bad body or query in plain text; here that becomes an error like all others.
async fn adopt(response: Response) -> Response {
    let plain =
        response.headers().get("content-type").is_some_and(|kind| kind.as_bytes().starts_with(b"text/plain"));
    if !response.status().is_client_error() || response.extensions().get::<Arc<Error>>().is_some() || !plain {
        return response;
    }
    let too_large = response.status() == StatusCode::PAYLOAD_TOO_LARGE;
    let text = to_bytes(response.into_body(), REFUSAL_BYTES).await.unwrap_or_default();
    let text = String::from_utf8_lossy(&text).into_owned();
    let error = if too_large {
        Error::limited("body_too_large", text)
    } else {
        Error::invalid("request_invalid", text)
    };
    Fail(error).into_response()
}

async fn admit(guard: &Guard, request: &mut Request) -> Result<()> {
    let caller = caller_of(&guard.commons, request.method(), request.headers()).await;
    let caller = match (caller, guard.rule) {
        // A stale token must not shut a public door.
        (Err(_), Rule::Public) => None,
        (caller, _) => caller?,
    };
    match (guard.rule, &caller) {
        (Rule::Public, _) | (Rule::SignedIn, Some(_)) => {}
        (Rule::Needs(scope), Some(caller)) => caller.require(scope)?,
        (_, None) => return Err(no_token()),
    }
    if let Some(caller) = caller {
        request.extensions_mut().insert(caller);
    }
    Ok(())
}

//! Failures at the edge: one error type, rendered in the envelope that the door's clients expect.

use axum::{
    Json,
    http::{HeaderMap, HeaderValue, StatusCode, Uri},
    response::{IntoResponse, Response},
};
use kernel::{Error, Kind};
use serde_json::json;
use std::sync::Arc;

/// A failure on its way out. Handlers return `Result<_, Fail>`; `?` makes one of a [`kernel::Error`].
#[derive(Debug)]
pub struct Fail(pub Error);

impl<E: Into<Error>> From<E> for Fail {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl IntoResponse for Fail {
    /// Carries the error to the routes' envelope, which renders it.
    fn into_response(self) -> Response {
        let mut response = status_of(&self.0).into_response();
        response.extensions_mut().insert(Arc::new(self.0));
        response
    }
}

/// What a page that tells of a failure may know of the request.
#[derive(Debug, Clone)]
pub struct Facts {
    /// What was asked for.
    pub uri: Uri,
    /// The request's headers: language and theme.
    pub headers: HeaderMap,
}

/// Draws a failure as a page.
pub type PageRenderer = Arc<dyn Fn(&Error, &Facts) -> Response + Send + Sync>;

/// How a door's failures look.
#[derive(Clone)]
pub enum Envelope {
    /// RFC 9457 problem details: our own API.
    Problem,
    /// `{"error": {"message", "type", "param", "code"}}`: OpenAI's API.
    OpenAi,
    /// `{"error": "…"}` with `X-Error-Code`: the Hugging Face Hub's API.
    Hub,
    /// A page of the console.
    Page(PageRenderer),
}

/// The HTTP status of an error.
pub fn status_of(error: &Error) -> StatusCode {
    match error.kind {
        Kind::NotFound => StatusCode::NOT_FOUND,
        Kind::Invalid => StatusCode::BAD_REQUEST,
        Kind::Conflict => StatusCode::CONFLICT,
        Kind::Unauthenticated => StatusCode::UNAUTHORIZED,
        Kind::Denied => StatusCode::FORBIDDEN,
        Kind::Insufficient => StatusCode::PAYMENT_REQUIRED,
        Kind::Limited if error.code.ends_with("_too_large") => StatusCode::PAYLOAD_TOO_LARGE,
        Kind::Limited => StatusCode::TOO_MANY_REQUESTS,
        Kind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        Kind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

impl Envelope {
    /// Renders a response that carries an error; passes others on. Logs once what is our fault.
    pub fn render(&self, response: Response, facts: &Facts) -> Response {
        let Some(error) = response.extensions().get::<Arc<Error>>().cloned() else {
            return response;
        };
        if matches!(error.kind, Kind::Internal | Kind::Unavailable) {
            tracing::error!(
                code = error.code,
                path = facts.uri.path(),
                error = error.chain(),
                "request failed"
            );
        }
        let mut rendered = match self {
            Self::Problem => problem(&error),
            Self::OpenAi => open_ai(&error),
            Self::Hub => hub(&error),
            Self::Page(renderer) => renderer(&error, facts),
        };
        for (name, value) in response.headers() {
            // What a handler said beside the failure (Retry-After, X-Repo-Commit) stays.
            if !rendered.headers().contains_key(name) && name != "content-length" && name != "content-type" {
                rendered.headers_mut().insert(name.clone(), value.clone());
            }
        }
        if error.kind == Kind::Unauthenticated && !matches!(self, Self::Page(_)) {
            rendered.headers_mut().insert("www-authenticate", HeaderValue::from_static("Bearer"));
        }
        rendered
    }
}

/// RFC 9457. `type` is a path under the project's `docs/errors`, relative so that no host is assumed.
fn problem(error: &Error) -> Response {
    let status = status_of(error);
    let body = json!({
        "type": format!("docs/errors/{}.md", error.code),
        "title": status.canonical_reason().unwrap_or("Error"),
        "status": status.as_u16(),
        "code": error.code,
        "detail": error.text,
    });
    let mut response = (status, Json(body)).into_response();
    response.headers_mut().insert("content-type", HeaderValue::from_static("application/problem+json"));
    response
}

fn open_ai(error: &Error) -> Response {
    let (status, kind) = match error.kind {
        // OpenAI answers "no money" with 429 and this type; its clients know it by that.
        Kind::Insufficient => (StatusCode::TOO_MANY_REQUESTS, "insufficient_quota"),
        Kind::Unauthenticated | Kind::Invalid | Kind::NotFound | Kind::Conflict => {
            (status_of(error), "invalid_request_error")
        }
        Kind::Denied => (status_of(error), "permission_error"),
        Kind::Limited => (status_of(error), "rate_limit_error"),
        Kind::Unavailable | Kind::Internal => (status_of(error), "server_error"),
    };
    let code = match error.kind {
        Kind::Insufficient => "insufficient_quota",
        Kind::Unauthenticated => "invalid_api_key",
        _ => error.code,
    };
    let body = json!({"error": {"message": error.text, "type": kind, "param": null, "code": code}});
    (status, Json(body)).into_response()
}

/// A fresh name for a request, so that its line in the log can be found.
fn uuid() -> String {
    kernel::Id::<crate::ids::Request>::generate().to_string()
}

/// The Hub's clients tell failures apart by `X-Error-Code`: our codes `RepoNotFound` and the like pass as they are.
fn hub(error: &Error) -> Response {
    let mut response = (status_of(error), Json(json!({"error": error.text}))).into_response();
    let headers = response.headers_mut();
    let code = match error.code {
        "repo_not_found" => "RepoNotFound",
        "revision_not_found" => "RevisionNotFound",
        "entry_not_found" => "EntryNotFound",
        "gated_repo" => "GatedRepo",
        other => other,
    };
    if let Ok(value) = HeaderValue::from_str(code) {
        headers.insert("x-error-code", value);
    }
    if let Ok(value) = HeaderValue::from_str(&uuid()) {
        headers.insert("x-request-id", value);
    }
    // The Hub's clients know a bad token by this very sentence.
    let text = match error.code {
        "token_invalid" => "Invalid credentials in Authorization header",
        _ => error.text.as_ref(),
    };
    let ascii: String =
        text.chars().map(|c| if c.is_ascii_graphic() || c == ' ' { c } else { '?' }).collect();
    if let Ok(value) = HeaderValue::from_str(&ascii) {
        headers.insert("x-error-message", value);
    }
    response
}

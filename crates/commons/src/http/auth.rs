//! Who comes through a door: a bearer token, or a console session's cookie.

use crate::{
    Commons,
    http::Fail,
    identity::{self, Caller},
};
use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, Method, header, request::Parts},
};
use kernel::{Error, Result};
use std::convert::Infallible;

/// Name of the console session's cookie.
pub const SESSION_COOKIE: &str = "mosu_session";

/// The caller of a public route, when there is one.
#[derive(Debug, Clone)]
pub struct MaybeCaller(pub Option<Caller>);

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = Fail;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Fail> {
        parts.extensions.get::<Self>().cloned().ok_or_else(|| Fail(no_token()))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for MaybeCaller {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self(parts.extensions.get::<Caller>().cloned()))
    }
}

/// The failure of a request that proves no identity.
pub(super) fn no_token() -> Error {
    Error::unauthenticated("token_missing", "this needs a token; send it as “Authorization: Bearer mosu_…”")
}

/// The caller that a request proves, `None` when it brings no proof at all; a wrong proof is an error.
pub(super) async fn caller_of(
    commons: &Commons,
    method: &Method,
    headers: &HeaderMap,
) -> Result<Option<Caller>> {
    if let Some(value) = headers.get(header::AUTHORIZATION) {
        let value = value.to_str().unwrap_or_default();
        let (scheme, secret) = value.split_once(' ').unwrap_or_default();
        if !scheme.eq_ignore_ascii_case("bearer") {
            return Err(no_token());
        }
        return identity::authenticate(commons, secret.trim()).await.map(Some);
    }
    let Some(cookie) = session_cookie(headers) else {
        return Ok(None);
    };
    if !method.is_safe() && !same_origin(headers) {
        return Err(Error::denied(
            "cross_site",
            "this form was sent from another site; open the page here and try again",
        ));
    }
    // A session that has ended is like none: the page then asks to sign in.
    Ok(identity::session_caller(commons, &cookie).await.ok())
}

/// The value of the session's cookie.
pub fn session_cookie(headers: &HeaderMap) -> Option<String> {
    let cookies = headers.get_all(header::COOKIE).into_iter().filter_map(|value| value.to_str().ok());
    cookies
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, _)| *name == SESSION_COOKIE)
        .map(|(_, value)| value.to_owned())
}

/// A cookie alone must not change anything for another site's form: `Origin` has to be this host.
fn same_origin(headers: &HeaderMap) -> bool {
    let text = |name: header::HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    match (text(header::ORIGIN), text(header::HOST)) {
        (Some(origin), Some(host)) => origin.split_once("://").is_some_and(|(_, rest)| rest == host),
        _ => false,
    }
}

//! Between HTTP and pages: who reads in which language and theme, and the headers that every page carries.

use crate::{
    Console,
    lang::Lang,
    views::{Block, Page, Shell, fragment},
};
use axum::{
    body::Body,
    extract::FromRequestParts,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header, request::Parts},
    response::{IntoResponse, Response},
};
use commons::{
    http::Fail,
    identity::{Caller, Scope},
    ids::Org,
};
use kernel::{Error, Id, Result, Timestamp};
use std::convert::Infallible;

/// What a handler returns.
pub type Answer = Result<Response, Fail>;

/// No script, style, picture or frame from elsewhere; forms go to this host only.
const POLICY: &str = "default-src 'none'; img-src 'self' data:; style-src 'self'; script-src 'self'; \
     connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";
const YEAR_SECONDS: u32 = 31_536_000;

/// One reader's request.
pub struct Visit {
    /// What is around the page.
    pub shell: Shell,
    /// Who reads, when signed in.
    pub caller: Option<Caller>,
    chosen: Option<Lang>,
}

impl FromRequestParts<Console> for Visit {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, console: &Console) -> Result<Self, Infallible> {
        let caller = parts.extensions.get::<Caller>().cloned();
        Ok(Self::new(&parts.uri, &parts.headers, caller, console.commons.now()))
    }
}

impl Visit {
    /// The visit of a request.
    pub fn new(uri: &Uri, headers: &HeaderMap, caller: Option<Caller>, now: Timestamp) -> Self {
        let query = uri.query().unwrap_or_default();
        let chosen = query.split('&').find_map(|pair| Lang::parse(pair.strip_prefix("lang=")?));
        let accepted =
            || headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or("");
        let kept = || cookie(headers, "mosu_lang").and_then(|text| Lang::parse(&text));
        let lang = chosen.or_else(kept).unwrap_or_else(|| Lang::accepted(accepted()));
        let theme = theme(&cookie(headers, "mosu_theme").unwrap_or_default());
        let path: String =
            uri.path_and_query().map(|p| p.as_str().chars().take(500).collect()).unwrap_or_default();
        let user = caller.as_ref().map(|caller| caller.org_slug.clone());
        let mut shell = Shell::new(lang, theme, path, user, now);
        shell.operator = caller.as_ref().is_some_and(|caller| caller.may(Scope::Operate));
        Self { shell, caller, chosen }
    }

    /// The reader's language.
    pub fn lang(&self) -> Lang {
        self.shell.lang
    }

    /// The text of `key` in the reader's language.
    pub fn t(&self, key: &str) -> String {
        self.shell.lang.t(key)
    }

    /// A name for something of the reader's, in a command that teaches: `acme/notes`.
    pub fn own(&self, name: &str) -> String {
        format!("{}/{name}", self.shell.user.as_deref().unwrap_or("acme"))
    }

    /// Who reads; fails on a route that is open to all when nobody is signed in.
    pub fn caller(&self) -> Result<&Caller> {
        let missing = || Error::unauthenticated("token_missing", "sign in to see this");
        self.caller.as_ref().ok_or_else(missing)
    }

    /// Whose things are listed: everyone's (`None`) for the operator and the auditor, else the reader's own.
    pub fn sees(&self) -> Result<Option<Id<Org>>> {
        let caller = self.caller()?;
        let all = caller.may(Scope::Operate) || caller.may(Scope::Audit);
        Ok(if all { None } else { Some(caller.org) })
    }

    /// The answer that shows `page`.
    pub fn show(&self, page: &Page) -> Response {
        let mut response = html(StatusCode::OK, page.to_string());
        if let Some(lang) = self.chosen {
            set_cookie(response.headers_mut(), &format!("mosu_lang={}; Max-Age={YEAR_SECONDS}", lang.code()));
        }
        response
    }
}

/// The theme named by a cookie.
pub fn theme(text: &str) -> &'static str {
    match text {
        "light" => "light",
        "dark" => "dark",
        _ => "auto",
    }
}

fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    let lines = headers.get_all(header::COOKIE).into_iter().filter_map(|value| value.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(key, _)| *key == name).map(|(_, value)| value.to_owned())
}

/// Adds a cookie that scripts can't read and other sites can't send.
pub fn set_cookie(headers: &mut HeaderMap, text: &str) {
    if let Ok(value) = HeaderValue::from_str(&format!("{text}; Path=/; HttpOnly; SameSite=Strict")) {
        headers.append(header::SET_COOKIE, value);
    }
}

/// A page or a part of one.
pub fn html(status: StatusCode, text: String) -> Response {
    let mut response = (status, Body::from(text)).into_response();
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "same-origin"),
        (header::CACHE_CONTROL, "no-store"),
        (header::VARY, "Cookie, Accept-Language"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

/// The answer to a live request; `ended` tells the script that nothing more will change.
pub fn live(blocks: &[Block], ended: bool) -> Response {
    let mut response = html(StatusCode::OK, fragment(blocks));
    if ended {
        response.headers_mut().insert(HeaderName::from_static("x-live"), HeaderValue::from_static("ended"));
    }
    response
}

/// Sends the reader to `path` of this site after a form.
pub fn go(path: &str) -> Response {
    let path = if is_local(path) { path } else { "/" };
    let location = HeaderValue::from_str(path).unwrap_or(HeaderValue::from_static("/"));
    let mut response = StatusCode::SEE_OTHER.into_response();
    response.headers_mut().insert(header::LOCATION, location);
    response
}

/// Whether `path` stays on this site whatever a browser makes of it.
pub fn is_local(path: &str) -> bool {
    let second = path.as_bytes().get(1);
    path.starts_with('/')
        && !matches!(second, Some(b'/' | b'\\'))
        && path.len() <= 500
        && path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\')
}

/// Refuses a form that another site's page sent, on routes that need no session.
pub fn require_same_origin(headers: &HeaderMap) -> Result<()> {
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let same = match (text(header::ORIGIN), text(header::HOST)) {
        (Some(origin), Some(host)) => origin.split_once("://").is_some_and(|(_, rest)| rest == host),
        _ => false,
    };
    if same {
        return Ok(());
    }
    Err(Error::denied("cross_site", "this form was sent from another site; open the page here and try again"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn never_sends_a_reader_to_another_site() {
        for path in ["//evil.example", "/\\evil.example", "https://evil.example", "", "/a\nb", "/中"] {
            assert!(!is_local(path), "{path}");
        }
        assert!(is_local("/jobs?cursor=a") && is_local("/"));
    }
}

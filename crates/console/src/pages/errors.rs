//! Pages that tell of a failure and what to do next.

use super::session::sign_in_form;
use crate::{
    views::{Block, Mark, Page, State},
    web::{self, Visit},
};
use axum::response::Response;
use commons::http::{Facts, session_cookie, status_of};
use kernel::{Clock, Error, Kind, SystemClock};

/// Draws a failure as a page of the console.
pub fn render(error: &Error, facts: &Facts) -> Response {
    let mut visit = Visit::new(&facts.uri, &facts.headers, None, SystemClock.now());
    // Who has a session needs the way back; whose it is, this failure can't tell.
    if error.kind != Kind::Unauthenticated && session_cookie(&facts.headers).is_some() {
        visit.shell.user = Some(String::new());
    }
    web::html(status_of(error), page(&visit, error).to_string())
}

/// The page for an address that nothing answers at.
pub fn unknown_address(facts: &Facts) -> Response {
    render(&Error::not_found("page_missing", "nothing is at this address"), facts)
}

fn page(visit: &Visit, error: &Error) -> Page {
    let (heading, advice) = match error.kind {
        Kind::Unauthenticated => ("error-sign-in", "error-sign-in-next"),
        Kind::NotFound => ("error-missing", "error-missing-next"),
        Kind::Denied => ("error-denied", "error-denied-next"),
        Kind::Invalid | Kind::Conflict => ("error-refused", "error-refused-next"),
        Kind::Insufficient => ("error-short", "error-short-next"),
        Kind::Limited => ("error-much", "error-much-next"),
        Kind::Unavailable => ("error-away", "error-away-next"),
        Kind::Internal => ("error-ours", "error-ours-next"),
    };
    let mut blocks = Vec::new();
    if error.kind == Kind::Unauthenticated {
        blocks.push(Block::Form(sign_in_form(visit.lang(), &visit.shell.path, "")));
    } else {
        let state = State { mark: Mark::Bad, word: error.code.to_owned() };
        blocks.push(Block::Notice { state, text: error.text.to_string() });
    }
    Page::new(&visit.shell, visit.t(heading), visit.t(advice), blocks)
}

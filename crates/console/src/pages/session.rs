//! Signing in with a token, signing out, and what the reader prefers.

use crate::{
    Console,
    lang::Lang,
    views::{Block, Choice, Field, Form, Input, Page},
    web::{self, Answer, Visit},
};
use axum::{Form as Body, extract::State, http::HeaderMap};
use commons::{
    http::{SESSION_COOKIE, session_cookie},
    identity,
};
use kernel::Kind;
use serde::Deserialize;

/// The form that asks for a token and then leads to `next`.
pub fn sign_in_form(lang: Lang, next: &str, wrong: &str) -> Form {
    let token =
        Field { error: wrong.to_owned(), ..Field::line("token", lang.t("sign-in-token"), "password") };
    let next = Field {
        value: next.to_owned(),
        input: Input::Line("hidden"),
        ..Field::line("next", String::new(), "hidden")
    };
    Form {
        action: "/sign-in".into(),
        fields: vec![token.help(lang.t("sign-in-help")), next],
        buttons: vec![Choice::button("", "", lang.t("sign-in"))],
        ..Form::default()
    }
}

fn sign_in_page(visit: &Visit, next: &str, wrong: &str) -> Page {
    let lang = visit.lang();
    let how = Block::Command { label: lang.t("sign-in-how"), lines: "mosu token create console".into() };
    let apply = Block::Prose { heading: String::new(), paragraphs: vec![lang.t("sign-in-stranger")] };
    let services = Block::Facts(vec![(
        lang.t("nav-services"),
        crate::views::Cell::text(lang.t("services-apply")).link("/services"),
    )]);
    let blocks =
        vec![Block::pair(vec![Block::Form(sign_in_form(lang, next, wrong))], vec![how, apply, services])];
    Page::new(&visit.shell, lang.t("sign-in"), lang.t("sign-in-lead"), blocks)
}

/// `GET /sign-in`
pub async fn show_sign_in(visit: Visit) -> Answer {
    Ok(visit.show(&sign_in_page(&visit, "/", "")))
}

/// A token, and where to go with it.
#[derive(Deserialize)]
pub struct SignIn {
    token: String,
    #[serde(default)]
    next: String,
}

/// `POST /sign-in`
pub async fn sign_in(
    State(console): State<Console>,
    visit: Visit,
    headers: HeaderMap,
    Body(form): Body<SignIn>,
) -> Answer {
    web::require_same_origin(&headers)?;
    match identity::open_session(&console.commons, form.token.trim()).await {
        Ok(secret) => {
            let next = if form.next.starts_with("/sign-in") { "/" } else { form.next.as_str() };
            let mut response = web::go(next);
            web::set_cookie(response.headers_mut(), &format!("{SESSION_COOKIE}={}", secret.reveal()));
            Ok(response)
        }
        Err(error) if error.kind == Kind::Unauthenticated => {
            let wrong = visit.t("sign-in-wrong");
            let mut response = visit.show(&sign_in_page(&visit, &form.next, &wrong));
            *response.status_mut() = axum::http::StatusCode::UNAUTHORIZED;
            Ok(response)
        }
        Err(error) => Err(error.into()),
    }
}

/// `POST /sign-out`
pub async fn sign_out(State(console): State<Console>, headers: HeaderMap) -> Answer {
    if let Some(cookie) = session_cookie(&headers) {
        identity::end_session(&console.commons, &cookie).await?;
    }
    let mut response = web::go("/sign-in");
    web::set_cookie(response.headers_mut(), &format!("{SESSION_COOKIE}=; Max-Age=0"));
    Ok(response)
}

/// What the reader prefers, and where to go back to.
#[derive(Deserialize)]
pub struct Preferences {
    theme: String,
    #[serde(default)]
    back: String,
}

/// `POST /preferences`
pub async fn set_preferences(headers: HeaderMap, Body(form): Body<Preferences>) -> Answer {
    web::require_same_origin(&headers)?;
    let mut response = web::go(&form.back);
    web::set_cookie(
        response.headers_mut(),
        &format!("mosu_theme={}; Max-Age=31536000", web::theme(&form.theme)),
    );
    Ok(response)
}

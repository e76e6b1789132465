//! How things that all pages speak of are named, linked and coloured.

use crate::{
    lang::Lang,
    show,
    views::{Cell, Mark, State},
};
use commons::{
    Commons,
    billing::ChargeState,
    identity,
    ids::Org,
    jobs::{Job, JobState},
    ledger::AccountRecord,
};
use kernel::{Id, Result};
use std::collections::HashMap;

/// The short names of organisations.
#[derive(Default)]
pub struct Names(HashMap<Id<Org>, String>);

impl Names {
    /// The names of all organisations here.
    pub async fn read(commons: &Commons) -> Result<Self> {
        let orgs = identity::list_orgs(commons.db.pool()).await?;
        Ok(Self(orgs.into_iter().map(|org| (org.id, org.slug)).collect()))
    }

    /// The short name of `org`.
    pub fn org(&self, org: Id<Org>) -> String {
        self.0.get(&org).cloned().unwrap_or_else(|| show::short(&org.to_string()))
    }

    /// What an account is called: whose it is and what it is for.
    pub fn account(&self, lang: Lang, account: &AccountRecord) -> String {
        let owner = account.owner.map(|owner| self.org(owner));
        account_name(lang, owner.as_deref(), &account.code)
    }
}

/// What the account `code` of `owner` is called.
pub fn account_name(lang: Lang, owner: Option<&str>, code: &str) -> String {
    let (kind, of) = code.split_once(':').unwrap_or((code, ""));
    let what = lang.try_t(&format!("account-{kind}")).unwrap_or_else(|| kind.to_owned());
    // of a reference the commit says little here
    let of = of.split('@').next().unwrap_or_default();
    let of = of.strip_prefix("dataset:").unwrap_or(of);
    let what = if of.is_empty() { what } else { format!("{what} {of}") };
    owner.map(|owner| format!("{owner} · {what}")).unwrap_or(what)
}

/// The state of a job as a shape and a word.
pub fn job_state(lang: Lang, state: JobState) -> State {
    let mark = match state {
        JobState::Queued => Mark::Wait,
        JobState::Starting | JobState::Running | JobState::Finishing => Mark::Run,
        JobState::Succeeded => Mark::Good,
        JobState::Failed => Mark::Bad,
        JobState::Cancelled => Mark::Off,
    };
    State { mark, word: word(lang, "job", state.name()) }
}

/// The state of a charge as a shape and a word.
pub fn charge_state(lang: Lang, state: ChargeState) -> State {
    let (mark, name) = match state {
        ChargeState::Held => (Mark::Run, "held"),
        ChargeState::Settled => (Mark::Good, "settled"),
        ChargeState::Voided => (Mark::Off, "voided"),
    };
    State { mark, word: word(lang, "charge", name) }
}

/// The word for a value that data brings, or the value itself when there is none.
pub fn word(lang: Lang, group: &str, value: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    let key: String = value.chars().take(40).map(plain).collect();
    lang.try_t(&format!("{group}-{key}")).unwrap_or_else(|| value.to_owned())
}

/// Where an artifact or a charge is shown: `dataset:acme/notes@…` at `/datasets/acme/notes?at=…`.
pub fn href_of(reference: &str) -> Option<String> {
    if reference.starts_with("chg_") {
        return Some(format!("/charges/{reference}"));
    }
    if reference.starts_with("job_") {
        return Some(format!("/jobs/{reference}"));
    }
    if reference.starts_with("case_") {
        return Some(format!("/cases/{reference}"));
    }
    let (kind, rest) = reference.split_once(':')?;
    let (name, at) = rest.split_once('@').unwrap_or((rest, ""));
    let at = if at.is_empty() { String::new() } else { format!("?at={at}") };
    match kind {
        "dataset" => Some(format!("/datasets/{name}{at}")),
        "model" => Some(format!("/models/{name}{at}")),
        "evaluation" => Some("/leaderboard".to_owned()),
        _ => None,
    }
}

/// A reference in few words, linked, whole on hover.
pub fn reference(text: &str) -> Cell {
    let (kind, rest) = text.split_once(':').unwrap_or(("", text));
    let (name, at) = rest.split_once('@').unwrap_or((rest, ""));
    let short = match (kind, at) {
        ("", _) => text.to_owned(),
        ("upload", _) => format!("upload:{}", show::short(name)),
        (_, "") => name.to_owned(),
        (_, at) => format!("{name} @ {}", at.chars().take(7).collect::<String>()),
    };
    Cell::code(short).hint(text).link(href_of(text).unwrap_or_default())
}

/// How long a job has run, in seconds.
pub fn run_seconds(job: &Job, now: kernel::Timestamp) -> Option<f64> {
    job.started_at.map(|started| job.ended_at.unwrap_or(now).seconds_since(started))
}

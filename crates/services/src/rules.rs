//! Pure decisions: whether a form is right, where a case goes next, by when a step should be decided.

use crate::file::{Bounds, EffectCall, Field, Input, MAX_ANSWER, Service};
use commons::pack::Text;
use kernel::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A filled form: one answer per field name.
pub type Form = Map<String, Value>;

/// Why an answer won't do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FieldError {
    /// The field's name.
    pub field: String,
    /// Why, and what to write instead.
    pub text: Text,
}

/// Everything that is wrong with a form, by field; empty when it is right.
pub fn validate_form(service: &Service, form: &Form) -> Vec<FieldError> {
    let known = |name: &String| service.fields.iter().any(|field| field.name == *name);
    let unknown = form.keys().filter(|name| !known(name)).map(|name| {
        let clipped: String = name.chars().take(40).collect();
        error(&clipped, "表单没有这一项,请删去", "the form has no such field; leave it out")
    });
    let wrong = service.fields.iter().filter_map(|field| match form.get(&field.name) {
        None | Some(Value::Null) => missing(field),
        Some(Value::String(text)) if text.trim().is_empty() => missing(field),
        Some(answer) => check(field, answer),
    });
    wrong.chain(unknown).collect()
}

fn error(field: &str, zh: impl Into<String>, en: impl Into<String>) -> FieldError {
    FieldError { field: field.to_owned(), text: Text { zh: zh.into(), en: en.into() } }
}

fn missing(field: &Field) -> Option<FieldError> {
    field.required.then(|| error(&field.name, "必填", "please answer this"))
}

fn check(field: &Field, answer: &Value) -> Option<FieldError> {
    let name = &field.name;
    let text = answer.as_str().unwrap_or_default();
    let (right, zh, en) = match &field.input {
        Input::Text(Bounds { min, max }) => {
            let length = text.chars().take(MAX_ANSWER as usize + 1).count() as i64;
            let right = answer.is_string() && (*min..=*max).contains(&length) && !text.contains('\0');
            (right, format!("请填写 {min} 至 {max} 个字"), format!("write {min} to {max} characters"))
        }
        Input::Number(Bounds { min, max }) => {
            let number = answer.as_i64().or_else(|| text.trim().parse().ok());
            let right = number.is_some_and(|number| (*min..=*max).contains(&number));
            (
                right,
                format!("请填写 {min} 至 {max} 的整数"),
                format!("write a whole number from {min} to {max}"),
            )
        }
        Input::Choice(choices) => {
            let names: Vec<&str> = choices.iter().map(|choice| choice.value.as_str()).collect();
            let listed = names.join(", ");
            (names.contains(&text), format!("请从中选择:{listed}"), format!("choose one of: {listed}"))
        }
        Input::ShortName => (
            is_short_name(text),
            "请用 2 至 39 个小写字母、数字或连字符(不连用),以字母开头".into(),
            "write 2 to 39 lower-case letters, digits or single hyphens, a letter first".into(),
        ),
        Input::Date => {
            (is_date(text), "请填写日期,如 2026-11-21".into(), "write a day such as 2026-11-21".into())
        }
        Input::Email => (
            is_email(text),
            "请填写电子邮箱,如 name@example.com".into(),
            "write an e-mail address such as name@example.com".into(),
        ),
    };
    (!right).then(|| error(name, zh, en))
}

fn is_short_name(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    (2..=39).contains(&text.len())
        && !text.contains("--")
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && !text.ends_with('-')
        && text.chars().all(plain)
}

fn is_date(text: &str) -> bool {
    text.len() == 10 && midnight(text).is_some()
}

fn is_email(text: &str) -> bool {
    let odd = |c: char| c.is_whitespace() || c.is_control() || "<>\",;".contains(c);
    let split = text.split_once('@');
    text.len() <= 254
        && !text.contains(odd)
        && split.is_some_and(|(name, host)| {
            !name.is_empty()
                && host.contains('.')
                && !host.contains('@')
                && !host.starts_with('.')
                && !host.ends_with('.')
        })
}

/// Where a case stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CaseState {
    /// A step waits for its decision.
    Open,
    /// Every step was approved.
    Approved,
    /// A step was rejected.
    Rejected,
}

impl CaseState {
    /// Its name in rows and answers.
    pub fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Approved => "approved",
            Self::Rejected => "rejected",
        }
    }

    /// The state of this name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Open, Self::Approved, Self::Rejected].into_iter().find(|state| state.name() == name)
    }
}

/// What a step's decider says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Go on.
    Approve,
    /// End here; needs a note with the reason.
    Reject,
}

/// What a decision does to a case.
#[derive(Debug, Clone, PartialEq)]
pub struct Transition<'a> {
    /// The state after it.
    pub state: CaseState,
    /// The step that then waits; the decided one when none does.
    pub step: usize,
    /// What to do, in order.
    pub effects: &'a [EffectCall],
}

/// Why a decision can't be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The case has ended.
    Closed,
    /// Another step waits than the one decided.
    OtherStep,
    /// A rejection without its reason.
    NoReason,
}

/// Where `verdict` on step `name` brings a case that stands at `state` and step `at`.
pub fn next<'a>(
    service: &'a Service,
    (state, at): (CaseState, usize),
    name: &str,
    verdict: Verdict,
    note: &str,
) -> Result<Transition<'a>, Refusal> {
    if state != CaseState::Open {
        return Err(Refusal::Closed);
    }
    let step = service.steps.get(at).filter(|step| step.name == name).ok_or(Refusal::OtherStep)?;
    if verdict == Verdict::Reject {
        let reason = !note.trim().is_empty();
        return reason
            .then_some(Transition { state: CaseState::Rejected, step: at, effects: &[] })
            .ok_or(Refusal::NoReason);
    }
    let last = at + 1 == service.steps.len();
    let (state, next) = if last { (CaseState::Approved, at) } else { (CaseState::Open, at + 1) };
    Ok(Transition { state, step: next, effects: &step.on_approval })
}

const DAY_SECONDS: i64 = 86_400;

/// The end of the `days`-th working day after the day of `begins`, in the city's time (Monday to Friday; public
/// holidays and the working weekends that make up for them are not in the calendar yet).
pub fn deadline(begins: Timestamp, days: u32) -> Timestamp {
    let Some(mut day) = midnight(&begins.shanghai_date()) else { return begins };
    let mut left = days;
    while left > 0 {
        day = day.plus_seconds(DAY_SECONDS);
        if !is_weekend(day) {
            left -= 1;
        }
    }
    day.plus_seconds(DAY_SECONDS)
}

/// Midnight at the start of a date, in the city's time.
fn midnight(date: &str) -> Option<Timestamp> {
    format!("{date}T00:00:00+08:00").parse().ok()
}

fn is_weekend(midnight: Timestamp) -> bool {
    // the first of January 1970 was a Thursday; count from Monday
    let days = (midnight.0 / 1_000_000 + 8 * 3600).div_euclid(DAY_SECONDS);
    (days + 3).rem_euclid(7) >= 5
}

#[cfg(test)]
mod tests;

//! What went wrong, by the status and the reason of the API, and what that means for whoever asked.

use crate::Submission;
use kernel::Error;
use remote::{Cause, Fault};
use serde::Deserialize;

/// The most characters of the server's words that are passed on.
const MAX_WORDS: usize = 400;

/// What a failure means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    /// The same request fails again.
    Refused,
    /// The token isn't accepted, or may not do this.
    Denied,
    /// Nothing was done; it may work later.
    Unavailable,
    /// It was asked, and what it did isn't known.
    Unsure,
    /// It answered, in a way that can't be read.
    Unreadable,
    /// There is no such object.
    Missing,
    /// The name is taken.
    Taken,
    /// What was asked for has been forgotten: a page of a list that got too old.
    Expired,
}

/// A failure with the words to tell.
#[derive(Debug, Clone)]
pub(crate) struct Failure {
    pub class: Class,
    pub words: String,
}

/// The API's `Status` object, in place of what was asked for.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Status {
    message: Option<String>,
    reason: Option<String>,
}

impl Failure {
    pub fn new(class: Class, words: impl AsRef<str>) -> Self {
        let line = words.as_ref().split_whitespace().collect::<Vec<_>>().join(" ");
        Self { class, words: line.chars().filter(|c| !c.is_control()).take(MAX_WORDS).collect() }
    }

    /// The failure that an answer with this status tells.
    pub fn of_status(code: u16, body: &[u8]) -> Self {
        let status: Status = serde_json::from_slice(body).unwrap_or_default();
        let message = status.message.unwrap_or_default();
        let reason = status.reason.unwrap_or_default();
        let class = match (code, reason.as_str()) {
            // A quota of the namespace, which may have room later.
            (403, _) if message.contains("exceeded quota") => Class::Unavailable,
            (401 | 403, _) => Class::Denied,
            (404, _) => Class::Missing,
            (409, "AlreadyExists") => Class::Taken,
            // Another writer was faster.
            (409 | 429 | 503, _) => Class::Unavailable,
            (410, _) => Class::Expired,
            (400..=499, _) => Class::Refused,
            _ => Class::Unsure,
        };
        Self::new(class, format!("{message} ({code} {reason})"))
    }

    /// For questions that change nothing: a lost answer is no more than the server being out of reach.
    pub fn of_question(mut self) -> Self {
        if self.class == Class::Unsure {
            self.class = Class::Unavailable;
        }
        self
    }
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        let class = match fault.cause {
            Cause::Malformed => Class::Refused,
            Cause::Token => Class::Denied,
            Cause::Unconnected => Class::Unavailable,
            Cause::Io(_) | Cause::Lost => Class::Unsure,
            Cause::TooLarge => Class::Unreadable,
        };
        Self::new(class, fault.words)
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        let words = failure.words;
        match failure.class {
            Class::Refused | Class::Taken | Class::Missing => {
                Error::invalid("kubernetes_refused", format!("Kubernetes refuses this: {words}."))
            }
            Class::Denied => {
                Error::denied("kubernetes_denied", format!("Kubernetes doesn't accept who asks: {words}."))
            }
            Class::Unavailable | Class::Expired => {
                let text = format!("Kubernetes doesn't answer now: {words}.");
                Error::unavailable("kubernetes_unavailable", text)
            }
            Class::Unsure => {
                let text = format!("Kubernetes was asked and its answer got lost: {words}.");
                Error::unavailable("kubernetes_unsure", text)
            }
            Class::Unreadable => {
                let text = format!("The answer of Kubernetes can't be read: {words}.");
                Error::unavailable("kubernetes_answer_invalid", text)
            }
        }
    }
}

impl From<Failure> for Submission {
    fn from(failure: Failure) -> Self {
        match failure.class {
            Class::Refused | Class::Taken | Class::Missing => Self::Refused(failure.into()),
            Class::Denied | Class::Unavailable | Class::Expired => Self::Unavailable(failure.into()),
            Class::Unsure | Class::Unreadable => Self::Unsure(failure.into()),
        }
    }
}

//! The one error type of the platform: what went wrong, for whom, and what to do next.

use std::{borrow::Cow, fmt};

/// Shorthand for results that fail with [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What class of failure an [`Error`] is. Edges map it to a status of their protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The thing named does not exist, or the caller may not know that it does.
    NotFound,
    /// The request itself is wrong and will stay wrong until it is changed.
    Invalid,
    /// The request contradicts the present state.
    Conflict,
    /// The caller has proved no identity that this needs.
    Unauthenticated,
    /// The caller is known and may not do this.
    Denied,
    /// Not enough money, vouchers or quota.
    Insufficient,
    /// Too much, too large or too often.
    Limited,
    /// A part that this needs does not answer now; the same request may work later.
    Unavailable,
    /// Our fault.
    Internal,
}

/// A failure: a kind, a stable code with a page under `docs/errors`, text that may be shown to the caller,
/// and optionally an internal source that may only be logged.
#[derive(Debug, thiserror::Error)]
pub struct Error {
    /// Class of the failure.
    pub kind: Kind,
    /// Stable, lower-case, underscore-separated code; documented in `docs/errors/<code>.md`.
    pub code: &'static str,
    /// Says what, where and how to mend it. May be shown to the caller.
    pub text: Cow<'static, str>,
    /// The cause. Logged once at the edge, never shown.
    #[source]
    pub source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

macro_rules! constructors {
    ($($(#[$doc:meta])* $name:ident => $kind:ident;)*) => {$(
        $(#[$doc])*
        pub fn $name(code: &'static str, text: impl Into<Cow<'static, str>>) -> Self {
            Self { kind: Kind::$kind, code, text: text.into(), source: None }
        }
    )*};
}

impl Error {
    constructors! {
        /// A [`Kind::NotFound`] error.
        not_found => NotFound;
        /// A [`Kind::Invalid`] error.
        invalid => Invalid;
        /// A [`Kind::Conflict`] error.
        conflict => Conflict;
        /// A [`Kind::Unauthenticated`] error.
        unauthenticated => Unauthenticated;
        /// A [`Kind::Denied`] error.
        denied => Denied;
        /// A [`Kind::Insufficient`] error.
        insufficient => Insufficient;
        /// A [`Kind::Limited`] error.
        limited => Limited;
        /// A [`Kind::Unavailable`] error.
        unavailable => Unavailable;
    }

    /// A [`Kind::Internal`] error: the caller learns only that it is our fault, the log learns `source`.
    pub fn internal(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self {
            kind: Kind::Internal,
            code: "internal",
            text: "An internal error happened; the server's log says more.".into(),
            source: Some(source.into()),
        }
    }

    /// The same error with its cause attached, for the log.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// The text with all causes behind it, for logs and for a terminal of the machine's owner.
    pub fn chain(&self) -> String {
        let mut text = self.text.to_string();
        let mut next = std::error::Error::source(self);
        while let Some(cause) = next {
            text.push_str(": ");
            text.push_str(&cause.to_string());
            next = cause.source();
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn public_text_hides_the_source_and_the_chain_shows_it() {
        let error = Error::internal(std::io::Error::other("disk on fire"));
        assert!(!error.to_string().contains("fire"));
        assert!(error.chain().contains("disk on fire"));
    }
}

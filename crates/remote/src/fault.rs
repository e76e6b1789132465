//! Why a call has no answer.

use std::io;
use ureq::{Error, Timeout};

/// Why a call has no answer.
#[derive(Debug, Clone)]
pub struct Fault {
    /// What that means for whoever asked.
    pub cause: Cause,
    /// What to tell them.
    pub words: String,
}

/// What surely failed before anything was sent is known; of all else we can't be sure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// Address, token and body make no request; nothing was sent.
    Malformed,
    /// The token can't be read; nothing was sent.
    Token,
    /// No connection came about; nothing was sent.
    Unconnected,
    /// The system's word on the connection. Some mean that none came about; which, depends on how it is made.
    Io(io::ErrorKind),
    /// It may have arrived.
    Lost,
    /// It arrived, and its answer is larger than is taken.
    TooLarge,
}

impl Fault {
    pub(crate) fn new(cause: Cause, words: impl ToString) -> Self {
        Self { cause, words: words.to_string() }
    }

    /// Of a request that was to be sent to the service of this name.
    pub(crate) fn of(name: &str, error: &Error) -> Self {
        let cause = match error {
            Error::HostNotFound
            | Error::ConnectionFailed
            | Error::Tls(_)
            | Error::BadUri(_)
            | Error::Timeout(Timeout::Connect | Timeout::Resolve) => Cause::Unconnected,
            Error::Io(cause) if cause.kind() == io::ErrorKind::ConnectionRefused => Cause::Unconnected,
            Error::Io(cause) => Cause::Io(cause.kind()),
            _ => Cause::Lost,
        };
        Self::new(cause, format!("{name}: {error}"))
    }
}

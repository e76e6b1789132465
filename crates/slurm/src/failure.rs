//! What went wrong with Slurm, by its number or its words, and what that means for whoever asked.

use crate::Submission;
use kernel::Error;
use remote::{Cause, Fault};
use std::io::ErrorKind;

/// The most characters of Slurm's words that are passed on.
const MAX_WORDS: usize = 400;

/// What a failure means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    /// The same request fails again.
    Refused,
    /// The user or the token isn't accepted; nothing was done.
    Denied,
    /// Slurm couldn't be asked, or can't do it now; nothing was done.
    Unavailable,
    /// It was asked, and what it did isn't known.
    Unsure,
    /// It answered, in a way that can't be read.
    Unreadable,
}

/// A failure with the words to tell.
#[derive(Debug, Clone)]
pub(crate) struct Failure {
    pub class: Class,
    pub words: String,
}

impl Failure {
    pub fn new(class: Class, words: impl AsRef<str>) -> Self {
        let line = words.as_ref().split_whitespace().collect::<Vec<_>>().join(" ");
        Self { class, words: line.chars().filter(|c| !c.is_control()).collect() }
    }

    /// A failure that Slurm told by number and words.
    pub fn of_number(number: i64, words: &str) -> Self {
        Self::new(class_of_number(number), format!("{words} ({number})"))
    }

    /// A failure that one of Slurm's commands told on its error output.
    pub fn of_words(words: &str) -> Self {
        Self::new(class_of_words(words), words)
    }

    /// For questions that change nothing: a lost answer is no more than Slurm being out of reach.
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
            Cause::Io(kind) => class_of_io(kind),
            Cause::Lost => Class::Unsure,
            Cause::TooLarge => Class::Unreadable,
        };
        Self::new(class, fault.words)
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        let words: String = failure.words.trim_end_matches('.').chars().take(MAX_WORDS).collect();
        match failure.class {
            Class::Refused => Error::invalid("slurm_refused", format!("Slurm refuses this: {words}.")),
            Class::Denied => {
                Error::denied("slurm_denied", format!("Slurm doesn't accept who asks: {words}."))
            }
            Class::Unavailable => {
                Error::unavailable("slurm_unavailable", format!("Slurm doesn't answer now: {words}."))
            }
            Class::Unsure => {
                let text = format!("Slurm was asked and its answer got lost: {words}. It may have done it.");
                Error::unavailable("slurm_unsure", text)
            }
            Class::Unreadable => {
                Error::unavailable("slurm_answer_invalid", format!("Slurm's answer can't be read: {words}."))
            }
        }
    }
}

impl From<Failure> for Submission {
    fn from(failure: Failure) -> Self {
        match failure.class {
            Class::Refused => Self::Refused(failure.into()),
            Class::Denied | Class::Unavailable => Self::Unavailable(failure.into()),
            Class::Unsure | Class::Unreadable => Self::Unsure(failure.into()),
        }
    }
}

/// Of a connection to `slurmrestd`, whose socket may be missing or closed to us.
fn class_of_io(kind: ErrorKind) -> Class {
    match kind {
        ErrorKind::NotFound
        | ErrorKind::AddrNotAvailable
        | ErrorKind::HostUnreachable
        | ErrorKind::NetworkUnreachable => Class::Unavailable,
        ErrorKind::PermissionDenied => Class::Denied,
        _ => Class::Unsure,
    }
}

/// By the numbers of Slurm's public header `slurm_errno.h`, by their hundreds where those share a meaning. Of a number
/// that isn't known here the worst is believed: that it may have got through.
fn class_of_number(number: i64) -> Class {
    match number {
        // No connection to the controller, its backup not in charge, its queue full, its disk full; no database.
        1001 | 1800 | 1804 | 2007 | 2016 | 2019 | 2027 | 7000 => Class::Unavailable,
        // The protocol's version or its proof of identity; the user, or what the user may do.
        1005 | 1007 | 2002 | 2010 => Class::Denied,
        // The controller's own reasons, and what the HTTP service can't make sense of.
        2000..=2999 | 9000..=9999 => Class::Refused,
        // The transport, among it 5005 for a token that isn't accepted; and -1, which says nothing.
        _ => Class::Unsure,
    }
}

/// By the words that belong to those numbers, since commands don't tell the number.
fn class_of_words(words: &str) -> Class {
    const MEANINGS: [(Class, &[&str]); 3] = [
        (
            Class::Unavailable,
            &[
                "Unable to contact slurm controller",
                "Unable to create job record, try again",
                "Slurm temporarily unable",
                "Slurm backup controller",
                "Problem talking to the database",
                "Unable to connect to database",
                "Communication connection failure",
                "Requested nodes are busy",
                "Error writing",
                "unable to load",
            ],
        ),
        (
            Class::Denied,
            &[
                "Protocol authentication error",
                "Munge encode failed",
                "Incompatible versions of client and server",
                "Access/permission denied",
                "User id missing",
            ],
        ),
        (
            Class::Unsure,
            &[
                "timed out",
                "Zero Bytes were transmitted",
                "Message receive failure",
                "Message send failure",
                "Unexpected message received",
                "Insane message length",
                "shutdown failure",
                "(send failure)",
                "(receive failure)",
                // The system's own words for a connection that broke, which Slurm's commands pass on.
                "Connection reset",
                "Connection refused",
                "Transport endpoint is not connected",
                "Broken pipe",
                "No route to host",
                "Network is unreachable",
                "Resource temporarily unavailable",
                "Interrupted system call",
            ],
        ),
    ];
    // What may have got through wins over all else that is said beside it.
    let said = |needles: &[&str]| needles.iter().any(|needle| words.contains(needle));
    let found = MEANINGS.iter().rev().find(|(_, needles)| said(needles));
    found.map_or(Class::Refused, |(class, _)| *class)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_commands_mean_what_their_numbers_mean() {
        let pairs = [
            (
                1800,
                "sbatch: error: Batch job submission failed: Unable to contact slurm controller (connect failure)",
            ),
            (5004, "sbatch: error: Batch job submission failed: Socket timed out on send/recv operation"),
            (
                2000,
                "sbatch: error: invalid partition specified: nope\nsbatch: error: Batch job submission failed: Invalid partition name specified",
            ),
            (
                2014,
                "sbatch: error: Batch job submission failed: Requested node configuration is not available",
            ),
            (5005, "sbatch: error: Batch job submission failed: Zero Bytes were transmitted or received"),
            (2002, "scancel: error: Kill job error on job id 5: Access/permission denied"),
            (1802, "Unable to contact slurm controller (receive failure)"),
            (107, "slurm_load_jobs error: Transport endpoint is not connected"),
            (104, "sbatch: error: Batch job submission failed: Connection reset by peer"),
        ];
        for (number, words) in pairs {
            assert_eq!(class_of_number(number), class_of_words(words), "{words}");
        }
    }

    #[test]
    fn words_are_one_bounded_line() {
        let error: Error = Failure::new(Class::Refused, format!("a\n\tb\u{7} {}", "x".repeat(9000))).into();
        assert!(error.text.contains(": a b xxx") && error.text.len() < MAX_WORDS + 60, "{error}");
    }
}

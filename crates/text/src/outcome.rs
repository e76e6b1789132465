//! What a rule says about a text.

/// What became of one text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It stays as it is.
    Keep,
    /// It stays, with this text in its place.
    Change(String),
    /// It goes.
    Drop(Drop),
}

/// Why a text goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Drop {
    /// Which of the rules that were given, counted from 0.
    pub rule: usize,
    /// The rule's own word for it, such as `gopher_too_many_ellipsis`.
    pub reason: &'static str,
}

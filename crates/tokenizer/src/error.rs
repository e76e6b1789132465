//! The two refusals of a `tokenizer.json`: it is broken, or it asks for a part that does not run here.

use kernel::Error;

/// The file cannot be what it says it is.
pub(crate) fn invalid(text: impl std::fmt::Display) -> Error {
    Error::invalid("tokenizer_file_invalid", format!("This tokenizer.json cannot be used: {text}"))
}

/// The file is well formed, and one of its components does not run here.
pub(crate) fn unsupported(component: &str, mend: &str) -> Error {
    Error::invalid("tokenizer_unsupported", format!("{component} does not run here: {mend}"))
}

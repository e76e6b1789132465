//! From a file's own format to plain text.

pub mod html;
mod markdown;

pub use markdown::markdown;

use crate::read::Format;
use std::borrow::Cow;

/// The plain text of `source`; long code blocks (over `code_lines` lines) are left out.
pub fn extract(format: Format, source: &str, code_lines: usize) -> Cow<'_, str> {
    match format {
        Format::Markdown => Cow::Owned(markdown(source, code_lines)),
        Format::Html => Cow::Owned(html::main_text(source)),
        Format::Text | Format::Jsonl | Format::Zip => Cow::Borrowed(source),
    }
}

//! What a file is, by its name, and whether its bytes are text.

/// How a file is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Plain text.
    Text,
    /// Markdown.
    Markdown,
    /// A web page.
    Html,
    /// One JSON object a line, with its text in `text`.
    Jsonl,
    /// A zip of further files.
    Zip,
}

/// Beginnings of file names that are text whatever follows the dot, such as `LICENSE.BSD-3`.
const TEXT_STEMS: [&str; 9] =
    ["readme", "license", "licence", "copying", "notice", "copyright", "authors", "unlicense", "changelog"];

impl Format {
    /// The format that a path's file name promises; none when the toolchain does not read such files.
    pub fn of(path: &str) -> Option<Self> {
        let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
        let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
        match extension {
            "" | "txt" | "text" => Some(Self::Text),
            "md" | "markdown" => Some(Self::Markdown),
            "html" | "htm" | "xhtml" => Some(Self::Html),
            "jsonl" | "ndjson" => Some(Self::Jsonl),
            "zip" => Some(Self::Zip),
            _ => TEXT_STEMS.iter().any(|stem| name.starts_with(stem)).then_some(Self::Text),
        }
    }
}

/// The text of `bytes`, or the code and words of why they are none. Nothing is guessed: other encodings are
/// refused, because a wrong guess would poison what learns from it.
pub fn decode(bytes: &[u8]) -> Result<&str, (&'static str, String)> {
    if let Some(at) = bytes.iter().position(|byte| *byte == 0) {
        return Err(("binary", format!("a NUL byte at offset {at}: this is a binary file, not text")));
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let at = error.valid_up_to();
        (
            "not_utf8",
            format!("invalid UTF-8 at offset {at}: convert the file, for example with iconv -t UTF-8"),
        )
    })?;
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_decide() {
        assert_eq!(Format::of("a/b/README"), Some(Format::Text));
        assert_eq!(Format::of("LICENSE.BSD-3"), Some(Format::Text));
        assert_eq!(Format::of("x.MD"), Some(Format::Markdown));
        assert_eq!(Format::of("a.tar.gz"), None);
        assert_eq!(Format::of("photo.png"), None);
    }

    #[test]
    fn bytes_that_are_no_text_say_where() {
        assert!(decode(b"ab\0").unwrap_err().1.contains("offset 2"));
        assert_eq!(decode(b"ab\xff").unwrap_err().0, "not_utf8");
        assert_eq!(decode("\u{feff}好".as_bytes()).unwrap(), "好");
    }
}

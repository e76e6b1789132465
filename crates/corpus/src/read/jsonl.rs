//! JSONL: runs of whole lines for the workers, and one line into a record.

use serde::Deserialize;
use std::{borrow::Cow, io::BufRead};

/// A record of a JSONL file; other fields are ignored.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Record<'a> {
    /// The document.
    #[serde(borrow)]
    pub text: Option<Cow<'a, str>>,
    /// Its id in the giver's own terms.
    pub id: Option<Name>,
    /// See [`super::Origin::source`].
    pub source: Option<String>,
    /// See [`super::Origin::author`].
    pub author: Option<String>,
    /// See [`super::Origin::licence`].
    #[serde(alias = "license")]
    pub licence: Option<String>,
    /// Where it can be looked up.
    pub url: Option<String>,
}

/// An id that may be written as text or as a number.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum Name {
    /// `"id": "a"`.
    Text(String),
    /// `"id": 7`.
    Number(i64),
}

impl std::fmt::Display for Name {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Number(number) => number.fmt(f),
        }
    }
}

/// Reads one line, or says what is wrong with it.
pub fn parse(line: &str) -> Result<Record<'_>, (&'static str, String)> {
    let record: Record<'_> = serde_json::from_str(line)
        .map_err(|error| ("record_broken", format!("not a JSON object: {error}")))?;
    match &record.text {
        None => Err(("record_without_text", "the record has no field `text`".into())),
        Some(text) if text.is_empty() => Err(("empty", "the field `text` is empty".into())),
        Some(_) => Ok(record),
    }
}

/// What a line reader met next.
pub(super) enum Next {
    /// A line was appended, of so many bytes.
    Line,
    /// A line longer than the limit was passed over, of so many bytes.
    TooLong(u64),
    /// The end.
    End,
}

/// Appends the next line to `into` unless it is longer than `limit`; such a line is passed over piece by piece.
pub(super) fn next_line(reader: &mut impl BufRead, limit: u64, into: &mut Vec<u8>) -> std::io::Result<Next> {
    let start = into.len();
    let mut passed = 0;
    loop {
        let piece = reader.fill_buf()?;
        if piece.is_empty() {
            return Ok(if passed > limit {
                Next::TooLong(passed)
            } else if passed > 0 {
                Next::Line
            } else {
                Next::End
            });
        }
        let end = piece.iter().position(|byte| *byte == b'\n');
        let taken = end.map_or(piece.len(), |at| at + 1);
        passed += taken as u64;
        if passed <= limit {
            into.extend_from_slice(&piece[..taken]);
        } else {
            into.truncate(start);
        }
        reader.consume(taken);
        if end.is_some() {
            return Ok(if passed > limit { Next::TooLong(passed) } else { Next::Line });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_are_passed_over_and_the_next_is_read() {
        let data = b"ab\nlonger than ten\nc";
        let mut reader = std::io::BufReader::with_capacity(4, &data[..]);
        let mut lines = Vec::new();
        assert!(matches!(next_line(&mut reader, 10, &mut lines), Ok(Next::Line)));
        assert!(matches!(next_line(&mut reader, 10, &mut lines), Ok(Next::TooLong(16))));
        assert!(matches!(next_line(&mut reader, 10, &mut lines), Ok(Next::Line)));
        assert!(matches!(next_line(&mut reader, 10, &mut lines), Ok(Next::End)));
        assert_eq!(lines, b"ab\nc");
    }

    #[test]
    fn records_say_what_they_lack() {
        assert_eq!(parse(r#"{"text":"x","id":7}"#).unwrap().id.unwrap().to_string(), "7");
        assert_eq!(parse("[1]").unwrap_err().0, "record_broken");
        assert_eq!(parse(r#"{"body":"x"}"#).unwrap_err().0, "record_without_text");
    }
}

//! One record of a web archive.

use super::http;
use crate::{
    Form, Position, Record, charset,
    place::Place,
    stop::{Done, Fault, Out},
};
use std::borrow::Cow;

/// Longest header of a record.
pub(super) const MAX_HEADER: usize = 64 << 10;

/// What a record's header says.
#[derive(Debug, Default)]
pub(super) struct Header<'a> {
    kind: &'a str,
    id: &'a str,
    url: &'a str,
    content_type: &'a str,
    /// Bytes of the block that follows.
    pub bytes: u64,
}

impl<'a> Header<'a> {
    /// Reads a header and its empty line; the second is where it ends.
    pub(super) fn parse(bytes: &'a [u8]) -> Result<(Self, usize), Fault> {
        let invalid = |text: &str| Fault::new("warc_invalid", format!("no WARC record: {text}"));
        if !bytes.starts_with(b"WARC/") {
            return Err(invalid("it doesn't begin with WARC/"));
        }
        let within = &bytes[..bytes.len().min(MAX_HEADER)];
        let end = http::header_end(within).ok_or_else(|| invalid("its header has no end within 64 KiB"))?;
        let mut header = Header::default();
        let mut length = None;
        for (name, value) in http::fields(&bytes[..end]) {
            let text = || std::str::from_utf8(value).unwrap_or_default();
            match name {
                b if b.eq_ignore_ascii_case(b"warc-type") => header.kind = text(),
                b if b.eq_ignore_ascii_case(b"warc-record-id") => header.id = angled(text()),
                b if b.eq_ignore_ascii_case(b"warc-target-uri") => header.url = angled(text()),
                b if b.eq_ignore_ascii_case(b"content-type") => header.content_type = text(),
                b if b.eq_ignore_ascii_case(b"content-length") => length = text().parse().ok(),
                _ => {}
            }
        }
        header.bytes = length.ok_or_else(|| invalid("its Content-Length is missing or no number"))?;
        Ok((header, end))
    }

    /// Whether its block holds a document.
    pub(super) fn is_document(&self) -> bool {
        matches!(self.kind, "response" | "resource" | "conversion")
    }

    /// Hands on the document that `block` holds.
    pub(super) fn deliver(
        &self,
        block: &[u8],
        position: Position,
        place: &Place<'_>,
        out: &mut Out<'_>,
    ) -> Done {
        let done = self.document(block, position, place, out);
        let at = |fault: Fault| fault.sized(block.len()).at(position);
        out.absorb(place.path, done.map_err(|stop| stop.map(at)))
    }

    fn document(&self, block: &[u8], position: Position, place: &Place<'_>, out: &mut Out<'_>) -> Done {
        let is_http = self.kind == "response"
            && self.url.get(..4).is_none_or(|start| start.eq_ignore_ascii_case("http"));
        let (payload, content_type) = if is_http {
            let response = http::Response::parse(block)?;
            let payload = response.payload(out.options.limits.document_bytes)?;
            (payload, response.content_type)
        } else {
            (Cow::Borrowed(block), self.content_type)
        };
        if payload.is_empty() {
            return Err(Fault::new("empty", "the page is empty").into());
        }
        let (media, charset) = http::media_type(content_type);
        let form = form_of(media, &payload).ok_or_else(|| {
            Fault::new(
                "content_type",
                format!("{:?} is no page or text", media.chars().take(80).collect::<String>()),
            )
        })?;
        let text = charset::page(&payload, charset, out.encoding);
        let id = if self.id.is_empty() { position.id(place.path).into() } else { Cow::Borrowed(self.id) };
        let (bytes, raw) = (block.len() as u64, out.options.raw.then_some(&*payload));
        out.record(Record { id, text, form, url: self.url.into(), position, bytes, raw, ..place.record() })
    }
}

/// A value without the angle brackets that some tools put around it.
fn angled(text: &str) -> &str {
    text.strip_prefix('<').and_then(|text| text.strip_suffix('>')).unwrap_or(text)
}

/// What is written in a media type; none when it is no text. What is said to be nothing is looked at.
fn form_of(media: &str, payload: &[u8]) -> Option<Form> {
    let is = |name: &str| media.eq_ignore_ascii_case(name);
    if is("text/html") || is("application/xhtml+xml") {
        Some(Form::Html)
    } else if is("text/plain") {
        Some(Form::Text)
    } else if is("text/markdown") {
        Some(Form::Markdown)
    } else if media.is_empty() || is("application/octet-stream") || is("unknown/unknown") {
        let head = payload[..payload.len().min(512)].trim_ascii_start().to_ascii_lowercase();
        (head.starts_with(b"<!doctype html") || head.starts_with(b"<html")).then_some(Form::Html)
    } else {
        None
    }
}

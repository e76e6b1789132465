//! HTTP responses as they were stored: header, chunks, content coding.

use crate::{
    stop::Fault,
    unpack::{Bounded, whole},
};
use memchr::memmem;
use std::{borrow::Cow, io::Read};

/// A response.
#[derive(Debug)]
pub(super) struct Response<'a> {
    /// As declared; empty when it is not.
    pub content_type: &'a str,
    encoding: &'a str,
    chunked: bool,
    body: &'a [u8],
}

/// Where the header that `bytes` begin with ends, its empty line included.
pub(super) fn header_end(bytes: &[u8]) -> Option<usize> {
    // The usual form first; bare line feeds are looked for only before its end.
    let end = memmem::find(bytes, b"\r\n\r\n").map(|at| at + 4);
    let bare = memmem::find(&bytes[..end.unwrap_or(bytes.len())], b"\n\n").map(|at| at + 2);
    bare.or(end)
}

/// The names and values of a header, its first line left out.
pub(super) fn fields(header: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    header.split(|byte| *byte == b'\n').skip(1).filter_map(|line| {
        let colon = memchr::memchr(b':', line)?;
        Some((&line[..colon], line[colon + 1..].trim_ascii()))
    })
}

/// A media type without its parameters, and its charset.
pub(super) fn media_type(value: &str) -> (&str, Option<&str>) {
    let mut parts = value.split(';').map(str::trim);
    let media = parts.next().unwrap_or_default();
    let charset = parts.find_map(|part| {
        let (name, value) = part.split_once('=')?;
        name.trim().eq_ignore_ascii_case("charset").then(|| value.trim().trim_matches(['"', '\'']))
    });
    (media, charset)
}

impl<'a> Response<'a> {
    /// Reads the header. A page that wasn't found is no document.
    pub(super) fn parse(block: &'a [u8]) -> Result<Self, Fault> {
        let invalid = |text: &str| Fault::new("http_invalid", format!("no HTTP response: {text}"));
        if !block.starts_with(b"HTTP/") {
            return Err(invalid("it doesn't begin with HTTP/"));
        }
        let within = &block[..block.len().min(super::record::MAX_HEADER)];
        let end = header_end(within).ok_or_else(|| invalid("its header has no end within 64 KiB"))?;
        let status = block[..end].split(|byte| *byte == b' ').nth(1).unwrap_or_default();
        if !status.starts_with(b"2") {
            let status = String::from_utf8_lossy(&status[..status.len().min(3)]).trim().to_owned();
            return Err(Fault::new("http_status", format!("the server answered {status}")));
        }
        let mut response = Self { content_type: "", encoding: "", chunked: false, body: &block[end..] };
        for (name, value) in fields(&block[..end]) {
            let text = || std::str::from_utf8(value).unwrap_or_default();
            match name {
                b if b.eq_ignore_ascii_case(b"content-type") => response.content_type = text(),
                b if b.eq_ignore_ascii_case(b"content-encoding") => response.encoding = text(),
                b if b.eq_ignore_ascii_case(b"transfer-encoding") => {
                    response.chunked = value.to_ascii_lowercase().ends_with(b"chunked");
                }
                _ => {}
            }
        }
        Ok(response)
    }

    /// The payload, its codings undone; at most `limit` bytes.
    pub(super) fn payload(&self, limit: u64) -> Result<Cow<'a, [u8]>, Fault> {
        let body = if self.chunked { dechunked(self.body)? } else { Cow::Borrowed(self.body) };
        let packed = &body[..];
        // Many archives store payloads decoded under a header that says otherwise, so the bytes decide.
        let unpacked = match self.encoding.to_ascii_lowercase().as_str() {
            "gzip" | "x-gzip" if packed.starts_with(&[0x1f, 0x8b]) => {
                decoded(flate2::bufread::MultiGzDecoder::new(packed), limit)?
            }
            "deflate" if packed.first().is_some_and(|first| first & 0x0f == 8) => {
                decoded(flate2::bufread::ZlibDecoder::new(packed), limit)?
            }
            "br" if std::str::from_utf8(packed).is_err() => {
                decoded(brotli_decompressor::Decompressor::new(packed, 4096), limit)?
            }
            "zstd" if packed.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) => {
                decoded(zstd::Decoder::with_buffer(packed)?, limit)?
            }
            _ => return Ok(body),
        };
        Ok(Cow::Owned(unpacked))
    }
}

fn decoded(reader: impl Read, limit: u64) -> Result<Vec<u8>, Fault> {
    whole(Bounded::new(reader, limit), limit)
}

/// The body without its chunks' sizes. One that doesn't begin with a size was stored without them.
fn dechunked(body: &[u8]) -> Result<Cow<'_, [u8]>, Fault> {
    let mut whole = Vec::new();
    let mut rest = body;
    loop {
        let line = memchr::memchr(b'\n', &rest[..rest.len().min(64)]);
        let size = line.and_then(|line| {
            let digits = rest[..line].split(|byte| *byte == b';').next()?.trim_ascii();
            usize::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok().map(|size| (size, line + 1))
        });
        match size {
            None if rest.len() == body.len() => return Ok(Cow::Borrowed(body)),
            Some((0, _)) => return Ok(Cow::Owned(whole)),
            Some((size, at)) if size <= rest.len() - at => {
                whole.extend_from_slice(&rest[at..at + size]);
                rest = &rest[at + size..];
                rest = rest.strip_prefix(b"\r").unwrap_or(rest);
                rest = rest.strip_prefix(b"\n").unwrap_or(rest);
            }
            _ => return Err(Fault::new("http_invalid", "the response ends amid its chunks")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn payload(response: &[u8]) -> Result<Vec<u8>, &'static str> {
        let response = Response::parse(response).map_err(|fault| fault.code)?;
        response.payload(1 << 20).map(Cow::into_owned).map_err(|fault| fault.code)
    }

    #[test]
    fn codings_are_undone() {
        let chunked =
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nwiki\r\n6;x=y\r\npedia \r\n0\r\n\r\n";
        assert_eq!(payload(chunked).unwrap(), b"wikipedia ");
        let stored = b"HTTP/1.1 200 OK\nTransfer-Encoding: chunked\nContent-Encoding: gzip\n\n<html>";
        assert_eq!(payload(stored).unwrap(), b"<html>");
        assert_eq!(
            payload(b"HTTP/1.1 200 OK\r\ntransfer-encoding:chunked\r\n\r\nff\r\nab"),
            Err("http_invalid")
        );
    }

    #[test]
    fn what_is_no_page_says_so() {
        assert_eq!(payload(b"HTTP/1.1 404 Not Found\r\n\r\nx"), Err("http_status"));
        assert_eq!(payload(b"GET / HTTP/1.1\r\n\r\n"), Err("http_invalid"));
        assert_eq!(media_type("text/html; Charset=\"GBK\""), ("text/html", Some("GBK")));
    }
}

//! Records from a stream: plain WARC, other packings, and what doesn't fit in memory.

use super::record::{Header, MAX_HEADER};
use crate::{
    Position,
    place::Place,
    stop::{Done, Fault, Out},
};
use std::io::{self, BufRead, BufReader, Read};

/// Reads all records of a web archive. After a broken one the rest is lost.
pub(crate) fn stream(reader: impl Read, place: &Place<'_>, out: &mut Out<'_>) -> Done {
    records(reader, None, place, out).map(|_| ())
}

/// Reads all records; each lies at `position`, else where it begins in the stream. False when they break off and
/// that was told already.
pub(super) fn records(
    reader: impl Read,
    position: Option<Position>,
    place: &Place<'_>,
    out: &mut Out<'_>,
) -> Done<bool> {
    let mut reader = BufReader::with_capacity(256 << 10, reader);
    let (mut head, mut block) = (Vec::new(), Vec::new());
    let mut offset = pass_blank(&mut reader)?;
    loop {
        head.clear();
        if !read_header(&mut reader, &mut head)? {
            return Ok(true);
        }
        let position = position.unwrap_or(Position::Byte(offset));
        let at = |fault: Fault| fault.at(position);
        let (header, _) = Header::parse(&head).map_err(at)?;
        offset += head.len() as u64 + header.bytes;
        let limit = out.options.limits.document_bytes;
        let mut body = reader.by_ref().take(header.bytes);
        block.clear();
        if header.is_document() && header.bytes <= limit {
            body.read_to_end(&mut block).map_err(|error| at(error.into()))?;
        } else {
            if header.is_document() {
                let text = format!("a record of {} bytes, over the limit of {limit}", header.bytes);
                let fault = Fault { bytes: header.bytes, ..Fault::new("too_large", text) };
                out.broken(place.path, at(fault))?;
            }
            if io::copy(&mut body, &mut io::sink()).is_err() || body.limit() > 0 {
                // What was told of the record says it all.
                return if header.is_document() {
                    Ok(false)
                } else {
                    Err(at(truncated(header.bytes)).into())
                };
            }
            offset += pass_blank(&mut reader)?;
            continue;
        }
        if (block.len() as u64) < header.bytes {
            return Err(at(truncated(header.bytes)).into());
        }
        // At the end of a packed member this also checks its sum, before anything of it is handed on.
        offset += pass_blank(&mut reader).map_err(|error| at(error.into()))?;
        header.deliver(&block, position, place, out)?;
    }
}

fn truncated(bytes: u64) -> Fault {
    Fault::new("warc_invalid", format!("the record ends before the {bytes} bytes that it announces"))
}

/// Passes over what stands between records.
fn pass_blank(reader: &mut impl BufRead) -> io::Result<u64> {
    let mut passed = 0;
    loop {
        let ahead = reader.fill_buf()?;
        let blank = ahead.iter().position(|byte| !byte.is_ascii_whitespace()).unwrap_or(ahead.len());
        let all = blank == ahead.len() && !ahead.is_empty();
        reader.consume(blank);
        passed += blank as u64;
        if !all {
            return Ok(passed);
        }
    }
}

/// Reads a header up to its empty line, or as much as a header may have. False at the end.
fn read_header(reader: &mut impl BufRead, into: &mut Vec<u8>) -> io::Result<bool> {
    while into.len() < MAX_HEADER {
        let before = into.len();
        reader.by_ref().take((MAX_HEADER - before) as u64).read_until(b'\n', into)?;
        if into.len() == before || matches!(&into[before..], b"\n" | b"\r\n") {
            break;
        }
    }
    Ok(!into.is_empty())
}

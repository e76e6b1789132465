//! Packed WARC, member by member.

use super::{
    inflate::{Inflated, Inflater},
    record::Header,
    stream,
    window::Window,
};
use crate::{
    Position,
    place::Place,
    stop::{Done, Fault, Out, Stop},
    unpack::Bounded,
};
use std::{
    fs::File,
    io::{Read, Seek, SeekFrom},
    ops::Range,
};

/// Bytes that lie ahead when a member is unpacked, unless the file ends.
const AHEAD: usize = 1 << 20;
/// Room for an unpacked member at first, and at most. Larger ones go the slow way.
const ROOM: usize = 1 << 20;
const MAX_ROOM: usize = 16 << 20;

/// Reads the members that begin in `span` of a file of `bytes` bytes.
pub(crate) fn members(
    mut file: File,
    span: Range<u64>,
    bytes: u64,
    place: &Place<'_>,
    out: &mut Out<'_>,
) -> Done {
    if bytes == 0 {
        return Err(Fault::new("empty", "the file is empty").into());
    }
    file.seek(SeekFrom::Start(span.start))?;
    let window = Window::new(file, span.start);
    let mut reader = Reader { window, inflater: Inflater::new(), room: vec![0; ROOM], bytes };
    if span.start > 0 {
        reader.find_member()?;
    }
    while reader.window.offset < span.end && !reader.window.ahead(AHEAD)?.is_empty() {
        let position = Position::Byte(reader.window.offset);
        if !reader.quickly(position, place, out)? {
            let begins = reader.window.offset;
            let whole = match reader.slowly(position, place, out) {
                Ok(whole) => whole,
                Err(stop) => {
                    out.absorb(place.path, Err(stop.map(|fault| fault.at(position))))?;
                    false
                }
            };
            if !whole {
                let ahead = reader.window.ahead(1)?.len();
                reader.window.pass(usize::from(reader.window.offset == begins).min(ahead));
                reader.find_member()?;
            }
        }
    }
    Ok(())
}

struct Reader {
    window: Window<File>,
    /// None when there was no memory for it.
    inflater: Option<Inflater>,
    room: Vec<u8>,
    /// Size of the file.
    bytes: u64,
}

impl Reader {
    /// Unpacks the next member in memory and reads its records. False when that isn't possible.
    fn quickly(&mut self, position: Position, place: &Place<'_>, out: &mut Out<'_>) -> Done<bool> {
        let Some(inflater) = &mut self.inflater else { return Ok(false) };
        let packed = self.window.ahead(AHEAD)?;
        let (taken, given) = loop {
            match inflater.member(packed, &mut self.room) {
                Inflated::Member { taken, given } => break (taken, given),
                Inflated::NoRoom if self.room.len() < MAX_ROOM => self.room.resize(self.room.len() * 2, 0),
                Inflated::NoRoom | Inflated::Bad => return Ok(false),
            }
        };
        self.window.pass(taken);
        records(&self.room[..given], position, place, out)?;
        Ok(true)
    }

    /// Reads the next member as a stream. False when it broke off and that was told.
    fn slowly(&mut self, position: Position, place: &Place<'_>, out: &mut Out<'_>) -> Done<bool> {
        let packed = self.bytes - self.window.offset.min(self.bytes);
        let ceiling = out.options.limits.ceiling(packed);
        let member = flate2::bufread::GzDecoder::new(&mut self.window);
        stream::records(Bounded::new(member, ceiling), Some(position), place, out)
    }

    /// Passes on to where a member of a WARC begins, or to the end.
    fn find_member(&mut self) -> Done {
        loop {
            let ahead = self.window.ahead(AHEAD)?;
            if ahead.is_empty() {
                return Ok(());
            }
            let starts = memchr::memmem::find_iter(ahead, b"\x1f\x8b\x08");
            // What is too near the edge is looked at when more is there.
            let edge = if ahead.len() < AHEAD { ahead.len() } else { ahead.len() - AHEAD / 2 };
            let found = starts.take_while(|at| *at < edge).find(|at| is_warc(&ahead[*at..]));
            let passed = found.unwrap_or(edge);
            self.window.pass(passed);
            if found.is_some() {
                return Ok(());
            }
        }
    }
}

/// Whether a member of a WARC begins here.
fn is_warc(packed: &[u8]) -> bool {
    let mut start = [0; 5];
    // Headers with reserved flags are none; that is cheaper to see than to unpack.
    packed.get(3).is_some_and(|flags| flags & 0xe0 == 0)
        && flate2::bufread::GzDecoder::new(packed).read_exact(&mut start).is_ok()
        && &start == b"WARC/"
}

/// Reads the records of an unpacked member. A broken one ends the member.
fn records(mut member: &[u8], position: Position, place: &Place<'_>, out: &mut Out<'_>) -> Done {
    loop {
        let blank = member.iter().position(|byte| !byte.is_ascii_whitespace());
        let Some(blank) = blank else { return Ok(()) };
        member = &member[blank..];
        match record(member, position, place, out) {
            Ok(passed) => member = &member[passed..],
            Err(Stop::Broken(fault)) => {
                return out.broken(place.path, fault.sized(member.len()).at(position));
            }
            Err(fatal) => return Err(fatal),
        }
    }
}

/// Reads one record; returns its size.
fn record(bytes: &[u8], position: Position, place: &Place<'_>, out: &mut Out<'_>) -> Done<usize> {
    let (header, start) = Header::parse(bytes)?;
    let block = usize::try_from(header.bytes).ok().and_then(|length| bytes[start..].get(..length));
    let Some(block) = block else {
        let text = format!("the record ends before the {} bytes that it announces", header.bytes);
        return Err(Fault::new("warc_invalid", text).into());
    };
    if header.is_document() {
        header.deliver(block, position, place, out)?;
    }
    Ok(start + block.len())
}

//! JSONL: a record a line; only the wanted fields are unescaped.

use crate::{
    Options, Position, Record,
    charset::{self, Transcoder},
    fields::Wants,
    json::{self, Value, Visit},
    lines::{Lines, Next},
    options::{SLOTS, slot},
    place::Place,
    provenance::Origin,
    stop::{Done, Fault, Out, Stop},
};
use encoding_rs::UTF_8;
use std::{
    borrow::Cow,
    io::{BufReader, Read},
};

/// Where the first line of a stream stands.
#[derive(Clone, Copy)]
pub(crate) enum Start {
    /// It is the file's first.
    First,
    /// At this byte; lines can't be counted.
    Byte(u64),
}

/// Reads all lines of `reader`.
pub(crate) fn read(mut reader: impl Read, start: Start, place: &Place<'_>, out: &mut Out<'_>) -> Done {
    let limit = out.options.limits.line_bytes;
    if matches!(start, Start::Byte(_)) {
        return lines(Lines::new(reader, limit), start, place, out);
    }
    let mut head = Vec::new();
    reader.by_ref().take(3).read_to_end(&mut head)?;
    let (encoding, mark) = charset::of_stream(&head, out.encoding, false);
    let reader = head[mark..].chain(reader);
    if encoding == UTF_8 {
        lines(Lines::new(reader, limit), start, place, out)
    } else {
        // Buffered, for the transcoder can't fill room that is smaller than a letter.
        let reader = BufReader::new(Transcoder::new(reader, encoding));
        lines(Lines::new(reader, limit), start, place, out)
    }
}

/// Reads one line of JSONL that was read before: `bytes` lie where [`Record::line`] told.
pub fn read_line(
    bytes: &[u8],
    options: &Options,
    sink: &mut dyn FnMut(Record<'_>) -> kernel::Result<()>,
) -> kernel::Result<()> {
    let mut broken = |_| Ok(());
    let mut out = Out::new(options, sink, &mut broken)?;
    let origin = Origin::default();
    let done = read(bytes, Start::Byte(0), &Place { path: "", origin: &origin }, &mut out);
    match out.absorb("", done) {
        Err(Stop::Fatal(error)) => Err(error),
        _ => Ok(()),
    }
}

fn lines<R: Read>(mut lines: Lines<R>, start: Start, place: &Place<'_>, out: &mut Out<'_>) -> Done {
    let mut reader = Reader { place, text: Vec::new(), line: 1, byte: 0, start };
    loop {
        match lines.next()? {
            Next::End => return Ok(()),
            Next::TooLong(bytes) => reader.too_long(bytes, out)?,
            // One look at a whole run is much quicker than one at each line.
            Next::Lines(run) => match simdutf8::basic::from_utf8(run) {
                Ok(run) => reader.run(run, out)?,
                Err(_) => {
                    for line in run.split_inclusive(|byte| *byte == b'\n') {
                        reader.doubtful(line, out)?;
                    }
                }
            },
        }
    }
}

struct Reader<'p> {
    place: &'p Place<'p>,
    /// The unescaped text of the present line.
    text: Vec<u8>,
    line: u64,
    byte: u64,
    start: Start,
}

impl Reader<'_> {
    fn position(&self) -> Position {
        match self.start {
            Start::First => Position::Line(self.line),
            Start::Byte(start) => Position::Byte(start + self.byte),
        }
    }

    fn pass(&mut self, bytes: u64) {
        self.line += 1;
        self.byte += bytes;
    }

    fn too_long(&mut self, bytes: u64, out: &mut Out<'_>) -> Done {
        let limit = out.options.limits.line_bytes;
        let fault = Fault {
            bytes,
            ..Fault::new("line_too_long", format!("over the limit of {limit} bytes; split it"))
        };
        out.broken(self.place.path, fault.at(self.position()))?;
        self.pass(bytes);
        Ok(())
    }

    fn run(&mut self, run: &str, out: &mut Out<'_>) -> Done {
        let mut from = 0;
        let ends = memchr::memchr_iter(b'\n', run.as_bytes()).map(|at| at + 1);
        let last = (!run.ends_with('\n')).then_some(run.len());
        for to in ends.chain(last) {
            self.line(&run[from..to], out)?;
            from = to;
        }
        Ok(())
    }

    fn doubtful(&mut self, line: &[u8], out: &mut Out<'_>) -> Done {
        match std::str::from_utf8(line) {
            Ok(line) => self.line(line, out),
            Err(error) => {
                let text =
                    format!("invalid UTF-8 at byte {} of the line; convert the file", error.valid_up_to());
                let fault = Fault::new("not_utf8", text).sized(line.len());
                out.broken(self.place.path, fault.at(self.position()))?;
                self.pass(line.len() as u64);
                Ok(())
            }
        }
    }

    fn line(&mut self, whole: &str, out: &mut Out<'_>) -> Done {
        if whole.len() as u64 > out.options.limits.line_bytes {
            return self.too_long(whole.len() as u64, out);
        }
        let line = whole.trim_ascii();
        if !line.is_empty()
            && let Err(fault) = self.record(line, whole.len() as u64, out)?
        {
            if self.line == 1 && (line.starts_with('[') || line == "{") {
                let text = "this is one JSON value, not one object a line; convert it to JSONL";
                return Err(Fault::new("not_jsonl", text).into());
            }
            out.broken(self.place.path, fault.sized(line.len()).at(self.position()))?;
        }
        self.pass(whole.len() as u64);
        Ok(())
    }

    /// Hands on the record of a line. The inner error is the line's own.
    fn record(&mut self, line: &str, length: u64, out: &mut Out<'_>) -> Done<Result<(), Fault>> {
        let offset = self.byte + if let Start::Byte(start) = self.start { start } else { 0 };
        let mut finder = Finder {
            wants: &out.wants,
            found: [None; SLOTS],
            room: &mut self.text,
            unescaped: None,
            extra: Vec::new(),
            all: out.options.extra,
        };
        if let Err(bad) = json::object(line, &mut finder) {
            return Ok(Err(invalid(bad)));
        }
        let Finder { found, unescaped, extra, .. } = finder;
        let found = found.map(|found| found.map(|(_, value)| value));
        let position = self.position();
        let text = match text_of(found[slot::TEXT], unescaped, &self.text) {
            Ok(text) => text,
            Err(fault) => return Ok(Err(fault)),
        };
        let origin = self.place.origin;
        let field = |slot: usize, stated| found[slot].map_or(Ok(Cow::Borrowed(stated)), plain);
        let record = (|| {
            let id = field(slot::ID, "")?;
            Ok(Record {
                id: if id.is_empty() { position.id(self.place.path).into() } else { id },
                text,
                form: out.options.form,
                url: field(slot::URL, "")?,
                source: field(slot::SOURCE, &origin.source)?,
                licence: field(slot::LICENCE, &origin.licence)?,
                author: field(slot::AUTHOR, &origin.author)?,
                contributor: field(slot::CONTRIBUTOR, &origin.contributor)?,
                path: self.place.path,
                position,
                bytes: line.len() as u64,
                line: Some(offset..offset + length),
                extra: &extra,
                raw: out.options.raw.then_some(line.as_bytes()),
            })
        })();
        match record {
            Ok(record) => out.record(record).map(Ok),
            Err(fault) => Ok(Err(fault)),
        }
    }
}

fn invalid(bad: json::Bad) -> Fault {
    Fault::new("json_invalid", format!("not one JSON object: {} (byte {} of the line)", bad.what, bad.at))
}

/// The document: as it was unescaped on the way, else where it stands.
fn text_of<'a>(
    found: Option<Value<'a>>,
    unescaped: Option<Value<'a>>,
    room: &'a [u8],
) -> Result<Cow<'a, str>, Fault> {
    let value = found.filter(|value| value.raw != "null").ok_or_else(|| {
        let text = "the record has no text; name its column under `fields.text` if it has another name";
        Fault::new("text_missing", text)
    })?;
    let raw = value.string().ok_or_else(|| Fault::new("text_missing", "the text is no JSON string"))?;
    if raw.is_empty() {
        return Err(Fault::new("empty", "the text is empty"));
    }
    if !value.escaped {
        return Ok(Cow::Borrowed(raw));
    }
    // Another column of texts may have come later and taken the room.
    if unescaped.is_none_or(|unescaped| !std::ptr::eq(unescaped.raw, value.raw)) {
        return json::unescape(raw).map(Cow::Owned).map_err(invalid);
    }
    let text =
        simdutf8::basic::from_utf8(room).map_err(|_| Fault::new("not_utf8", "the text is no valid UTF-8"))?;
    Ok(Cow::Borrowed(text))
}

/// A short field: text, or a number or another value as it is written. Null is unstated.
fn plain(value: Value<'_>) -> Result<Cow<'_, str>, Fault> {
    Ok(match value.string() {
        None if value.raw == "null" => Cow::Borrowed(""),
        None => Cow::Borrowed(value.raw),
        Some(raw) if !value.escaped => Cow::Borrowed(raw),
        Some(raw) => Cow::Owned(json::unescape(raw).map_err(invalid)?),
    })
}

/// Finds the wanted values of a line.
struct Finder<'a, 'w> {
    wants: &'w Wants,
    /// What was found, each with its rank among the names of its field.
    found: [Option<(u8, Value<'a>)>; SLOTS],
    /// Where texts are unescaped to, and which was last.
    room: &'w mut Vec<u8>,
    unescaped: Option<Value<'a>>,
    extra: Vec<(&'a str, &'a str)>,
    /// Whether the other fields are wanted too.
    all: bool,
}

impl<'a> Visit<'a> for Finder<'a, '_> {
    fn room(&mut self, key: Value<'a>) -> Option<&mut Vec<u8>> {
        let mut texts = self.wants.0.iter().filter(|want| want.slot == slot::TEXT && want.path.len() == 1);
        texts.any(|want| is(key, &want.path[0])).then_some(&mut *self.room)
    }

    fn field(&mut self, key: Value<'a>, value: Value<'a>) {
        let mut wanted = false;
        for want in &self.wants.0 {
            if !is(key, &want.path[0]) {
                continue;
            }
            let own = want.path.len() == 1;
            if own && want.slot == slot::TEXT {
                self.unescaped = Some(value);
            }
            let value = if own { Some(value) } else { inside(value, &want.path[1..]) };
            let slot = &mut self.found[want.slot];
            if let Some(value) = value.filter(|_| slot.is_none_or(|(rank, _)| want.rank <= rank)) {
                *slot = Some((want.rank, value));
                wanted |= own;
            }
        }
        if self.all && !wanted {
            self.extra.push((key.string().unwrap_or_default(), value.raw));
        }
    }
}

/// Whether a key says `name`.
fn is(key: Value<'_>, name: &str) -> bool {
    let raw = key.string().unwrap_or_default();
    if key.escaped { json::unescape(raw).is_ok_and(|text| text == name) } else { raw == name }
}

/// The value at `path` inside an object.
fn inside<'a>(mut value: Value<'a>, path: &[String]) -> Option<Value<'a>> {
    for name in path {
        let mut next = None;
        let mut look = |key: Value<'a>, inner: Value<'a>| {
            if is(key, name) {
                next = Some(inner);
            }
        };
        // The whole line was checked before, so this can't fail but on what is no object.
        json::object(value.raw, &mut look).ok()?;
        value = next?;
    }
    Some(value)
}

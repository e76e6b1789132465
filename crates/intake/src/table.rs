//! CSV and TSV: a row of names, then a record a row.

use crate::{
    Position, Record,
    charset::{self, Transcoder},
    options::{SLOTS, slot},
    place::Place,
    stop::{Done, Fault, Out},
};
use csv_core::{ReadRecordResult, Reader, ReaderBuilder};
use encoding_rs::UTF_8;
use std::{
    borrow::Cow,
    io::{BufRead, BufReader, Read},
};

/// Most columns.
const MAX_COLUMNS: usize = 16_384;
/// Bytes by which an encoding is guessed.
const HEAD: u64 = 64 << 10;

/// Reads all rows.
pub(crate) fn read(mut reader: impl Read, delimiter: u8, place: &Place<'_>, out: &mut Out<'_>) -> Done {
    let mut head = Vec::new();
    reader.by_ref().take(HEAD).read_to_end(&mut head)?;
    let (encoding, mark) = charset::of_stream(&head, out.encoding, true);
    if encoding == UTF_8 && memchr::memchr(0, &head).is_some() {
        return Err(Fault::new("binary", "a NUL among the first bytes: this is no text").into());
    }
    let reader = head[mark..].chain(reader);
    if encoding == UTF_8 {
        rows(BufReader::with_capacity(256 << 10, reader), delimiter, place, out)
    } else {
        rows(BufReader::new(Transcoder::new(reader, encoding)), delimiter, place, out)
    }
}

fn rows(reader: impl BufRead, delimiter: u8, place: &Place<'_>, out: &mut Out<'_>) -> Done {
    let limit = out.options.limits.line_bytes as usize;
    let mut rows = Rows {
        reader,
        parser: ReaderBuilder::new().delimiter(delimiter).build(),
        fields: vec![0; 64 << 10],
        ends: vec![0; 64],
        limit,
    };
    let columns = match rows.next()? {
        Next::Row(row) => {
            let names: Option<Vec<_>> = (0..row.ends.len()).map(|index| row.field(index)).collect();
            let names = names.ok_or_else(|| Fault::new("not_utf8", "the row of names is no valid UTF-8"))?;
            (out.wants.columns(names.iter().map(|name| name.trim())), names.len())
        }
        Next::TooLong => return Err(too_long(limit).into()),
        Next::End => return Err(Fault::new("empty", "the file is empty").into()),
    };
    if columns.0[slot::TEXT].is_none() {
        let text = "no column of the first row holds the text; name it under `fields.text`";
        return Err(Fault::new("text_missing", text).into());
    }
    for number in 1.. {
        let position = Position::Row(number);
        match rows.next()? {
            Next::End => break,
            Next::TooLong => out.broken(place.path, too_long(limit).at(position))?,
            Next::Row(row) => {
                let done = deliver(&row, &columns, position, place, out);
                out.absorb(place.path, done.map_err(|stop| stop.map(|fault| fault.at(position))))?;
            }
        }
    }
    Ok(())
}

fn too_long(limit: usize) -> Fault {
    Fault::new("line_too_long", format!("a row over the limit of {limit} bytes; a quote may lack its end"))
}

fn deliver(
    row: &Row<'_>,
    (columns, count): &([Option<usize>; SLOTS], usize),
    position: Position,
    place: &Place<'_>,
    out: &mut Out<'_>,
) -> Done {
    if row.ends.len() != *count {
        let text = format!("the row has {} columns, the first one {count}", row.ends.len());
        return Err(Fault::new("csv_invalid", text).into());
    }
    let field = |slot: usize, stated| match columns[slot] {
        None => Ok(Cow::Borrowed(stated)),
        Some(column) => row
            .field(column)
            .map(Cow::Borrowed)
            .ok_or_else(|| Fault::new("not_utf8", "the row is no valid UTF-8")),
    };
    let origin = place.origin;
    let (text, id) = (field(slot::TEXT, "")?, field(slot::ID, "")?);
    if text.is_empty() {
        return Err(Fault::new("empty", "the text is empty").into());
    }
    let record = Record {
        id: if id.is_empty() { position.id(place.path).into() } else { id },
        text,
        form: out.options.form,
        url: field(slot::URL, "")?,
        source: field(slot::SOURCE, &origin.source)?,
        licence: field(slot::LICENCE, &origin.licence)?,
        author: field(slot::AUTHOR, &origin.author)?,
        contributor: field(slot::CONTRIBUTOR, &origin.contributor)?,
        position,
        bytes: row.fields.len() as u64,
        ..place.record()
    };
    out.record(record)
}

/// Rows of any stream, in bounded memory.
struct Rows<R> {
    reader: R,
    parser: Reader,
    fields: Vec<u8>,
    ends: Vec<usize>,
    limit: usize,
}

/// A row: its fields one after the other, and where each ends.
struct Row<'a> {
    fields: &'a [u8],
    ends: &'a [usize],
}

impl<'a> Row<'a> {
    /// A field; none when it is no valid UTF-8.
    fn field(&self, index: usize) -> Option<&'a str> {
        let start = if index == 0 { 0 } else { self.ends[index - 1] };
        simdutf8::basic::from_utf8(&self.fields[start..self.ends[index]]).ok()
    }
}

enum Next<'a> {
    Row(Row<'a>),
    TooLong,
    End,
}

impl<R: BufRead> Rows<R> {
    fn next(&mut self) -> std::io::Result<Next<'_>> {
        let (mut bytes, mut columns, mut too_long) = (0, 0, false);
        loop {
            let input = self.reader.fill_buf()?;
            let (result, taken, given, ended) =
                self.parser.read_record(input, &mut self.fields[bytes..], &mut self.ends[columns..]);
            self.reader.consume(taken);
            (bytes, columns) = (bytes + given, columns + ended);
            match result {
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull if bytes <= self.limit && !too_long => {
                    self.fields.resize((self.fields.len() * 2).min(self.limit + 1), 0);
                }
                ReadRecordResult::OutputEndsFull if columns < MAX_COLUMNS && !too_long => {
                    self.ends.resize(self.ends.len() * 2, 0);
                }
                // The rest of the row is read and forgotten.
                ReadRecordResult::OutputFull | ReadRecordResult::OutputEndsFull => {
                    (bytes, columns, too_long) = (0, 0, true);
                }
                ReadRecordResult::Record if too_long || bytes > self.limit => return Ok(Next::TooLong),
                ReadRecordResult::Record => {
                    return Ok(Next::Row(Row { fields: &self.fields[..bytes], ends: &self.ends[..columns] }));
                }
                ReadRecordResult::End => return Ok(Next::End),
            }
        }
    }
}

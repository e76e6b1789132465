//! From a shard to records: opens, unpacks, and hands over to the format's own reader.

use crate::{
    Broken, Form, Options, Part, Piece, Record, Shard,
    archive::{Tar, Zip},
    epub, jsonl,
    kind::{Format, Kind, Packing},
    parquet, pdf,
    place::Place,
    plan::Root,
    stop::{Done, Fault, Out},
    table, unpack, warc,
};
use kernel::Result;
use std::{
    io::{Cursor, Read, Seek, SeekFrom},
    path::Path,
};

/// Reads a shard of `input`, handing records to `sink` and what can't be read to `broken`, in the order of the
/// input. An error of either ends the reading and is returned.
pub fn read(
    input: &Path,
    shard: &Shard,
    options: &Options,
    sink: &mut dyn FnMut(Record<'_>) -> Result<()>,
    broken: &mut dyn FnMut(Broken) -> Result<()>,
) -> Result<()> {
    let root = Root::of(input)?;
    let mut out = Out::new(options, sink, broken)?;
    for piece in &shard.pieces {
        let done = file(&root, piece, &mut out);
        if let Err(crate::stop::Stop::Fatal(error)) = out.absorb(&piece.path, done) {
            return Err(error);
        }
    }
    Ok(())
}

/// Reads a file, or its part.
fn file(root: &Root, piece: &Piece, out: &mut Out<'_>) -> Done {
    let unknown = || Fault::new("kind_unknown", "files of this kind are not read");
    let kind = Kind::of(&piece.path).ok_or_else(unknown)?;
    let mut file = root.open(&piece.path)?;
    let bytes = file.metadata()?.len();
    let place = Place { path: &piece.path, origin: &piece.origin };
    // What lies in an archive that is the input itself needs no path before its own, and it may hold archives, as
    // the folder that it was packed from may.
    let (prefix, level) = if root.is_file() { (String::new(), 0) } else { (format!("{}/", piece.path), 1) };
    match (kind, piece.part) {
        (Kind { format: Format::Jsonl, packing: Packing::Plain }, Part::Bytes { start, end }) => {
            file.seek(SeekFrom::Start(start))?;
            let first = if start == 0 { jsonl::Start::First } else { jsonl::Start::Byte(start) };
            jsonl::read(file.take(end - start), first, &place, out)
        }
        (Kind { format: Format::Warc, packing: Packing::Gzip }, part) => {
            let span = if let Part::Bytes { start, end } = part { start..end } else { 0..bytes };
            warc::members(file, span, bytes, &place, out)
        }
        (Kind { format: Format::Parquet, packing: Packing::Plain }, part) => {
            parquet::read(file, range(part), &place, out)
        }
        (Kind { format: Format::Zip, packing: Packing::Plain }, part) => {
            let mut zip = Zip::open(file, &out.options.limits)?;
            zip.read(range(part), &prefix, &piece.origin, level, out)
        }
        _ => content(kind, file, bytes, &place, &prefix, level, out),
    }
}

fn range(part: Part) -> std::ops::Range<usize> {
    if let Part::Entries { start, end } = part { start..end } else { 0..usize::MAX }
}

/// Reads a file from its beginning to its end. `prefix` goes before the paths of what it holds; `level` is how many
/// archives lie around it, the input counted as one.
pub(crate) fn content(
    kind: Kind,
    reader: impl Read,
    packed: u64,
    place: &Place<'_>,
    prefix: &str,
    level: u32,
    out: &mut Out<'_>,
) -> Done {
    if packed == 0 {
        return Err(Fault::new("empty", "the file is empty").into());
    }
    let limits = &out.options.limits;
    let most = limits.document_bytes;
    let stream = unpack::stream(reader, kind.packing, packed, limits)?;
    let document = |form, stream, out: &mut Out<'_>| place.document(&unpack::whole(stream, most)?, form, out);
    match kind.format {
        Format::Text => document(Form::Text, stream, out),
        Format::Markdown => document(Form::Markdown, stream, out),
        Format::Html => document(Form::Html, stream, out),
        Format::Jsonl => jsonl::read(stream, jsonl::Start::First, place, out),
        Format::Csv => table::read(stream, b',', place, out),
        Format::Tsv => table::read(stream, b'\t', place, out),
        Format::Warc => warc::stream(stream, place, out),
        Format::Parquet => {
            parquet::read(bytes::Bytes::from(unpack::whole(stream, most)?), 0..usize::MAX, place, out)
        }
        Format::Epub => epub::read(unpack::whole(stream, most)?, place, out),
        Format::Pdf => pdf::read(unpack::whole(stream, most)?, place, out),
        Format::Zip | Format::Tar if level > 1 => {
            let text = "an archive inside an archive inside the input; unpack it once";
            Err(Fault::new("nested_archive", text).into())
        }
        Format::Zip => {
            let mut zip = Zip::open(Cursor::new(unpack::whole(stream, most)?), limits)?;
            zip.read(0..usize::MAX, prefix, place.origin, level, out)
        }
        Format::Tar => Tar::new(stream).read(prefix, place.origin, level, out),
    }
}

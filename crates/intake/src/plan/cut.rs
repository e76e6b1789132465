//! Where large files can be cut.

use super::{Listed, Part, Root};
use crate::{
    Options,
    archive::Zip,
    kind::{Format, Kind, Packing},
    parquet,
};
use encoding_rs::{Encoding, UTF_8};
use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    ops::Range,
};

/// The parts of a file, each with its bytes. A file that can't be looked into is one part: reading it will say why.
pub(super) fn parts(root: &Root, file: &Listed, options: &Options) -> Vec<(Part, u64)> {
    let whole = || vec![(Part::Whole, file.bytes)];
    let (Some(kind), Ok(opened)) = (Kind::of(&file.path), root.open(&file.path)) else { return whole() };
    let large = file.bytes > options.shard_bytes;
    match (kind.format, kind.packing) {
        (Format::Jsonl, Packing::Plain) if large => {
            lines(opened, file.bytes, options).unwrap_or_else(|_| whole())
        }
        (Format::Warc, Packing::Gzip) if large => spans(file.bytes, options.shard_bytes),
        (Format::Parquet, Packing::Plain) if large => match parquet::groups(opened) {
            Ok(sizes) => entries(&sizes, options.shard_bytes),
            Err(_) => whole(),
        },
        (Format::Zip, Packing::Plain) if file.bytes > options.shard_bytes / 8 => {
            match Zip::open(opened, &options.limits) {
                Ok(zip) => entries(&zip.sizes(), options.shard_bytes / 8),
                Err(_) => whole(),
            }
        }
        _ => whole(),
    }
}

fn span(Range { start, end }: Range<u64>) -> (Part, u64) {
    (Part::Bytes { start, end }, end - start)
}

fn spans(bytes: u64, step: u64) -> Vec<(Part, u64)> {
    (0..bytes.div_ceil(step)).map(|index| span(index * step..((index + 1) * step).min(bytes))).collect()
}

/// Cuts at the ends of lines.
fn lines(mut file: File, bytes: u64, options: &Options) -> io::Result<Vec<(Part, u64)>> {
    let mut head = Vec::new();
    file.by_ref().take(3).read_to_end(&mut head)?;
    let marked = Encoding::for_bom(&head).is_some_and(|(encoding, _)| encoding != UTF_8);
    if marked || !options.encoding.is_empty() {
        return Ok(vec![(Part::Whole, bytes)]);
    }
    let (mut parts, mut start) = (Vec::new(), 0);
    while start < bytes {
        let end = line_end(&mut file, start + options.shard_bytes, bytes)?;
        parts.push(span(start..end));
        start = end;
    }
    Ok(parts)
}

/// Behind the first line feed from `from` on.
fn line_end(file: &mut File, from: u64, bytes: u64) -> io::Result<u64> {
    if from >= bytes {
        return Ok(bytes);
    }
    file.seek(SeekFrom::Start(from))?;
    let (mut at, mut block) = (from, vec![0; 64 << 10]);
    loop {
        let read = file.read(&mut block)?;
        match memchr::memchr(b'\n', &block[..read]) {
            Some(end) => return Ok((at + end as u64 + 1).min(bytes)),
            None if read == 0 => return Ok(bytes),
            None => at += read as u64,
        }
    }
}

/// Runs of entries of about `aim` bytes.
fn entries(sizes: &[u64], aim: u64) -> Vec<(Part, u64)> {
    let (mut parts, mut start, mut bytes) = (Vec::new(), 0, 0);
    for (index, size) in sizes.iter().enumerate() {
        bytes = size.saturating_add(bytes);
        if bytes >= aim || index + 1 == sizes.len() {
            parts.push((Part::Entries { start, end: index + 1 }, bytes));
            (start, bytes) = (index + 1, 0);
        }
    }
    if parts.is_empty() { vec![(Part::Whole, 0)] } else { parts }
}

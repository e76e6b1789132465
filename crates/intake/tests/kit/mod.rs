//! Samples of every format, and what reading them gives. Also part of the examples.
#![allow(dead_code, missing_docs)]

pub mod mutate;

use intake::{Form, Options, Position};
use std::{
    io::{Cursor, Write},
    path::{Path, PathBuf},
    sync::Arc,
};

/// A record that outlives its input.
#[derive(Debug, Clone, PartialEq)]
pub struct Owned {
    pub id: String,
    pub text: String,
    pub form: Form,
    pub url: String,
    pub source: String,
    pub licence: String,
    pub author: String,
    pub path: String,
    pub position: Position,
    pub extra: Vec<(String, String)>,
    pub raw: Option<Vec<u8>>,
}

/// Reads an input: records, and path and code of what is broken.
pub fn read(input: &Path, options: &Options) -> (Vec<Owned>, Vec<(String, String)>) {
    let plan = intake::plan(input, options).unwrap();
    let mut records = Vec::new();
    let mut broken: Vec<_> = plan.broken.iter().map(|b| (b.path.clone(), b.code.clone())).collect();
    for shard in &plan.shards {
        let mut sink = |r: intake::Record<'_>| {
            records.push(Owned {
                id: r.id.into_owned(),
                text: r.text.into_owned(),
                form: r.form,
                url: r.url.into_owned(),
                source: r.source.into_owned(),
                licence: r.licence.into_owned(),
                author: r.author.into_owned(),
                path: r.path.to_owned(),
                position: r.position,
                extra: r.extra.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect(),
                raw: r.raw.map(<[u8]>::to_vec),
            });
            Ok(())
        };
        let mut refuse = |b: intake::Broken| {
            broken.push((b.path, b.code));
            Ok(())
        };
        intake::read(input, shard, options, &mut sink, &mut refuse).unwrap();
    }
    (records, broken)
}

/// A folder that goes away.
pub struct Folder(tempfile::TempDir);

impl Folder {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    pub fn put(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, bytes).unwrap();
        path
    }

    pub fn read(&self, options: &Options) -> (Vec<Owned>, Vec<(String, String)>) {
        read(self.path(), options)
    }
}

pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    packer.write_all(bytes).unwrap();
    packer.finish().unwrap()
}

pub fn zstd(bytes: &[u8]) -> Vec<u8> {
    zstd::encode_all(bytes, 1).unwrap()
}

pub fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        writer.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// A tar entry's header and body.
pub fn tar_entry(name: &str, kind: u8, bytes: &[u8]) -> Vec<u8> {
    let mut header = [0_u8; 512];
    header[..name.len()].copy_from_slice(name.as_bytes());
    header[100..108].copy_from_slice(b"0000644\0");
    header[124..136].copy_from_slice(format!("{:011o}\0", bytes.len()).as_bytes());
    header[148..156].copy_from_slice(b"        ");
    header[156] = kind;
    header[257..265].copy_from_slice(b"ustar\x0000");
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    let mut entry = header.to_vec();
    entry.extend_from_slice(bytes);
    entry.resize(entry.len().next_multiple_of(512), 0);
    entry
}

pub fn tar(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut all: Vec<u8> = files.iter().flat_map(|(name, bytes)| tar_entry(name, b'0', bytes)).collect();
    all.extend([0; 1024]);
    all
}

/// A record of a WARC, not packed.
pub fn warc_record(kind: &str, url: &str, media: &str, block: &[u8]) -> Vec<u8> {
    let mut record = format!(
        "WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Record-ID: <urn:uuid:{kind}-{url}>\r\nWARC-Target-URI: {url}\r\n\
         Content-Type: {media}\r\nContent-Length: {}\r\n\r\n",
        block.len()
    )
    .into_bytes();
    record.extend_from_slice(block);
    record.extend_from_slice(b"\r\n\r\n");
    record
}

pub fn warc_member(kind: &str, url: &str, media: &str, block: &[u8]) -> Vec<u8> {
    gzip(&warc_record(kind, url, media, block))
}

/// A Parquet file with an `id` and a `text`, in row groups of so many rows.
pub fn parquet(rows: &[(i64, Option<String>)], group: usize) -> Vec<u8> {
    use parquet::{
        basic::{Compression, ZstdLevel},
        data_type::{ByteArray, ByteArrayType, Int64Type},
        file::{properties::WriterProperties, writer::SerializedFileWriter},
        schema::parser::parse_message_type,
    };
    let schema = parse_message_type("message m { required int64 id; optional binary text (UTF8); }").unwrap();
    let packing = Compression::ZSTD(ZstdLevel::default());
    let properties = Arc::new(WriterProperties::builder().set_compression(packing).build());
    let mut bytes = Vec::new();
    let mut writer = SerializedFileWriter::new(&mut bytes, Arc::new(schema), properties).unwrap();
    for rows in rows.chunks(group) {
        let mut group = writer.next_row_group().unwrap();
        let mut column = group.next_column().unwrap().unwrap();
        let ids: Vec<_> = rows.iter().map(|(id, _)| *id).collect();
        column.typed::<Int64Type>().write_batch(&ids, None, None).unwrap();
        column.close().unwrap();
        let mut column = group.next_column().unwrap().unwrap();
        let texts: Vec<_> =
            rows.iter().filter_map(|(_, text)| text.as_deref().map(ByteArray::from)).collect();
        let levels: Vec<_> = rows.iter().map(|(_, text)| i16::from(text.is_some())).collect();
        column.typed::<ByteArrayType>().write_batch(&texts, Some(&levels), None).unwrap();
        column.close().unwrap();
        group.close().unwrap();
    }
    writer.close().unwrap();
    bytes
}

pub fn epub(chapters: &[&str]) -> Vec<u8> {
    let container = r#"<?xml version="1.0"?><container xmlns="urn:oasis:names:tc:opendocument:xmlns:container">
        <rootfiles><rootfile full-path="OPS/book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>"#;
    let (mut items, mut spine) = (String::new(), String::new());
    let mut names = Vec::new();
    for n in 0..chapters.len() {
        items +=
            &format!(r#"<item id="c{n}" href="../text/c{n}.xhtml" media-type="application/xhtml+xml"/>"#);
        spine += &format!(r#"<itemref idref="c{n}"/>"#);
        names.push(format!("text/c{n}.xhtml"));
    }
    let package = format!(
        r#"<package xmlns:dc="http://purl.org/dc/elements/1.1/"><metadata><dc:title>A &amp; B</dc:title>
        <dc:creator>Wang</dc:creator></metadata><manifest>{items}</manifest><spine>{spine}</spine></package>"#
    );
    let mut files: Vec<(&str, &[u8])> = vec![
        ("mimetype", b"application/epub+zip"),
        ("META-INF/container.xml", container.as_bytes()),
        ("OPS/book.opf", package.as_bytes()),
    ];
    files.extend(names.iter().map(String::as_str).zip(chapters.iter().map(|text| text.as_bytes())));
    zip(&files)
}

/// A PDF of one page with this content.
pub fn pdf(content: &str) -> Vec<u8> {
    let objects = [
        "<</Type/Catalog/Pages 2 0 R>>".to_owned(),
        "<</Type/Pages/Kids[3 0 R]/Count 1>>".to_owned(),
        "<</Type/Page/Parent 2 0 R/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>/MediaBox[0 0 612 792]>>"
            .to_owned(),
        format!("<</Length {}>>stream\n{content}\nendstream", content.len()),
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>".to_owned(),
    ];
    pdf_of(&objects)
}

/// A PDF of these objects, numbered from 1; the first is its root.
pub fn pdf_of(objects: &[String]) -> Vec<u8> {
    let mut bytes = b"%PDF-1.5\n".to_vec();
    let mut offsets = Vec::new();
    for (object, number) in objects.iter().zip(1..) {
        offsets.push(bytes.len());
        bytes.extend(format!("{number} 0 obj\n{object}\nendobj\n").into_bytes());
    }
    let start = bytes.len();
    bytes.extend(format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1).into_bytes());
    for offset in offsets {
        bytes.extend(format!("{offset:010} 00000 n \n").into_bytes());
    }
    let size = objects.len() + 1;
    bytes.extend(format!("trailer\n<</Size {size}/Root 1 0 R>>\nstartxref\n{start}\n%%EOF").into_bytes());
    bytes
}

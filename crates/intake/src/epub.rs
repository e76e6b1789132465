//! EPUB: the chapters of a book in reading order, each a page.

use crate::{
    Form, Position, Record, charset,
    options::Limits,
    place::Place,
    stop::{Done, Fault, Out},
    unpack::{Bounded, whole},
};
use quick_xml::{
    Reader,
    events::{BytesStart, Event},
};
use std::{collections::HashMap, io::Cursor};
use zip::ZipArchive;

/// Largest description of a book, in bytes.
const MAX_PACKAGE: u64 = 16 << 20;

/// Reads the chapters. Each is a record, its position the place in reading order.
pub(crate) fn read(bytes: Vec<u8>, place: &Place<'_>, out: &mut Out<'_>) -> Done {
    let limits = out.options.limits.clone();
    let mut left = limits.ceiling(bytes.len() as u64);
    let mut book = Book::open(bytes, &limits)?;
    let package = book.package()?;
    for (href, number) in package.spine.iter().zip(1..) {
        let position = Position::Row(number);
        let page = match book.file(href, limits.document_bytes) {
            Ok(page) => page,
            Err(fault) => {
                out.broken(place.path, fault.at(position))?;
                continue;
            }
        };
        left = left.checked_sub(page.len() as u64).ok_or_else(|| {
            Fault::new("bomb", "its chapters unpack to more than its packed size allows").at(position)
        })?;
        let origin = place.origin;
        let stated =
            |stated: &'_ String, own: &'_ String| if own.is_empty() { stated.clone() } else { own.clone() };
        out.record(Record {
            id: format!("{}/{href}", place.path).into(),
            text: charset::page(&page, None, None),
            form: Form::Html,
            source: stated(&origin.source, &package.title).into(),
            author: stated(&origin.author, &package.creator).into(),
            licence: stated(&origin.licence, &package.rights).into(),
            position,
            bytes: page.len() as u64,
            raw: out.options.raw.then_some(&page[..]),
            ..place.record()
        })?;
    }
    Ok(())
}

struct Book {
    zip: ZipArchive<Cursor<Vec<u8>>>,
    limits: Limits,
}

/// What the book's description says.
#[derive(Default)]
struct Package {
    title: String,
    creator: String,
    rights: String,
    /// Paths of the chapters.
    spine: Vec<String>,
}

fn invalid(text: impl std::fmt::Display) -> Fault {
    Fault::new("epub_invalid", format!("no whole EPUB: {text}"))
}

impl Book {
    fn open(bytes: Vec<u8>, limits: &Limits) -> Result<Self, Fault> {
        // The archive's own reader makes the checks that every zip has to pass.
        let zip = crate::archive::Zip::open(Cursor::new(bytes), limits)?.into_inner();
        if zip.index_for_name("META-INF/rights.xml").is_some()
            || zip.index_for_name("META-INF/license.lcpl").is_some()
        {
            return Err(Fault::new("encrypted", "the book is protected; it can't be read without its key"));
        }
        Ok(Self { zip, limits: limits.clone() })
    }

    fn file(&mut self, path: &str, limit: u64) -> Result<Vec<u8>, Fault> {
        let entry = self.zip.by_name(path).map_err(|error| invalid(format_args!("{path}: {error}")))?;
        let ceiling = self.limits.ceiling(entry.compressed_size());
        whole(Bounded::new(entry, ceiling), limit)
    }

    fn text(&mut self, path: &str) -> Result<String, Fault> {
        let bytes = self.file(path, MAX_PACKAGE)?;
        charset::text(&bytes, None).map(std::borrow::Cow::into_owned)
    }

    fn package(&mut self) -> Result<Package, Fault> {
        let container = self.text("META-INF/container.xml")?;
        let mut path = None;
        elements(&container, |name, element, _| {
            if name == "rootfile" && path.is_none() {
                path = attribute(element, "full-path");
            }
        })?;
        let path = path.ok_or_else(|| invalid("META-INF/container.xml names no package"))?;
        let text = self.text(&path)?;
        let base = path.rfind('/').map_or("", |at| &path[..=at]);
        let mut package = Package::default();
        let mut items = HashMap::new();
        let mut order = Vec::new();
        elements(&text, |name, element, text| match name {
            "item" => {
                if let (Some(id), Some(href)) = (attribute(element, "id"), attribute(element, "href")) {
                    let media = attribute(element, "media-type").unwrap_or_default();
                    items.insert(id, (href, media));
                }
            }
            "itemref" => order.extend(attribute(element, "idref")),
            "title" if package.title.is_empty() => package.title = text.to_owned(),
            "creator" if package.creator.is_empty() => package.creator = text.to_owned(),
            "rights" if package.rights.is_empty() => package.rights = text.to_owned(),
            _ => {}
        })?;
        // Taken out, so that a chapter that is listed again and again is read once.
        let pages =
            order.iter().filter_map(|id| items.remove(id)).filter(|(_, media)| media.contains("html"));
        package.spine = pages.map(|(href, _)| resolved(base, &href)).collect();
        if package.spine.is_empty() {
            return Err(invalid("its spine names no pages"));
        }
        Ok(package)
    }
}

/// Tells `visit` the local name of every element, the element, and the text that follows its tag.
fn elements(xml: &str, mut visit: impl FnMut(&str, &BytesStart<'_>, &str)) -> Result<(), Fault> {
    let mut reader = Reader::from_str(xml);
    reader.config_mut().check_end_names = false;
    let mut open: Option<BytesStart<'_>> = None;
    let mut text = String::new();
    loop {
        let event = reader.read_event().map_err(invalid)?;
        match &event {
            Event::Text(piece) => text.push_str(&piece.xml10_content()),
            Event::GeneralRef(name) => match name.resolve_char_ref() {
                Ok(Some(letter)) => text.push(letter),
                _ => text.push_str(quick_xml::escape::resolve_predefined_entity(name).unwrap_or_default()),
            },
            _ => {
                if let Some(element) = open.take() {
                    visit(local(&element), &element, text.trim());
                }
            }
        }
        match event {
            Event::Start(element) => {
                text.clear();
                open = Some(element);
            }
            Event::Empty(element) => visit(local(&element), &element, ""),
            Event::Eof => return Ok(()),
            _ => {}
        }
    }
}

fn local<'a>(element: &'a BytesStart<'_>) -> &'a str {
    let name = element.name().into_inner();
    name.rsplit(':').next().unwrap_or(name)
}

fn attribute(element: &BytesStart<'_>, name: &str) -> Option<String> {
    let found = element.attributes().flatten().find(|attribute| attribute.key.into_inner() == name)?;
    found.normalized_value(quick_xml::XmlVersion::Implicit1_0).ok().map(|value| value.into_owned())
}

/// A reference in the package as a path in the archive: percent signs undone, steps up taken.
fn resolved(base: &str, href: &str) -> String {
    let href = href.split(['#', '?']).next().unwrap_or(href);
    let bytes = href.as_bytes();
    let (mut plain, mut at) = (Vec::with_capacity(bytes.len()), 0);
    while at < bytes.len() {
        let hex = bytes.get(at + 1..at + 3).and_then(|hex| std::str::from_utf8(hex).ok());
        match hex.filter(|_| bytes[at] == b'%').and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => plain.push(byte),
            None => plain.push(bytes[at]),
        }
        at += if bytes[at] == b'%' && plain.last() != Some(&b'%') { 3 } else { 1 };
    }
    let whole = format!("{base}{}", String::from_utf8_lossy(&plain));
    let mut parts: Vec<&str> = Vec::new();
    for part in whole.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

//! PDF: the text of its pages, on a thread of its own, within bounds on pages, bytes and time.

mod page;

use crate::{
    Form, Position, Record,
    place::Place,
    stop::{Done, Fault, Out},
};
use lopdf::{Document, LoadOptions};
use std::{
    sync::mpsc::{self, RecvTimeoutError},
    thread,
    time::{Duration, Instant},
};

/// Most pages that are read.
const MAX_PAGES: usize = 20_000;
/// Most bytes that the streams of objects unpack to together, and one stream.
const MAX_OBJECTS: usize = 256 << 20;
const MAX_STREAM: usize = 32 << 20;
/// Longest time for a document. What takes longer is refused when it comes to its next page.
const MAX_TIME: Duration = Duration::from_secs(60);
/// The parser recurses to a fixed depth, for which this is ample.
const STACK: usize = 16 << 20;

/// Reads a document.
pub(crate) fn read(bytes: Vec<u8>, place: &Place<'_>, out: &mut Out<'_>) -> Done {
    if !bytes[..bytes.len().min(1024)].windows(5).any(|window| window == b"%PDF-") {
        return Err(invalid("it doesn't begin with %PDF-").into());
    }
    let size = bytes.len() as u64;
    let limit = out.options.limits.document_bytes;
    let text = apart(move || text(&bytes, limit))?;
    if text.is_empty() {
        let text = "the document has no text: its pages may be pictures, which need character recognition";
        return Err(Fault::new("empty", text).into());
    }
    let id = Position::File.id(place.path).into();
    out.record(Record { id, text: text.into(), form: Form::Text, bytes: size, ..place.record() })
}

fn invalid(text: impl std::fmt::Display) -> Fault {
    Fault::new("pdf_invalid", format!("no whole PDF: {text}"))
}

/// Runs `work` on a thread whose panic or sloth is the document's fault.
fn apart(work: impl FnOnce() -> Result<String, Fault> + Send + 'static) -> Result<String, Fault> {
    let (send, receive) = mpsc::channel();
    let spawned = thread::Builder::new().name("pdf".into()).stack_size(STACK).spawn(move || {
        // Nobody listens any more when it took too long.
        let _ = send.send(work());
    });
    spawned?;
    match receive.recv_timeout(MAX_TIME * 2) {
        Ok(result) => result,
        Err(RecvTimeoutError::Timeout) => Err(slow()),
        Err(RecvTimeoutError::Disconnected) => Err(invalid("its parts contradict each other")),
    }
}

fn slow() -> Fault {
    Fault::new("pdf_slow", format!("it takes over {} seconds to read", MAX_TIME.as_secs()))
}

fn text(bytes: &[u8], limit: u64) -> Result<String, Fault> {
    let began = Instant::now();
    let streams = memchr::memmem::find_iter(bytes, b"ObjStm").count().max(1);
    let options = LoadOptions {
        max_decompressed_size: Some((MAX_OBJECTS / streams).clamp(1 << 16, MAX_STREAM)),
        ..LoadOptions::default()
    };
    let document = Document::load_mem_with_options(bytes, options).map_err(invalid)?;
    if document.is_encrypted() {
        return Err(Fault::new("encrypted", "the document is protected by a password; save it without one"));
    }
    let mut text = String::new();
    let mut fault = None;
    for page in document.page_iter().take(MAX_PAGES) {
        if began.elapsed() > MAX_TIME {
            return Err(slow());
        }
        match page::text(&document, page, MAX_STREAM, &mut text) {
            Ok(()) => {}
            Err(error) => fault = Some(error),
        }
        if text.len() as u64 > limit {
            return Err(Fault::new("too_large", format!("its text is over the limit of {limit} bytes")));
        }
    }
    let text = text.trim().to_owned();
    // A page that can't be read is no reason to lose the others; nothing at all is.
    match fault {
        Some(error) if text.is_empty() => Err(invalid(error)),
        _ => Ok(text),
    }
}

//! Tar archives, read as a stream in the order in which they were packed.

use super::{
    Entry,
    header::{self, BLOCK, Header, Kind},
    safe, shown,
};
use crate::{
    plan::is_provenance,
    provenance::{Origin, Provenance},
    stop::{Done, Fault, Out},
};
use kernel::Error;
use std::io::{self, Read};

/// Longest name, and most pax records, in bytes.
const MAX_NAME: u64 = 64 << 10;

/// A tar that is being read.
pub(crate) struct Tar<R> {
    reader: R,
    /// What a header before the entry said of it.
    name: Option<String>,
    bytes: Option<u64>,
}

impl<R: Read> Tar<R> {
    pub(crate) fn new(reader: R) -> Self {
        Self { reader, name: None, bytes: None }
    }

    /// Reads all entries.
    pub(crate) fn read(mut self, prefix: &str, origin: &Origin, level: u32, out: &mut Out<'_>) -> Done {
        let mut provenance = Provenance::below(origin);
        let mut entries = 0;
        while let Some(header) = self.header()? {
            let (bytes, padding) = (header.bytes, header.bytes.next_multiple_of(BLOCK as u64) - header.bytes);
            if entries == out.options.limits.entries {
                let text = format!("over {entries} entries; the rest was left out. Split the archive");
                return Err(Fault::new("too_many_entries", text).into());
            }
            let mut body = Body { reader: &mut self.reader, left: bytes, failed: false };
            match (header.kind, safe(&header.name)) {
                (Kind::File, Some(name)) if is_provenance(&name) => {
                    if entries > 0 {
                        return Err(late(prefix, &name).into());
                    }
                    provenance.add(&name, &mut body)?;
                }
                (Kind::File, Some(name)) => {
                    entries += 1;
                    let origin = provenance.of(&name);
                    let path = format!("{prefix}{name}");
                    Entry { path: &path, inner: &name, bytes, origin: &origin }
                        .read(&mut body, level, out)?;
                }
                (Kind::File | Kind::Special, name) => {
                    entries += 1;
                    let (code, text) = match name {
                        Some(_) => ("not_a_file", "a link or a device in an archive is not followed"),
                        None => ("path_unsafe", "the name leads out of the archive; it was ignored"),
                    };
                    out.broken(&format!("{prefix}{}", shown(&header.name)), Fault::new(code, text))?;
                }
                _ => {}
            }
            if body.failed {
                // The entry was told of it.
                return Ok(());
            }
            // What an entry's reader left is passed over.
            io::copy(&mut body, &mut io::sink())?;
            io::copy(&mut self.reader.by_ref().take(padding), &mut io::sink())?;
        }
        Ok(())
    }

    /// The next entry's header, with what other headers say of it.
    fn header(&mut self) -> Done<Option<Header>> {
        loop {
            let mut block = [0; BLOCK];
            match read_full(&mut self.reader, &mut block)? {
                0 => return Ok(None),
                BLOCK => {}
                _ => return Err(truncated().into()),
            }
            let Some(mut header) = header::parse(&block)? else { return Ok(None) };
            if !matches!(header.kind, Kind::LongName | Kind::Pax | Kind::Ignored) {
                header.name = self.name.take().unwrap_or(header.name);
                header.bytes = self.bytes.take().unwrap_or(header.bytes);
                if header.kind == Kind::Nothing {
                    header.bytes = 0;
                }
                return Ok(Some(header));
            }
            if header.bytes > MAX_NAME {
                return Err(Fault::new("tar_invalid", "a name of over 64 KiB; the rest is lost").into());
            }
            let mut body = vec![0; header.bytes.next_multiple_of(BLOCK as u64) as usize];
            if read_full(&mut self.reader, &mut body)? < body.len() {
                return Err(truncated().into());
            }
            body.truncate(header.bytes as usize);
            match header.kind {
                Kind::LongName => {
                    self.name = Some(String::from_utf8_lossy(header::until_nul(&body)).into_owned());
                }
                Kind::Pax => {
                    let (name, bytes) = header::pax(&body);
                    self.name = name.or(self.name.take());
                    self.bytes = bytes.or(self.bytes.take());
                }
                _ => {}
            }
        }
    }
}

/// The bytes of an entry. An archive that ends before they do is an error, not their end.
struct Body<'a, R> {
    reader: &'a mut R,
    left: u64,
    failed: bool,
}

impl<R: Read> Read for Body<'_, R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let most = usize::try_from(self.left).unwrap_or(usize::MAX).min(into.len());
        if most == 0 {
            return Ok(0);
        }
        let read = self.reader.read(&mut into[..most]).and_then(|read| match read {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            read => Ok(read),
        });
        self.failed |= read.as_ref().is_err_and(|error| error.kind() != io::ErrorKind::Interrupted);
        self.left -= *read.as_ref().unwrap_or(&0) as u64;
        read
    }
}

fn truncated() -> Fault {
    Fault::new("damaged", "the archive ends too early; copy or make it again")
}

fn late(prefix: &str, name: &str) -> Error {
    let text = format!(
        "{prefix}{name} comes after files that it may speak of; a tar is read once, from its beginning: pack {name} \
         first"
    );
    Error::invalid("corpus_provenance_invalid", text)
}

/// Fills `into` as far as there is something.
fn read_full(reader: &mut impl Read, into: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < into.len() {
        match reader.read(&mut into[filled..]) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

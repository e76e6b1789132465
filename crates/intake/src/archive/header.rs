//! Headers of tar entries: ustar, GNU and pax.

use crate::stop::Fault;

/// Bytes of a header and of what entries are padded to.
pub(super) const BLOCK: usize = 512;

/// No entry is larger.
const MAX_BYTES: u64 = 1 << 60;

/// What follows a header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A file.
    File,
    /// A folder or another entry that holds nothing to read.
    Nothing,
    /// A link or a device.
    Special,
    /// The name of the next entry.
    LongName,
    /// Pax records about the next entry.
    Pax,
    /// Something about all entries, or about a link's target.
    Ignored,
}

/// A header.
#[derive(Debug)]
pub(super) struct Header {
    pub name: String,
    pub kind: Kind,
    pub bytes: u64,
}

/// Reads a header; none when it is all zeros, which ends the archive.
pub(super) fn parse(block: &[u8; BLOCK]) -> Result<Option<Header>, Fault> {
    if block.iter().all(|byte| *byte == 0) {
        return Ok(None);
    }
    let invalid = |text: &str| Fault::new("tar_invalid", format!("no tar header: {text}; the rest is lost"));
    let sum = number(&block[148..156]).ok_or_else(|| invalid("its checksum is no number"))?;
    let summed = |at: usize, byte: u8| u64::from(if (148..156).contains(&at) { b' ' } else { byte });
    if sum != block.iter().enumerate().map(|(at, byte)| summed(at, *byte)).sum::<u64>() {
        return Err(invalid("its checksum is wrong"));
    }
    let bytes = number(&block[124..136]).filter(|bytes| *bytes <= MAX_BYTES);
    let bytes = bytes.ok_or_else(|| invalid("its size is no number, or a very large one"))?;
    let kind = match block[156] {
        0 | b'0' | b'7' => Kind::File,
        b'5' => Kind::Nothing,
        b'L' => Kind::LongName,
        b'x' => Kind::Pax,
        b'K' | b'g' | b'V' => Kind::Ignored,
        _ => Kind::Special,
    };
    let name = until_nul(&block[..100]);
    let prefix = if &block[257..263] == b"ustar\0" { until_nul(&block[345..500]) } else { &[] };
    let lossy = |bytes| String::from_utf8_lossy(bytes).into_owned();
    let name = if prefix.is_empty() { lossy(name) } else { format!("{}/{}", lossy(prefix), lossy(name)) };
    let kind = if kind == Kind::File && name.ends_with('/') { Kind::Nothing } else { kind };
    Ok(Some(Header { name, kind, bytes }))
}

/// The bytes before the first NUL.
pub(super) fn until_nul(bytes: &[u8]) -> &[u8] {
    &bytes[..memchr::memchr(0, bytes).unwrap_or(bytes.len())]
}

/// A number in octal digits, or in base 256 when the first bit is set.
fn number(field: &[u8]) -> Option<u64> {
    if field[0] & 0x80 != 0 {
        let first = u64::from(field[0] & 0x7f);
        return field[1..]
            .iter()
            .try_fold(first, |number, byte| number.checked_mul(256).map(|number| number | u64::from(*byte)));
    }
    let digits = until_nul(field).trim_ascii();
    digits.iter().try_fold(0_u64, |number, digit| {
        let digit = digit.checked_sub(b'0').filter(|digit| *digit < 8)?;
        number.checked_mul(8).map(|number| number | u64::from(digit))
    })
}

/// The path and the size that pax records state, if they do. A record is `LENGTH KEY=VALUE\n`.
pub(super) fn pax(mut records: &[u8]) -> (Option<String>, Option<u64>) {
    let (mut path, mut size) = (None, None);
    while let Some(space) = memchr::memchr(b' ', records) {
        let length =
            std::str::from_utf8(&records[..space]).ok().and_then(|length| length.parse::<usize>().ok());
        let Some((length, record)) =
            length.and_then(|length| Some((length, records.get(space + 1..length)?)))
        else {
            break;
        };
        let text = String::from_utf8_lossy(record);
        match text.trim_end_matches('\n').split_once('=') {
            Some(("path", value)) => path = Some(value.to_owned()),
            Some(("size", value)) => size = value.parse().ok().filter(|size| *size <= MAX_BYTES),
            _ => {}
        }
        records = &records[length..];
    }
    (path, size)
}

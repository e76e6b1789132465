//! Bytes into text: byte order marks, what is declared, and what the bytes look like.

use crate::stop::Fault;
use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{CoderResult, Decoder, Encoding, UTF_8, UTF_16BE, UTF_16LE};
use std::{
    borrow::Cow,
    io::{self, Read},
};

/// Bytes that are looked at to guess an encoding.
const GUESS_BYTES: usize = 256 << 10;
/// Bytes of a page in which a declaration of its encoding is looked for.
const PRESCAN_BYTES: usize = 4096;

/// The text of a file that says nothing about its encoding. A NUL means that it is no text.
pub(crate) fn text<'a>(bytes: &'a [u8], forced: Option<&'static Encoding>) -> Result<Cow<'a, str>, Fault> {
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        return strict(encoding, &bytes[mark..]);
    }
    if let Some(encoding) = forced {
        return strict(encoding, bytes);
    }
    if let Some(at) = memchr::memchr(0, bytes) {
        return Err(Fault::new("binary", format!("a NUL at byte {at}: this is no text")));
    }
    match simdutf8::basic::from_utf8(bytes) {
        Ok(text) => Ok(Cow::Borrowed(text)),
        Err(_) => strict(guess(bytes, None), bytes),
    }
}

/// The text, or that it isn't written in `encoding` throughout.
fn strict<'a>(encoding: &'static Encoding, bytes: &'a [u8]) -> Result<Cow<'a, str>, Fault> {
    encoding.decode_without_bom_handling_and_without_replacement(bytes).ok_or_else(|| {
        let text = format!(
            "the text is no valid {}, which it looks like; convert it to UTF-8, or name its encoding",
            encoding.name()
        );
        Fault::new("encoding_unknown", text)
    })
}

/// The text of a web page. What browsers show is shown: undecodable bytes become U+FFFD.
///
/// A mark at the beginning counts most. Then bytes that are valid UTF-8 are that, whatever is declared: no other
/// encoding looks so by chance. Then what HTTP and the page declare counts, as long as it decodes; then a guess.
pub(crate) fn page<'a>(
    bytes: &'a [u8],
    http: Option<&str>,
    forced: Option<&'static Encoding>,
) -> Cow<'a, str> {
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        return encoding.decode_without_bom_handling(&bytes[mark..]).0;
    }
    if let Some(encoding) = forced {
        return encoding.decode_without_bom_handling(bytes).0;
    }
    let declared = || http.and_then(|label| Encoding::for_label(label.as_bytes())).or_else(|| prescan(bytes));
    if let Ok(text) = simdutf8::basic::from_utf8(bytes) {
        // Seven-bit encodings look like ASCII, so their escapes decide.
        if memchr::memchr2(0x1b, 0, bytes).is_none() {
            return Cow::Borrowed(text);
        }
        let encoding = declared().unwrap_or(UTF_8);
        return encoding.decode_without_bom_handling(bytes).0;
    }
    let declared = declared();
    let decoded =
        declared.and_then(|encoding| encoding.decode_without_bom_handling_and_without_replacement(bytes));
    if let Some(text) = decoded {
        return text;
    }
    let guessed = guess(bytes, declared);
    guessed.decode_without_bom_handling(bytes).0
}

/// What the bytes look like. Of a page that declares an encoding and breaks it here and there, the declaration
/// stays unless the guess has no errors at all.
fn guess(bytes: &[u8], declared: Option<&'static Encoding>) -> &'static Encoding {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(&bytes[..bytes.len().min(GUESS_BYTES)], bytes.len() <= GUESS_BYTES);
    let guessed = detector.guess(None, Utf8Detection::Allow);
    let clean = || guessed.decode_without_bom_handling_and_without_replacement(bytes).is_some();
    match declared {
        Some(declared) if !clean() => declared,
        _ => guessed,
    }
}

/// The encoding that the beginning of a page declares, in `<meta charset=..>`, `<meta content="..; charset=..">`
/// or an XML declaration.
fn prescan(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = bytes[..bytes.len().min(PRESCAN_BYTES)].to_ascii_lowercase();
    let found = memchr::memmem::find_iter(&head, "charset").map(|at| at + 7);
    let xml = head.starts_with(b"<?xml").then(|| memchr::memmem::find(&head, b"encoding")).flatten();
    let label = found.chain(xml.map(|at| at + 8)).find_map(|at| {
        let rest = head[at..].trim_ascii_start().strip_prefix(b"=")?.trim_ascii_start();
        let rest = rest.strip_prefix(b"\"").or(rest.strip_prefix(b"'")).unwrap_or(rest);
        let end = rest.iter().position(|byte| !byte.is_ascii_alphanumeric() && !b"-_:.".contains(byte));
        Encoding::for_label(&rest[..end?])
    })?;
    // A page that can be read as ASCII up to here is not UTF-16, whatever it says.
    Some(if label == UTF_16LE || label == UTF_16BE { UTF_8 } else { label })
}

/// The encoding of a stream by its first bytes: a mark, what was asked for, a guess where one is `wanted`.
/// The second is how many bytes the mark takes.
pub(crate) fn of_stream(
    head: &[u8],
    forced: Option<&'static Encoding>,
    wanted: bool,
) -> (&'static Encoding, usize) {
    match Encoding::for_bom(head) {
        Some(found) => found,
        None => match forced {
            Some(encoding) => (encoding, 0),
            None if !wanted => (UTF_8, 0),
            None => match std::str::from_utf8(head) {
                Ok(_) => (UTF_8, 0),
                // The head may end amid a letter.
                Err(error) if error.error_len().is_none() => (UTF_8, 0),
                Err(_) => (guess(head, None), 0),
            },
        },
    }
}

/// Reads another encoding as UTF-8. What can't be decoded becomes U+FFFD.
pub(crate) struct Transcoder<R> {
    reader: R,
    decoder: Decoder,
    raw: Vec<u8>,
    from: usize,
    to: usize,
    at_end: bool,
    /// Whether the decoder gave its last.
    done: bool,
}

impl<R: Read> Transcoder<R> {
    pub(crate) fn new(reader: R, encoding: &'static Encoding) -> Self {
        let decoder = encoding.new_decoder_without_bom_handling();
        Self { reader, decoder, raw: vec![0; 64 << 10], from: 0, to: 0, at_end: false, done: false }
    }
}

impl<R: Read> Read for Transcoder<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while !self.done {
            if self.from == self.to && !self.at_end {
                (self.from, self.to) = (0, self.reader.read(&mut self.raw)?);
                self.at_end = self.to == 0;
            }
            let raw = &self.raw[self.from..self.to];
            let (result, read, written, _) = self.decoder.decode_to_utf8(raw, into, self.at_end);
            self.from += read;
            self.done = self.at_end && result == CoderResult::InputEmpty;
            if written > 0 {
                return Ok(written);
            }
            if into.len() < 4 {
                // Too small for a letter: nothing would ever come.
                return Err(io::ErrorKind::InvalidInput.into());
            }
        }
        Ok(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHINESE: &str = "模速空间是人工智能大模型的创新社区，提供算力调度、开放数据与评测服务。";

    #[test]
    fn chinese_encodings_are_told_apart() {
        for name in ["gb18030", "big5", "utf-8"] {
            let encoding = Encoding::for_label(name.as_bytes()).unwrap();
            let sample = if name == "big5" {
                "模速空間是人工智慧大模型的創新社區，提供開放資料。"
            } else {
                CHINESE
            };
            let (bytes, _, unmappable) = encoding.encode(sample);
            assert!(!unmappable);
            assert_eq!(text(&bytes, None).unwrap_or_else(|fault| panic!("{}", fault.text)), sample, "{name}");
        }
    }

    #[test]
    fn marks_and_declarations_count() {
        let wide: Vec<u8> =
            [0xfeff].into_iter().chain(CHINESE.encode_utf16()).flat_map(u16::to_le_bytes).collect();
        assert_eq!(text(&wide, None).ok().unwrap(), CHINESE);
        let html = format!("<html><meta http-equiv=x content='text/html; charset=gb2312'><p>{CHINESE}");
        let (bytes, ..) = encoding_rs::GBK.encode(&html);
        assert_eq!(page(&bytes, None, None), html);
        assert_eq!(page(&bytes, Some("utf-8"), None), html, "a false declaration is not believed");
        assert_eq!(page(html.as_bytes(), Some("gbk"), None), html, "nor here");
        assert_eq!(page(b"a\xffb", Some("utf-8"), None).chars().count(), 3);
    }

    #[test]
    fn what_is_no_text_says_so() {
        assert_eq!(text(b"ab\0", None).unwrap_err().code, "binary");
        assert_eq!(text(b"a\xff", Some(UTF_8)).unwrap_err().code, "encoding_unknown");
    }

    #[test]
    fn streams_are_transcoded_whatever_the_pieces() {
        let (bytes, ..) = encoding_rs::BIG5.encode("開放資料");
        let mut reader = Transcoder::new(&bytes[..], encoding_rs::BIG5);
        let (mut all, mut piece) = (Vec::new(), [0; 5]);
        loop {
            let read = reader.read(&mut piece).unwrap();
            if read == 0 {
                break;
            }
            all.extend_from_slice(&piece[..read]);
        }
        assert_eq!(all, "開放資料".as_bytes());
    }
}

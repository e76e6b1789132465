//! Strings: where they end, and what they say.

use super::{Bad, plain};

const CONTROL: &str = "a control character in a string; it has to be escaped";

/// Where the string ends whose first byte after the quote is at `at`, and whether it holds escapes.
#[inline]
pub(super) fn end(bytes: &[u8], mut at: usize) -> Result<(usize, bool), Bad> {
    let mut escaped = false;
    loop {
        at += plain::run(&bytes[at..]);
        match bytes.get(at) {
            Some(b'"') => return Ok((at + 1, escaped)),
            Some(b'\\') => {
                escaped = true;
                at = escape_end(bytes, at)?;
            }
            Some(_) => return Err(Bad { at, what: CONTROL }),
            None => return Err(Bad { at, what: "a string without an end" }),
        }
    }
}

/// Where the escape ends whose backslash is at `at`.
#[inline]
fn escape_end(bytes: &[u8], at: usize) -> Result<usize, Bad> {
    match bytes.get(at + 1) {
        Some(b'n' | b'"' | b'\\' | b'/' | b't' | b'r' | b'b' | b'f') => Ok(at + 2),
        Some(b'u') if bytes.get(at + 2..at + 6).is_some_and(|hex| hex.iter().all(u8::is_ascii_hexdigit)) => {
            Ok(at + 6)
        }
        _ => Err(Bad { at, what: "an unknown escape in a string" }),
    }
}

/// What the escape with this second letter stands for; 0 when there is no such.
const SHORT: [u8; 256] = {
    let mut short = [0; 256];
    let (from, to) = (b"n\"\\/trbf", b"\n\"\\/\t\r\x08\x0c");
    let mut index = 0;
    while index < from.len() {
        short[from[index] as usize] = to[index];
        index += 1;
    }
    short
};

/// Appends what the string says whose first byte after the quote is at `at`; returns where it ends.
#[inline]
pub(super) fn read(bytes: &[u8], mut at: usize, into: &mut Vec<u8>) -> Result<usize, Bad> {
    into.reserve(bytes.len() - at + 16);
    loop {
        at += plain::copy(&bytes[at..], into);
        match bytes.get(at) {
            Some(b'\\') => {}
            Some(b'"') => return Ok(at + 1),
            Some(_) => return Err(Bad { at, what: CONTROL }),
            None => return Err(Bad { at, what: "a string without an end" }),
        }
        let kind = bytes.get(at + 1).copied().unwrap_or(0);
        let short = SHORT[usize::from(kind)];
        if short != 0 {
            into.push(short);
            at += 2;
        } else {
            escape_end(bytes, at)?;
            let (letter, end) = letter(bytes, at)?;
            into.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
            at = end;
        }
    }
}

/// What the string says that stands in `raw` without its quotes. A lone surrogate, which no text can hold, is refused.
pub(crate) fn unescape(raw: &str) -> Result<String, Bad> {
    let mut text = Vec::new();
    let quoted = format!("{raw}\"");
    read(quoted.as_bytes(), 0, &mut text)?;
    String::from_utf8(text).map_err(|_| Bad { at: 0, what: "a string that is no text" })
}

/// The letter of the `\uXXXX` at `at`, both halves where it has two, and where it ends.
#[inline]
fn letter(bytes: &[u8], at: usize) -> Result<(char, usize), Bad> {
    let lone = Bad { at, what: "half a surrogate pair, which is no letter" };
    let first = unit(bytes, at).ok_or(lone)?;
    if let Some(letter) = char::from_u32(first) {
        return Ok((letter, at + 6));
    }
    let second = unit(bytes, at + 6).filter(|second| first < 0xdc00 && (0xdc00..0xe000).contains(second));
    let second = second.ok_or(lone)?;
    let letter = char::from_u32(0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00)).ok_or(lone)?;
    Ok((letter, at + 12))
}

#[inline]
fn unit(bytes: &[u8], at: usize) -> Option<u32> {
    let hex = bytes.get(at..at + 6)?.strip_prefix(b"\\u")?;
    hex.iter().try_fold(0, |unit, digit| Some(unit << 4 | char::from(*digit).to_digit(16)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_lone_surrogate_is_refused() {
        for raw in [r"a\ud800", r"\udc00x", r"\ud800\u0041", r"\ud800\ud800"] {
            assert!(unescape(raw).is_err(), "{raw}");
        }
        assert_eq!(unescape(r"\ud83d\ude00\/\u4e2d").unwrap(), "😀/中");
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(text in any::<String>()) {
            let written = serde_json::to_string(&text).unwrap();
            let (end, _) = end(written.as_bytes(), 1).unwrap();
            prop_assert_eq!(end, written.len());
            prop_assert_eq!(unescape(&written[1..end - 1]).unwrap(), text);
        }
    }
}

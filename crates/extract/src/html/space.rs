//! Blanks in text: many become one.

/// Appends text; runs of blanks become one space, unless they are kept. A block doesn't begin with a blank.
pub fn append(out: &mut String, text: &str, start: usize, keep: bool) {
    if keep {
        let text = if out.len() == start { text.trim_start_matches(['\n', '\r']) } else { text };
        out.push_str(text);
        return;
    }
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let mut end = at;
        while end < bytes.len() && blank_at(bytes, end) == 0 {
            end += 1;
        }
        out.push_str(&text[at..end]);
        at = end;
        while at < bytes.len() && blank_at(bytes, at) > 0 {
            at += blank_at(bytes, at);
        }
        if at > end && out.len() > start && !out.ends_with([' ', '\n']) {
            out.push(' ');
        }
    }
}

/// Length of the blank, control character or invisible space at `at`; 0 if none stands there.
#[inline]
fn blank_at(bytes: &[u8], at: usize) -> usize {
    let byte = bytes[at];
    if byte > b' ' && byte < 0xC2 {
        return 0;
    }
    match (byte, bytes.get(at + 1), bytes.get(at + 2)) {
        (0..=b' ', ..) => 1,
        (0xC2, Some(0x80..=0xA0), _) => 2,
        (0xE2, Some(0x80), Some(0x80..=0x8F | 0xA8..=0xAF)) => 3,
        (0xE2, Some(0x81), Some(0x9F..=0xAF))
        | (0xE3, Some(0x80), Some(0x80))
        | (0xEF, Some(0xBB), Some(0xBF)) => 3,
        _ => 0,
    }
}

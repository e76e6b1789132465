//! The grammar of numbers.

use super::Bad;

/// Where the number that begins at `at` ends.
pub(super) fn end(bytes: &[u8], mut at: usize) -> Result<usize, Bad> {
    let byte = |at: usize| bytes.get(at).copied().unwrap_or(0);
    let digits = |mut at: usize| {
        let first = at;
        while byte(at).is_ascii_digit() {
            at += 1;
        }
        if at > first {
            Ok(at)
        } else {
            Err(Bad { at, what: "neither a string, a number, true, false nor null" })
        }
    };
    at += usize::from(byte(at) == b'-');
    at = if byte(at) == b'0' { at + 1 } else { digits(at)? };
    if byte(at) == b'.' {
        at = digits(at + 1)?;
    }
    if matches!(byte(at), b'e' | b'E') {
        at += 1;
        at = digits(at + usize::from(matches!(byte(at), b'+' | b'-')))?;
    }
    Ok(at)
}

//! Goes through a text once and asks at each place that could begin a find.

use std::borrow::Cow;

use super::{Find, address, net, numbers, papers, secrets};

/// Bytes that are looked over together: the compiler makes vector instructions of it.
pub(super) const BLOCK: usize = 64;

/// Pushes all finds of a text, in order and without overlap.
pub(super) fn scan(text: &str, public_ip_only: bool, finds: &mut Vec<Find>) {
    if !has_wide(text.as_bytes()) {
        return plain(text, public_ip_only, finds);
    }
    let (narrow, places) = narrow(text);
    plain(&narrow, public_ip_only, finds);
    for find in finds {
        find.start = original(&places, find.start);
        find.end = original(&places, find.end);
    }
}

/// The text with full-width letters, digits and the signs of addresses in half width.
pub(super) fn narrowed(text: &str) -> Cow<'_, str> {
    if has_wide(text.as_bytes()) { Cow::Owned(narrow(text).0) } else { Cow::Borrowed(text) }
}

/// Whether there is a full-width digit or `＠`: EF BC 90 to EF BC 99, EF BC A0.
fn has_wide(bytes: &[u8]) -> bool {
    let wide = |part: &[u8]| {
        let triples = part.iter().zip(&part[1..]).zip(&part[2..]);
        triples.fold(false, |any, ((a, b), c)| {
            any | (*a == 0xEF) & (*b == 0xBC) & ((c.wrapping_sub(0x90) < 10) | (*c == 0xA0))
        })
    };
    let mut at = 0;
    while at + 2 < bytes.len() {
        if wide(&bytes[at..bytes.len().min(at + BLOCK + 2)]) {
            return true;
        }
        at += BLOCK;
    }
    false
}

/// The narrow text, and after each character that became shorter: its place in both.
fn narrow(text: &str) -> (String, Vec<(usize, usize)>) {
    let (mut out, mut places) = (String::with_capacity(text.len()), vec![(0, 0)]);
    for (at, c) in text.char_indices() {
        let new = match c {
            '０'..='９' | 'Ａ'..='Ｚ' | 'ａ'..='ｚ' | '＠' | '．' | '－' | '＿' | '＋' => {
                char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c)
            }
            _ => c,
        };
        out.push(new);
        if new != c {
            places.push((out.len(), at + c.len_utf8()));
        }
    }
    (out, places)
}

fn original(places: &[(usize, usize)], at: usize) -> usize {
    let (narrow, wide) = places[places.partition_point(|place| place.0 <= at) - 1];
    wide + (at - narrow)
}

fn plain(text: &str, public_ip_only: bool, finds: &mut Vec<Find>) {
    let bytes = text.as_bytes();
    let keys = secrets::find(text);
    let mut keys = keys.into_iter().peekable();
    let mut at = 0;
    while let Some(next) = candidate(bytes, at) {
        let least = finds.last().map_or(0, |find| find.end);
        if let Some(key) = keys.next_if(|key| key.start <= next) {
            if key.start >= least {
                at = key.end.max(at);
                finds.push(key);
            }
            continue;
        }
        let found = if bytes[next] == b'@' {
            net::email(text, next, least)
        } else {
            digits(text, next, least, public_ip_only)
        };
        match found {
            // A key may begin inside of what was found; then the key counts.
            Some(find) if keys.peek().is_none_or(|key| key.start >= find.end) => {
                finds.push(find);
                at = find.end.max(next + 1);
            }
            _ if bytes[next] == b'@' => at = next + 1,
            _ => at = next + bytes[next..].iter().take_while(|b| b.is_ascii_digit()).count(),
        }
    }
    finds.extend(keys.filter(|key| key.start >= at));
}

/// The next digit or `@` from a place on.
fn candidate(bytes: &[u8], at: usize) -> Option<usize> {
    let is = |b: u8| (b.wrapping_sub(b'0') < 10) | (b == b'@');
    let mut start = at;
    for block in bytes[at..].chunks(BLOCK) {
        if block.iter().fold(false, |any, &b| any | is(b)) {
            return block.iter().position(|&b| is(b)).map(|place| start + place);
        }
        start += block.len();
    }
    None
}

/// What the run of digits at a place belongs to.
fn digits(text: &str, at: usize, least: usize, public_ip_only: bool) -> Option<Find> {
    let bytes = text.as_bytes();
    let end = at + bytes[at..].iter().take_while(|b| b.is_ascii_digit()).count();
    let before = at.checked_sub(1).map(|at| bytes[at]);
    let after = bytes.get(end).copied();
    // The cheap look at both sides decides what is asked at all.
    let joined = |b: Option<u8>| b.is_some_and(|b| b.is_ascii_alphanumeric());
    if joined(before) || joined(after) || end - at >= 5 {
        if let Some(find) = papers::find(text, at, least) {
            return Some(find);
        }
    } else if let Some(find) =
        before.filter(|b| matches!(b, 0xB7 | 0xA2 | b' ' | b'-' | b'.')).and(papers::find(text, at, least))
    {
        return Some(find);
    }
    if after == Some(b'.')
        && let Some(find) = net::ipv4(text, at, public_ip_only)
    {
        return Some(find);
    }
    if (after == Some(b':') || before == Some(b':') || joined(before) || joined(after))
        && let Some(find) = net::ipv6(text, at, least, public_ip_only)
    {
        return Some(find);
    }
    if let Some(find) = numbers::find(text, at, least) {
        return Some(find);
    }
    match after {
        Some(b'0'..=b'9') | None => None,
        Some(b' ') => address::american(text, at),
        // The first bytes of 号弄室栋幢座单楼层房户甲, of a hyphen and a letter before them.
        Some(0xE5..=0xE7 | b'-' | b'A'..=b'Z') => address::chinese(text, at, least),
        _ => None,
    }
}

//! E-mail and IP addresses.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::{Find, Kind, around::Around};

/// An e-mail address around the `@` at a place.
pub(super) fn email(text: &str, at: usize, least: usize) -> Option<Find> {
    // Names of files (`icon@2x.png`) end like addresses, but in none of the web's domains.
    const FILES: [&str; 18] = [
        "png", "jpg", "jpeg", "gif", "svg", "webp", "bmp", "css", "js", "ts", "html", "htm", "php", "json",
        "xml", "txt", "zip", "service",
    ];
    let bytes = text.as_bytes();
    let local = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'%' | b'+' | b'-');
    let floor = least.max(at.saturating_sub(64));
    let mut start = at - bytes[floor..at].iter().rev().take_while(|b| local(b)).count();
    while start < at && matches!(bytes[start], b'.' | b'-' | b'%' | b'+') {
        start += 1;
    }
    let mut end = at
        + 1
        + bytes[at + 1..]
            .iter()
            .take(253)
            .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-'))
            .count();
    while end > at + 1 && matches!(bytes[end - 1], b'.' | b'-') {
        end -= 1;
    }
    let domain = &text[at + 1..end];
    let (rest, top) = domain.rsplit_once('.')?;
    let good = (2..=24).contains(&top.len())
        && top.bytes().all(|b| b.is_ascii_alphabetic())
        && !FILES.contains(&top.to_ascii_lowercase().as_str())
        && rest.split('.').all(|label| !label.is_empty() && !label.starts_with('-') && !label.ends_with('-'));
    // user:password@host, and the host's path behind it, is a web address.
    let web = text[..start].ends_with("://")
        || bytes.get(end) == Some(&b':') && bytes.get(end + 1).is_some_and(u8::is_ascii_alphanumeric);
    let name = start < at && bytes[at - 1] != b'.' && !text[start..at].contains("..");
    (name && good && !web).then_some(Find { kind: Kind::Email, start, end })
}

/// An IP address of version 4 whose first digit is at `start`.
pub(super) fn ipv4(text: &str, start: usize, public_only: bool) -> Option<Find> {
    let bytes = text.as_bytes();
    let (mut parts, mut at, mut octets) = (0, start, [0u8; 4]);
    while parts < 4 {
        let digits = bytes[at..].iter().take(4).take_while(|b| b.is_ascii_digit()).count();
        if digits == 0 || digits > 3 || digits > 1 && bytes[at] == b'0' {
            return None;
        }
        octets[parts] = text[at..at + digits].parse().ok()?;
        at += digits;
        parts += 1;
        if parts < 4 {
            if bytes.get(at) != Some(&b'.') {
                return None;
            }
            at += 1;
        }
    }
    let around = Around::new(text);
    // A colon and a port may follow; a fifth part or a hyphenated suffix may not.
    let end = match (bytes.get(at), bytes.get(at + 1)) {
        (Some(b':'), Some(b'0'..=b'9')) => true,
        _ => around.ends_alone(at),
    };
    let before = start.checked_sub(1).map(|at| bytes[at]);
    let begin = match before {
        Some(b'/') => {
            text[..start].ends_with("//")
                || !start.checked_sub(2).is_some_and(|at| bytes[at].is_ascii_alphanumeric())
        }
        Some(b'@' | b'=') => true,
        _ => around.is_alone(start, start + 1) || around.is_alone(start, at),
    };
    let address = Ipv4Addr::from(octets);
    let wanted = !public_only || is_public(address);
    (begin && end && wanted && !is_version(&around, start, at, octets)).then_some(Find {
        kind: Kind::Ipv4,
        start,
        end: at,
    })
}

/// Whether four numbers are a version or the number of a section.
fn is_version(around: &Around<'_>, start: usize, end: usize, octets: [u8; 4]) -> bool {
    const WORDS: [&str; 16] = [
        "版本",
        "版",
        "升级到",
        "更新至",
        "version",
        "Version",
        "VERSION",
        "ver",
        "Ver",
        "release",
        "Release",
        "build",
        "固件",
        "章节",
        "firmware",
        "第",
    ];
    let before = around
        .before(start, 24)
        .trim_end_matches([' ', ':', '：', 'v', 'V', '.', '=', '号', '为', '是', '到', '至']);
    let told = WORDS.iter().any(|word| before.ends_with(word));
    let heading = around.before(start, 24).trim_matches([' ', '#', '*']).is_empty()
        && octets.iter().all(|&part| part < 30)
        && matches!(around.byte(end), Some(b' ' | b'\t') | Some(0xE3..=0xE9));
    told || heading
}

fn is_public(address: Ipv4Addr) -> bool {
    let [a, b, ..] = address.octets();
    let shared = a == 100 && (64..128).contains(&b) || a == 198 && (b == 18 || b == 19);
    !(address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_documentation()
        || shared
        || a == 0
        || a >= 224)
}

/// An IP address of version 6 around the digit at a place.
pub(super) fn ipv6(text: &str, at: usize, least: usize, public_only: bool) -> Option<Find> {
    let bytes = text.as_bytes();
    let part = |b: &u8| b.is_ascii_hexdigit() || *b == b':';
    let floor = least.max(at.saturating_sub(40));
    let mut start = at - bytes[floor..at].iter().rev().take_while(|b| part(b)).count();
    let mut end = at + bytes[at..].iter().take(41).take_while(|b| part(b)).count();
    while end > start && bytes[end - 1] == b':' && !text[..end].ends_with("::") {
        end -= 1;
    }
    if bytes[start] == b':' && !text[start..].starts_with("::") {
        start += 1;
    }
    let found = &text[start..end];
    if found.bytes().filter(|&b| b == b':').count() < 2 {
        return None;
    }
    let address: Ipv6Addr = found.parse().ok()?;
    let groups = found.split(':').filter(|group| !group.is_empty()).count();
    let known = matches!(address.segments()[0] >> 8, 0x20 | 0x24 | 0x26 | 0x28 | 0x2A | 0xFC..=0xFE);
    let letter = |b: Option<u8>| b.is_some_and(|b| b.is_ascii_alphanumeric() || b == b'_');
    let alone = !letter(start.checked_sub(1).map(|at| bytes[at])) && !letter(bytes.get(end).copied());
    let public = address.segments()[0] >> 13 == 1 && !found.starts_with("2001:db8");
    let good = (groups >= 3 || known) && alone && (public || !public_only);
    good.then_some(Find { kind: Kind::Ipv6, start, end })
}

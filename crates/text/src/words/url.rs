//! What spaCy takes for a web or mail address and leaves whole.

use super::class::{any, is};

/// Whether a whole chunk is an address.
pub(super) fn is_url(chunk: &str) -> bool {
    // Both kinds of host have a full stop.
    if !chunk.contains('.') {
        return false;
    }
    begins_host(chunk) || scheme(chunk).is_some_and(begins_host)
}

/// What follows `scheme://`.
fn scheme(chunk: &str) -> Option<&str> {
    let (name, rest) = chunk.split_once("://")?;
    let fits = name.chars().all(|c| any(c, is::WORD) || matches!(c, '+' | '-' | '.'));
    (fits && name.chars().nth(1).is_some()).then_some(rest)
}

/// Whether a host begins here, or after any `@` that something stands before.
fn begins_host(text: &str) -> bool {
    host(text) || text.match_indices('@').any(|(at, _)| at > 0 && host(&text[at + 1..]))
}

/// A name or address of a host, an optional port, an optional path, and the end.
fn host(text: &str) -> bool {
    // No host holds an `@`; stopping there keeps a chunk of many of them from being read again and again.
    let (host, tail) = text.split_at(text.find([':', '/', '?', '#', '@']).unwrap_or(text.len()));
    is_tail(tail) && (is_name(host) || is_ip(host))
}

/// Labels with a full stop after each, then the name of a top level domain.
fn is_name(host: &str) -> bool {
    host.rsplit_once('.').is_some_and(|(labels, top)| is_top(top) && labels.split('.').all(is_label))
}

fn in_label(c: char) -> bool {
    c.is_ascii_alphanumeric() || ('\u{a1}'..='\u{ffff}').contains(&c)
}

fn is_label(label: &str) -> bool {
    label.starts_with(in_label)
        && label.ends_with(in_label)
        && label.chars().take(65).count() <= 64
        && label.chars().all(|c| in_label(c) || c == '_' || c == '-')
}

fn is_top(top: &str) -> bool {
    let count = top.chars().take(64).count();
    (2..=63).contains(&count) && top.chars().all(|c| any(c, is::LOWER))
}

/// A port of two to five digits, then a path or the end.
fn is_tail(tail: &str) -> bool {
    let path = match tail.strip_prefix(':') {
        Some(port) => {
            let end = port.find(|c| !any(c, is::DIGIT)).unwrap_or(port.len());
            if !(2..=5).contains(&port[..end].chars().take(6).count()) {
                return false;
            }
            &port[end..]
        }
        None => tail,
    };
    path.is_empty() || path.starts_with(['/', '?', '#'])
}

/// A public IPv4 address. Where the pattern says `\d`, a digit of any script will do.
fn is_ip(host: &str) -> bool {
    let parts: Vec<Vec<char>> = host.split('.').take(5).map(|part| part.chars().take(4).collect()).collect();
    let [a, b, c, d] = parts.as_slice() else { return false };
    let digit = |c: &char| any(*c, is::DIGIT);
    // Those that the pattern calls private, as long as the rest are up to three digits, as they are if they
    // fit below.
    let private = match (a.as_slice(), b.as_slice()) {
        (['1', '0'] | ['1', '2', '7'], _) => true,
        (['1', '6', '9'], ['2', '5', '4']) | (['1', '9', '2'], ['1', '6', '8']) => true,
        (['1', '7', '2'], ['1', '6'..='9'] | ['3', '0' | '1']) => true,
        (['1', '7', '2'], ['2', x]) => digit(x),
        _ => false,
    };
    let first = match a.as_slice() {
        ['1'..='9'] => true,
        ['1'..='9', x] => digit(x),
        ['1', x, y] => digit(x) && digit(y),
        ['2', '0' | '1', x] => digit(x),
        ['2', '2', '0'..='3'] => true,
        _ => false,
    };
    let middle = |part: &[char]| match part {
        [x] => digit(x),
        [x, y] => digit(x) && digit(y),
        ['1', x, y] => digit(x) && digit(y),
        ['2', '0'..='4', x] => digit(x),
        ['2', '5', '0'..='5'] => true,
        _ => false,
    };
    let last = match d.as_slice() {
        ['1'..='9'] => true,
        ['1'..='9', x] => digit(x),
        ['1', x, y] => digit(x) && digit(y),
        ['2', '0'..='4', x] => digit(x),
        ['2', '5', '0'..='4'] => true,
        _ => false,
    };
    !private && first && middle(b) && middle(c) && last
}

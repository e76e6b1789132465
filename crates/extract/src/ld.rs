//! JSON-LD, read by looking for the few keys that matter: broken JSON is common, and a whole parse isn't needed.

use crate::meta::{Meta, claims};
use memchr::{memchr, memchr2, memmem};

/// Keys looked at in one script, at most.
const KEYS: usize = 20_000;
/// Bytes in which the name of an author must follow the key.
const NEAR: usize = 400;

/// Reads a JSON-LD script into `meta`.
pub fn read(json: &str, meta: &mut Meta) {
    let bytes = json.as_bytes();
    let mut at = 0;
    for _ in 0..KEYS {
        let Some(start) = memchr(b'"', &bytes[at..]).map(|found| at + found + 1) else { return };
        let Some(end) = string_end(bytes, start) else { return };
        at = end + 1;
        let Some(value) = value_after(bytes, at) else { continue };
        let key = &json[start..end];
        match key {
            "@type" => each_type(json, value, meta),
            "articleBody" => {
                if let Some((text, next)) = string(json, value) {
                    if text.len() > meta.body.len() {
                        unescape(text, &mut meta.body);
                    }
                    at = next;
                }
            }
            "headline" | "datePublished" | "inLanguage" => {
                if let Some((text, next)) = string(json, value) {
                    state(meta, key, text);
                    at = next;
                }
            }
            "author" if meta.author.is_empty() => author(json, value, meta),
            _ => {
                if let Some((_, next)) = string(json, value) {
                    at = next;
                }
            }
        }
    }
}

fn state(meta: &mut Meta, key: &str, text: &str) {
    let mut plain = String::new();
    unescape(text, &mut plain);
    meta.state(key, &plain);
}

fn author(json: &str, value: usize, meta: &mut Meta) {
    if let Some((text, _)) = string(json, value) {
        return state(meta, "author", text);
    }
    let near = &json.as_bytes()[value..(value + NEAR).min(json.len())];
    let Some(found) = memmem::find(near, b"\"name\"") else { return };
    let name = value_after(json.as_bytes(), value + found + 6).and_then(|value| string(json, value));
    if let Some((text, _)) = name {
        state(meta, "author", text);
    }
}

fn each_type(json: &str, value: usize, meta: &mut Meta) {
    let list = json.as_bytes()[value] == b'[';
    let mut at = value + usize::from(list);
    for _ in 0..8 {
        let Some((text, next)) = string(json, at) else { return };
        meta.claims |= claim(text);
        let more = json.as_bytes()[next..].iter().position(|byte| !byte.is_ascii_whitespace());
        match more.map(|more| next + more) {
            Some(comma) if list && json.as_bytes()[comma] == b',' => {
                let blank = |byte: &u8| byte.is_ascii_whitespace();
                at = comma + 1 + json.as_bytes()[comma + 1..].iter().take_while(|byte| blank(byte)).count();
            }
            _ => return,
        }
    }
}

fn claim(name: &str) -> u32 {
    match name.rsplit('/').next().unwrap_or(name) {
        "DiscussionForumPosting" | "QAPage" | "Question" | "Comment" => claims::FORUM,
        "ItemList" | "CollectionPage" | "SearchResultsPage" | "OfferCatalog" | "ProductCollection" => {
            claims::LIST
        }
        "Recipe" | "HowTo" | "Course" => claims::HOW_TO,
        "FAQPage" => claims::FAQ,
        "WebPage" | "WebSite" | "AboutPage" => claims::WEB_PAGE,
        "Event" | "JobPosting" => claims::EVENT,
        "VideoObject" => claims::VIDEO,
        "LocalBusiness" | "Service" | "SoftwareApplication" | "ProfessionalService" => claims::COMPANY,
        name if name.ends_with("Article") || matches!(name, "BlogPosting" | "Report" | "Review") => {
            claims::ARTICLE
        }
        name if name.starts_with("Product") => claims::PRODUCT,
        _ => 0,
    }
}

/// Offset of the quote that ends a string which begins at `start`.
fn string_end(bytes: &[u8], start: usize) -> Option<usize> {
    let mut at = start;
    loop {
        at += memchr2(b'"', b'\\', bytes.get(at..)?)?;
        if bytes[at] == b'"' {
            return Some(at);
        }
        at += 2;
    }
}

/// Offset of the value, if a colon stands at `at`.
fn value_after(bytes: &[u8], at: usize) -> Option<usize> {
    let blank = |from: usize| bytes[from..].iter().take_while(|byte| byte.is_ascii_whitespace()).count();
    let colon = at + blank(at);
    if bytes.get(colon) != Some(&b':') {
        return None;
    }
    let value = colon + 1 + blank(colon + 1);
    (value < bytes.len()).then_some(value)
}

/// The string at `at`, still escaped, and the offset after it.
fn string(json: &str, at: usize) -> Option<(&str, usize)> {
    if json.as_bytes().get(at) != Some(&b'"') {
        return None;
    }
    let end = string_end(json.as_bytes(), at + 1)?;
    Some((json.get(at + 1..end)?, end + 1))
}

/// Writes a string without JSON's escapes.
fn unescape(text: &str, out: &mut String) {
    out.clear();
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        let mut letters = rest[at + 1..].chars();
        match letters.next() {
            Some('n' | 'r') => out.push('\n'),
            Some('t') => out.push(' '),
            Some('u') => {
                let high = hex(letters.as_str());
                letters.nth(3);
                let pair = high.filter(|high| (0xD800..0xDC00).contains(high)).and_then(|high| {
                    let low = hex(letters.as_str().strip_prefix("\\u")?)?;
                    (0xDC00..0xE000)
                        .contains(&low)
                        .then(|| 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00))
                });
                if pair.is_some() {
                    letters.nth(5);
                }
                out.push(pair.or(high).and_then(char::from_u32).unwrap_or('\u{fffd}'));
            }
            Some(letter) => out.push(letter),
            None => {}
        }
        rest = letters.as_str();
    }
    out.push_str(rest);
}

fn hex(text: &str) -> Option<u32> {
    u32::from_str_radix(text.get(..4)?, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_keys_that_matter() {
        let json = r#"{"@graph":[{"@type":["NewsArticle", "https://schema.org/Product"],"headline":"A \"b\"",
            "author": [{"@type":"Person","name":"Li \u5c0f\ud83d\ude00"}], "articleBody":"one\ntwo","x":"#;
        let mut meta = Meta::default();
        read(json, &mut meta);
        assert_eq!(meta.claims, claims::ARTICLE | claims::PRODUCT);
        assert_eq!(meta.headline, "A \"b\"");
        assert_eq!(meta.author, "Li 小😀");
        assert_eq!(meta.body, "one\ntwo");
    }

    proptest::proptest! {
        #[test]
        fn never_panics(json in "[\"\\\\:{}@typeu0dD8é, ]{0,80}|\"articleBody\" ?: ?\"[\\\\u0-9dé\"]{0,20}") {
            read(&json, &mut Meta::default());
        }
    }
}

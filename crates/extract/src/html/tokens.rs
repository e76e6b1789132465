//! Splits HTML into tags and text, whatever its faults. It never fails: what is no tag is text.
//!
//! Each byte is looked at a bounded number of times, also where quotes, comments and raw elements never close.

use super::tag::{TAGS, Tag};
use memchr::{memchr, memchr2, memmem};

/// A piece of a page.
#[derive(Debug, PartialEq, Eq)]
pub enum Token<'a> {
    /// `<name ...>`; the second is what stands between name and `>`.
    Open(&'a str, &'a str),
    /// `</name>`.
    Close(&'a str),
    /// Text between tags, entities not decoded.
    Text(&'a str),
}

/// Reads tokens one after another; the caller says when a raw element's content begins.
pub struct Tokens<'a> {
    html: &'a str,
    at: usize,
    /// No `-->` is left from here on, so no comment needs to be looked through again.
    comments_end: bool,
    /// No such quote (double, single) is left.
    quotes_end: [bool; 2],
    /// Raw elements of which no end tag is left.
    unclosed: [bool; TAGS],
}

impl<'a> Tokens<'a> {
    /// The tokens of `html`.
    pub fn new(html: &'a str) -> Self {
        Self { html, at: 0, comments_end: false, quotes_end: [false; 2], unclosed: [false; TAGS] }
    }

    /// Passes over the content of a raw element and returns it; its end tag comes next. A script or style that never
    /// closes reaches to the end of the page, other elements then have no content.
    pub fn raw(&mut self, tag: Tag, name: &[u8]) -> &'a str {
        if self.unclosed[tag as usize] {
            return "";
        }
        let rest = &self.html.as_bytes()[self.at..];
        let closes = |at: &usize| {
            let tail = &rest[at + 2..];
            tail.len() >= name.len()
                && tail[..name.len()].eq_ignore_ascii_case(name)
                && !tail.get(name.len()).is_some_and(u8::is_ascii_alphanumeric)
        };
        let length = memmem::find_iter(rest, b"</").find(closes);
        self.unclosed[tag as usize] = length.is_none();
        let swallows = matches!(tag, Tag::Script | Tag::Style);
        self.take(length.unwrap_or(if swallows { rest.len() } else { 0 }))
    }

    fn take(&mut self, length: usize) -> &'a str {
        let taken = &self.html[self.at..self.at + length];
        self.at += length;
        taken
    }

    /// Passes over a comment, doctype, CDATA mark or processing instruction.
    fn pass(&mut self) {
        let rest = &self.html.as_bytes()[self.at..];
        if rest.starts_with(b"<!--") && !self.comments_end {
            // "<!-->" and "<!--->" are whole comments.
            if let Some(at) = memmem::find(&rest[2..], b"-->") {
                self.at += 2 + at + 3;
                return;
            }
            self.comments_end = true;
        }
        self.at += memchr(b'>', rest).map_or(rest.len(), |at| at + 1);
    }

    /// Offset of the `>` that ends the tag whose attributes begin at `from`; quoted `>` don't count.
    fn tag_end(&mut self, from: usize) -> usize {
        let bytes = self.html.as_bytes();
        let mut at = from;
        while let Some(&byte) = bytes.get(at) {
            match byte {
                b'>' => return at,
                b'=' => {
                    at += 1;
                    while bytes.get(at).is_some_and(u8::is_ascii_whitespace) {
                        at += 1;
                    }
                    let Some(quote @ (b'"' | b'\'')) = bytes.get(at).copied() else { continue };
                    let which = usize::from(quote == b'\'');
                    if self.quotes_end[which] {
                        return memchr(b'>', &bytes[at..]).map_or(bytes.len(), |found| at + found);
                    }
                    match memchr(quote, &bytes[at + 1..]) {
                        Some(found) => at += found + 2,
                        // A quote that never closes: the tag ends at its first `>` after all.
                        None => self.quotes_end[which] = true,
                    }
                }
                _ => at += memchr2(b'>', b'=', &bytes[at..]).unwrap_or(bytes.len() - at),
            }
        }
        bytes.len()
    }

    fn tag(&mut self) -> Token<'a> {
        let bytes = self.html.as_bytes();
        let close = bytes[self.at + 1] == b'/';
        let start = self.at + 1 + usize::from(close);
        let ends = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'/' | b'>');
        let name_end = bytes[start..].iter().position(ends).map_or(bytes.len(), |at| start + at);
        let end = self.tag_end(name_end);
        self.at = (end + 1).min(bytes.len());
        let name = &self.html[start..name_end];
        if close { Token::Close(name) } else { Token::Open(name, &self.html[name_end..end]) }
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        loop {
            let rest = &self.html.as_bytes()[self.at..];
            match markup(rest)? {
                Markup::Tag => return Some(self.tag()),
                Markup::Other => self.pass(),
                Markup::Text => {
                    let mut length = 1;
                    while let Some(at) = memchr(b'<', &rest[length..]) {
                        length += at;
                        if !matches!(markup(&rest[length..]), Some(Markup::Text)) {
                            return Some(Token::Text(self.take(length)));
                        }
                        length += 1;
                    }
                    return Some(Token::Text(self.take(rest.len())));
                }
            }
        }
    }
}

enum Markup {
    Tag,
    Other,
    Text,
}

/// What stands at the start of `rest`; nothing when it is empty.
fn markup(rest: &[u8]) -> Option<Markup> {
    if *rest.first()? != b'<' {
        return Some(Markup::Text);
    }
    Some(match rest.get(1) {
        Some(byte) if byte.is_ascii_alphabetic() => Markup::Tag,
        Some(b'/') => match rest.get(2) {
            Some(byte) if byte.is_ascii_alphabetic() => Markup::Tag,
            Some(_) => Markup::Other,
            None => Markup::Text,
        },
        Some(b'!' | b'?') => Markup::Other,
        _ => Markup::Text,
    })
}

/// The attributes of a start tag: each name as written, and its value without quotes, entities not decoded.
pub struct Attributes<'a>(pub &'a str);

impl<'a> Iterator for Attributes<'a> {
    type Item = (&'a str, &'a str);

    fn next(&mut self) -> Option<Self::Item> {
        let skip = |byte: &u8| !byte.is_ascii_whitespace() && *byte != b'/';
        let rest = &self.0[self.0.bytes().position(|byte| skip(&byte))?..];
        let bytes = rest.as_bytes();
        let ends = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'=' | b'/');
        // An "=" in front is part of the name.
        let name = bytes[1..].iter().position(ends).map_or(bytes.len(), |at| at + 1);
        // ASCII bytes and ends of the text are the only places where it is cut.
        let name = if rest.is_char_boundary(name) { name } else { bytes.len() };
        let mut at = name + blank(&bytes[name..]);
        if bytes.get(at) != Some(&b'=') {
            self.0 = &rest[name..];
            return Some((&rest[..name], ""));
        }
        at += 1;
        at += blank(&bytes[at..]);
        if let Some(quote @ (b'"' | b'\'')) = bytes.get(at).copied()
            && let Some(length) = memchr(quote, &bytes[at + 1..])
        {
            self.0 = &rest[at + length + 2..];
            return Some((&rest[..name], &rest[at + 1..at + 1 + length]));
        }
        let length = bytes[at..].iter().position(u8::is_ascii_whitespace).unwrap_or(bytes.len() - at);
        self.0 = &rest[at + length..];
        Some((&rest[..name], &rest[at..at + length]))
    }
}

fn blank(bytes: &[u8]) -> usize {
    bytes.iter().position(|byte| !byte.is_ascii_whitespace()).unwrap_or(bytes.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits_faulty_markup() {
        let html = "<!DOCTYPE html><p class=\"a>b\">1 < 2<!-- <p> --></p><br/></ x><a href='x";
        let found: Vec<_> = Tokens::new(html).collect();
        assert_eq!(
            found,
            [
                Token::Open("p", " class=\"a>b\""),
                Token::Text("1 < 2"),
                Token::Close("p"),
                Token::Open("br", "/"),
                Token::Open("a", " href='x"),
            ]
        );
    }

    #[test]
    fn raw_content_ends_at_its_own_end_tag() {
        let mut tokens = Tokens::new("<script>if (a<b) '</p></scripts>'</SCRIPT >x");
        assert_eq!(tokens.next(), Some(Token::Open("script", "")));
        assert_eq!(tokens.raw(Tag::Script, b"script"), "if (a<b) '</p></scripts>'");
        assert_eq!(tokens.next(), Some(Token::Close("SCRIPT")));
        assert_eq!(tokens.next(), Some(Token::Text("x")));
    }

    #[test]
    fn reads_attributes() {
        let found: Vec<_> = Attributes(" a=1 b = 'two x' HIDDEN c=\"\" =d/ e='x").collect();
        assert_eq!(found, [("a", "1"), ("b", "two x"), ("HIDDEN", ""), ("c", ""), ("=d", ""), ("e", "'x")]);
    }

    proptest::proptest! {
        #[test]
        fn ends_on_anything(html in "[<>/!a-c\"'= é-]{0,60}") {
            proptest::prop_assert!(Tokens::new(&html).count() <= html.len());
            proptest::prop_assert!(Attributes(&html).count() <= html.len());
        }
    }
}

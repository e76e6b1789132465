//! Splits HTML into tags and text, whatever its faults. It never fails: what is no tag is text.

use std::str::MatchIndices;

/// A piece of a page.
#[derive(Debug, PartialEq, Eq)]
pub enum Token<'a> {
    /// `<name ...>`; the second is the rest of the tag.
    Open(&'a str, &'a str),
    /// `</name>`.
    Close(&'a str),
    /// Text between tags, entities not decoded.
    Text(&'a str),
}

/// Elements whose content is not markup; it is passed over.
const RAW: [&str; 6] = ["script", "style", "textarea", "noscript", "template", "iframe"];

/// Iterator over the tokens of a page.
pub struct Tokens<'a> {
    rest: &'a str,
}

/// The tokens of `html`.
pub fn tokens(html: &str) -> Tokens<'_> {
    Tokens { rest: html }
}

impl<'a> Tokens<'a> {
    fn take(&mut self, at: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at(at);
        self.rest = rest;
        taken
    }

    /// Passes over a comment, doctype or processing instruction.
    fn pass(&mut self, start: &str, end: &str) {
        let from = start.len();
        let at = self.rest[from..].find(end).map_or(self.rest.len(), |at| from + at + end.len());
        self.take(at);
    }

    fn tag(&mut self) -> Token<'a> {
        let end = tag_end(self.rest);
        let tag = self.take(end);
        let inner = tag.trim_start_matches('<').trim_end_matches('>');
        if let Some(name) = inner.strip_prefix('/') {
            return Token::Close(name_of(name));
        }
        let name = name_of(inner);
        if RAW.iter().any(|raw| name.eq_ignore_ascii_case(raw)) {
            let close = find_close(self.rest, name);
            self.take(close);
        }
        Token::Open(name, &inner[name.len()..])
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        loop {
            if self.rest.is_empty() {
                return None;
            }
            if self.rest.starts_with("<!--") {
                self.pass("<!--", "-->");
            } else if self.rest.starts_with("<!") || self.rest.starts_with("<?") {
                self.pass("<!", ">");
            } else if opens_tag(self.rest) {
                return Some(self.tag());
            } else {
                let mut angles: MatchIndices<'_, _> = self.rest.match_indices('<');
                let next = angles.find(|(at, _)| *at > 0 && starts_markup(&self.rest[*at..]));
                return Some(Token::Text(self.take(next.map_or(self.rest.len(), |(at, _)| at))));
            }
        }
    }
}

fn starts_markup(rest: &str) -> bool {
    opens_tag(rest) || rest.starts_with("<!") || rest.starts_with("<?")
}

fn opens_tag(rest: &str) -> bool {
    let bytes = rest.as_bytes();
    let letter = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_alphabetic);
    bytes.first() == Some(&b'<') && (letter(1) || (bytes.get(1) == Some(&b'/') && letter(2)))
}

/// Offset after the `>` that ends the tag; quoted `>` do not count.
fn tag_end(rest: &str) -> usize {
    let mut quote = None;
    for (at, byte) in rest.bytes().enumerate() {
        match (quote, byte) {
            (None, b'>') => return at + 1,
            (None, b'"' | b'\'') if rest.as_bytes()[at - 1] == b'=' => quote = Some(byte),
            (Some(open), byte) if open == byte => quote = None,
            _ => {}
        }
    }
    // A quote that never closes: the tag ends at its first `>` after all.
    rest.find('>').map_or(rest.len(), |at| at + 1)
}

fn name_of(tag: &str) -> &str {
    let end = tag.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '-').unwrap_or(tag.len());
    &tag[..end]
}

/// Offset of the `</name` that closes a raw element, or the end.
fn find_close(rest: &str, name: &str) -> usize {
    let closes = |at: usize| {
        let tail = &rest.as_bytes()[at + 2..];
        tail.len() >= name.len() && tail[..name.len()].eq_ignore_ascii_case(name.as_bytes())
    };
    rest.match_indices("</").map(|(at, _)| at).find(|at| closes(*at)).unwrap_or(rest.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits_faulty_markup() {
        let html = "<!DOCTYPE html><p class=\"a>b\">1 < 2<!-- <p> --><script>if (a<b) '</p>'</SCRIPT></p><br/><a href='x";
        let found: Vec<_> = tokens(html).collect();
        assert_eq!(
            found,
            [
                Token::Open("p", " class=\"a>b\""),
                Token::Text("1 < 2"),
                Token::Open("script", ""),
                Token::Close("SCRIPT"),
                Token::Close("p"),
                Token::Open("br", "/"),
                Token::Open("a", " href='x"),
            ]
        );
    }

    proptest::proptest! {
        #[test]
        fn ends_on_anything(html in "[<>/!a-c\"'= é-]{0,60}") {
            proptest::prop_assert!(tokens(&html).count() <= html.len());
        }
    }
}

//! What an element's attributes say about it: class and id words as hashes, and flags.

use super::{
    hash::{Hash, hash, mix},
    tag::Tag,
    tokens::Attributes,
    tree::inside,
};

/// Bytes of a name that are looked at, at most.
const NAME: usize = 64;
/// The longest name of an attribute that matters.
const LONGEST: usize = 11;
/// Words of one element that are looked at, at most.
const MOST: usize = 24;

/// The attributes of a start tag that matter.
#[derive(Debug, Default)]
pub struct Seen<'a> {
    /// Flags of the element itself.
    pub flags: u32,
    /// `href`.
    pub href: &'a str,
    /// `name`, `property` or `itemprop`, whichever comes first.
    pub name: &'a str,
    /// `content` or `datetime`.
    pub content: &'a str,
    /// `rel`.
    pub rel: &'a str,
    /// `lang`.
    pub lang: &'a str,
}

/// Reads attributes, and adds the element's marks to `marks`.
pub fn read<'a>(tag: Tag, attributes: &'a str, marks: &mut Vec<u32>) -> Seen<'a> {
    let mut seen = Seen { flags: own_flags(tag), ..Seen::default() };
    let start = marks.len();
    for (name, value) in Attributes(attributes) {
        let mut low = [0; LONGEST];
        let Some(low) = low.get_mut(..name.len()) else { continue };
        low.copy_from_slice(name.as_bytes());
        low.make_ascii_lowercase();
        match &*low {
            b"class" | b"id" => words(value, marks, start),
            b"style" => seen.flags |= style(value),
            b"hidden" => seen.flags |= inside::HIDDEN,
            b"aria-hidden" if value == "true" => seen.flags |= inside::ARIA_HIDDEN,
            b"role" => seen.flags |= role(value, marks),
            b"href" => seen.href = value,
            b"rel" => seen.rel = value,
            b"lang" => seen.lang = value,
            b"content" | b"datetime" => seen.content = value,
            b"name" | b"property" if seen.name.is_empty() => seen.name = value,
            b"itemprop" => {
                marks.push(mix(2, hash(value.as_bytes())));
                seen.name = if seen.name.is_empty() { value } else { seen.name };
            }
            b"itemtype" => {
                let kind = value.rsplit('/').next().unwrap_or(value);
                marks.push(mix(3, hash(kind.as_bytes())));
            }
            _ => {}
        }
    }
    let comment = [hash(b"comment"), hash(b"comments"), hash(b"disqus")];
    if !matches!(tag, Tag::Html | Tag::Body) && marks[start..].iter().any(|mark| comment.contains(mark)) {
        seen.flags |= inside::COMMENTS;
    }
    seen
}

/// Splits names such as `post-body main_text FooterLinks` into words, and hashes them.
fn words(value: &str, marks: &mut Vec<u32>, start: usize) {
    let full = start + MOST;
    for name in value.split_ascii_whitespace() {
        if marks.len() >= full {
            return;
        }
        let first = marks.len();
        let (mut word, mut length, mut before) = (Hash::EMPTY, 0, b'-');
        let (mut whole, mut digits) = (Hash::EMPTY, name.len() > NAME);
        for &byte in name.as_bytes().iter().take(NAME) {
            whole = whole.push(byte);
            digits |= byte.is_ascii_digit();
            let letter = byte.is_ascii_alphabetic();
            if !letter || (byte.is_ascii_uppercase() && before.is_ascii_lowercase()) {
                if length > 1 && marks.len() < full {
                    marks.push(word.end());
                }
                (word, length) = (Hash::EMPTY, 0);
            }
            if letter {
                word = word.push(byte);
                length += 1;
            }
            before = byte;
        }
        if length > 1 && marks.len() < full {
            marks.push(word.end());
        }
        // Names with digits are rarely names that another site uses.
        if marks.len() > first + 1 && marks.len() < full && !digits {
            marks.push(mix(1, whole.end()));
        }
    }
}

fn role(value: &str, marks: &mut Vec<u32>) -> u32 {
    marks.push(mix(4, hash(value.as_bytes())));
    match value {
        "navigation" | "menu" | "menubar" => inside::NAV,
        "banner" => inside::HEADER,
        "contentinfo" => inside::FOOTER,
        "complementary" => inside::ASIDE,
        "main" => inside::MAIN,
        "article" => inside::ARTICLE,
        "dialog" | "alertdialog" => inside::DIALOG,
        "button" => inside::BUTTON,
        _ => 0,
    }
}

fn style(value: &str) -> u32 {
    let hides = value.split(';').filter_map(|rule| rule.split_once(':')).any(|(name, value)| {
        let is = |expected: &str| value.trim_start().to_ascii_lowercase().starts_with(expected);
        match name.trim() {
            "display" => is("none"),
            "visibility" => is("hidden"),
            _ => false,
        }
    });
    if hides { inside::HIDDEN } else { 0 }
}

fn own_flags(tag: Tag) -> u32 {
    match tag {
        Tag::Nav | Tag::Menu => inside::NAV,
        Tag::Header => inside::HEADER,
        Tag::Footer => inside::FOOTER,
        Tag::Aside => inside::ASIDE,
        Tag::Main => inside::MAIN,
        Tag::Article => inside::ARTICLE,
        Tag::Form => inside::FORM,
        Tag::Table => inside::TABLE,
        Tag::Ul | Tag::Ol | Tag::Dl => inside::LIST,
        Tag::Noscript => inside::NOSCRIPT,
        Tag::Button | Tag::Label => inside::BUTTON,
        Tag::Pre => inside::PRE,
        Tag::Blockquote => inside::QUOTE,
        Tag::Figure | Tag::Figcaption => inside::FIGURE,
        Tag::Dialog => inside::DIALOG,
        Tag::Section => inside::SECTION,
        Tag::P => inside::PARAGRAPH,
        Tag::A => inside::LINK,
        Tag::Select | Tag::Option => inside::OPTION,
        Tag::Details | Tag::Summary => inside::DETAILS,
        Tag::Strong | Tag::B => inside::STRONG,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn class_words_are_split() {
        let mut marks = Vec::new();
        read(Tag::Div, " class='post-body2 FooterLinks x'", &mut marks);
        for word in ["post", "body", "footer", "links"] {
            assert!(marks.contains(&hash(word.as_bytes())), "{word}");
        }
        assert_eq!(marks.len(), 5, "and FooterLinks as a whole");
    }

    #[test]
    fn hidden_elements_are_seen() {
        let mut marks = Vec::new();
        for attributes in [" hidden", " style=\"color:red; display: NONE\"", " aria-hidden=\"true\""] {
            let flags = read(Tag::Div, attributes, &mut marks).flags;
            assert_ne!(flags & (inside::HIDDEN | inside::ARIA_HIDDEN), 0, "{attributes}");
        }
        assert_ne!(read(Tag::Div, " class=comment-list", &mut marks).flags & inside::COMMENTS, 0);
    }
}

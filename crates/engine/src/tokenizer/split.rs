//! Cuts text into pieces as GPT-2 does: contractions, words, numbers, other marks, white space; one space
//! before a word, number or mark belongs to it.

use unicode_properties::{GeneralCategoryGroup, UnicodeGeneralCategory};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Letter,
    Number,
    Space,
    Other,
}

fn class(c: char) -> Class {
    if c.is_ascii() {
        return match c {
            'a'..='z' | 'A'..='Z' => Class::Letter,
            '0'..='9' => Class::Number,
            ' ' | '\t'..='\r' => Class::Space,
            _ => Class::Other,
        };
    }
    match c.general_category_group() {
        GeneralCategoryGroup::Letter => Class::Letter,
        GeneralCategoryGroup::Number => Class::Number,
        _ if c.is_whitespace() => Class::Space,
        _ => Class::Other,
    }
}

const CONTRACTIONS: [&str; 7] = ["'s", "'t", "'re", "'ve", "'m", "'ll", "'d"];

/// The pieces of `text`; together they are the whole text.
pub(super) fn pieces(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let (piece, after) = rest.split_at(first_piece(rest));
        rest = after;
        Some(piece)
    })
}

/// Bytes of the first piece of a text that is not empty.
fn first_piece(text: &str) -> usize {
    if let Some(found) = CONTRACTIONS.iter().find(|contraction| text.starts_with(**contraction)) {
        return found.len();
    }
    let skipped = usize::from(text.starts_with(' '));
    match text[skipped..].chars().next().map(class) {
        Some(kind) if kind != Class::Space => skipped + run(&text[skipped..], kind),
        _ => spaces(text),
    }
}

/// Bytes of the leading characters of one class.
fn run(text: &str, kind: Class) -> usize {
    text.char_indices().find(|(_, c)| class(*c) != kind).map_or(text.len(), |(place, _)| place)
}

/// A run of white space leaves its last character to what follows, unless nothing follows or it is alone.
fn spaces(text: &str) -> usize {
    let all = run(text, Class::Space);
    let last = text[..all].chars().next_back().map_or(0, char::len_utf8);
    if all == text.len() || all == last { all } else { all - last }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &str) -> Vec<&str> {
        pieces(text).collect()
    }

    #[test]
    fn cuts_as_the_published_pattern_does() {
        assert_eq!(cut("Hello world's  end"), ["Hello", " world", "'s", " ", " end"]);
        assert_eq!(
            cut("we'll pay 42 CNY!!\n\n  ok  "),
            ["we", "'ll", " pay", " 42", " CNY", "!!", "\n\n ", " ok", "  "]
        );
        assert_eq!(cut("a\nb\n\nc"), ["a", "\n", "b", "\n", "\n", "c"]);
        assert_eq!(cut("模速空间 2025年½"), ["模速空间", " 2025", "年", "½"]);
        assert_eq!(cut("e\u{301}t\u{e9}"), ["e", "\u{301}", "t\u{e9}"]); // a mark is neither letter nor number
        assert_eq!(cut("it 's"), ["it", " '", "s"]);
        assert_eq!(cut("\u{3000}x\u{a0}\u{a0}"), ["\u{3000}", "x", "\u{a0}\u{a0}"]);
        assert_eq!(cut(""), [""; 0]);
    }

    proptest::proptest! {
        #[test]
        fn pieces_are_never_empty_and_make_up_the_text(text in "\\PC*|[ \n\ta-z0-9'é模]*") {
            let cut = cut(&text);
            proptest::prop_assert!(cut.iter().all(|piece| !piece.is_empty()));
            proptest::prop_assert_eq!(cut.concat(), text);
        }
    }
}

//! What happens to a text before it is cut: Unicode forms, case, replacements.

use std::{borrow::Cow, sync::LazyLock};

use kernel::Result;
use unicode_normalization::{IsNormalized, UnicodeNormalization};

use crate::{
    charsmap::Charsmap,
    classes::{MARK, classes},
    split::Pattern,
};

/// One step of normalisation.
#[derive(Debug)]
pub(crate) enum Normalizer {
    Nfc,
    Nfd,
    Nfkc,
    Nfkd,
    Lowercase,
    StripAccents,
    /// Whitespace off the ends.
    Strip {
        left: bool,
        right: bool,
    },
    Prepend(String),
    Replace {
        pattern: Pattern,
        content: String,
    },
    /// SentencePiece's table of replacements.
    Precompiled(Box<Charsmap>),
}

impl Normalizer {
    /// The normalised text; borrowed when nothing changes.
    pub fn apply<'t>(&self, text: Cow<'t, str>) -> Result<Cow<'t, str>> {
        use unicode_normalization::{is_nfc_quick, is_nfd_quick, is_nfkc_quick, is_nfkd_quick};
        let is_done = |quick: IsNormalized| quick == IsNormalized::Yes;
        let changed = match self {
            _ if text.is_empty() => None,
            Self::Nfc | Self::Nfkc | Self::Nfd | Self::Nfkd if text.is_ascii() => None,
            Self::Nfc if is_done(is_nfc_quick(text.chars())) => None,
            Self::Nfd if is_done(is_nfd_quick(text.chars())) => None,
            Self::Nfkc if is_done(is_nfkc_quick(text.chars())) => None,
            Self::Nfkd if is_done(is_nfkd_quick(text.chars())) => None,
            Self::Nfc => Some(in_form(&text, |part, to| to.extend(part.nfc()))),
            Self::Nfd => Some(in_form(&text, |part, to| to.extend(part.nfd()))),
            Self::Nfkc => Some(in_form(&text, |part, to| to.extend(part.nfkc()))),
            Self::Nfkd => Some(in_form(&text, |part, to| to.extend(part.nfkd()))),
            // By character, without the final sigma's rule, as the peers do it.
            Self::Lowercase => Some(text.chars().flat_map(char::to_lowercase).collect()),
            Self::StripAccents => Some(text.chars().filter(|c| !is_accent(*c)).collect()),
            Self::Strip { left, right } => {
                let kept = if *left { text.trim_start() } else { &text };
                let kept = if *right { kept.trim_end() } else { kept };
                (kept.len() < text.len()).then(|| kept.to_owned())
            }
            Self::Prepend(prefix) => Some(format!("{prefix}{text}")),
            Self::Replace { pattern, content } => pattern.replace(&text, content)?,
            Self::Precompiled(map) => map.apply(&text),
        };
        Ok(changed.map_or(text, Cow::Owned))
    }
}

/// A Unicode form of `text`, in which newer characters than the peers know stand for themselves.
fn in_form(text: &str, form: impl Fn(&str, &mut String)) -> String {
    let mut formed = String::with_capacity(text.len());
    for part in text.split_inclusive(|c| NEWER.forms.contain(c)) {
        match part.chars().next_back().filter(|c| NEWER.forms.contain(*c)) {
            Some(newer) => {
                form(&part[..part.len() - newer.len_utf8()], &mut formed);
                formed.push(newer);
            }
            None => form(part, &mut formed),
        }
    }
    formed
}

fn is_accent(c: char) -> bool {
    // Two that were marks in the peers' tables are letters today.
    matches!(c, '\u{1cf2}' | '\u{1cf3}') || (classes().of(c as u32) == MARK && !NEWER.accents.contain(c))
}

/// Sorted ranges of characters.
#[derive(Default)]
struct Ranges(Vec<(u32, u32)>);

impl Ranges {
    fn contain(&self, c: char) -> bool {
        let point = c as u32;
        let behind = self.0.partition_point(|(first, _)| *first <= point);
        behind > 0 && point <= self.0[behind - 1].1
    }
}

/// Characters that the peers' tables don't know.
struct Newer {
    forms: Ranges,
    accents: Ranges,
}

static NEWER: LazyLock<Newer> = LazyLock::new(|| {
    let read = |name: &str| {
        let data = include_str!("../data/unnormalized.txt");
        let line = data.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
        let point = |hex| u32::from_str_radix(hex, 16).expect("the data is hexadecimal");
        let ranges = line.split(' ').map(|range| range.split_once('-').unwrap_or((range, range)));
        Ranges(ranges.map(|(first, last)| (point(first), point(last))).collect())
    };
    Newer { forms: read("forms "), accents: read("accents ") }
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_and_accents() {
        let by = |normalizer: Normalizer, text: &str| {
            normalizer.apply(Cow::Borrowed(text)).expect("nothing to fail").into_owned()
        };
        assert_eq!(by(Normalizer::Nfc, "e\u{301}"), "é");
        assert_eq!(by(Normalizer::Nfkc, "ﬁ ㎏"), "fi kg");
        assert_eq!(by(Normalizer::Nfkc, "\u{1e030}ﬁ"), "\u{1e030}fi", "newer than the peers' tables");
        assert_eq!(by(Normalizer::StripAccents, "e\u{301}a\u{1df6}"), "ea\u{1df6}");
        assert_eq!(by(Normalizer::Lowercase, "ΟΔΟΣ İ"), "οδοσ i\u{307}");
        assert_eq!(by(Normalizer::Strip { left: true, right: false }, "  a "), "a ");
    }
}

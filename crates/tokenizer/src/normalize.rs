//! What happens to a text before it is cut: Unicode forms, case, replacements.

use std::borrow::Cow;

use kernel::Result;
use unicode_normalization::{IsNormalized, UnicodeNormalization, char::is_combining_mark};

use crate::{charsmap::Charsmap, split::Pattern};

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
    Strip { left: bool, right: bool },
    Prepend(String),
    Replace { pattern: Pattern, content: String },
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
            Self::Nfc => Some(text.nfc().collect()),
            Self::Nfd => Some(text.nfd().collect()),
            Self::Nfkc => Some(text.nfkc().collect()),
            Self::Nfkd => Some(text.nfkd().collect()),
            // By character, without the final sigma's rule, as the peers do it.
            Self::Lowercase => Some(text.chars().flat_map(char::to_lowercase).collect()),
            Self::StripAccents => Some(text.chars().filter(|c| !is_combining_mark(*c)).collect()),
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

//! Personal information in Chinese and English text: found by its rules and check digits, masked, hashed or
//! dropped.
//!
//! A text is first looked over in blocks of bytes: only digits, `@` and the beginnings of keys can lead to a
//! find. Chinese text has no spaces, so a number may touch the characters around it. Full-width digits count
//! as digits.
//!
//! Map: [`kind`] what is found and what becomes of it · `scan` where finds may begin · `numbers` identity
//! cards, telephones, bank cards · `papers` credit codes, passports, plates · `address` · `net` e-mail and IP
//! · `secrets` keys and tokens · `codes` check digits · `around` what stands before and behind.

mod address;
mod around;
mod codes;
pub mod kind;
mod net;
mod numbers;
mod papers;
mod scan;
mod secrets;

use std::collections::BTreeMap;

use hmac::{Hmac, KeyInit, Mac};
use kernel::{Error, Result};
pub use kind::{Action, Kind, Labels, Options};
use sha2::Sha256;

/// One find: the bytes of the text that it spans.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Find {
    /// What it is.
    pub kind: Kind,
    /// Its first byte.
    pub start: usize,
    /// The byte behind its last.
    pub end: usize,
}

/// What became of a text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cleaned {
    /// The new text, when it changed.
    pub text: Option<String>,
    /// The kind for which the whole text goes, when its action is [`Action::Drop`].
    pub dropped: Option<Kind>,
    /// How many finds of each kind there were, whatever became of them.
    pub counts: BTreeMap<Kind, u64>,
}

/// Cleans texts. The same text, options and key always give the same result.
pub struct Cleaner {
    options: Options,
    finds: Vec<Find>,
}

impl Cleaner {
    /// A cleaner with these options.
    ///
    /// # Errors
    /// `pii_key_missing` when something is to be hashed without a key.
    pub fn new(options: &Options) -> Result<Self> {
        let hashes = Kind::ALL.iter().any(|&kind| options.action_of(kind) == Action::Hash);
        if hashes && options.key.is_empty() {
            let text = "Personal information is to be hashed, but there is no key. Without one anybody could try all numbers. \
                        Set `key` to a secret of your own.";
            return Err(Error::invalid("pii_key_missing", text));
        }
        Ok(Self { options: options.clone(), finds: Vec::new() })
    }

    /// All finds in a text, in order; they don't overlap.
    pub fn find(&mut self, text: &str) -> &[Find] {
        self.finds.clear();
        scan::scan(text, self.options.public_ip_only, &mut self.finds);
        &self.finds
    }

    /// The text without personal information.
    pub fn clean(&mut self, text: &str) -> Cleaned {
        self.find(text);
        let mut cleaned = Cleaned::default();
        let (mut out, mut done) = (String::new(), 0);
        for find in &self.finds {
            *cleaned.counts.entry(find.kind).or_default() += 1;
            let label = find.kind.label(self.options.labels);
            match self.options.action_of(find.kind) {
                Action::Keep => continue,
                Action::Drop => {
                    cleaned.dropped.get_or_insert(find.kind);
                    continue;
                }
                Action::Mask => out.extend([&text[done..find.start], "<", label, ">"]),
                Action::Hash => {
                    let hash = self.hash(find.kind, &text[find.start..find.end]);
                    out.extend([&text[done..find.start], "<", label, ":", &hash, ">"]);
                }
            }
            done = find.end;
        }
        if done > 0 && cleaned.dropped.is_none() {
            out.push_str(&text[done..]);
            cleaned.text = Some(out);
        }
        cleaned
    }

    /// Twelve hexadecimal digits of a keyed hash over the kind and the value, its spaces, hyphens and widths
    /// aside.
    fn hash(&self, kind: Kind, value: &str) -> String {
        let plain = scan::narrowed(value);
        let plain: String = if matches!(kind, Kind::Secret | Kind::Address | Kind::Email) {
            plain.into_owned()
        } else {
            plain.chars().filter(|c| !matches!(c, ' ' | '-')).collect()
        };
        let mut mac =
            Hmac::<Sha256>::new_from_slice(self.options.key.as_bytes()).expect("any key length is right");
        mac.update(kind.name().as_bytes());
        mac.update(b"\0");
        mac.update(plain.as_bytes());
        mac.finalize().into_bytes()[..6].iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

#[cfg(test)]
mod tests;

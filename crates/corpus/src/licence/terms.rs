//! What one licence allows, and what several allow together.

use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A use that a recipe can ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Use {
    /// Training a model on it.
    Train,
    /// Giving the processed text to others.
    Redistribute,
    /// Doing so for money.
    Commercial,
}

/// What may be done, and what is asked for it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Terms {
    /// May a model be trained on it?
    pub train: bool,
    /// May the processed text be given to others?
    pub redistribute: bool,
    /// May it be used commercially?
    pub commercial: bool,
    /// Must its author be named?
    pub attribution: bool,
    /// Licences under which what is made of it must be given on.
    pub share_alike: BTreeSet<String>,
}

impl Terms {
    /// Everything is allowed and nothing asked, as in the public domain.
    pub fn everything() -> Self {
        Self { train: true, redistribute: true, commercial: true, ..Self::default() }
    }

    /// Nothing is allowed.
    pub fn nothing() -> Self {
        Self { attribution: true, ..Self::default() }
    }

    /// A free licence that names its author and, with `copyleft`, passes itself on.
    pub fn free(name: &str, copyleft: bool) -> Self {
        let share_alike = if copyleft { BTreeSet::from([name.to_owned()]) } else { BTreeSet::new() };
        Self { attribution: !is_public_domain(name), share_alike, ..Self::everything() }
    }

    /// The terms that a name itself states: public domain and Creative Commons.
    pub fn of_name(name: &str) -> Option<Self> {
        if is_public_domain(name) {
            return Some(Self::everything());
        }
        let conditions: Vec<&str> = name.strip_prefix("CC-")?.split('-').collect();
        let asks = |condition| conditions.contains(&condition);
        if !asks("BY") {
            return None;
        }
        let share_alike = if asks("SA") { BTreeSet::from([name.to_owned()]) } else { BTreeSet::new() };
        Some(Self {
            train: true,
            // A cleaned text is a derivative.
            redistribute: !asks("ND"),
            commercial: !asks("NC"),
            attribution: true,
            share_alike,
        })
    }

    /// What is allowed under both.
    pub fn and(&self, other: &Self) -> Self {
        Self {
            train: self.train && other.train,
            redistribute: self.redistribute && other.redistribute,
            commercial: self.commercial && other.commercial,
            attribution: self.attribution || other.attribution,
            share_alike: self.share_alike.union(&other.share_alike).cloned().collect(),
        }
    }

    /// The better one of two that may be chosen from.
    pub fn or(self, other: Self) -> Self {
        let worth = |terms: &Self| {
            let allowed =
                [terms.train, terms.redistribute, terms.commercial].map(u8::from).iter().sum::<u8>();
            (allowed, terms.share_alike.is_empty(), !terms.attribution)
        };
        if worth(&other) > worth(&self) { other } else { self }
    }

    /// Whether it allows a use.
    pub fn allows(&self, wanted: Use) -> bool {
        match wanted {
            Use::Train => self.train,
            Use::Redistribute => self.redistribute,
            Use::Commercial => self.commercial,
        }
    }
}

fn is_public_domain(name: &str) -> bool {
    matches!(
        name,
        "CC0-1.0" | "PDDL-1.0" | "Unlicense" | "0BSD" | "CC-PDDC" | "CC-PDM-1.0" | "WTFPL" | "blessing"
    )
}

/// Whether one work can hold parts under both of these share-alike licences: the same family in versions that allow
/// the step, or CC-BY-SA 4.0 given on under GPL 3 (Creative Commons' list of compatible licences).
pub fn are_compatible(one: &str, other: &str) -> bool {
    let family = |name: &str| {
        let plain = name.trim_end_matches("-only").trim_end_matches("-or-later");
        plain.rsplit_once('-').map_or(plain, |(family, _)| family).to_owned()
    };
    let later =
        |name: &str| name.ends_with("-or-later") || name.starts_with("CC-BY") || name.starts_with("MPL");
    let gpl3 = |name: &str| name.starts_with("GPL-3") || name.starts_with("AGPL-3");
    one == other
        || (family(one) == family(other) && (later(one) || later(other)))
        || (one == "CC-BY-SA-4.0" && gpl3(other))
        || (other == "CC-BY-SA-4.0" && gpl3(one))
        || (gpl3(one) && gpl3(other))
}

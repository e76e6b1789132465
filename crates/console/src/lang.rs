//! The two languages of the pages, by Fluent.

use fluent_bundle::{FluentArgs, FluentResource, FluentValue, concurrent::FluentBundle};
use std::{borrow::Cow, sync::LazyLock};

/// A language that every page speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lang {
    /// Chinese (simplified).
    Zh,
    /// English.
    En,
}

type Bundle = FluentBundle<FluentResource>;

/// The Chinese texts.
pub(crate) const ZH: &str = include_str!("../locales/zh.ftl");
/// The English texts.
pub(crate) const EN: &str = include_str!("../locales/en.ftl");

static BUNDLES: LazyLock<[Bundle; 2]> = LazyLock::new(|| [bundle("zh-CN", ZH), bundle("en", EN)]);

/// A bundle of an embedded file. What Fluent can't read is left out, and the tests below fail on it.
fn bundle(tag: &str, text: &str) -> Bundle {
    let mut bundle = FluentBundle::new_concurrent(tag.parse().into_iter().collect());
    bundle.set_use_isolating(false);
    let resource = FluentResource::try_new(text.to_owned()).unwrap_or_else(|(resource, _)| resource);
    bundle.add_resource_overriding(resource);
    bundle
}

impl Lang {
    /// The language named by a query or a cookie.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "zh" => Some(Self::Zh),
            "en" => Some(Self::En),
            _ => None,
        }
    }

    /// The first language of an `Accept-Language` header that we speak; Chinese when there is none.
    pub fn accepted(header: &str) -> Self {
        let first = |part: &str| Self::parse(part.trim().get(..2)?.to_ascii_lowercase().as_str());
        header.split(',').take(20).find_map(first).unwrap_or(Self::Zh)
    }

    /// Its short name, as in `?lang=`.
    pub fn code(self) -> &'static str {
        match self {
            Self::Zh => "zh",
            Self::En => "en",
        }
    }

    /// Its tag for the `lang` attribute.
    pub fn tag(self) -> &'static str {
        match self {
            Self::Zh => "zh-CN",
            Self::En => "en",
        }
    }

    /// The other one.
    pub fn other(self) -> Self {
        match self {
            Self::Zh => Self::En,
            Self::En => Self::Zh,
        }
    }

    /// The one of two texts that is of this language.
    pub fn pick<'a>(self, zh: &'a str, en: &'a str) -> &'a str {
        match self {
            Self::Zh => zh,
            Self::En => en,
        }
    }

    /// The text of `key`.
    pub fn t(self, key: &str) -> String {
        self.ta(key, &[])
    }

    /// The text of `key` if there is one: for words that data brings, such as a job's kind.
    pub fn try_t(self, key: &str) -> Option<String> {
        self.bundle().has_message(key).then(|| self.t(key))
    }

    /// The text of `key` with values put in.
    pub fn ta(self, key: &str, values: &[(&'static str, FluentValue<'_>)]) -> String {
        let Some(pattern) = self.bundle().get_message(key).and_then(|message| message.value()) else {
            debug_assert!(false, "no text “{key}”; add it to both files under locales");
            return key.to_owned();
        };
        let mut args = FluentArgs::new();
        for (name, value) in values {
            args.set(Cow::Borrowed(*name), value.clone());
        }
        self.bundle().format_pattern(pattern, Some(&args), &mut Vec::new()).into_owned()
    }

    fn bundle(self) -> &'static Bundle {
        match self {
            Self::Zh => &BUNDLES[0],
            Self::En => &BUNDLES[1],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{collections::BTreeSet, fs, path::Path};

    fn keys(text: &str) -> BTreeSet<&str> {
        let key = |line: &'static str| line.split_once(" =").map(|(key, _)| key);
        let text: &'static str = Box::leak(text.to_owned().into_boxed_str());
        text.lines()
            .filter(|line| line.starts_with(|c: char| c.is_ascii_lowercase()))
            .filter_map(key)
            .collect()
    }

    #[test]
    fn both_files_parse_and_have_the_same_keys() {
        for text in [ZH, EN] {
            assert!(FluentResource::try_new(text.to_owned()).is_ok());
        }
        assert_eq!(keys(ZH), keys(EN));
        assert!(keys(ZH).len() > 100);
    }

    /// Every `t("key")`, `ta("key"` and the like in this crate names a text.
    #[test]
    fn every_key_used_exists() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let known = keys(EN);
        let mut used = 0;
        for path in files(&root.join("src")).into_iter().chain(files(&root.join("templates"))) {
            let text = fs::read_to_string(&path).unwrap();
            for call in [".t(\"", ".ta(\""] {
                for part in text.split(call).skip(1) {
                    let key = part.split('"').next().unwrap();
                    let real = key.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
                    assert!(
                        !real || key.is_empty() || known.contains(key),
                        "{}: no text “{key}”",
                        path.display()
                    );
                    used += 1;
                }
            }
        }
        assert!(used > 100, "the scan found only {used} uses: has the way of calling changed?");
    }

    fn files(folder: &Path) -> Vec<std::path::PathBuf> {
        let mut found = Vec::new();
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
        }
        found
    }

    #[test]
    fn chooses_by_the_readers_wish() {
        assert_eq!(Lang::accepted("fr-FR, en;q=0.8, zh;q=0.5"), Lang::En);
        assert_eq!(Lang::accepted("é"), Lang::Zh);
        assert_eq!(Lang::accepted(""), Lang::Zh);
    }
}

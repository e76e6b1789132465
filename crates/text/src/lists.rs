//! Lists: domains that are blocked with all their subdomains, and words that a text mustn't hold.

use std::collections::{BTreeMap, HashSet};

use daachorse::{CharwiseDoubleArrayAhoCorasick, CharwiseDoubleArrayAhoCorasickBuilder};
use kernel::{Error, Result};

/// Most words of a list, and most characters of one.
const MOST_WORDS: usize = 5_000_000;
const MOST_CHARACTERS: usize = 200;

/// Domains that are blocked. `example.com` blocks `example.com` and `www.example.com`, not `notexample.com`.
#[derive(Debug, Default, Clone)]
pub struct Domains {
    domains: HashSet<String>,
}

impl Domains {
    /// From lines of domains; empty lines and those that begin with `#` are skipped, case doesn't matter, a
    /// leading `*.` or `.` neither.
    pub fn from_lines(lines: &str) -> Self {
        let plain = lines.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        let domain = |line: &str| line.trim_start_matches("*.").trim_matches('.').to_lowercase();
        Self { domains: plain.map(domain).filter(|domain| !domain.is_empty()).collect() }
    }

    /// How many domains are listed.
    pub fn len(&self) -> usize {
        self.domains.len()
    }

    /// Whether none is listed.
    pub fn is_empty(&self) -> bool {
        self.domains.is_empty()
    }

    /// The listed domain that blocks a web address (or a bare host), if any: the shortest one.
    pub fn blocks(&self, url: &str) -> Option<&str> {
        let host = host(url).to_lowercase();
        let starts = host.match_indices('.').map(|(at, _)| at + 1).rev().chain([0]);
        starts.map(|start| &host[start..]).find_map(|suffix| self.domains.get(suffix)).map(String::as_str)
    }
}

/// The host of a web address: without scheme, user, port and path.
fn host(url: &str) -> &str {
    let rest = url.find("://").map_or(url, |at| &url[at + 3..]);
    let rest = rest.strip_prefix("//").unwrap_or(rest);
    let rest = &rest[..rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len())];
    let rest = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
    if rest.starts_with('[') {
        return &rest[..rest.find(']').map_or(rest.len(), |end| end + 1)];
    }
    rest.split(':').next().unwrap_or(rest).trim_end_matches('.')
}

/// Words in categories, such as the risks of a keyword list. The longest word at the leftmost place counts.
pub struct Words {
    automaton: CharwiseDoubleArrayAhoCorasick<u32>,
    /// For each word: whether it must stand alone (Latin letters), and its category.
    words: Vec<(bool, u32)>,
    categories: Vec<String>,
}

impl Words {
    /// From pairs of category and word. Words are matched without regard to ASCII case; one of Latin letters
    /// and digits counts only where no letter or digit touches it.
    ///
    /// # Errors
    /// `word_list_invalid` when the list has no words or too many, or one is longer than 200 characters.
    pub fn new<'w>(words: impl IntoIterator<Item = (&'w str, &'w str)>) -> Result<Self> {
        let invalid = |text: String| Error::invalid("word_list_invalid", text);
        let mut unique: BTreeMap<String, u32> = BTreeMap::new();
        let (mut categories, mut places) = (Vec::new(), BTreeMap::new());
        for (category, word) in words {
            let word = word.trim().to_ascii_lowercase();
            if word.chars().nth(MOST_CHARACTERS).is_some() {
                let start: String = word.chars().take(20).collect();
                return Err(invalid(format!(
                    "The word that begins with {start:?} has over {MOST_CHARACTERS} characters."
                )));
            }
            let place = *places.entry(category.to_owned()).or_insert_with(|| {
                categories.push(category.to_owned());
                categories.len() as u32 - 1
            });
            if !word.is_empty() {
                unique.entry(word).or_insert(place);
            }
            if unique.len() > MOST_WORDS {
                return Err(invalid(format!("The list has over {MOST_WORDS} words; split it.")));
            }
        }
        if unique.is_empty() {
            return Err(invalid("The list has no words; give at least one.".into()));
        }
        let alone = |word: &str| {
            word.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | ' ' | '\''))
        };
        let kinds = unique.iter().map(|(word, category)| (alone(word), *category)).collect();
        let builder =
            CharwiseDoubleArrayAhoCorasickBuilder::new().match_kind(daachorse::MatchKind::LeftmostLongest);
        let automaton =
            builder.build(unique.keys()).map_err(|e| invalid(format!("The list can't be used: {e}.")))?;
        Ok(Self { automaton, words: kinds, categories })
    }

    /// From lines of `category word`, parted by a tab, or of words alone, which get the category `default`.
    ///
    /// # Errors
    /// As [`Words::new`].
    pub fn from_lines(lines: &str, default: &str) -> Result<Self> {
        let plain = lines.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        Self::new(plain.map(|line| line.split_once('\t').unwrap_or((default, line))))
    }

    /// Calls `each` with the category and the place of every word in a text.
    pub fn find(&self, text: &str, mut each: impl FnMut(&str, std::ops::Range<usize>)) {
        let lowered = text.to_ascii_lowercase();
        let bytes = lowered.as_bytes();
        let letter =
            |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_some_and(u8::is_ascii_alphanumeric);
        for found in self.automaton.leftmost_find_iter(&lowered) {
            let (alone, category) = self.words[found.value() as usize];
            if alone && (letter(found.start().checked_sub(1)) || letter(Some(found.end()))) {
                continue;
            }
            each(&self.categories[category as usize], found.start()..found.end());
        }
    }

    /// How many words of each category stand in a text.
    pub fn count(&self, text: &str) -> BTreeMap<String, u64> {
        let mut counts: BTreeMap<String, u64> = BTreeMap::new();
        self.find(text, |category, _| match counts.get_mut(category) {
            Some(count) => *count += 1,
            None => {
                counts.insert(category.to_owned(), 1);
            }
        });
        counts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_blocks_its_subdomains_and_no_other() {
        let list = Domains::from_lines("# bad ones\nExample.com\n*.evil.cn\n\n10.0.0.1");
        for url in [
            "http://example.com/a",
            "https://www.EXAMPLE.com:8080?x",
            "//user:p@x.evil.cn/",
            "evil.cn",
            "http://10.0.0.1/",
            "http://example.com./",
        ] {
            assert!(list.blocks(url).is_some(), "{url}");
        }
        for url in [
            "http://notexample.com",
            "https://example.com.cn",
            "http://a.com/example.com",
            "",
            "http://[::1]:80/",
        ] {
            assert!(list.blocks(url).is_none(), "{url}");
        }
    }

    #[test]
    fn words_are_found_with_their_category_and_latin_ones_stand_alone() {
        let list = Words::from_lines("risk\t坏词\nrisk\t坏词汇\nslur\tass\n散词", "other").unwrap();
        let counts = list.count("一个坏词汇和坏词，Ass but not class，散词");
        assert_eq!(counts, BTreeMap::from([("risk".into(), 2), ("slur".into(), 1), ("other".into(), 1)]));
        assert_eq!(Words::from_lines("#\n", "x").err().map(|e| e.code), Some("word_list_invalid"));
    }
}

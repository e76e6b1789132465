//! C4's rule for words of a list.

use super::C4Badwords;
use crate::words::class::{any, is};
use aho_corasick::AhoCorasick;
use kernel::{Error, Result};

/// What finds the words.
pub(super) fn finder(options: &C4Badwords) -> Result<AhoCorasick> {
    if options.words.iter().any(String::is_empty) {
        return Err(Error::invalid("filter_option_invalid", "`words` holds an empty word; take it out"));
    }
    let refused =
        |error| Error::invalid("filter_option_invalid", format!("`words` can't be searched for: {error}"));
    AhoCorasick::new(&options.words).map_err(refused)
}

/// Why a text goes: it holds one of the words, in lower case, and if asked between characters of no word.
pub(super) fn judge(options: &C4Badwords, finder: Option<&AhoCorasick>, text: &str) -> Option<&'static str> {
    let lower = text.to_lowercase();
    let stands_alone = |from: usize, to: usize| {
        let before = lower[..from].chars().next_back();
        let after = lower[to..].chars().next();
        !before.into_iter().chain(after).any(|c| any(c, is::WORD))
    };
    let mut found = finder?.find_overlapping_iter(&*lower);
    let is_bad = found.any(|word| !options.whole_words || stands_alone(word.start(), word.end()));
    is_bad.then_some("document_removed_with_badwords")
}

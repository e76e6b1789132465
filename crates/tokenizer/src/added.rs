//! Tokens that stand beside the model's: found in the text before anything else, longest first.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};
use fancy_regex::Regex;
use kernel::Result;
use serde::Deserialize;

use crate::error::invalid;

/// A token beside the model's.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct AddedToken {
    pub id: u32,
    pub content: String,
    #[serde(default)]
    pub single_word: bool,
    #[serde(default)]
    pub lstrip: bool,
    #[serde(default)]
    pub rstrip: bool,
    #[serde(default)]
    pub normalized: bool,
    #[serde(default)]
    pub special: bool,
}

/// Finds added tokens.
#[derive(Debug)]
pub(crate) struct Finder {
    automaton: AhoCorasick,
    tokens: Vec<AddedToken>,
}

/// A stretch of text: an added token, or none.
pub(crate) type Stretch = (usize, usize, Option<u32>);

impl Finder {
    /// A finder of `tokens` by the text that stands for each; `None` when there are none.
    pub fn new(tokens: Vec<(String, AddedToken)>) -> Result<Option<Self>> {
        if tokens.is_empty() {
            return Ok(None);
        }
        let (patterns, tokens): (Vec<_>, Vec<_>) = tokens.into_iter().unzip();
        let automaton = AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(&patterns);
        let automaton = automaton.map_err(|error| invalid(format!("added_tokens: {error}.")))?;
        Ok(Some(Self { automaton, tokens }))
    }

    /// Calls `each` with all stretches of `text`; special tokens are plain text when `as_text`.
    pub fn each(&self, text: &str, as_text: bool, mut each: impl FnMut(Stretch) -> Result<()>) -> Result<()> {
        let mut done = 0;
        for found in self.automaton.find_iter(text) {
            let token = &self.tokens[found.pattern()];
            let (mut start, mut end) = (found.start(), found.end());
            let is_part = || ends_in_word(&text[..start]) || begins_with_word(&text[end..]);
            if (as_text && token.special) || (token.single_word && is_part()) {
                continue;
            }
            if token.lstrip {
                start = text[..start].trim_end().len().max(done);
            }
            if token.rstrip {
                end = text.len() - text[end..].trim_start().len();
            }
            if done < start {
                each((done, start, None))?;
            }
            each((start, end, Some(token.id)))?;
            done = end;
        }
        if done < text.len() {
            each((done, text.len(), None))?;
        }
        Ok(())
    }
}

fn begins_with_word(text: &str) -> bool {
    static WORD: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"^\w").expect("a plain pattern"));
    text.chars().next().is_some_and(|c| WORD.is_match(c.encode_utf8(&mut [0; 4])).unwrap_or(false))
}

fn ends_in_word(text: &str) -> bool {
    let last = text.chars().next_back();
    last.is_some_and(|c| begins_with_word(c.encode_utf8(&mut [0; 4])))
}

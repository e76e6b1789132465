//! spaCy's English exceptions, and the patterns of tokens that they also replace.

use super::{affix, class, class::is, hash, split::split};
use std::{
    collections::HashMap,
    hash::{BuildHasherDefault, Hasher},
    sync::LazyLock,
};

/// What is known of a token.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Token {
    /// Its identity.
    pub hash: u64,
    /// Where it stands in its text, in bytes; nothing for a token by itself.
    pub start: u32,
    /// Its length in bytes.
    pub bytes: u32,
    /// Its length in code points.
    pub chars: u32,
    /// Bits of [`has`].
    pub flags: u32,
}

/// Bits of what a token has.
pub(crate) mod has {
    /// A character that is no punctuation to datatrove.
    pub const NO_SYMBOL: u32 = 1;
    /// A letter.
    pub const LETTER: u32 = 2;
    /// A place at the front of a pattern.
    pub const FIRST: u32 = 4;
    /// The second place of a pattern.
    pub const SECOND: u32 = 8;
    /// A token of whitespace before it.
    pub const GAP: u32 = 16;
    /// Nothing but punctuation.
    pub const PUNCT: u32 = 32;
    /// Nothing but one end of a sentence.
    pub const SENTENCE_END: u32 = 64;
}

/// Tokens in a row that an exception replaces even where the chunk as a whole is none.
pub(super) struct Pattern {
    pub tokens: Vec<u64>,
    /// The exception.
    pub rule: u32,
    /// Whether the exception has other tokens.
    pub changes: bool,
}

/// All that is known about certain words.
pub(super) struct Lexicon {
    /// The tokens of each exception.
    rules: Vec<Vec<Token>>,
    /// One bit for hashes that may be in `entries`.
    bloom: Vec<u64>,
    /// By hash of the word: its exception, if it has one, and its places in patterns.
    entries: ByHash<(Option<u32>, u32)>,
    /// By the hashes of their first two tokens.
    patterns: ByHash<Vec<Pattern>>,
    longest_rule: usize,
}

/// A map by what is a hash already.
pub(crate) type ByHash<V> = HashMap<u64, V, BuildHasherDefault<AsItIs>>;

/// Takes a hash as it is.
#[derive(Default)]
pub(crate) struct AsItIs(u64);

impl Hasher for AsItIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 = super::hash::of(bytes);
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

const BLOOM_BITS: u64 = 1 << 16;

impl Lexicon {
    /// The one for English.
    pub fn english() -> &'static Self {
        static ENGLISH: LazyLock<Lexicon> =
            LazyLock::new(|| Lexicon::new(include_str!("../../data/english.txt")));
        &ENGLISH
    }

    fn new(exceptions: &str) -> Self {
        let mut lexicon = Self {
            rules: Vec::new(),
            bloom: vec![0; (BLOOM_BITS / 64) as usize],
            entries: ByHash::default(),
            patterns: ByHash::default(),
            longest_rule: 0,
        };
        let mut spans = Vec::new();
        for (rule, line) in exceptions.lines().enumerate() {
            let text = line.replace(' ', "");
            lexicon.longest_rule = lexicon.longest_rule.max(text.len());
            lexicon.enter(hash::of(text.as_bytes())).0 = Some(rule as u32);
            let mut has_affix = affix::prefix(&text) > 0 || affix::suffix(&text) > 0;
            affix::infixes(&text, |_, _| has_affix = true);
            if has_affix {
                split(&text, None, &mut spans);
                let tokens = spans.iter().map(|span| hash::of(span.of(&text).as_bytes())).collect();
                let changes = !line.split(' ').eq(spans.iter().map(|span| span.of(&text)));
                lexicon.add_pattern(Pattern { tokens, rule: rule as u32, changes });
            }
        }
        // Only now is it known which tokens stand in patterns.
        let rules =
            exceptions.lines().map(|line| line.split(' ').map(|token| lexicon.describe(token)).collect());
        lexicon.rules = rules.collect();
        lexicon
    }

    fn enter(&mut self, hash: u64) -> &mut (Option<u32>, u32) {
        let bit = hash % BLOOM_BITS;
        self.bloom[(bit / 64) as usize] |= 1 << (bit % 64);
        self.entries.entry(hash).or_default()
    }

    fn add_pattern(&mut self, pattern: Pattern) {
        // A token alone would be replaced by itself.
        if let [first, second, ..] = pattern.tokens[..] {
            self.enter(first).1 |= has::FIRST;
            self.enter(second).1 |= has::SECOND;
            self.patterns.entry(hash::pair(first, second)).or_default().push(pattern);
        }
    }

    #[inline]
    fn entry(&self, hash: u64) -> Option<&(Option<u32>, u32)> {
        let bit = hash % BLOOM_BITS;
        if self.bloom[(bit / 64) as usize] >> (bit % 64) & 1 == 0 { None } else { self.entries.get(&hash) }
    }

    /// The exception that a text is.
    pub fn rule(&self, text: &str) -> Option<u32> {
        if text.len() > self.longest_rule { None } else { self.entry(hash::of(text.as_bytes()))?.0 }
    }

    /// The exception that a word with this hash is, and the places that it has in patterns.
    #[inline]
    pub fn word(&self, hash: u64) -> (Option<u32>, u32) {
        self.entry(hash).copied().unwrap_or_default()
    }

    /// The tokens of an exception.
    pub fn tokens(&self, rule: u32) -> &[Token] {
        &self.rules[rule as usize]
    }

    /// The patterns that begin with these two tokens.
    pub fn patterns(&self, first: u64, second: u64) -> &[Pattern] {
        self.patterns.get(&hash::pair(first, second)).map_or(&[], Vec::as_slice)
    }

    /// All that is known of a token by itself.
    pub fn describe(&self, text: &str) -> Token {
        let hash = hash::of(text.as_bytes());
        let (mut chars, mut union, mut common) = (0, 0, u16::MAX);
        let mut flags = self.word(hash).1;
        for c in text.chars() {
            let classes = class::of(c);
            (chars, union, common) = (chars + 1, union | classes, common & classes);
        }
        let mut set = |holds: bool, flag: u32| flags |= if holds { flag } else { 0 };
        set(common & is::SYMBOL == 0, has::NO_SYMBOL);
        set(union & is::LETTER != 0, has::LETTER);
        set(common & is::PUNCT != 0, has::PUNCT);
        set(chars == 1 && common & is::SENTENCE_END != 0, has::SENTENCE_END);
        Token { hash, start: 0, bytes: text.len() as u32, chars, flags }
    }
}

//! English words, cut exactly as spaCy's blank English tokenizer (3.8) cuts them, as datatrove uses it.
//!
//! Tokens of whitespace are left out. A text is cut at whitespace into chunks; each chunk is always cut
//! alike, so that the answers for short ones are remembered.
//!
//! Map: [`class`] characters, `split` one chunk, with `affix`, `url` and the exceptions in `lexicon`;
//! `matcher` exceptions over tokens; `cache` what is remembered; `sentence` where sentences begin.

mod affix;
mod cache;
pub(crate) mod class;
pub(crate) mod hash;
pub(crate) mod lexicon;
mod matcher;
mod sentence;
mod split;
#[cfg(test)]
mod tests;
mod url;

use cache::Cache;
pub(crate) use lexicon::Token;
use lexicon::{Lexicon, has};
use std::ops::Range;

/// The words of a text.
#[derive(Debug, Default)]
pub(crate) struct Words {
    pub list: Vec<Token>,
    /// Where patterns of the lexicon may begin.
    starts: Vec<u32>,
    /// Whether a token of whitespace ends the text.
    ends_in_gap: bool,
}

/// The longest text that is cut, in bytes: spaCy's own limit.
pub const LONGEST_TEXT: usize = 1 << 30;

/// Cuts texts into words. It remembers chunks (1 MB), so use one again and again; the answers don't depend on
/// it.
pub struct Tokenizer {
    lexicon: &'static Lexicon,
    /// Each character of ASCII as a token.
    marks: [Token; 128],
    cache: Cache,
    spans: Vec<split::Span>,
    words: Words,
}

impl Default for Tokenizer {
    fn default() -> Self {
        Self::new()
    }
}

impl Tokenizer {
    /// A new one.
    pub fn new() -> Self {
        let (lexicon, (spans, words)) = (Lexicon::english(), Default::default());
        let marks = std::array::from_fn(|b| lexicon.describe((b as u8 as char).encode_utf8(&mut [0; 4])));
        Self { lexicon, marks, cache: Cache::new(), spans, words }
    }

    /// The bytes of each word, in order. A text over [`LONGEST_TEXT`] has none.
    pub fn spans(&mut self, text: &str) -> impl Iterator<Item = Range<usize>> {
        let mut words = std::mem::take(&mut self.words);
        self.cut(text, &mut words);
        self.words = words;
        let range = |word: &Token| word.start as usize..(word.start + word.bytes) as usize;
        self.words.list.iter().map(range)
    }

    /// Where each sentence but the last ends, in bytes, by spaCy's sentencizer.
    pub fn sentence_ends(&mut self, text: &str) -> Vec<usize> {
        let mut words = std::mem::take(&mut self.words);
        self.cut(text, &mut words);
        let mut ends = Vec::new();
        sentence::ends(&words, |end| ends.push(end));
        self.words = words;
        ends
    }

    /// Cuts a text into `words`, whatever they held before.
    pub(crate) fn cut(&mut self, text: &str, words: &mut Words) {
        words.list.clear();
        words.starts.clear();
        words.ends_in_gap = false;
        if text.len() > LONGEST_TEXT {
            return;
        }
        let bytes = text.as_bytes();
        let mut at = 0;
        let mut gap = 0;
        loop {
            let blank = at;
            at = match bytes.get(at..at + 2) {
                // By far the most frequent.
                Some(&[b' ', next]) if next > b' ' && next < 0x80 => at + 1,
                _ => skip_space(text, at),
            };
            // One blank between words belongs to none; all other whitespace is a token.
            if at > blank && (blank == 0 || at - blank > 1 || bytes[blank] != b' ') {
                gap = has::GAP;
            }
            if at == bytes.len() {
                words.ends_in_gap = gap != 0;
                break;
            }
            at = self.chunk(text, at, gap, words);
            gap = 0;
        }
        if !words.starts.is_empty() {
            matcher::replace(words, self.lexicon);
        }
    }

    /// Cuts the chunk at `at` and answers where it ends.
    #[inline]
    fn chunk(&mut self, text: &str, at: usize, gap: u32, words: &mut Words) -> usize {
        let bytes = text.as_bytes();
        let first = hash::load(bytes, at);
        let (mut end, mut word) = (at, first);
        let letters = loop {
            match not_letters(word) {
                0 => end += 8,
                others => {
                    end += others.trailing_zeros() as usize / 8;
                    break end.min(bytes.len());
                }
            }
            word = hash::load(bytes, end);
        };
        let len = letters - at;
        let short = |len: usize| match len {
            0..8 => hash::of_short(first & ((1 << (8 * len)) - 1), len),
            _ => hash::of(&bytes[at..at + len]),
        };
        let ends = |at: usize| bytes.get(at).is_none_or(|&b| class::is_ascii_space(b));
        if len > 0 && ends(letters) {
            self.push_letters(short(len), at, len, gap, words);
            return letters;
        }
        // Most other chunks are letters and one mark, which is split off unless both together are an
        // exception.
        let mark = bytes[letters];
        let is_split = match mark {
            b',' | b';' | b':' | b'!' | b'?' | b'"' | b')' => len > 0,
            b'.' => len > 0 && bytes[letters - 1].is_ascii_lowercase(),
            _ => false,
        };
        if is_split && ends(letters + 1) && self.lexicon.word(short(len + 1)).0.is_none() {
            self.push_letters(short(len), at, len, gap, words);
            words.push(letters, self.marks[usize::from(mark)], self.lexicon);
            return letters + 1;
        }
        let end = chunk_end(text, letters);
        self.push_chunk(&text[at..end], at, gap, words);
        end
    }

    /// A chunk of ASCII letters is one word, unless it is an exception.
    #[inline]
    fn push_letters(&mut self, hash: u64, at: usize, len: usize, gap: u32, words: &mut Words) {
        let (rule, places) = self.lexicon.word(hash);
        match rule {
            None => {
                let flags = has::NO_SYMBOL | has::LETTER | places | gap;
                words.push(
                    at,
                    Token { hash, start: 0, bytes: len as u32, chars: len as u32, flags },
                    self.lexicon,
                );
            }
            Some(rule) => words.extend(at, self.lexicon.tokens(rule).iter().copied(), gap, self.lexicon),
        }
    }

    fn push_chunk(&mut self, chunk: &str, at: usize, gap: u32, words: &mut Words) {
        let hash = hash::of(chunk.as_bytes());
        if let Some(tokens) = self.cache.get(hash, chunk.len()) {
            words.extend(at, tokens, gap, self.lexicon);
            return;
        }
        split::split(chunk, Some(self.lexicon), &mut self.spans);
        let tokens: Vec<Token> =
            self.spans.iter().map(|span| self.lexicon.describe(span.of(chunk))).collect();
        self.cache.put(hash, chunk.len(), &tokens);
        words.extend(at, tokens.into_iter(), gap, self.lexicon);
    }
}

impl Words {
    #[inline]
    fn push(&mut self, start: usize, token: Token, lexicon: &Lexicon) {
        if token.flags & (has::SECOND | has::GAP) == has::SECOND
            && let Some(before) = self.list.last()
            && before.flags & has::FIRST != 0
            && !lexicon.patterns(before.hash, token.hash).is_empty()
        {
            self.starts.push(self.list.len() as u32 - 1);
        }
        self.list.push(Token { start: start as u32, ..token });
    }

    #[inline]
    fn extend(
        &mut self,
        mut at: usize,
        tokens: impl Iterator<Item = Token>,
        mut gap: u32,
        lexicon: &Lexicon,
    ) {
        for token in tokens {
            self.push(at, Token { flags: token.flags | gap, ..token }, lexicon);
            at += token.bytes as usize;
            gap = 0;
        }
    }
}

/// The words of one text. For many texts, keep a [`Tokenizer`].
pub fn words(text: &str) -> Vec<&str> {
    Tokenizer::new().spans(text).map(|span| &text[span]).collect()
}

/// The high bit of each byte that is no letter of ASCII.
#[inline(always)]
fn not_letters(word: u64) -> u64 {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x80 * ONES;
    let lower = (word | (0x20 * ONES)) & !HIGH;
    let from_a = lower + (0x80 - u64::from(b'a')) * ONES;
    let past_z = lower + (0x7F - u64::from(b'z')) * ONES;
    !(from_a & !past_z & !word) & HIGH
}

#[inline]
fn skip_space(text: &str, mut at: usize) -> usize {
    loop {
        match class::space_at(text, at) {
            0 => return at,
            len => at += len,
        }
    }
}

fn chunk_end(text: &str, mut at: usize) -> usize {
    let bytes = text.as_bytes();
    while let Some(&b) = bytes.get(at) {
        // Bytes inside a character never look like the beginning of whitespace.
        if class::space_at(text, at) > 0 {
            break;
        }
        at += if b < 0x80 { 1 } else { utf8_len(b) };
    }
    at
}

fn utf8_len(first: u8) -> usize {
    match first {
        0xF0.. => 4,
        0xE0.. => 3,
        _ => 2,
    }
}

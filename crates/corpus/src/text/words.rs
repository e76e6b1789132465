//! Splits text into words once, for every rule and for the 5-grams.
//!
//! A word is a run of letters and digits of any script; a Han character or a kana is a word of its own, because
//! those scripts put no spaces between words. Case and punctuation do not count.

/// A word of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Word {
    /// Offset of its first byte.
    pub start: u32,
    /// Its length in bytes.
    pub bytes: u32,
    /// A hash of its lower-case letters; the same in every run.
    pub hash: u64,
}

/// What one pass over a text finds. Kept and reused, so that a pass allocates nothing.
#[derive(Debug, Default)]
pub struct Words {
    /// The words in order.
    pub words: Vec<Word>,
    /// Runs between white space; a Han character or kana counts as one. What Rae et al. call words.
    pub chunks: usize,
    /// Chunks with at least one letter.
    pub alphabetic: usize,
    /// Characters that are not white space.
    pub visible: usize,
    /// Han characters and kana.
    pub cjk: usize,
    /// Letters of any script.
    pub letters: usize,
    /// ASCII letters.
    pub ascii: usize,
}

/// Whether a character stands for a word of its own: Han, kana, bopomofo.
pub fn is_cjk(letter: char) -> bool {
    matches!(letter, '\u{3040}'..='\u{30ff}' | '\u{3100}'..='\u{312f}' | '\u{3400}'..='\u{4dbf}'
        | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{323af}')
}

const SEED: u64 = 0x9e37_79b9_7f4a_7c15;
const STEP: u64 = 0xff51_afd7_ed55_8ccd;

/// A full mix of 64 bits (the finaliser of MurmurHash3, Appleby 2011, public domain).
pub fn mix(mut hash: u64) -> u64 {
    hash = (hash ^ (hash >> 33)).wrapping_mul(STEP);
    hash = (hash ^ (hash >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    hash ^ (hash >> 33)
}

/// State of the pass: the word and the chunk that are open.
#[derive(Default)]
struct Open {
    word: Option<u32>,
    hash: u64,
    chunk: bool,
    letter: bool,
}

impl Words {
    /// Splits `text` (at most 4 GiB), replacing what was found before.
    pub fn scan(&mut self, text: &str) {
        let words = std::mem::take(&mut self.words);
        *self = Self { words, ..Self::default() };
        self.words.clear();
        let bytes = text.as_bytes();
        let (mut at, mut open) = (0, Open::default());
        while at < bytes.len() {
            let byte = bytes[at];
            if byte < 0x80 {
                self.ascii(byte, at, &mut open);
                at += 1;
            } else {
                let Some(letter) = text[at..].chars().next() else { break };
                self.wide(letter, at, &mut open);
                at += letter.len_utf8();
            }
        }
        self.end_word(at, &mut open);
        self.end_chunk(&mut open);
    }

    #[inline]
    fn ascii(&mut self, byte: u8, at: usize, open: &mut Open) {
        if byte.is_ascii_alphanumeric() {
            self.extend(u64::from(byte | 0x20), at, open);
            if byte.is_ascii_alphabetic() {
                open.letter = true;
                self.letters += 1;
                self.ascii += 1;
            }
        } else {
            self.end_word(at, open);
            if matches!(byte, b' ' | b'\n' | b'\t') {
                self.end_chunk(open);
                return;
            }
            open.chunk = true;
        }
        self.visible += 1;
    }

    fn wide(&mut self, letter: char, at: usize, open: &mut Open) {
        if is_cjk(letter) {
            self.end_word(at, open);
            self.end_chunk(open);
            self.extend(u64::from(u32::from(letter)), at, open);
            open.letter = true;
            (self.cjk, self.letters) = (self.cjk + 1, self.letters + 1);
            self.end_word(at + letter.len_utf8(), open);
            self.end_chunk(open);
        } else if letter.is_alphanumeric() {
            let lower = letter.to_lowercase().next().unwrap_or(letter);
            self.extend(u64::from(u32::from(lower)), at, open);
            if letter.is_alphabetic() {
                open.letter = true;
                self.letters += 1;
            }
        } else {
            self.end_word(at, open);
            if letter.is_whitespace() {
                self.end_chunk(open);
                return;
            }
            open.chunk = true;
        }
        self.visible += 1;
    }

    #[inline]
    fn extend(&mut self, value: u64, at: usize, open: &mut Open) {
        if open.word.is_none() {
            open.word = Some(at as u32);
            open.hash = SEED;
        }
        open.chunk = true;
        open.hash = (open.hash ^ value).wrapping_mul(STEP);
    }

    #[inline]
    fn end_word(&mut self, end: usize, open: &mut Open) {
        if let Some(start) = open.word.take() {
            self.words.push(Word { start, bytes: end as u32 - start, hash: mix(open.hash) });
        }
    }

    #[inline]
    fn end_chunk(&mut self, open: &mut Open) {
        self.chunks += usize::from(open.chunk);
        self.alphabetic += usize::from(open.letter);
        (open.chunk, open.letter) = (false, false);
    }

    /// Whether the text is mostly written in Han characters or kana.
    pub fn mostly_cjk(&self) -> bool {
        self.cjk * 10 >= self.letters * 3 && self.cjk > 0
    }

    /// Appends the hash of every run of `n` words to `into`, in order; of all words when there are fewer.
    pub fn grams(&self, n: usize, into: &mut Vec<u64>) {
        into.clear();
        let n = n.min(self.words.len());
        if n == 0 {
            return;
        }
        let oldest = (1..n).fold(1_u64, |power, _| power.wrapping_mul(SEED));
        let mut rolling = 0_u64;
        for (at, word) in self.words.iter().enumerate() {
            if at >= n {
                rolling = rolling.wrapping_sub(self.words[at - n].hash.wrapping_mul(oldest));
            }
            rolling = rolling.wrapping_mul(SEED).wrapping_add(word.hash);
            if at + 1 >= n {
                into.push(mix(rolling));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scan(text: &str) -> Words {
        let mut words = Words::default();
        words.scan(text);
        words
    }

    #[test]
    fn words_chunks_and_scripts() {
        let found = scan("It's 3 — naïve, 模速 OK!");
        let texts: Vec<_> = found.words.iter().map(|w| w.start).collect();
        assert_eq!(texts.len(), 7, "it s 3 naïve 模 速 ok");
        assert_eq!((found.chunks, found.alphabetic, found.cjk), (7, 5, 2));
        assert_eq!((found.letters, found.ascii), (12, 9));
        assert!(!scan("模速 is a platform of a city").mostly_cjk());
        assert!(scan("模速空间 AI 平台").mostly_cjk());
    }

    #[test]
    fn grams_ignore_case_and_punctuation_and_keep_order() {
        let (mut a, mut b, mut c) = (Vec::new(), Vec::new(), Vec::new());
        scan("One, two three four FIVE six").grams(5, &mut a);
        scan("one two THREE four five; six").grams(5, &mut b);
        scan("two one three four five six").grams(5, &mut c);
        assert_eq!(a.len(), 2);
        assert_eq!(a, b);
        assert!(c.iter().all(|gram| !a.contains(gram)));
        scan("only two").grams(5, &mut a);
        assert_eq!(a.len(), 1);
        scan("...").grams(5, &mut a);
        assert!(a.is_empty());
    }
}

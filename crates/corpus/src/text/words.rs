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
    /// Runs between white space that hold a letter or digit; a Han character or kana counts as one. What Rae et
    /// al. call words, less lone punctuation: list marks, rules and table bars are layout.
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

impl Words {
    /// Splits `text` (at most 4 GiB), replacing what was found before.
    pub fn scan(&mut self, text: &str) {
        let words = std::mem::take(&mut self.words);
        *self = Self { words, ..Self::default() };
        self.words.clear();
        let bytes = text.as_bytes();
        // What is known of the open chunk: that it has a letter or digit, and that it has a letter.
        let (mut at, mut chunk) = (0, (false, false));
        while at < bytes.len() {
            let byte = bytes[at];
            if byte.is_ascii_alphanumeric() {
                let letters = self.letters;
                at = self.word(text, at);
                chunk = (true, chunk.1 || self.letters > letters);
            } else if byte < 0x80 {
                at += 1;
                if matches!(byte, b' ' | b'\n' | b'\t') {
                    self.end_chunk(&mut chunk);
                } else {
                    self.visible += 1;
                }
            } else {
                at = self.wide(text, at, &mut chunk);
            }
        }
        self.end_chunk(&mut chunk);
    }

    /// Reads the word that starts at `start`; returns where it ends.
    #[inline]
    fn word(&mut self, text: &str, start: usize) -> usize {
        let bytes = text.as_bytes();
        let (mut at, mut hash, mut letters, mut wide) = (start, SEED, 0, 0);
        while let Some(byte) = bytes.get(at) {
            if byte.is_ascii_alphanumeric() {
                hash = (hash ^ u64::from(byte | 0x20)).wrapping_mul(STEP);
                letters += usize::from(!byte.is_ascii_digit());
                at += 1;
            } else if *byte < 0x80 {
                break;
            } else {
                let Some(letter) = text[at..].chars().next() else { break };
                if is_cjk(letter) || !letter.is_alphanumeric() {
                    break;
                }
                let lower = letter.to_lowercase().next().unwrap_or(letter);
                hash = (hash ^ u64::from(u32::from(lower))).wrapping_mul(STEP);
                self.letters += usize::from(letter.is_alphabetic());
                wide += letter.len_utf8() - 1;
                at += letter.len_utf8();
            }
        }
        self.letters += letters;
        self.ascii += letters;
        self.visible += at - start - wide;
        self.words.push(Word { start: start as u32, bytes: (at - start) as u32, hash: mix(hash) });
        at
    }

    /// Reads what starts with a character beyond ASCII.
    fn wide(&mut self, text: &str, at: usize, chunk: &mut (bool, bool)) -> usize {
        let Some(letter) = text[at..].chars().next() else { return text.len() };
        let end = at + letter.len_utf8();
        if is_cjk(letter) {
            self.end_chunk(chunk);
            let hash = (SEED ^ u64::from(u32::from(letter))).wrapping_mul(STEP);
            self.words.push(Word { start: at as u32, bytes: (end - at) as u32, hash: mix(hash) });
            (self.cjk, self.letters, self.visible) = (self.cjk + 1, self.letters + 1, self.visible + 1);
            *chunk = (true, true);
            self.end_chunk(chunk);
            end
        } else if letter.is_alphanumeric() {
            let letters = self.letters;
            let end = self.word(text, at);
            *chunk = (true, chunk.1 || self.letters > letters);
            end
        } else {
            if letter.is_whitespace() {
                self.end_chunk(chunk);
            } else {
                self.visible += 1;
            }
            end
        }
    }

    #[inline]
    fn end_chunk(&mut self, chunk: &mut (bool, bool)) {
        self.chunks += usize::from(chunk.0);
        self.alphabetic += usize::from(chunk.1);
        *chunk = (false, false);
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
        assert_eq!((found.chunks, found.alphabetic, found.cjk, found.visible), (6, 5, 2, 17));
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

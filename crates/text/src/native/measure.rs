//! Everything that the rules ask of a text's characters and lines, in one pass.

use crate::dictionary::{Pairs, is_han};

/// Figures of one text. Letters are all alphabetic characters, Han included.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Measures {
    /// All characters.
    pub characters: u64,
    /// Letters of any script.
    pub letters: u64,
    /// Han characters.
    pub han: u64,
    /// Latin letters of ASCII.
    pub latin: u64,
    /// Decimal digits of ASCII.
    pub digits: u64,
    /// Characters that are neither letters, digits, spaces nor common punctuation.
    pub symbols: u64,
    /// Neighbouring Han characters in one line.
    pub pairs: u64,
    /// Those of them that some word of the dictionary holds.
    pub known_pairs: u64,
    /// Han characters that bind a sentence together: 的, 是, 在, …
    pub function: u64,
    /// Exclamation marks and the stars and hooks of posters.
    pub shouts: u64,
    /// Letters in lines with a mark that a sentence has: 。，；！？, or `.`, `,`, `;`, `!`, `?` between letter and
    /// space.
    pub prose: u64,
    /// Lines that hold anything.
    pub lines: u64,
    /// Lines that begin with a bullet.
    pub bullets: u64,
    /// Lines that end in an ellipsis.
    pub ellipses: u64,
    /// Changes between Han and Latin along each line's letters.
    pub changes: u64,
    /// How many such changes there would be if the letters of each line stood in random order.
    pub random_changes: f64,
    /// Words of letters other than Han.
    pub words: u64,
    /// Letters in them.
    pub word_letters: u64,
    /// Vowels among the Latin letters, y included.
    pub vowels: u64,
    /// English function words: the, be, to, of, and, that, have, with.
    pub stop_words: u64,
}

/// Characters that hold Chinese sentences together. Lists and menus have few of them.
const FUNCTION: &str = "的是在了和不为与及或以对于而之其也就都被从将要可应者所由并但如把這為與對於從將應並們们我你他她它这那個个着過过";

const fn function_bits() -> [u64; 0x5200 / 64] {
    let (mut bits, bytes, mut at) = ([0u64; 0x5200 / 64], FUNCTION.as_bytes(), 0);
    while at < bytes.len() {
        let code = ((bytes[at] as u32 & 15) << 12)
            | ((bytes[at + 1] as u32 & 63) << 6)
            | (bytes[at + 2] as u32 & 63);
        let place = (code - 0x4E00) as usize;
        bits[place / 64] |= 1 << (place % 64);
        at += 3;
    }
    bits
}

static FUNCTION_BITS: [u64; 0x5200 / 64] = function_bits();

/// What one line adds up before it counts.
#[derive(Default)]
struct Line {
    han: u64,
    latin: u64,
    letters: u64,
    sentence: bool,
}

impl Measures {
    /// Measures a text.
    pub fn of(text: &str) -> Self {
        let mut all = Self::default();
        let pairs = Pairs::get();
        text.split('\n').for_each(|line| all.line(line, pairs));
        all.characters += (text.matches('\n').count()) as u64;
        all
    }

    fn line(&mut self, text: &str, pairs: &Pairs) {
        let mut line = Line::default();
        // The row of the Han character before this one; none after anything else.
        let mut row = usize::MAX;
        let (mut word, mut last, mut last_han) = (0u64, ' ', None);
        let bytes = text.as_bytes();
        for (at, c) in text.char_indices() {
            self.characters += 1;
            if is_han(c) {
                let now = pairs.row(c);
                if row != usize::MAX {
                    self.pairs += 1;
                    self.known_pairs += u64::from(pairs.has(row, now));
                }
                row = now;
                line.han += 1;
                let place = (u32::from(c) - 0x4E00) as usize;
                self.function += FUNCTION_BITS[place / 64] >> (place % 64) & 1;
                self.changes += u64::from(last_han == Some(false));
                last_han = Some(true);
                self.end_word(&mut word, &bytes[..at]);
            } else if c.is_ascii_alphabetic() {
                row = usize::MAX;
                line.latin += 1;
                word += 1;
                self.vowels += u64::from(matches!(c.to_ascii_lowercase(), 'a' | 'e' | 'i' | 'o' | 'u' | 'y'));
                self.changes += u64::from(last_han == Some(true));
                last_han = Some(false);
            } else {
                row = usize::MAX;
                if self.other(c, last, &bytes[at..], &mut line) {
                    word += 1;
                } else {
                    self.end_word(&mut word, &bytes[..at]);
                }
            }
            last = c;
        }
        self.end_word(&mut word, bytes);
        self.end_line(text.trim(), &line);
    }

    /// A character that is neither Han nor an ASCII letter; whether it is a letter all the same.
    fn other(&mut self, c: char, last: char, rest: &[u8], line: &mut Line) -> bool {
        match c {
            '0'..='9' => self.digits += 1,
            ' ' | '\t' | '\r' | '\u{3000}' | '\u{a0}' => {}
            '。' | '，' | '；' | '？' => line.sentence = true,
            '！' => {
                line.sentence = true;
                self.shouts += 1;
            }
            '.' | ',' | ';' | '!' | '?' => {
                self.shouts += u64::from(c == '!');
                line.sentence |=
                    last.is_alphabetic() && !matches!(rest.get(1), Some(b) if b.is_ascii_alphanumeric());
            }
            '★' | '☆' | '◆' | '◇' | '●' | '■' | '▲' | '▼' | '【' | '✔' | '✅' | '🔥' | '~' | '～' =>
            {
                self.shouts += 1;
                self.symbols += u64::from(c != '【');
            }
            '、' | '：' | '（' | '）' | '《' | '》' | '“' | '”' | '‘' | '’' | '—' | '…' | '】' | '-'
            | '\'' | '"' | ':' | '(' | ')' | '/' => {}
            _ if c.is_alphabetic() => {
                line.letters += 1;
                return true;
            }
            _ => self.symbols += u64::from(!c.is_numeric() && !c.is_whitespace()),
        }
        false
    }

    fn end_word(&mut self, word: &mut u64, before: &[u8]) {
        if *word > 0 {
            self.words += 1;
            self.word_letters += *word;
            let letters = &before[before.len().saturating_sub(*word as usize)..];
            self.stop_words += u64::from(*word <= 4 && is_stop_word(letters));
            *word = 0;
        }
    }

    fn end_line(&mut self, text: &str, line: &Line) {
        let letters = line.han + line.latin + line.letters;
        self.han += line.han;
        self.latin += line.latin;
        self.letters += letters;
        self.prose += if line.sentence { letters } else { 0 };
        if line.han + line.latin > 0 {
            self.random_changes += 2.0 * line.han as f64 * line.latin as f64 / (line.han + line.latin) as f64;
        }
        self.lines += u64::from(!text.is_empty());
        self.bullets += u64::from(text.starts_with(['•', '●', '■', '▪', '·', '*', '-', '‣', '◦']));
        self.ellipses += u64::from(text.ends_with('…') || text.ends_with("..."));
    }
}

fn is_stop_word(word: &[u8]) -> bool {
    const WORDS: [&[u8]; 8] = [b"the", b"be", b"to", b"of", b"and", b"that", b"have", b"with"];
    WORDS.iter().any(|stop| stop.eq_ignore_ascii_case(word))
}

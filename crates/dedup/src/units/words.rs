//! Words: most are plain ASCII between spaces and are hashed where they lie; the rest is cleaned first.

use super::block::{BLOCK, classes};
use crate::hash;
use std::ops::Range;

/// Calls `each` with the hash and the place of each word.
#[inline]
pub fn each(text: &str, mut each: impl FnMut(u64, Range<usize>)) {
    let bytes = text.as_bytes();
    let mut clean = Vec::new();
    let mut emit = |place: Range<usize>, special: bool| {
        if special {
            cleaned(text, place, &mut clean, &mut each);
        } else if !place.is_empty() {
            each(plain(bytes, place.clone()), place);
        }
    };
    let (mut start, mut special) = (0, false);
    for (index, chunk) in bytes.chunks(BLOCK).enumerate() {
        let base = index * BLOCK;
        let mut padded = [b'a'; BLOCK];
        let block = chunk.try_into().unwrap_or_else(|_| {
            padded[..chunk.len()].copy_from_slice(chunk);
            &padded
        });
        let found = classes(block);
        let (mut spaces, mut specials) = (found.space, found.special);
        while spaces != 0 {
            let at = spaces.trailing_zeros();
            // Bits of this word and of the space behind it, which is never special.
            let until = u64::MAX >> (63 - at);
            emit(start..base + at as usize, special | (specials & until != 0));
            specials &= !until;
            special = false;
            start = base + at as usize + 1;
            spaces &= spaces - 1;
        }
        special |= specials != 0;
    }
    emit(start..bytes.len(), special);
}

/// The hash of a word of ASCII letters, digits and `_`. One bit makes these lower case and keeps them apart.
#[inline]
fn plain(bytes: &[u8], place: Range<usize>) -> u64 {
    const LOWER: u64 = 0x2020_2020_2020_2020;
    let mut hash = hash::START;
    let mut at = place.start;
    while at < place.end {
        let block = match bytes.get(at..at + 8) {
            Some(eight) => u64::from_le_bytes(eight.try_into().unwrap_or_default()),
            None => {
                let mut eight = [0; 8];
                eight[..bytes.len() - at].copy_from_slice(&bytes[at..]);
                u64::from_le_bytes(eight)
            }
        };
        let inside = u64::MAX >> (64 - 8 * (place.end - at).min(8));
        hash = hash::next(hash, (block | LOWER) & inside);
        at += 8;
    }
    hash
}

/// Words of a stretch without ASCII white space that holds punctuation or other scripts.
fn cleaned(text: &str, place: Range<usize>, clean: &mut Vec<u8>, each: &mut impl FnMut(u64, Range<usize>)) {
    clean.clear();
    let mut start = place.start;
    for (offset, character) in text[place.clone()].char_indices() {
        let at = place.start + offset;
        if character.is_ascii() {
            if character.is_ascii_alphanumeric() || character == '_' {
                clean.push(character as u8 | 0x20);
            }
        } else if character.is_whitespace() {
            if !clean.is_empty() {
                each(hash::word(clean), start..at);
                clean.clear();
            }
            start = at + character.len_utf8();
        } else if !is_punctuation(character) && character.is_alphanumeric() {
            for lower in character.to_lowercase() {
                clean.extend_from_slice(lower.encode_utf8(&mut [0; 4]).as_bytes());
            }
        }
    }
    if !clean.is_empty() {
        each(hash::word(clean), start..place.end);
    }
}

/// The block of dashes and quotation marks, which are what English text holds beyond ASCII: no need for a table.
#[inline]
fn is_punctuation(character: char) -> bool {
    matches!(character, '\u{2010}'..='\u{2027}' | '\u{2030}'..='\u{205e}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The same by the book: slow, obvious.
    fn reference(text: &str) -> Vec<u64> {
        let kept =
            |character: &char| character.is_alphanumeric() || *character == '_' || character.is_whitespace();
        let text: String = text.chars().filter(kept).collect();
        let lower = |word: &str| -> String {
            let ascii = |c: char| c.is_ascii().then(|| char::from(c as u8 | 0x20));
            word.chars()
                .flat_map(|c| ascii(c).map_or_else(|| c.to_lowercase().collect(), |c| vec![c]))
                .collect()
        };
        text.split_whitespace().map(|word| hash::word(lower(word).as_bytes())).collect()
    }

    fn found(text: &str) -> Vec<u64> {
        let mut all = Vec::new();
        each(text, |hash, _| all.push(hash));
        all
    }

    #[test]
    fn case_and_punctuation_do_not_matter() {
        assert_eq!(found("Don’t  “shout”, SHE-said…\n"), found("dont shout shesaid"));
        assert_eq!(found("Île\u{3000}été"), found("île ÉTÉ"));
        assert_ne!(found("a b"), found("ab"));
        assert_eq!(found(" -- … \t"), []);
    }

    #[test]
    fn places_point_into_the_text() {
        let text = "One “two” three\u{a0}four,";
        let mut places = Vec::new();
        each(text, |_, place| places.push(&text[place]));
        assert_eq!(places, ["One", "“two”", "three", "four,"]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn blocks_and_the_book_agree(text in "([a-zA-Z0-9_]{1,20}[ ,.\n’—é中]{0,3}| {1,70}|\\PC{1,9}){0,40}") {
            prop_assert_eq!(found(&text), reference(&text));
        }
    }
}

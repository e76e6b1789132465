//! Words: most are plain ASCII between spaces and are hashed where they lie; the rest is cleaned first.

use super::block::{BLOCK, Classes, classes};
use crate::hash;
use std::ops::Range;

/// Calls `each` with the hash and the place of each word.
#[inline]
pub fn each(text: &str, mut each: impl FnMut(u64, Range<usize>)) {
    let bytes = text.as_bytes();
    let mut clean = Vec::new();
    // Of the word that goes on from block to block: where it starts, and whether it had anything special.
    let (mut start, mut special) = (0, false);
    for base in (0..=bytes.len()).step_by(BLOCK) {
        let Classes { mut space, special: mut specials } = classes(&block(bytes, base));
        while space != 0 {
            let at = space.trailing_zeros();
            space &= space - 1;
            // Bits of this word and of the space behind it, which is never special.
            let until = u64::MAX >> (63 - at);
            let inside = specials & until;
            specials &= !until;
            let place = start..base + at as usize;
            start = place.end + 1;
            if inside == 0 && !special {
                if !place.is_empty() {
                    each(plain(&bytes[place.start..], place.len()), place);
                }
                continue;
            }
            let fits = place.start >= base && place.len() <= 16;
            special = false;
            match fits
                .then(|| squeezed(&bytes[place.start..], place.len(), inside >> (place.start - base)))
                .flatten()
            {
                Some(0) => {}
                Some(letters) => each(hash::next(hash::START, letters), place),
                None => cleaned(text, place, &mut clean, &mut each),
            }
        }
        special |= specials != 0;
    }
}

/// The block at `base`. Behind the end of the text there is a space, which ends the last word.
#[inline]
fn block(bytes: &[u8], base: usize) -> [u8; BLOCK] {
    bytes[base..].first_chunk().copied().unwrap_or_else(|| {
        let rest = bytes.len() - base;
        let mut block = [b'a'; BLOCK];
        block[..rest].copy_from_slice(&bytes[base..]);
        block[rest] = b' ';
        block
    })
}

/// Makes ASCII letters lower case and keeps these, digits, and `_` apart.
const LOWER: u128 = 0x2020_2020_2020_2020_2020_2020_2020_2020;

/// The hash of a word of `length` ASCII letters, digits and `_` at the start of `bytes`.
#[inline]
fn plain(bytes: &[u8], length: usize) -> u64 {
    let first = (hash::padded(bytes) | LOWER) & INSIDE[length.min(16)];
    let mut hash = hash::next(hash::START, first);
    let mut at = 16;
    while at < length {
        let block = (hash::padded(&bytes[at..]) | LOWER) & INSIDE[(length - at).min(16)];
        hash = hash::next(hash, block);
        at += 16;
    }
    hash
}

/// The bytes that belong to a word, by its length.
const INSIDE: [u128; 17] = {
    let mut inside = [0; 17];
    let mut length = 1;
    while length <= 16 {
        inside[length] = u128::MAX >> (128 - 8 * length);
        length += 1;
    }
    inside
};

/// A word of at most 16 bytes without its punctuation, whose places are the bits of `specials`; nothing may
/// be left. None when it has other scripts, which need a closer look.
#[inline]
fn squeezed(bytes: &[u8], mut length: usize, mut specials: u64) -> Option<u128> {
    let mut letters = hash::padded(bytes) & INSIDE[length];
    while specials != 0 {
        let at = specials.trailing_zeros();
        let gone = match (letters >> (8 * at)) as u32 {
            ascii if ascii & 0x80 == 0 => 1,
            other if is_mark(other) => 3,
            _ => return None,
        };
        let below = INSIDE[at as usize];
        letters = letters & below | letters >> (8 * gone) & !below;
        specials = specials >> gone & u64::MAX << at;
        length -= gone;
    }
    Some((letters | LOWER) & INSIDE[length])
}

/// Whether three bytes are a dash, a quotation mark or another of U+2010 to U+2027 and U+2030 to U+203F: what
/// English text holds beyond ASCII.
#[inline]
fn is_mark(bytes: u32) -> bool {
    bytes & 0xffff == 0x80e2 && matches!(bytes >> 16 & 0xff, 0x90..=0xa7 | 0xb0..=0xbf)
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
        } else if character.is_alphanumeric() {
            for lower in character.to_lowercase() {
                clean.extend_from_slice(lower.encode_utf8(&mut [0; 4]).as_bytes());
            }
        }
    }
    if !clean.is_empty() {
        each(hash::word(clean), start..place.end);
    }
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

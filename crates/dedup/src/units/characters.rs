//! Characters: the code point stands for itself.

use std::ops::Range;

/// Calls `each` with the code point (lower case) and the place of each character that isn't white space.
#[inline]
pub fn each(text: &str, mut each: impl FnMut(u64, Range<usize>)) {
    for (at, character) in text.char_indices() {
        let place = at..at + character.len_utf8();
        match character {
            // Han, kana and Hangul have neither case nor white space: no table is asked.
            '\u{3001}'..='\u{a63f}' | '\u{ac00}'..='\u{d7a3}' => each(u64::from(u32::from(character)), place),
            '!'..='~' => each(u64::from(character.to_ascii_lowercase() as u8), place),
            _ if character.is_whitespace() => {}
            _ => {
                for lower in character.to_lowercase() {
                    each(u64::from(u32::from(lower)), place.clone());
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_space_is_skipped_and_case_is_lowered() {
        let text = "第 一\u{3000}条\nAÉ，";
        let mut all = Vec::new();
        each(text, |code, place| all.push((code, place)));
        let codes: Vec<_> = all.iter().filter_map(|(code, _)| char::from_u32(*code as u32)).collect();
        assert_eq!(codes, ['第', '一', '条', 'a', 'é', '，']);
        assert_eq!(&text[all[5].1.clone()], "，");
    }
}

//! Counting words before any tokenizer exists, for shares of revenue and for cards.
//!
//! A word is a run of letters and digits of any script; a Han character or a kana is a word of its own, because
//! those scripts put no spaces between words.

/// Whether a character stands for a word of its own: Han, kana, bopomofo.
fn is_cjk(letter: char) -> bool {
    matches!(letter, '\u{3040}'..='\u{30ff}' | '\u{3100}'..='\u{312f}' | '\u{3400}'..='\u{4dbf}'
        | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{323af}')
}

/// The number of words of a text.
pub fn count(text: &str) -> u64 {
    let (mut count, mut inside) = (0, false);
    for letter in text.chars() {
        if is_cjk(letter) {
            (count, inside) = (count + 1, false);
        } else if letter.is_alphanumeric() {
            count += u64::from(!inside);
            inside = true;
        } else {
            inside = false;
        }
    }
    count
}

/// Whether a text is mostly written in Han characters or kana.
pub fn mostly_cjk(text: &str) -> bool {
    if text.is_ascii() {
        return false;
    }
    let (mut cjk, mut letters) = (0_usize, 0_usize);
    for letter in text.chars() {
        let is_cjk = is_cjk(letter);
        cjk += usize::from(is_cjk);
        letters += usize::from(is_cjk || letter.is_alphabetic());
    }
    cjk > 0 && cjk * 10 >= letters * 3
}

/// A full mix of 64 bits (the finaliser of MurmurHash3, Appleby 2011, public domain).
pub fn mix(mut hash: u64) -> u64 {
    hash = (hash ^ (hash >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    hash = (hash ^ (hash >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    hash ^ (hash >> 33)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_every_script() {
        assert_eq!(count("It's 3 — naïve, 模速 OK!"), 7);
        assert_eq!(count(""), 0);
        assert!(!mostly_cjk("模速 is a platform of a city"));
        assert!(mostly_cjk("模速空间 AI 平台"));
    }
}

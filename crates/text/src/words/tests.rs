//! Words and sentences, through the public door. What is expected is what spaCy 3.8 answers.

use super::*;
use proptest::prelude::*;

fn check(text: &str, expected: &[&str]) {
    assert_eq!(words(text), expected, "words of {text:?}");
}

#[test]
fn affixes_infixes_and_exceptions_are_cut_as_the_peer_cuts_them() {
    check("Hello, world!", &["Hello", ",", "world", "!"]);
    check("I can't, they've; dont", &["I", "ca", "n't", ",", "they", "'ve", ";", "do", "nt"]);
    check(
        "Mr. Smith's U.S. flat (a.k.a. home)...",
        &["Mr.", "Smith", "'s", "U.S.", "flat", "(", "a.k.a", ".", "home", ")", "..."],
    );
    check(
        "well-known 3-4 10km/h US$5 5US$",
        &["well", "-", "known", "3", "-", "4", "10", "km/h", "US$", "5", "5", "US$"],
    );
    check(":) :-) his-and/or-her", &[":)", ":-)", "his", "-", "and/or", "-", "her"]);
    check(
        "see http://a.example.com/x?y=1, or me@b.org.",
        &["see", "http://a.example.com/x?y=1", ",", "or", "me@b.org", "."],
    );
    check("don’t “quote”—so “it” —", &["do", "n’t", "“", "quote”—so", "“", "it", "”", "—"]);
    check("\u{a0}a\u{3000}b \n\t c ", &["a", "b", "c"]);
    check("", &[]);
}

#[test]
fn sentences_begin_after_their_ends() {
    let ends = |text| Tokenizer::new().sentence_ends(text);
    assert_eq!(ends("One. Two! \"Three?\" Four"), [4, 11, 18]);
    assert_eq!(ends("Mr. Smith"), [] as [usize; 0]);
    assert_eq!(ends("End.  "), [4]);
    assert_eq!(ends(""), [] as [usize; 0]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn words_hold_all_but_whitespace_and_stand_in_order(text in "[a-zA-Z0-9.,'’\\-:()/@ \n\u{a0}é中\u{2026}$%+~]{0,60}") {
        let all: String = words(&text).concat();
        let dense: String = text.chars().filter(|&c| !class::is_space(c)).collect();
        prop_assert_eq!(all, dense);
    }

    #[test]
    fn what_was_cut_before_changes_nothing(texts in prop::collection::vec("[a-z.,'-]{0,12}", 0..20)) {
        let mut tokenizer = Tokenizer::new();
        for text in texts.iter().chain(&texts) {
            let again: Vec<&str> = tokenizer.spans(text).map(|span| &text[span]).collect();
            prop_assert_eq!(again, words(text));
        }
    }
}

//! Scanners against their regular expressions, on text made to be nasty.

use std::sync::LazyLock;

use fancy_regex::Regex;
use proptest::prelude::*;

use super::Scanner;

/// Characters whose classes every edition of Unicode agrees on, with all that patterns name.
const NASTY: &str = "a b Z s S ſ t re VE ' '' 's 'S 'll 'LL 'Re 'm 'd ’ 0 9 12 ٣ Ⅷ ² 中 文 あ ー ア ǅ ʰ ª \u{301} \u{fe0f} é ß İ \
                     . , ! - / // _ + $ € 😀 👨‍👩‍👧 \u{200d} \u{0} \u{7f} \u{ad} ， 。 한글 ไทย अ";

static REGEXES: LazyLock<Vec<(Scanner, Regex)>> = LazyLock::new(|| {
    Scanner::ALL.map(|(scanner, pattern)| (scanner, Regex::new(pattern).expect("a known pattern"))).into()
});

fn nasty() -> impl Strategy<Value = String> {
    let words: Vec<&str> = NASTY
        .split(' ')
        .chain([" ", " ", "  ", "\n", "\r\n", "\t", "\u{a0}", "\u{3000}", "\u{85}"])
        .collect();
    proptest::collection::vec(proptest::sample::select(words), 0..24).prop_map(|words| words.concat())
}

fn by_scanner(scanner: Scanner, text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    scanner.each(text, |start, end| pieces.push(&text[start..end]));
    pieces
}

fn by_regex<'t>(regex: &Regex, text: &'t str) -> Vec<&'t str> {
    let (mut pieces, mut done) = (Vec::new(), 0);
    for found in regex.find_iter(text) {
        let found = found.expect("a short text");
        pieces.extend(Some(&text[done..found.start()]).filter(|gap| !gap.is_empty()));
        pieces.push(found.as_str());
        done = found.end();
    }
    pieces.extend(Some(&text[done..]).filter(|gap| !gap.is_empty()));
    pieces
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn scanners_do_what_their_patterns_say(text in nasty()) {
        for (scanner, regex) in REGEXES.iter() {
            prop_assert_eq!(by_scanner(*scanner, &text), by_regex(regex, &text), "{:?}", scanner);
        }
    }
}

#[test]
fn well_known_cuts() {
    let cuts = |scanner| by_scanner(scanner, "I'VE  seen iPhone12345!\n\n x").join("|");
    assert_eq!(cuts(Scanner::Gpt2), "I|'|VE| | seen| iPhone|12345|!|\n\n| x");
    assert_eq!(cuts(Scanner::Cl100k), "I|'VE| | seen| iPhone|123|45|!\n\n| x");
    assert_eq!(cuts(Scanner::Qwen2), "I|'VE| | seen| iPhone|1|2|3|4|5|!\n\n| x");
    assert_eq!(cuts(Scanner::O200k), "I'VE| | seen| i|Phone|123|45|!\n\n| x");
}

use super::*;
use proptest::prelude::*;

const SHORT: Options = Options { measure: Measure::Bytes, minimum: 8 };

fn cut(texts: &[&str], options: Options) -> Vec<String> {
    let repeats = repeats(texts, options).unwrap();
    texts.iter().zip(&repeats).map(|(text, gone)| without(text, gone)).collect()
}

#[test]
fn the_first_occurrence_stays_and_later_ones_go() {
    let texts = ["one: a common phrase here!", "two, a common phrase here?", "a common phrase", "a common"];
    assert_eq!(cut(&texts, SHORT), ["one: a common phrase here!", "two,?", "", ""]);
    assert_eq!(cut(&["short", "short"], SHORT), ["short", "short"]);
    assert_eq!(cut(&[], SHORT), Vec::<String>::new());
}

#[test]
fn a_run_of_one_letter_keeps_its_start() {
    assert_eq!(cut(&["aaaaaaaaaaaaaaaaaaaa"], SHORT), ["aaaaaaaa"]);
}

#[test]
fn no_repeat_reaches_over_the_end_of_a_text() {
    assert_eq!(cut(&["abcdefgh", "ijklmnop", "efghijkl", "abcd", "efgh"], SHORT).concat().len(), 32);
}

#[test]
fn characters_are_never_cut() {
    let characters = Options { measure: Measure::Characters, minimum: 8 };
    let texts = ["第一条为了规范数据处理活动", "甲为了规范数据处理活动乙", "为了规范数据处"];
    assert_eq!(cut(&texts, characters), ["第一条为了规范数据处理活动", "甲乙", "为了规范数据处"]);
    // Eight bytes of Chinese end within a character: three whole ones are nine.
    assert_eq!(cut(&["数据处理", "是数据处"], SHORT), ["数据处理", "是"]);
}

#[test]
fn senseless_lengths_are_refused() {
    let error = repeats(&["a"], Options { measure: Measure::Bytes, minimum: 1 }).unwrap_err();
    assert_eq!(error.code, "dedup_options_invalid");
}

/// By the book: mark each window that a window before it, which ends before it starts, equals.
fn reference(texts: &[&str], minimum: usize) -> Vec<Vec<bool>> {
    let mut seen: Vec<(usize, &[u8])> = Vec::new();
    let mut base = 0;
    let marks = texts.iter().map(|text| {
        let mut marks = vec![false; text.len()];
        for (at, window) in text.as_bytes().windows(minimum).enumerate() {
            match seen.iter().find(|(_, other)| *other == window) {
                Some((first, _)) if base + at >= first + minimum => marks[at..at + minimum].fill(true),
                Some(_) => {}
                None => seen.push((base + at, window)),
            }
        }
        base += text.len();
        marks
    });
    marks.collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]
    #[test]
    fn the_array_and_the_book_agree(texts in prop::collection::vec("[ab]{0,60}", 0..5)) {
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let found = repeats(&texts, SHORT).unwrap();
        let marks = reference(&texts, 8);
        for ((text, places), marks) in texts.iter().zip(&found).zip(&marks) {
            let inside: Vec<bool> = (0..text.len()).map(|at| places.iter().any(|place| place.contains(&at))).collect();
            prop_assert_eq!(&inside, marks);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(30))]
    #[test]
    fn long_texts_with_few_repeats_agree_with_the_book(seed in any::<u64>(), copies in 0..6_usize) {
        // Different letters almost everywhere, and some copied stretches of 10 to 40.
        let letter = |n: u64| char::from(b'a' + (crate::hash::mix(seed ^ n) % 26) as u8);
        let mut texts: Vec<String> = (0..4).map(|text| (0..300).map(|n| letter(text * 1000 + n)).collect()).collect();
        for copy in 0..copies as u64 {
            let random = |n: u64, bound: u64| (crate::hash::mix(seed ^ (copy * 10 + n) << 20) % bound) as usize;
            let (from, to, start) = (random(1, 4), random(2, 4), random(3, 250));
            let stretch = texts[from][start..start + 10 + random(4, 30)].to_owned();
            texts[to].insert_str(random(5, 290), &stretch);
        }
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let found = repeats(&texts, SHORT).unwrap();
        for ((text, places), marks) in texts.iter().zip(&found).zip(&reference(&texts, 8)) {
            let inside: Vec<bool> = (0..text.len()).map(|at| places.iter().any(|place| place.contains(&at))).collect();
            prop_assert_eq!(&inside, marks);
        }
    }
}

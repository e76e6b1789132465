//! The rules through the public door. What is expected is what datatrove 0.10.1 answers.

use super::*;
use proptest::prelude::*;

fn prose(sentences: usize) -> String {
    let sentence = |n: usize| {
        let thing = ["river", "garden", "letter", "window", "market", "winter"][n % 6];
        let what = ["crossed", "painted", "remembered", "followed", "measured"][n % 5];
        format!(
            "In year {n} the old sailor and his {thing} of glass had {what} that road with care number {}.",
            n * 7
        )
    };
    (0..sentences).map(sentence).collect::<Vec<_>>().join(" ")
}

fn reason(rule: Rule, text: &str) -> Option<&'static str> {
    match Filter::new(&[rule]).unwrap().judge(text) {
        Outcome::Drop(drop) => Some(drop.reason),
        _ => None,
    }
}

fn fineweb() -> Vec<Rule> {
    vec![
        Rule::GopherRepetition(Default::default()),
        Rule::GopherQuality(Default::default()),
        Rule::C4Quality(C4Quality { filter_no_terminal_punct: false, ..Default::default() }),
        Rule::FinewebQuality(Default::default()),
    ]
}

#[test]
fn repeated_lines_paragraphs_and_words_are_too_much() {
    let judge = |text: &str| reason(Rule::GopherRepetition(Default::default()), text);
    assert_eq!(judge(""), Some("empty"));
    assert_eq!(judge(" \n "), Some("dup_line_frac"));
    assert_eq!(judge("Hello world"), Some("top_2_gram"));
    assert_eq!(judge("a\n\na\n\na"), Some("dup_para_frac"));
    assert_eq!(judge("one\ntwo\none\none"), Some("dup_line_frac"));
    assert_eq!(judge(&format!("{}\nx\ny\n{}", prose(1), prose(1))), Some("dup_line_char_frac"));
    assert_eq!(judge(&prose(1)), None);
    assert_eq!(judge(&prose(9)), Some("top_4_gram"));
    let chant: String = (0..40).map(|n| format!("one two three four five six {n} ")).collect();
    assert_eq!(judge(&chant), Some("top_2_gram"));
    let without_top = GopherRepetition { top_n_grams: Vec::new(), ..Default::default() };
    assert_eq!(reason(Rule::GopherRepetition(without_top), &prose(2)), Some("duplicated_5_n_grams"));
}

#[test]
fn words_and_lines_must_be_those_of_prose() {
    let judge = |text: &str| reason(Rule::GopherQuality(Default::default()), text);
    assert_eq!(judge(""), Some("gopher_short_doc"));
    assert_eq!(judge(&prose(3)), None);
    assert_eq!(judge(&"a ".repeat(60)), Some("gopher_below_avg_threshold"));
    assert_eq!(judge(&"extraordinarily ".repeat(60)), Some("gopher_above_avg_threshold"));
    assert_eq!(judge(&prose(4).replace(" the", " # the #")), Some("gopher_below_alpha_threshold"));
    assert_eq!(judge(&prose(4).replace(' ', " # ")), Some("gopher_too_many_hashes"));
    assert_eq!(judge(&prose(4).replace(' ', "... ")), Some("gopher_too_many_ellipsis"));
    assert_eq!(
        judge(&prose(9).replace(". ", ".\n - ").replacen("In", "- In", 1)),
        Some("gopher_too_many_bullets")
    );
    assert_eq!(judge(&prose(9).replace(". ", " \u{2026} \u{2028}")), Some("gopher_too_many_end_ellipsis"));
    assert_eq!(judge(&prose(4).replace("of", "123 456 789 , , ,")), Some("gopher_below_alpha_threshold"));
    assert_eq!(judge(&"seven green horses run ".repeat(20)), Some("gopher_enough_stop_words"));
}

#[test]
fn lines_that_are_no_prose_go_and_the_rest_stays() {
    let mut filter = Filter::new(&[Rule::C4Quality(Default::default())]).unwrap();
    let kept = prose(5).replace(". ", ".\n");
    assert_eq!(filter.judge(&kept), Outcome::Keep);
    let text = format!(
        "Menu\n{kept}[12]\nEnable JavaScript to go on here.\r\nAccept our coo\u{212A}ie Policy right now.\n\
         One line without an end\n{} too long.",
        "x".repeat(1001)
    );
    assert_eq!(filter.judge(&text), Outcome::Change(kept.clone()));
    let reason = |text: String| match filter.judge(&text) {
        Outcome::Drop(drop) => drop.reason,
        _ => "kept",
    };
    let mut reason = reason;
    assert_eq!(reason("One. Two. Three four five six.".into()), "too_few_sentences");
    assert_eq!(reason(format!("{kept}\nThat is Lorem Ipsum for you.")), "lorem_ipsum");
    assert_eq!(reason(format!("{kept}\nfn main() {{ that is all.")), "curly_bracket");
}

#[test]
fn lists_and_repeated_lines_are_no_web_page_worth_keeping() {
    let judge = |text: &str| reason(Rule::FinewebQuality(Default::default()), text);
    assert_eq!(judge(" \n\t\n"), Some("empty"));
    assert_eq!(judge(&prose(4)), None);
    assert_eq!(
        judge(&prose(9).replace(". ", "\n").trim_end_matches('.').replace('.', "")),
        Some("line_punct_ratio")
    );
    assert_eq!(judge("Short line.\nAnother one.\nAnd a third."), Some("short_line_ratio"));
    assert_eq!(judge(&format!("{}\n{}", prose(2), prose(2))), Some("char_dup_ratio"));
    let sentence = "Supercalifragilistic expialidocious.";
    let lines: Vec<String> = (0..9).map(|n| format!("{n}{sentence}")).collect();
    assert_eq!(judge(&lines.join("\n")), None);
    assert_eq!(judge(&lines.join("\n\n\n\n")), Some("list_ratio"));
}

#[test]
fn small_rules_and_options_do_what_they_say() {
    assert_eq!(reason(Rule::C4Paragraph(C4Paragraph {}), &prose(9)), Some("< 3 paragraphs"));
    let bad = C4Badwords { words: vec!["foul".into(), "so rude".into()], ..Default::default() };
    let judge = |text: &str| reason(Rule::C4Badwords(bad.clone()), text);
    assert_eq!(judge("A foul_word and fouls, so ruder."), None);
    assert_eq!(judge("That is FOUL."), Some("document_removed_with_badwords"));
    assert_eq!(judge("so rude"), Some("document_removed_with_badwords"));
    let mut filter = Filter::new(&[Rule::SymbolLines(Default::default())]).unwrap();
    assert_eq!(filter.judge("a\n* * *\n\n--\nb"), Outcome::Change("a\n\nb".into()));
    let rules: Vec<Rule> = serde_json::from_str(
        r#"[{"rule": "gopher_quality", "stop_words": ["glass"], "min_stop_words": 1},
            {"rule": "c4_quality", "split_paragraph": false, "filter_no_terminal_punct": false}]"#,
    )
    .unwrap();
    assert_eq!(Filter::new(&rules).unwrap().judge(&prose(5)), Outcome::Keep);
    assert!(serde_json::from_str::<Rule>(r#"{"rule": "gopher_quality", "min_words": 3}"#).is_err());
    let odd = Rule::GopherRepetition(GopherRepetition { top_n_grams: vec![(0, 0.1)], ..Default::default() });
    assert_eq!(Filter::new(&[odd]).err().unwrap().code, "filter_option_invalid");
}

/// The definitions written down plainly, without bounds.
fn plain_repetition(words: &[&str], len: usize, options: &GopherRepetition) -> Option<String> {
    for &(n, limit) in &options.top_n_grams {
        let runs: Vec<String> = words.windows(n).map(|run| run.join(" ")).collect();
        let count = |run: &String| runs.iter().filter(|other| *other == run).count();
        let Some(most) = runs.iter().map(count).max() else { continue };
        let top = runs.iter().find(|run| count(run) == most).unwrap();
        if (python::len(top) * most) as f64 / len as f64 > limit {
            return Some(format!("top_{n}_gram"));
        }
    }
    for &(n, limit) in &options.dup_n_grams {
        let (mut seen, mut chars, mut at) = (std::collections::BTreeSet::new(), 0, 0);
        while at + n <= words.len() {
            let run = words[at..at + n].concat();
            chars += if seen.contains(&run) { python::len(&run) } else { 0 };
            at += if seen.insert(run) { 1 } else { n };
        }
        if chars as f64 / len as f64 > limit {
            return Some(format!("duplicated_{n}_n_grams"));
        }
    }
    None
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn bounds_change_no_answer(
        text in "(([abé]{1,2}|of the|some longer words|, ){1,12} ){1,9}", limit in 0.05f64..0.6, again in 0usize..3
    ) {
        let text = format!("{text} {}", text.repeat(again));
        let options = GopherRepetition {
            dup_line_frac: 0.0, dup_para_frac: 0.0, dup_line_char_frac: 0.0, dup_para_char_frac: 0.0,
            top_n_grams: vec![(2, limit), (3, limit), (4, limit)],
            dup_n_grams: vec![(3, limit), (5, limit), (8, limit)],
        };
        let plain = plain_repetition(&crate::words::words(&text), python::len(&text), &options);
        prop_assert_eq!(reason(Rule::GopherRepetition(options), &text), plain.as_deref());
    }

    #[test]
    fn no_text_fails_and_each_is_judged_alike_twice(text in any::<String>()) {
        let mut filter = Filter::new(&fineweb()).unwrap();
        let text = format!("{text} {} {text}", prose(4));
        prop_assert_eq!(filter.judge(&text), filter.judge(&text));
    }
}

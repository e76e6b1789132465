//! Exact duplicates, lines and paragraphs through the public door.

mod support;

use dedup::{
    Resources, exact,
    lines::{self, Part, Removed},
};
use proptest::prelude::*;
use std::collections::BTreeMap;
use support::shuffled;

const SMALL: Resources = Resources { threads: 1, memory_bytes: 1 << 16 };
const LARGE: Resources = Resources { threads: 3, memory_bytes: 1 << 30 };

fn resolve(texts: &[String], ranks: &[u32], workers: usize, resources: Resources) -> Vec<u32> {
    let folder = tempfile::tempdir().unwrap();
    for worker in 0..workers {
        let mut writer = exact::Writer::create(folder.path(), worker).unwrap();
        for (document, text) in texts.iter().enumerate().skip(worker).step_by(workers) {
            writer.add(document as u32, exact::key(text.as_bytes())).unwrap();
        }
        assert!(!exact::Writer::is_finished(folder.path(), worker));
        writer.finish().unwrap();
        assert!(exact::Writer::is_finished(folder.path(), worker));
    }
    exact::resolve(folder.path(), ranks, resources).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    #[test]
    fn the_smallest_rank_of_equal_texts_survives(texts in prop::collection::vec("[ab]{0,3}", 0..60), seed in any::<u64>()) {
        let ranks = shuffled(texts.len(), seed);
        let mut first: BTreeMap<&String, u32> = BTreeMap::new();
        for (document, text) in texts.iter().enumerate() {
            let kept = first.entry(text).or_insert(document as u32);
            if ranks[document] < ranks[*kept as usize] {
                *kept = document as u32;
            }
        }
        let expected: Vec<u32> = texts.iter().map(|text| first[text]).collect();
        prop_assert_eq!(&resolve(&texts, &ranks, 1, SMALL), &expected);
        prop_assert_eq!(&resolve(&texts, &ranks, 4, LARGE), &expected);
    }
}

#[test]
fn many_ranges_give_what_one_gives() {
    let texts: Vec<String> = (0..200_000_u32).map(|n| format!("{}", n * 7 % 60_000)).collect();
    let ranks = shuffled(texts.len(), 1);
    assert_eq!(resolve(&texts, &ranks, 1, SMALL), resolve(&texts, &ranks, 3, LARGE));
}

#[test]
fn an_unknown_document_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let mut writer = exact::Writer::create(folder.path(), 0).unwrap();
    writer.add(7, 7).unwrap();
    writer.finish().unwrap();
    assert_eq!(exact::resolve(folder.path(), &[0], SMALL).unwrap_err().code, "dedup_ranks_invalid");
}

fn cut(texts: &[&str], ranks: &[u32], options: lines::Options, resources: Resources) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    for worker in 0..2 {
        let mut writer = lines::Writer::create(folder.path(), worker, options).unwrap();
        for (document, text) in texts.iter().enumerate().skip(worker).step_by(2) {
            writer.add(document as u32, text).unwrap();
        }
        writer.finish().unwrap();
    }
    let removed = Removed::find(folder.path(), ranks, resources).unwrap();
    let texts = texts.iter().enumerate();
    texts.map(|(document, text)| options.without(text, &removed.of(document as u32).unwrap())).collect()
}

#[test]
fn the_first_in_rank_keeps_a_line() {
    let texts = ["home\nnews of today\n\nfoot", "  foot \nhome\nnews of tomorrow", "foot\nhome\nfoot\nend"];
    let lines = lines::Options::default();
    assert_eq!(cut(&texts, &[0, 1, 2], lines, SMALL), [texts[0], "news of tomorrow", "end"]);
    assert_eq!(
        cut(&texts, &[2, 1, 0], lines, LARGE),
        ["news of today\n\n", "news of tomorrow", "foot\nhome\nend"]
    );
}

#[test]
fn short_parts_stay() {
    let long = lines::Options { part: Part::Line, minimum: 5 };
    assert_eq!(cut(&["menu\nlonger line", "menu\nlonger line"], &[0, 1], long, SMALL)[1], "menu\n");
    let chinese = lines::Options { part: Part::Line, minimum: 3 };
    assert_eq!(cut(&["首页\n第一条", "首页\n第一条"], &[0, 1], chinese, SMALL)[1], "首页\n");
}

#[test]
fn paragraphs_go_as_a_whole() {
    let paragraphs = lines::Options { part: Part::Paragraph, minimum: 0 };
    let texts = ["a\nb\n\nc\n", "b\n\na\nb\n\n\nc"];
    assert_eq!(cut(&texts, &[0, 1], paragraphs, LARGE), ["a\nb\n\nc\n", "b\n\n"]);
}

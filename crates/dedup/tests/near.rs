//! Near duplicates through the public door.

mod support;

use dedup::{
    Resources, Unit,
    minhash::{self, Options},
};
use proptest::prelude::*;
use support::{families, near, set, shuffled};

const SMALL: Resources = Resources { threads: 1, memory_bytes: 1 << 16 };
const LARGE: Resources = Resources { threads: 4, memory_bytes: 1 << 30 };

fn run(texts: &[String], ranks: &[u32], options: &Options, workers: usize, resources: Resources) -> Vec<u32> {
    near(tempfile::tempdir().unwrap().path(), texts, ranks, options, workers, resources)
}

fn identity(count: usize) -> Vec<u32> {
    (0..count as u32).collect()
}

#[test]
fn workers_threads_and_memory_do_not_matter() {
    let texts = families(200, 9, 90, 1);
    let ranks = shuffled(texts.len(), 2);
    for similarity in [None, Some(0.7)] {
        let options = Options { similarity, ..Options::default() };
        let one = run(&texts, &ranks, &options, 1, SMALL);
        assert!(one.iter().zip(0..).filter(|(way, at)| *way != at).count() > 200);
        assert_eq!(one, run(&texts, &ranks, &options, 7, LARGE));
    }
}

#[test]
fn verified_removals_are_above_the_threshold_and_no_kept_one_has_a_copy_before_it() {
    let texts = families(60, 9, 80, 3);
    let ranks = shuffled(texts.len(), 4);
    let way = run(&texts, &ranks, &Options::default(), 2, LARGE);
    let sets: Vec<_> = texts.iter().map(|text| set(text, Unit::Words)).collect();
    let mut missed = 0;
    for (document, kept) in way.iter().map(|kept| *kept as usize).enumerate() {
        if kept != document {
            assert_eq!(way[kept] as usize, kept, "what a document gives way to stays");
            assert!(ranks[kept] < ranks[document]);
            assert!(sets[document].jaccard(&sets[kept]) >= 0.7);
        } else {
            let before = (0..texts.len())
                .filter(|other| way[*other] as usize == *other && ranks[*other] < ranks[document]);
            missed += before.filter(|other| sets[document].jaccard(&sets[*other]) >= 0.8).count();
        }
    }
    assert!(missed <= 2, "{missed} pairs of similarity 0.8 were missed");
}

#[test]
fn the_smallest_rank_of_a_connected_cluster_survives() {
    let texts: Vec<String> = families(30, 2, 200, 5);
    let ranks = shuffled(texts.len(), 6);
    let options = Options { bands: 60, rows: 4, similarity: None, ..Options::default() };
    let way = run(&texts, &ranks, &options, 1, LARGE);
    for (family, members) in way.chunks(3).enumerate() {
        let documents = family * 3..family * 3 + 3;
        let smallest = documents.min_by_key(|document| ranks[*document]).unwrap() as u32;
        assert!(members.iter().filter(|member| **member == smallest).count() == 3, "{members:?}");
    }
}

#[test]
fn a_large_bucket_of_look_alikes_is_cut_to_its_first() {
    let mut texts = vec!["the same words stand in each of these many short texts".to_owned(); 3000];
    texts.extend(families(1, 0, 50, 7));
    let way = run(&texts, &identity(texts.len()), &Options::default(), 2, SMALL);
    assert!(way[..3000].iter().all(|kept| *kept == 0));
    assert_eq!(way[3000], 3000);
}

#[test]
fn texts_without_words_are_kept() {
    let texts = ["", "...", "!!", "one", "ONE!"].map(str::to_owned);
    assert_eq!(run(&texts, &identity(5), &Options::default(), 1, SMALL), [0, 1, 2, 3, 3]);
}

#[test]
fn recall_follows_the_curve() {
    // Pairs whose copies replace every 19th word or so: similarities around 0.6.
    let texts = families(1500, 1, 60, 8);
    let more: Vec<String> = texts
        .chunks(2)
        .flat_map(|pair| {
            let mut words: Vec<&str> = pair[1].split(' ').collect();
            words[20] = "here";
            words[40] = "there";
            [pair[0].clone(), words.join(" ")]
        })
        .collect();
    let options = Options { bands: 14, rows: 8, similarity: None, ..Options::default() };
    let way = run(&more, &identity(more.len()), &options, 1, LARGE);
    let (mut expected, mut variance, mut found) = (0.0, 0.0, 0.0);
    for (pair, ways) in more.chunks(2).zip(way.chunks(2)) {
        let recall = options.recall(set(&pair[0], Unit::Words).jaccard(&set(&pair[1], Unit::Words)));
        expected += recall;
        variance += recall * (1.0 - recall);
        found += f64::from(u8::from(ways[0] == ways[1]));
    }
    assert!((found - expected).abs() < 4.0 * variance.sqrt(), "{found} found, {expected} expected");
    assert!(expected > 300.0 && expected < 1200.0, "the test asks about the steep part: {expected}");
}

#[test]
fn chinese_goes_by_characters() {
    let text =
        "为了规范数据处理活动，保障数据安全，促进数据开发利用，保护个人、组织的合法权益，维护国家主权。";
    let texts = [
        text.to_owned(),
        text.replace("，", "， \n"),
        text.replace("为了", "为"),
        "完全不同的另一段文字。".into(),
    ];
    let options = Options { unit: Unit::Characters, ..Options::default() };
    assert_eq!(run(&texts, &identity(4), &options, 1, SMALL), [0, 0, 0, 3]);
}

#[test]
fn bad_ranks_and_options_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    for ranks in [&[0, 0][..], &[0, 2], &[5]] {
        let error = minhash::cluster(folder.path(), ranks, SMALL, None).unwrap_err();
        assert_eq!(error.code, "dedup_ranks_invalid");
    }
    for options in [
        Options { bands: 0, ..Options::default() },
        Options { rows: 65, ..Options::default() },
        Options { similarity: Some(f64::NAN), ..Options::default() },
    ] {
        assert_eq!(minhash::Signer::new(&options).unwrap_err().code, "dedup_options_invalid");
    }
    let missing = folder.path().join("missing");
    assert_eq!(minhash::cluster(&missing, &[], SMALL, None).unwrap_err().code, "dedup_spill");
}

#[test]
fn a_store_gives_back_what_candidates_need() {
    let texts = families(20, 3, 80, 9);
    let ranks = identity(texts.len());
    let options = Options::default();
    let folder = tempfile::tempdir().unwrap();
    let direct = near(folder.path(), &texts, &ranks, &options, 3, LARGE);
    let candidates = minhash::Candidates::find(folder.path(), &ranks, LARGE).unwrap();
    let writer = minhash::ShingleWriter::create(folder.path()).unwrap();
    for (document, text) in texts.iter().enumerate() {
        if candidates.contains(document as u32) {
            writer.add(document as u32, &set(text, Unit::Words)).unwrap();
        }
    }
    let store = writer.finish().unwrap();
    assert_eq!(candidates.verify(0.7, &|document| store.load(document)).unwrap(), direct);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    #[test]
    fn renumbering_documents_changes_nothing(seed in any::<u64>(), verified in any::<bool>()) {
        let texts = families(12, 5, 60, seed);
        let options = Options { similarity: verified.then_some(0.7), ..Options::default() };
        let ranks = shuffled(texts.len(), seed ^ 1);
        let way = run(&texts, &ranks, &options, 1, SMALL);
        let order = shuffled(texts.len(), seed ^ 2);
        let moved: Vec<String> = order.iter().map(|old| texts[*old as usize].clone()).collect();
        let moved_ranks: Vec<u32> = order.iter().map(|old| ranks[*old as usize]).collect();
        let moved_way = run(&moved, &moved_ranks, &options, 2, LARGE);
        for (new, old) in order.iter().enumerate() {
            prop_assert_eq!(order[moved_way[new] as usize], way[*old as usize]);
        }
    }
}

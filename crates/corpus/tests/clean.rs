//! The pipeline through its public door: determinism, duplicates, provenance, any bytes at all.

mod support;

use corpus::{dedup, text::Words};
use proptest::prelude::*;
use std::fs;
use support::{Random, Room, options, prose, tree, words, zip};

/// A folder with plain, Markdown, HTML and JSONL documents, some of them duplicates.
fn mixed(room: &Room) {
    for n in 0..60 {
        room.put(&format!("t/{n}.txt"), prose(n % 50, 150));
    }
    for n in 100..120 {
        room.put(&format!("m/{n}.md"), format!("# Title {n}\n\n{}\n\n```\nlet x = 1;\n```\n", prose(n, 120)));
        let body = prose(n + 100, 120).replace('\n', "</p><p>");
        room.put(&format!("h/{n}.html"), format!("<nav><a>Home</a></nav><h1>T{n}</h1><p>{body}</p>"));
    }
    let records = (300..340).map(|n| {
        let record = serde_json::json!({"id": n, "text": prose(n, 100), "license": "CC-BY-4.0", "author": format!("A{}", n % 3)});
        format!("{record}\n")
    });
    room.put("r/records.jsonl", records.collect::<String>());
    room.put(
        "provenance.jsonl",
        "{\"path\":\"t/1.txt\",\"source\":\"s 1\",\"author\":\"Ann\",\"licence\":\"MIT\"}\n",
    );
}

#[test]
fn the_same_bytes_for_any_number_of_threads_and_from_folder_or_zip() {
    let room = Room::new();
    mixed(&room);
    room.clean("one", 1).unwrap();
    let report = room.clean("three", 3).unwrap();
    let one = tree(&room.path("one"));
    assert_eq!(one, tree(&room.path("three")));
    let names: Vec<_> = one.iter().map(|(path, _)| path.to_str().unwrap()).collect();
    assert_eq!(
        names,
        [
            "README.md",
            "contributions.jsonl",
            "data/heldout-00000-of-00001.jsonl",
            "data/train-00000-of-00001.jsonl",
            "report.json",
            "skipped.jsonl"
        ]
    );
    let bundled =
        corpus::bundle::from_folder(&room.path("in"), &room.path("b.zip"), &options(1).limits).unwrap();
    assert_eq!((bundled.files, bundled.left_out.len()), (101, 0));
    corpus::clean(&room.path("b.zip"), &room.path("zipped"), &options(2), &mut |_| ()).unwrap();
    let zipped = tree(&room.path("zipped"));
    for ((path, bytes), (_, other)) in
        one.iter().zip(&zipped).filter(|((path, _), _)| path.starts_with("data"))
    {
        assert_eq!(bytes, other, "{}", path.display());
    }

    // The waterfall adds up, step by step and in the end.
    for pair in report.steps.windows(2) {
        assert_eq!((pair[0].documents_out, pair[0].bytes_out), (pair[1].documents_in, pair[1].bytes_in));
    }
    for step in &report.steps {
        let dropped: u64 = step.drops.iter().map(|drop| drop.documents).sum();
        assert_eq!(step.documents_in, step.documents_out + dropped, "{}", step.name);
    }
    let documents = room.documents("one");
    assert_eq!(documents.len() as u64, report.total().0);
    assert_eq!(documents.len(), 130);
    let read: corpus::Report =
        serde_json::from_slice(&fs::read(room.path("one/report.json")).unwrap()).unwrap();
    // The number of threads is no part of the report: it changes nothing.
    let mut written = report.clone();
    written.options.threads = 0;
    assert_eq!(read, written);
}

#[test]
fn every_document_keeps_its_origin_and_contributions_add_up() {
    let room = Room::new();
    mixed(&room);
    room.put("t/1.txt", prose(777, 150));
    let report = room.clean("out", 2).unwrap();
    let documents = room.documents("out");
    let stated = documents.iter().find(|document| document["path"] == "t/1.txt").unwrap();
    assert_eq!(
        (&stated["source"], &stated["author"], &stated["licence"]),
        (&"s 1".into(), &"Ann".into(), &"MIT".into())
    );
    let record = documents.iter().find(|document| document["path"] == "r/records.jsonl#301").unwrap();
    assert_eq!((&record["author"], &record["licence"]), (&"A1".into(), &"CC-BY-4.0".into()));
    let contributions = room.lines("out/contributions.jsonl");
    let sum = |field: &str| contributions.iter().map(|row| row[field].as_u64().unwrap()).sum::<u64>();
    assert_eq!((sum("documents"), sum("bytes"), sum("tokens")), report.total());
    let tokens: u64 = documents.iter().map(|document| document["tokens"].as_u64().unwrap()).sum();
    assert_eq!(tokens, report.total().2);
    for row in &contributions {
        assert!(documents.iter().any(|document| document["id"] == row["example"]), "{row}");
    }
    let licences: Vec<_> = report.licences.iter().map(|share| share.name.as_str()).collect();
    assert_eq!(licences, ["unknown", "CC-BY-4.0", "MIT"]);
    let card = fs::read_to_string(room.path("out/README.md")).unwrap();
    assert!(
        card.starts_with("---\npretty_name: \"Test\"\n")
            && card.contains("path: data/heldout-00000-of-00001.jsonl")
    );
    let held = room.lines("out/data/heldout-00000-of-00001.jsonl").len();
    assert!((8..=12).contains(&held), "{held}");
}

#[test]
fn planted_near_duplicates_go_and_the_rest_stays() {
    let room = Room::new();
    let mut random = Random(7);
    let mut texts = Vec::new();
    for family in 0..60 {
        let base = words(family, 200);
        for copy in 0..4 {
            let mut text = base.clone();
            // 0, 1, 4 or 12 changed words of 200: similarities of 1 and about 0.95, 0.81 and 0.53.
            for _ in 0..[0, 1, 4, 12][copy] {
                let at = random.below(text.len());
                text[at] = format!("changed{}", random.below(1_000_000));
            }
            texts.push(text.join(" "));
        }
    }
    for (n, text) in texts.iter().enumerate() {
        room.put(&format!("{n}.txt"), text);
    }
    let report = room.clean("out", 2).unwrap();
    let mut scan = Words::default();
    let mut set = |text: &str| {
        scan.scan(text);
        dedup::shingles(&scan)
    };
    let kept: Vec<_> =
        room.documents("out").iter().map(|document| set(document["text"].as_str().unwrap())).collect();
    for (a, left) in kept.iter().enumerate() {
        for right in &kept[a + 1..] {
            assert!(dedup::jaccard(left, right) < 0.8, "two near duplicates are left");
        }
    }
    for text in &texts {
        let best = kept.iter().map(|other| dedup::jaccard(&set(text), other)).fold(0.0, f64::max);
        // A chain a~b~c may join what is a little further apart.
        assert!(best >= 0.6, "a document without a near duplicate was dropped ({best})");
    }
    assert!((120..=150).contains(&kept.len()), "{}", kept.len());
    assert_eq!(report.clusters.iter().map(|cluster| cluster.dropped).max(), Some(report.clusters[0].dropped));
}

#[test]
fn chinese_text_is_judged_by_its_own_measure() {
    let room = Room::new();
    let base = "开放数据服务把城市里可以公开的文本整理成语料，标明来源、作者和许可证，供入驻企业训练自己的模型。\
        每一份语料都有版本，也都有说明：它从哪里来，经过了哪些步骤，留下了多少，去掉了多少，以及为什么。\
        企业使用语料之后，收入的一部分会按照贡献的多少分给作者，这样数据的价值就回到了提供数据的人手中。";
    room.put("a.txt", base);
    room.put("b.txt", base.replace("价值", "好处"));
    room.put("c.txt", "算力调度与评测服务都是社区提供的公共服务。".repeat(12));
    let report = room.clean("out", 1).unwrap();
    assert_eq!((report.total().0, report.documents_cjk), (1, 1));
    let drops: Vec<_> =
        report.steps.iter().flat_map(|step| step.drops.iter().map(|drop| drop.reason.as_str())).collect();
    assert!(
        drops.contains(&"near_duplicate") && drops.iter().any(|reason| reason.starts_with("repeated_")),
        "{drops:?}"
    );
}

#[test]
fn the_same_record_twice_is_kept_once() {
    let room = Room::new();
    let line = |text: &str| format!("{}\n", serde_json::json!({"id": "same", "text": text}));
    room.put("r.jsonl", line(&prose(1, 90)) + &line(&prose(2, 90)) + &line(&prose(1, 90)));
    let report = room.clean("out", 1).unwrap();
    assert_eq!(report.total().0, 1);
    let exact = &report.steps[4];
    let reasons: Vec<_> = exact.drops.iter().map(|drop| (drop.reason.as_str(), drop.documents)).collect();
    assert_eq!(reasons, [("exact_duplicate", 1), ("same_id", 1)]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_bytes_in_any_file_end_well(
        files in prop::collection::vec((0_usize..6, prop::collection::vec(any::<u8>(), 0..400)), 1..6),
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..8),
        markup in "[<>/&;#a-z\\[\\]()!`|*\\n -]{0,300}",
    ) {
        let room = Room::new();
        for (n, (kind, bytes)) in files.iter().enumerate() {
            room.put(&format!("{n}.{}", ["txt", "md", "html", "jsonl", "zip", "bin"][*kind]), bytes);
        }
        room.put("m.md", &markup);
        room.put("m.html", &markup);
        let mut flipped = zip(&[("a.txt", prose(1, 90).as_bytes()), ("b/c.md", prose(2, 90).as_bytes())]);
        for (at, byte) in flips {
            let at = at.index(flipped.len());
            flipped[at] = byte;
        }
        room.put("flipped.zip", &flipped);
        if let Err(error) = room.clean("out", 2) {
            prop_assert_eq!(error.code, "corpus_nothing_left");
            prop_assert_eq!(room.names(), ["in"]);
        }
    }
}

//! Runs through their public door: the same bytes for any number of workers, stages and kills; origins; recipes.

mod support;

use corpus::{recipe::BUILTIN, run};
use proptest::prelude::*;
use std::fs;
use support::{Room, default, prose, recipe_of, tree, zip};

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

/// Everything but the report, which holds times.
fn bytes(room: &Room, out: &str) -> Vec<(String, Vec<u8>)> {
    let files = tree(&room.path(out)).into_iter().map(|(path, bytes)| (path.display().to_string(), bytes));
    files.filter(|(path, _)| path != "report.json").collect()
}

#[test]
fn the_same_bytes_for_any_number_of_workers_and_for_stages_apart() {
    let room = Room::new();
    mixed(&room);
    let report = room.clean("one", 1).unwrap();
    room.clean("three", 3).unwrap();
    let one = bytes(&room, "one");
    assert_eq!(one, bytes(&room, "three"));
    let names: Vec<_> = one.iter().map(|(path, _)| path.as_str()).collect();
    assert_eq!(
        names,
        [
            "README.md",
            "contributions.jsonl",
            "croissant.json",
            "data/heldout-00000-of-00001.jsonl",
            "data/train-00000-of-00001.jsonl",
            "kept-ids.txt",
            "skipped.jsonl"
        ]
    );

    let recipe = default();
    let mut last = None;
    for (stage, shared) in run::stages(&recipe) {
        let count = if shared { 3 } else { 1 };
        for index in 0..count {
            let task = run::Task { stage, index, count };
            assert!(last.is_none(), "only the last task ends the run");
            last = run::task(&recipe, &room.path("in"), &room.path("apart"), task, 1, &|_| ()).unwrap();
        }
    }
    assert_eq!(last.unwrap().total(), report.total());
    assert_eq!(one, bytes(&room, "apart"));
    assert_eq!(room.names(), ["apart", "in", "one", "three"]);

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
    let ids = fs::read_to_string(room.path("one/kept-ids.txt")).unwrap();
    assert!(ids.lines().count() == 130 && ids.lines().is_sorted());
}

#[test]
fn a_run_that_was_cut_off_goes_on_and_a_finished_one_is_left_alone() {
    let room = Room::new();
    mixed(&room);
    room.clean("whole", 1).unwrap();
    let recipe = default();
    let stages = run::stages(&recipe);
    // Only some tasks of the first stage, as after a kill.
    let task = run::Task { stage: stages[0].0, index: 1, count: 3 };
    run::task(&recipe, &room.path("in"), &room.path("cut"), task, 1, &|_| ()).unwrap();
    let partial = room.path(".cut.partial/0");
    let done = |suffix: &str| {
        fs::read_dir(&partial).unwrap().flatten().filter(|entry| entry.path().ends_with(suffix)).count()
    };
    assert!(partial.exists() && !room.path("cut").exists(), "{}", done("json"));
    fs::write(partial.join("00000.rows.partial-1"), "half a line").unwrap();
    room.clean("cut", 2).unwrap();
    assert_eq!(bytes(&room, "whole"), bytes(&room, "cut"));
    let before = fs::metadata(room.path("cut/report.json")).unwrap().modified().unwrap();
    room.clean("cut", 2).unwrap();
    assert_eq!(fs::metadata(room.path("cut/report.json")).unwrap().modified().unwrap(), before);
    // Killed while it cleared up: half of what it worked with is left, beside its output or without it.
    let leave = || {
        fs::create_dir_all(room.path(".cut.partial/0")).unwrap();
        fs::write(room.path(".cut.partial/0/00000.rows"), "half").unwrap();
    };
    leave();
    room.clean("cut", 2).unwrap();
    assert!(!room.path(".cut.partial").exists());
    leave();
    fs::remove_dir_all(room.path("cut")).unwrap();
    room.clean("cut", 2).unwrap();
    assert_eq!(bytes(&room, "whole"), bytes(&room, "cut"));
    // Another input is another run.
    room.put("t/1.txt", prose(999, 150));
    assert_eq!(room.clean("cut", 2).unwrap_err().code, "corpus_output_exists");
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
    let record = documents.iter().find(|document| document["id"] == "301").unwrap();
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
    assert!(card.starts_with("---\npretty_name: \"Test\"\n") && card.contains("path: data/heldout-*"));
    let held = room.lines("out/data/heldout-00000-of-00001.jsonl").len();
    assert!((6..=16).contains(&held), "{held}");
}

#[test]
fn lines_of_the_input_come_out_as_they_are_when_only_duplicates_go() {
    let room = Room::new();
    let line = |id: &str, text: &str| format!("{{\"id\": \"{id}\",  \"text\": {text:?}, \"more\": [1, 2]}}");
    let text = |n: u64| prose(n, 60).replace('\n', " ");
    let lines: Vec<String> = (0..200).map(|n| line(&format!("{:03}", 999 - n), &text(n % 120))).collect();
    room.put("a.jsonl", lines[..90].join("\n"));
    room.put("b.jsonl", lines[90..].join("\n") + "\n");
    let report = room.run(&recipe_of("[[step]]\nuse = \"exact\""), "in", "out", 2).unwrap();
    assert_eq!((report.total().0, report.steps[1].drops[0].documents), (120, 80));
    let kept: Vec<String> = tree(&room.path("out/data"))
        .into_iter()
        .flat_map(|(_, bytes)| {
            String::from_utf8(bytes).unwrap().lines().map(str::to_owned).collect::<Vec<_>>()
        })
        .collect();
    // Of equal texts the smallest id stays, which is the later line here.
    let expected: Vec<String> = lines[80..].to_vec();
    assert_eq!(kept, expected);
}

#[test]
fn segments_follow_each_other_and_steps_after_a_barrier_see_what_it_left() {
    let room = Room::new();
    (0..40).for_each(|n| room.put(&format!("{n:02}.txt"), prose(n % 30, 100)));
    let recipe = recipe_of(
        "[[step]]\nuse = \"exact\"\n[[step]]\nuse = \"normalise\"\n[[step]]\nuse = \"near\"\n[output]\nform = \"dataset\"",
    );
    let report = room.run(&recipe, "in", "out", 2).unwrap();
    let names: Vec<_> = report.steps.iter().map(|step| (step.name.as_str(), step.documents_out)).collect();
    assert_eq!(names, [("read", 40), ("exact", 30), ("normalise", 30), ("near", 30)]);
}

#[test]
fn a_sample_tells_what_would_become_of_documents() {
    let room = Room::new();
    room.put("a.txt", prose(1, 120));
    room.put("b.txt", "short");
    let samples = run::sample(&default(), &room.path("in"), 10).unwrap();
    assert_eq!(samples.len(), 2);
    assert!(samples[0].after.is_some() && samples[1].reason.is_some());
    assert_eq!(run::sample(&default(), &room.path("in"), 1).unwrap().len(), 1);
    assert_eq!(room.names(), ["in"]);
}

#[test]
fn recipes_are_explained_and_refused_with_the_key() {
    for name in BUILTIN {
        let recipe = corpus::recipe::builtin(name).unwrap();
        let told = corpus::recipe::explain(&recipe);
        assert!(recipe.steps.iter().all(|step| told.contains(step.name())), "{told}");
    }
    let wrong = |text: &str| corpus::Recipe::parse(text, "x").unwrap_err().text.into_owned();
    assert!(wrong("title = \"t\"\n[[step]]\nuse = \"nearr\"").contains("nearr"));
    assert!(wrong("title = \"t\"\n[[step]]\nuse = \"near\"\nsimilarity = 7").contains("similarity"));
    assert!(wrong("title = \"t\"\n[[step]]\nuse = \"near\"\nsimilarty = 0.7").contains("similarty"));
    assert!(wrong("title = \"a\\nb\"").contains("title"));
    let reaching =
        corpus::Recipe::parse("title = \"t\"\n[[step]]\nuse = \"command\"\nrun = [\"cat\"]", "x").unwrap();
    assert_eq!(reaching.check_self_contained().unwrap_err().code, "corpus_recipe_reaches_out");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
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

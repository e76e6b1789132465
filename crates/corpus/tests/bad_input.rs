//! Input that is wrong in every way we know: each gets one clear line, the rest is cleaned, nothing is half-written.

mod support;

use std::fs;
use support::{Room, prose, zip};

#[test]
fn each_bad_file_has_one_line_and_the_rest_is_cleaned() {
    let room = Room::new();
    for n in 0..12 {
        room.put(&format!("good/{n}.txt"), prose(n, 120));
    }
    room.put("binary.txt", [prose(50, 90).as_bytes(), b"\0\x01"].concat());
    room.put("empty.txt", "");
    room.put("photo.png", [0x89, b'P', b'N', b'G']);
    room.put("broken.zip", b"PK\x03\x04 not a zip at all");
    let whole = zip(&[("a.txt", prose(60, 120).as_bytes())]);
    room.put("cut.zip", &whole[..whole.len() - 30]);
    room.put("records.jsonl", format!("{{\"text\": {:?}}}\nnot json\n{{\"body\": 1}}\n", prose(52, 90)));
    let huge = fs::File::create(room.path("in/huge.txt")).unwrap();
    huge.set_len(2 << 30).unwrap();

    let report = room.clean("out", 2).unwrap();
    let skips = room.lines("out/skipped.jsonl");
    for path in [
        "binary.txt",
        "empty.txt",
        "photo.png",
        "broken.zip",
        "cut.zip",
        "records.jsonl, line 2",
        "records.jsonl, line 3",
        "huge.txt",
    ] {
        let found: Vec<_> = skips.iter().filter(|skip| skip["path"] == path).collect();
        assert_eq!(found.len(), 1, "one line for {path} in {skips:?}");
        assert!(found[0]["text"].as_str().unwrap().len() > 10, "{path} says why");
    }
    assert_eq!(
        report.steps[0].drops.iter().map(|drop| drop.documents).sum::<u64>(),
        skips.len() as u64,
        "the waterfall counts them"
    );
    assert_eq!(report.steps[0].documents_out, 13);
    assert_eq!(room.documents("out").len(), 13);
    assert_eq!(room.names(), ["in", "out"]);
}

#[test]
fn what_cannot_work_at_all_is_one_error_and_leaves_nothing() {
    let room = Room::new();
    let fails = |input: &str, out: &str, code: &str, says: &str| {
        let error = room.run(&support::default(), input, out, 1).unwrap_err();
        assert_eq!(error.code, code, "{error}");
        assert!(error.text.contains(says), "{error}");
    };
    fails("in", "out", "corpus_nothing_left", "holds no files");
    fails("absent", "out", "corpus_input_unreadable", "absent");
    fs::write(room.path("text.txt"), "a file").unwrap();
    fails("in", "text.txt/out", "corpus_output_unwritable", "Free some space");
    room.put("short.txt", "too short");
    fails("in", "out", "corpus_nothing_left", "(such as short.txt)");
    (0..3).for_each(|n| room.put(&format!("{n}.txt"), prose(n, 90)));
    room.put("provenance.jsonl", "{\"path\": \"0.txt\"}\n{\"path\": ");
    fails("in", "out", "corpus_provenance_invalid", "provenance.jsonl, line 2");
    fs::remove_file(room.path("in/provenance.jsonl")).unwrap();
    fs::create_dir(room.path("full")).unwrap();
    fs::write(room.path("full/keep.txt"), "mine").unwrap();
    fails("in", "full", "corpus_output_exists", "Choose another output");
    assert_eq!(fs::read_to_string(room.path("full/keep.txt")).unwrap(), "mine");
    assert_eq!(room.names(), ["full", "in", "text.txt"], "no half-written output is left");
    fs::create_dir(room.path("waiting")).unwrap();
    room.clean("waiting", 1).expect("an empty folder may be filled");
}

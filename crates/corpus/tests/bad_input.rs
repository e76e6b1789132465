//! Input that is wrong in every way we know: each gets one clear line, the rest is cleaned, nothing is half-written.

mod support;

use std::{fs, path::Path};
use support::{Room, options, prose, zip};

/// Code of the skip of a path.
fn code(skips: &[serde_json::Value], path: &str) -> String {
    let found: Vec<_> = skips.iter().filter(|skip| skip["path"] == path).collect();
    assert_eq!(found.len(), 1, "one line for {path} in {skips:?}");
    assert!(found[0]["text"].as_str().unwrap().len() > 10, "{path} says why");
    found[0]["code"].as_str().unwrap().to_owned()
}

#[test]
fn each_bad_file_has_one_line_and_the_rest_is_cleaned() {
    let room = Room::new();
    for n in 0..12 {
        room.put(&format!("good/{n}.txt"), prose(n, 120));
    }
    room.put("binary.txt", [prose(50, 90).as_bytes(), b"\0\x01"].concat());
    room.put("latin1.md", b"caf\xe9 au lait");
    room.put("empty.txt", "");
    room.put("photo.png", [0x89, b'P', b'N', b'G']);
    room.put(".hidden.txt", prose(51, 90));
    room.put("broken.zip", b"PK\x03\x04 not a zip at all");
    let whole = zip(&[("a.txt", prose(60, 120).as_bytes())]);
    room.put("cut.zip", &whole[..whole.len() - 30]);
    room.put("records.jsonl", format!("{{\"text\": {:?}}}\nnot json\n{{\"body\": 1}}\n", prose(52, 90)));
    let huge = fs::File::create(room.path("in/huge.txt")).unwrap();
    huge.set_len(2 << 30).unwrap();
    std::os::unix::fs::symlink("/etc/passwd", room.path("in/link.txt")).unwrap();

    let started = std::time::Instant::now();
    let report = room.clean("out", 2).unwrap();
    assert!(started.elapsed().as_secs() < 20, "the 2 GB file is not read");
    let skips = room.lines("out/skipped.jsonl");
    for (path, expected) in [
        ("binary.txt", "binary"),
        ("latin1.md", "not_utf8"),
        ("empty.txt", "empty"),
        ("photo.png", "kind_unknown"),
        (".hidden.txt", "hidden"),
        ("broken.zip", "zip_broken"),
        ("cut.zip", "zip_broken"),
        ("records.jsonl#2", "record_broken"),
        ("records.jsonl#3", "record_without_text"),
        ("huge.txt", "too_large"),
        ("link.txt", "not_a_file"),
    ] {
        assert_eq!(code(&skips, path), expected);
    }
    assert_eq!(skips.len(), 11);
    assert_eq!(
        report.steps[0].drops.iter().map(|drop| drop.documents).sum::<u64>(),
        11,
        "the waterfall counts them"
    );
    assert_eq!((report.steps[0].documents_in, report.steps[0].documents_out), (24, 13));
    assert_eq!(room.documents("out").len(), 13);
    assert_eq!(room.names(), ["in", "out"]);
}

#[test]
fn hostile_zips_are_ignored_safely() {
    let room = Room::new();
    let good = prose(1, 120);
    let zeros = vec![b' '; 40 << 20];
    let inner = zip(&[("deep.txt", prose(2, 120).as_bytes())]);
    let middle = zip(&[("inner.zip", &inner), ("middle.txt", prose(3, 120).as_bytes())]);
    room.put(
        "outer.zip",
        zip(&[
            ("../../evil.txt", good.as_bytes()),
            ("/abs.txt", good.as_bytes()),
            ("ok.txt", good.as_bytes()),
        ]),
    );
    room.put("bomb.zip", zip(&[("zeros.txt", &zeros)]));
    room.put("nested.zip", &middle);
    let report = room.clean("out", 1).unwrap();
    let skips = room.lines("out/skipped.jsonl");
    assert_eq!(code(&skips, "bomb.zip/zeros.txt"), "zip_bomb");
    assert_eq!(code(&skips, "nested.zip/inner.zip"), "zip_too_deep");
    assert_eq!(skips.iter().filter(|skip| skip["code"] == "path_unsafe").count(), 2, "{skips:?}");
    assert!(!room.0.path().parent().unwrap().join("evil.txt").exists() && !Path::new("/abs.txt").exists());
    assert_eq!(report.total().0, 2);

    // The same inside a zip that is the input itself: one level of zips is read, the next is not.
    fs::write(room.path("input.zip"), zip(&[("nested.zip", &middle)])).unwrap();
    let report =
        corpus::clean(&room.path("input.zip"), &room.path("out2"), &options(1), &mut |_| ()).unwrap();
    assert_eq!(report.total().0, 1);
}

#[test]
fn a_total_limit_stops_what_many_entries_unpack_to() {
    let room = Room::new();
    (0..10).for_each(|n| room.put(&format!("{n}.txt"), prose(n, 200)));
    let mut options = options(1);
    options.limits.total_bytes = 3_000;
    let report = corpus::clean(&room.path("in"), &room.path("out"), &options, &mut |_| ()).unwrap();
    assert!(report.total().0 < 4);
    assert!(room.lines("out/skipped.jsonl").iter().all(|skip| skip["code"] == "total_too_large"));
    options.limits.files = 2;
    let report = corpus::clean(&room.path("in"), &room.path("out2"), &options, &mut |_| ()).unwrap();
    assert_eq!(
        report.steps[0].drops.iter().find(|drop| drop.reason == "too_many_files").unwrap().documents,
        1
    );
}

#[test]
fn what_cannot_work_at_all_is_one_error_and_leaves_nothing() {
    let room = Room::new();
    let fails = |input: &str, out: &str, code: &str, says: &str| {
        let error = corpus::clean(&room.path(input), &room.path(out), &options(1), &mut |_| ()).unwrap_err();
        assert_eq!(error.code, code, "{error}");
        assert!(error.text.contains(says), "{error}");
    };
    fails("in", "out", "corpus_nothing_left", "holds no files");
    fails("absent", "out", "corpus_input_unreadable", "absent");
    fs::write(room.path("text.txt"), "not a zip").unwrap();
    fails("text.txt", "out", "corpus_input_unreadable", "neither a folder nor a whole zip");
    fails("in", "text.txt/out", "corpus_output_unwritable", "Free some space");
    room.put("short.txt", "too short");
    fails("in", "out", "corpus_nothing_left", "1 too_short at filter (such as short.txt)");
    (0..3).for_each(|n| room.put(&format!("{n}.txt"), prose(n, 90)));
    room.put("provenance.jsonl", "{\"path\": \"0.txt\"}\n{\"path\": ");
    fails("in", "out", "corpus_provenance_invalid", "provenance.jsonl, line 2");
    fs::remove_file(room.path("in/provenance.jsonl")).unwrap();
    fs::create_dir(room.path("full")).unwrap();
    fs::write(room.path("full/keep.txt"), "mine").unwrap();
    fails("in", "full", "corpus_output_exists", "not an empty folder");
    assert_eq!(fs::read_to_string(room.path("full/keep.txt")).unwrap(), "mine");
    assert_eq!(room.names(), ["full", "in", "text.txt"], "no half-written output is left");
    fs::create_dir(room.path("waiting")).unwrap();
    room.clean("waiting", 1).expect("an empty folder may be filled");
}

#[test]
fn options_are_checked() {
    let parse = |text: &str| serde_json::from_str::<corpus::Options>(text);
    assert!(parse(r#"{"similarty": 0.9}"#).unwrap_err().to_string().contains("similarty"));
    let checked = |text: &str| parse(text).unwrap().check().unwrap_err().text.into_owned();
    assert!(checked(r#"{"similarity": 7}"#).contains("similarity"));
    assert!(checked(r#"{"filter": {"symbols": -1}}"#).contains("filter"));
    assert!(checked(r#"{"limits": {"file_bytes": 0}}"#).contains("file_bytes"));
    assert!(checked(r#"{"title": "a\nb"}"#).contains("title"));
}

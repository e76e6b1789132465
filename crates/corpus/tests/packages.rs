//! The bundle of package documentation: gathered, attributed, and its licence files recognised as one.

mod support;

use std::fs;
use support::{Room, default, prose};

fn lock(names: &[&str]) -> String {
    let own = "version = 4\n\n[[package]]\nname = \"own\"\nversion = \"0.1.0\"\n".to_owned();
    names.iter().fold(own, |lock, name| {
        lock + &format!("\n[[package]]\nname = \"{name}\"\nversion = \"1.2.3\"\nsource = \"registry+x\"\nchecksum = \"0\"\n")
    })
}

#[test]
fn licence_files_that_differ_in_a_name_become_one_document() {
    let room = Room::new();
    let names = ["alpha", "beta", "gamma", "delta", "epsilon"];
    let licence = prose(9, 400);
    for (n, name) in names.iter().enumerate() {
        let put = |file: &str, text: String| {
            let path = room.path(&format!("home/registry/src/index/{name}-1.2.3/{file}"));
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        put(
            "Cargo.toml",
            format!(
                "[package]\nname = \"{name}\"\nversion = \"1.2.3\"\nauthors = [\"{name} people <p@example.org>\"]\nlicense = \"MIT OR Apache-2.0\"\n"
            ),
        );
        put("LICENSE-MIT", format!("Copyright (c) 20{n}0 {name}\n\n{licence}"));
        put("README.md", format!("# {name}\n\n{}", prose(n as u64 + 20, 120)));
        put("src/lib.rs", "pub fn hidden() {}".into());
        put("docs/guide.md", format!("# Guide to {name}\n\n{}", prose(n as u64 + 40, 150)));
    }
    let bundle = room.path("bundle.zip");
    let mut last = 0.0;
    let gathered = corpus::packages::gather(
        &lock(&["alpha", "beta", "gamma", "delta", "epsilon", "absent"]),
        &room.path("home"),
        &bundle,
        &mut |done| last = done,
    )
    .unwrap();
    assert_eq!(
        (gathered.packages, gathered.files, gathered.missing),
        (5, 15, vec!["absent 1.2.3".to_owned()])
    );

    let report = room.run(&default(), "bundle.zip", "out", 2).unwrap();
    assert_eq!(report.total().0, 11, "five READMEs, five guides, one licence");
    assert_eq!((report.clusters.len(), report.clusters[0].dropped), (1, 4));
    assert!(report.clusters[0].kept.path.ends_with("LICENSE-MIT"));
    assert_eq!((report.licences.len(), report.licences[0].name.as_str()), (1, "MIT OR Apache-2.0"));
    let rows = room.lines("out/contributions.jsonl");
    assert_eq!(rows.len(), 5);
    assert_eq!(
        (&rows[0]["contributor"], &rows[0]["source"]),
        (&"alpha people".into(), &"alpha 1.2.3".into())
    );

    let again = room.path("again.zip");
    corpus::packages::gather(&lock(&names), &room.path("home"), &again, &mut |_| ()).unwrap();
    assert_eq!(fs::read(bundle).unwrap(), fs::read(again).unwrap(), "the same sources make the same bundle");
}

#[test]
fn a_wrong_lock_and_an_empty_home_say_what_to_do() {
    let room = Room::new();
    let gather =
        |lock: &str| corpus::packages::gather(lock, &room.path("home"), &room.path("b.zip"), &mut |_| ());
    assert_eq!(gather("package = 3").unwrap_err().code, "corpus_lock_invalid");
    let error = gather(&lock(&["alpha", "../evil"])).unwrap_err();
    assert_eq!(error.code, "corpus_packages_missing");
    assert!(error.text.contains("cargo fetch"));
    assert_eq!(room.names(), ["in"], "no bundle is left");
}

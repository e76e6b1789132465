//! The house's own rules, held by tests: floors, sizes of files, documentation of crates and errors.

use cargo_metadata::{MetadataCommand, Package};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

/// No file of source is longer than this.
const MAX_LINES: usize = 500;
/// Half of the files are at most this long.
const MEDIAN_LINES: usize = 130;

fn floor(name: &str) -> u32 {
    match name {
        "kernel" => 0,
        "cell" | "store" | "engine" | "text" | "dedup" | "intake" | "extract" | "tokenizer" | "schedule"
        | "remote" => 1,
        "commons" | "hub" | "slurm" | "kubernetes" => 2,
        "compute" | "corpus" | "model" | "evaluation" | "finance" | "services" => 3,
        "console" => 4,
        "mosu" => 5,
        other => panic!("{other} stands on no floor: give it one here and in ARCHITECTURE.md"),
    }
}

/// Crates of one floor that one may use the other of: the hub is built on what all platforms share.
const SAME_FLOOR: [(&str, &str); 1] = [("hub", "commons")];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn workspace() -> Vec<Package> {
    let metadata = MetadataCommand::new().manifest_path(root().join("Cargo.toml")).no_deps().exec();
    metadata.expect("cargo metadata answers").packages
}

fn sources() -> Vec<(PathBuf, String)> {
    let mut files = Vec::new();
    let mut folders = vec![root().join("crates"), root().join("testkit")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder of source").flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).expect("source is UTF-8");
                files.push((path, text));
            }
        }
    }
    files
}

#[test]
fn a_crate_depends_only_on_floors_below_its_own() {
    let packages = workspace();
    let ours: BTreeSet<_> = packages.iter().map(|package| package.name.to_string()).collect();
    for package in packages.iter().filter(|package| package.name.as_str() != "testkit") {
        let from = package.name.as_str();
        for dependency in &package.dependencies {
            let to = dependency.name.as_str();
            let is_dev = dependency.kind == cargo_metadata::DependencyKind::Development;
            if !ours.contains(to) || (is_dev && to == "testkit") || SAME_FLOOR.contains(&(from, to)) {
                continue;
            }
            assert!(
                floor(to) < floor(from),
                "{from} (floor {}) depends on {to} (floor {})",
                floor(from),
                floor(to)
            );
        }
    }
}

#[test]
fn heavy_dependencies_stay_in_their_rooms() {
    let allowed = |dependency: &str| match dependency {
        "gemm" | "safetensors" => Some(vec!["engine"]),
        "askama" | "fluent-bundle" => Some(vec!["console"]),
        "object_store" => Some(vec!["store"]),
        "parquet" => Some(vec!["intake", "corpus"]),
        "lopdf" | "quick-xml" | "encoding_rs" => Some(vec!["intake"]),
        "clap" | "indicatif" => Some(vec!["mosu"]),
        _ => None,
    };
    for package in workspace() {
        for dependency in &package.dependencies {
            if let Some(rooms) = allowed(&dependency.name) {
                assert!(rooms.contains(&package.name.as_str()), "{} uses {}", package.name, dependency.name);
            }
        }
    }
}

#[test]
fn files_are_small() {
    let mut sizes: Vec<(usize, PathBuf)> =
        sources().into_iter().map(|(path, text)| (text.lines().count(), path)).collect();
    sizes.sort();
    let long: Vec<_> = sizes.iter().filter(|(lines, _)| *lines > MAX_LINES).collect();
    assert!(long.is_empty(), "longer than {MAX_LINES} lines: {long:#?}");
    let median = sizes[sizes.len() / 2].0;
    assert!(median <= MEDIAN_LINES, "the median file has {median} lines");
}

#[test]
fn every_crate_says_what_it_is_for() {
    for package in workspace() {
        let description = package.description.clone().unwrap_or_default();
        assert!(description.len() > 20, "{} has no description", package.name);
        let folder = package.manifest_path.parent().expect("a manifest lies in a folder");
        let entry = ["src/lib.rs", "src/main.rs"]
            .map(|file| folder.join(file))
            .into_iter()
            .find(|file| file.exists());
        let text = fs::read_to_string(entry.expect("a crate has a root")).expect("it can be read");
        assert!(text.starts_with("//! "), "{} does not open with what it is for", package.name);
        assert!(
            text.contains("//! Map:") || package.name.as_str() == "testkit",
            "{} has no map",
            package.name
        );
    }
}

/// Error codes: the first argument of the constructors of `kernel::Error`, as literals.
fn error_codes() -> BTreeMap<String, PathBuf> {
    let kinds = [
        "not_found",
        "invalid",
        "conflict",
        "unauthenticated",
        "denied",
        "insufficient",
        "limited",
        "unavailable",
    ];
    let mut codes = BTreeMap::new();
    for (path, text) in sources() {
        let shown = path.display().to_string();
        if shown.contains("/tests") || shown.contains("testkit") || shown.ends_with("tests.rs") {
            continue;
        }
        let text = text.split("#[cfg(test)]").next().unwrap_or_default().to_owned();
        for kind in kinds {
            for part in text.split(&format!("Error::{kind}(")).skip(1) {
                if let Some(code) =
                    part.trim_start().strip_prefix('"').and_then(|rest| rest.split('"').next())
                {
                    codes.insert(code.to_owned(), path.clone());
                }
            }
        }
    }
    codes
}

#[test]
fn every_error_code_has_a_page_in_both_languages() {
    let mut missing = Vec::new();
    for (code, path) in error_codes() {
        match fs::read_to_string(root().join(format!("docs/errors/{code}.md"))) {
            Ok(page) => {
                let han = page.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
                assert!(han && page.len() > 100, "docs/errors/{code}.md is not in both languages");
            }
            Err(_) => missing.push(format!("{code} ({})", path.display())),
        }
    }
    assert!(missing.is_empty(), "no page under docs/errors for: {missing:#?}");
}

#[test]
fn every_page_of_an_error_belongs_to_a_code() {
    let codes = error_codes();
    let internal = "internal".to_owned();
    let sources: String = sources().into_iter().map(|(_, text)| text).collect();
    for entry in fs::read_dir(root().join("docs/errors")).expect("the pages").flatten() {
        let name = entry.file_name().to_string_lossy().trim_end_matches(".md").to_owned();
        let known = codes.contains_key(&name) || name == internal || sources.contains(&format!("\"{name}\""));
        assert!(known, "docs/errors/{name}.md: no error has this code");
    }
}

#[test]
fn the_source_names_no_unfinished_work() {
    for (path, text) in sources().into_iter().filter(|(path, _)| !path.ends_with("tidy.rs")) {
        for mark in ["todo!(", "unimplemented!(", "FIXME", "XXX:", "#[ignore]"] {
            assert!(!text.contains(mark), "{} says {mark}", path.display());
        }
    }
}

//! Text that passes the filters, made from a seed, and readers of an output.
#![allow(dead_code)]

use corpus::{Recipe, Report, recipe, run};
use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
};
use tempfile::TempDir;

/// A folder for a test, with `in` and a place for outputs.
pub struct Room(pub TempDir);

impl Room {
    pub fn new() -> Self {
        let room = Self(tempfile::tempdir().unwrap());
        fs::create_dir(room.path("in")).unwrap();
        room
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Writes an input file.
    pub fn put(&self, path: &str, bytes: impl AsRef<[u8]>) {
        let path = self.path("in").join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    /// Runs the default recipe from `in` into `out`.
    pub fn clean(&self, out: &str, workers: usize) -> kernel::Result<Report> {
        self.run(&default(), "in", out, workers)
    }

    /// Runs a recipe.
    pub fn run(&self, recipe: &Recipe, input: &str, out: &str, workers: usize) -> kernel::Result<Report> {
        run::run(recipe, &self.path(input), &self.path(out), workers, &|_| ())
    }

    pub fn lines(&self, file: &str) -> Vec<serde_json::Value> {
        let text = fs::read_to_string(self.path(file)).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// All documents of an output, in no order.
    pub fn documents(&self, out: &str) -> Vec<serde_json::Value> {
        let mut files: Vec<_> = fs::read_dir(self.path(&format!("{out}/data"))).unwrap().flatten().collect();
        files.sort_by_key(|entry| entry.file_name());
        let lines = |entry: fs::DirEntry| self.lines(&format!("{out}/data/{}", entry.file_name().display()));
        files.into_iter().flat_map(lines).collect()
    }

    /// Names beside the input: what a failed run left.
    pub fn names(&self) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(self.0.path())
            .unwrap()
            .map(|e| e.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }
}

/// The default recipe with small shards, so that small inputs have several.
pub fn default() -> Recipe {
    let mut recipe = recipe::builtin("default").unwrap();
    recipe.title = "Test".into();
    recipe.read.shard_bytes = 16 << 10;
    recipe
}

/// A recipe of these steps and this output, with small shards.
pub fn recipe_of(rest: &str) -> Recipe {
    Recipe::parse(&format!("title = \"Test\"\nread = {{ shard_bytes = 4096 }}\n{rest}"), "test").unwrap()
}

/// Numbers that are the same in every run.
pub struct Random(pub u64);

impl Random {
    pub fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        ((self.0 >> 33) as usize) % n
    }
}

/// Prose of `words` words: a few stop words among many made-up ones.
pub fn words(seed: u64, words: usize) -> Vec<String> {
    const PARTS: [&str; 24] = [
        "ba", "co", "di", "fe", "gu", "ha", "jo", "ki", "lu", "ma", "ne", "po", "ra", "si", "tu", "va", "we",
        "xo", "ye", "zu", "the", "lin", "ter", "mon",
    ];
    const STOPS: [&str; 6] = ["the", "of", "and", "to", "with", "that"];
    let mut random = Random(seed.wrapping_mul(0x9e3779b97f4a7c15) ^ 0xabcdef);
    (0..words)
        .map(|_| match random.below(4) {
            0 => STOPS[random.below(STOPS.len())].to_owned(),
            _ => (0..2 + random.below(2)).map(|_| PARTS[random.below(PARTS.len())]).collect(),
        })
        .collect()
}

pub fn prose(seed: u64, count: usize) -> String {
    words(seed, count).chunks(12).map(|line| format!("{}.\n", line.join(" "))).collect()
}

/// A zip of these files.
pub fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in files {
        writer.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// All files below `root` with their bytes, sorted by path.
pub fn tree(root: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let (mut files, mut folders) = (Vec::new(), vec![root.to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                files.push((path.strip_prefix(root).unwrap().to_owned(), fs::read(&path).unwrap()));
            }
        }
    }
    files.sort();
    files
}

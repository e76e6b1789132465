//! The documentation of the packages that a Rust program was built from, as a bundle: a corpus with a clear source,
//! author and licence for every document, on any machine that has built the program.

use crate::bundle;
use intake::PROVENANCE_FILE;
use kernel::{Error, Result};
use serde::Deserialize;
use std::{
    fs::{self, File},
    io::Read,
    path::{Path, PathBuf},
};

/// Largest file that is taken; documentation is smaller.
const MAX_FILE: u64 = 4 << 20;
/// Most files of one package and deepest folder below its root.
const MAX_FILES: usize = 2_000;
const MAX_DEPTH: usize = 8;
/// Beginnings of file names that are documentation with any ending or none.
const STEMS: [&str; 7] = ["readme", "license", "licence", "copying", "notice", "copyright", "authors"];
/// Endings that such files may have.
const ENDINGS: [&str; 3] = ["", "md", "txt"];

/// What was gathered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Gathered {
    /// Packages whose documentation is in the bundle.
    pub packages: usize,
    /// Files in the bundle.
    pub files: usize,
    /// Their bytes, unpacked.
    pub bytes: u64,
    /// Packages of the lock file, as `name version`, whose source is not on this machine.
    pub missing: Vec<String>,
}

#[derive(Deserialize)]
struct Lock {
    #[serde(default)]
    package: Vec<Locked>,
}

#[derive(Deserialize)]
struct Locked {
    name: String,
    version: String,
    source: Option<String>,
}

#[derive(Deserialize)]
struct Manifest {
    package: Package,
}

/// What a manifest says of its package.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Package {
    name: String,
    version: String,
    #[serde(default)]
    authors: Vec<String>,
    license: Option<String>,
    license_file: Option<String>,
    repository: Option<String>,
}

/// Writes the bundle `bundle` from the packages that the text of a `Cargo.lock` names and whose sources lie in
/// `cargo_home` (`registry/src/*/<name>-<version>`). Packages of the workspace itself are not counted.
pub fn gather(
    lock: &str,
    cargo_home: &Path,
    bundle: &Path,
    progress: &mut dyn FnMut(f64),
) -> Result<Gathered> {
    let lock: Lock = toml::from_str(lock).map_err(|error| {
        Error::invalid("corpus_lock_invalid", format!("this is not a Cargo.lock: {}", error.message()))
    })?;
    let roots = registries(cargo_home);
    let mut gathered = Gathered::default();
    let mut writer = bundle::Writer::create(bundle)?;
    let mut provenance = Vec::new();
    let packages: Vec<_> = lock.package.iter().filter(|package| package.source.is_some()).collect();
    for (done, package) in packages.iter().enumerate() {
        let folder = format!("{}-{}", package.name, package.version);
        let root =
            plain(&folder).then(|| roots.iter().map(|root| root.join(&folder)).find(|path| path.is_dir()));
        let manifest = root.flatten().and_then(|root| Some((manifest(&root)?, root)));
        let Some((manifest, root)) = manifest else {
            gathered.missing.push(format!("{} {}", package.name, package.version));
            continue;
        };
        gathered.packages += 1;
        for path in documents(&root) {
            let Some((name, bytes)) = load(&root, &path) else { continue };
            let name = format!("{folder}/{name}");
            gathered.bytes += writer.add(&name, &mut bytes.as_slice())?;
            gathered.files += 1;
            serde_json::to_writer(&mut provenance, &manifest.provenance(&name)).map_err(Error::internal)?;
            provenance.push(b'\n');
        }
        progress((done + 1) as f64 / packages.len() as f64);
    }
    writer.add(PROVENANCE_FILE, &mut provenance.as_slice())?;
    writer.finish()?;
    if gathered.files == 0 {
        let _ = fs::remove_file(bundle);
        let text = format!(
            "no documentation of the {} locked packages lies under {}. Run `cargo fetch` first, or pass a folder of text",
            packages.len(),
            cargo_home.display()
        );
        return Err(Error::invalid("corpus_packages_missing", text));
    }
    Ok(gathered)
}

/// The folders of unpacked sources, one a registry.
fn registries(cargo_home: &Path) -> Vec<PathBuf> {
    let listed = fs::read_dir(cargo_home.join("registry").join("src"));
    let mut roots: Vec<_> = listed.into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    roots.sort();
    roots
}

/// A folder name that stays inside its parent.
fn plain(name: &str) -> bool {
    !name.contains(['/', '\\', '\0']) && !name.starts_with('.')
}

fn manifest(root: &Path) -> Option<Package> {
    let mut text = String::new();
    File::open(root.join("Cargo.toml")).ok()?.take(MAX_FILE).read_to_string(&mut text).ok()?;
    toml::from_str::<Manifest>(&text).ok().map(|manifest| manifest.package)
}

/// Paths of the documentation below `root`, sorted. Links and hidden files are left out.
fn documents(root: &Path) -> Vec<PathBuf> {
    let (mut found, mut folders) = (Vec::new(), vec![(root.to_owned(), 0)]);
    while let Some((folder, depth)) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let Ok(kind) = entry.file_type() else { continue };
            if entry.file_name().as_encoded_bytes().starts_with(b".") {
                continue;
            }
            if kind.is_dir() && depth < MAX_DEPTH {
                folders.push((entry.path(), depth + 1));
            } else if kind.is_file() && entry.file_name().to_str().is_some_and(is_documentation) {
                found.push(entry.path());
            }
        }
    }
    found.sort();
    found.truncate(MAX_FILES);
    found
}

fn is_documentation(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    let versioned = ending.bytes().next().is_some_and(|byte| byte.is_ascii_digit());
    ending == "md"
        || (STEMS.iter().any(|stem| name.starts_with(stem)) && (versioned || ENDINGS.contains(&ending)))
}

/// The path below `root` with `/`, and the bytes; none when it cannot be read or is too large.
fn load(root: &Path, path: &Path) -> Option<(String, Vec<u8>)> {
    let parts: Option<Vec<_>> = path.strip_prefix(root).ok()?.iter().map(|part| part.to_str()).collect();
    let mut bytes = Vec::new();
    File::open(path).ok()?.take(MAX_FILE + 1).read_to_end(&mut bytes).ok()?;
    (bytes.len() as u64 <= MAX_FILE).then_some((parts?.join("/"), bytes))
}

impl Package {
    /// The line of the provenance file for a document of this package.
    fn provenance(&self, path: &str) -> serde_json::Value {
        serde_json::json!({
            "path": path,
            "source": format!("{} {}", self.name, self.version),
            "author": self.author(),
            "licence": self.licence(),
        })
    }

    /// The authors without their addresses, else the owner of the repository, else the package's name.
    fn author(&self) -> String {
        let names: Vec<_> = self
            .authors
            .iter()
            .map(|author| author.split('<').next().unwrap_or_default().trim())
            .filter(|name| !name.is_empty())
            .collect();
        let owner = || {
            let path = self.repository.as_deref()?.split_once("://")?.1;
            path.split('/').nth(1).filter(|owner| !owner.is_empty()).map(str::to_owned)
        };
        if names.is_empty() { owner().unwrap_or_else(|| self.name.clone()) } else { names.join(", ") }
    }

    /// The SPDX expression as given; for a licence file of its own the reference that SPDX keeps for that.
    fn licence(&self) -> String {
        let own =
            || self.license_file.as_ref().map(|_| format!("LicenseRef-{}", self.name.replace('_', "-")));
        self.license.clone().or_else(own).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn authors_fall_back_to_owner_and_name() {
        let mut package = Package { name: "a_b".into(), version: "1.0.0".into(), ..Package::default() };
        assert_eq!((package.author(), package.licence()), ("a_b".into(), String::new()));
        package.repository = Some("https://example.org/owner/a_b".into());
        package.license_file = Some("LICENSE".into());
        assert_eq!((package.author(), package.licence()), ("owner".into(), "LicenseRef-a-b".into()));
        package.authors = vec!["Ann Author <ann@example.org>".into(), "Bo".into()];
        assert_eq!(package.author(), "Ann Author, Bo");
    }

    #[test]
    fn documentation_is_told_by_name() {
        for yes in ["README", "readme.txt", "x.md", "LICENSE-APACHE", "LICENSE-2.0", "COPYING"] {
            assert!(is_documentation(yes), "{yes}");
        }
        for no in ["lib.rs", "license.rs", "notes.txt", "readme.png"] {
            assert!(!is_documentation(no), "{no}");
        }
    }
}

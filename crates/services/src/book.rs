//! All services of a city, read strictly.

use crate::file::Service;
use commons::pack::{Pack, Parsed};
use kernel::{Error, Result};
use serde::Serialize;

/// A service together with the file that says it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Entry {
    /// The service.
    pub service: Service,
    /// The first twelve hex digits of the SHA-256 of its file; cases store it.
    pub version: String,
    /// The file's path within the pack.
    pub path: String,
    /// The file itself.
    #[serde(skip)]
    pub text: String,
}

/// The services of a pack, each under one id.
#[derive(Debug, Clone, Default)]
pub struct Book(Vec<Entry>);

impl Book {
    /// The services of a pack.
    pub fn read(pack: &Pack) -> Result<Self> {
        let mut entries: Vec<Entry> = Vec::new();
        for Parsed { value: service, version, path, text } in pack.parse_all::<Service>("services")? {
            if let Some(other) = entries.iter().find(|entry| entry.service.id == service.id) {
                let text = format!(
                    "{} and {path} both declare the service `{}`: rename one",
                    other.path, service.id
                );
                return Err(Error::invalid("service_twice", text));
            }
            entries.push(Entry { service, version, path, text });
        }
        Ok(Self(entries))
    }

    /// Every service.
    pub fn entries(&self) -> &[Entry] {
        &self.0
    }

    /// The service of this id.
    pub fn get(&self, id: &str) -> Result<&Entry> {
        self.0.iter().find(|entry| entry.service.id == id).ok_or_else(|| {
            Error::not_found("service_missing", "there is no such service; GET /api/v1/services lists them")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    const SHANGHAI: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../packs/shanghai");

    const GOOD: &str = include_str!("../../../packs/shanghai/services/residency.toml");

    fn read(files: &[(&str, &str)]) -> Result<Book> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("services")).unwrap();
        for (name, text) in files {
            std::fs::write(folder.path().join("services").join(name), text).unwrap();
        }
        Book::read(&Pack::read(folder.path()).unwrap())
    }

    #[test]
    fn shanghais_services_read_and_a_twin_does_not() {
        let book = Book::read(&Pack::read(Path::new(SHANGHAI)).unwrap()).unwrap();
        assert!(book.get("residency").is_ok() && book.get("compute-voucher").is_ok());
        assert_eq!(book.get("moon-landing").unwrap_err().code, "service_missing");
        assert_eq!(read(&[("a.toml", GOOD), ("b.toml", GOOD)]).unwrap_err().code, "service_twice");
    }

    #[test]
    fn what_is_not_understood_is_refused_where_it_stands() {
        let error = read(&[("x.toml", &GOOD.replace("working_days = 5", "working_weeks = 1"))]).unwrap_err();
        assert!(error.to_string().contains("working_weeks"), "{error}");
        let line = GOOD.lines().position(|line| line.starts_with("working_days")).unwrap() + 1;
        let error =
            read(&[("x.toml", &GOOD.replace("working_days = 5", "working_days = \"5\""))]).unwrap_err();
        assert!(error.to_string().contains(&format!("services/x.toml, line {line}")), "{error}");
    }
}

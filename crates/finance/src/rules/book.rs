//! All policies of a city, read strictly: a file that can't be understood whole stops the start.

use super::{
    policy::{Policy, PolicyKind, Test},
    value::{Date, End},
};
use commons::pack::{Pack, Parsed};
use kernel::{Error, Result};
use serde::Serialize;

/// A policy together with the file that says it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// The rule.
    pub policy: Policy,
    /// The first twelve hex digits of the SHA-256 of its file; decisions store it.
    pub version: String,
    /// The file's path within the pack.
    pub path: String,
    /// The file itself.
    #[serde(skip)]
    pub text: String,
}

/// The policies of a pack. Two of the same id never hold on the same day.
#[derive(Debug, Clone, Default)]
pub struct Book(Vec<Entry>);

impl Book {
    /// The policies of a pack.
    pub fn read(pack: &Pack) -> Result<Self> {
        let files = pack.parse_all::<Policy>("policies")?;
        let entry = |Parsed { value, version, path, text }| Entry { policy: value, version, path, text };
        let book = Self(files.into_iter().map(entry).collect());
        book.refuse_overlaps()?;
        Ok(book)
    }

    /// Every version of every policy.
    pub fn entries(&self) -> &[Entry] {
        &self.0
    }

    /// The version of policy `id` that holds on `date`.
    pub fn on(&self, id: &str, date: &Date) -> Option<&Entry> {
        self.0.iter().find(|entry| entry.policy.id == id && holds(&entry.policy, date))
    }

    /// The policies of `kind` that are about `service` (or about any) and hold on `date`, by id.
    pub fn about(&self, kind: PolicyKind, service: &str, date: &Date) -> Vec<&Entry> {
        let about = |policy: &Policy| {
            policy.eligibility.iter().all(|condition| match &condition.test {
                Test::Service(any) => any.iter().any(|name| name == service),
                _ => true,
            })
        };
        let mut found: Vec<&Entry> = self
            .0
            .iter()
            .filter(|e| e.policy.kind == kind && holds(&e.policy, date) && about(&e.policy))
            .collect();
        found.sort_by(|a, b| a.policy.id.cmp(&b.policy.id));
        found
    }

    fn refuse_overlaps(&self) -> Result<()> {
        for (index, late) in self.0.iter().enumerate() {
            for early in &self.0[..index] {
                if late.policy.id == early.policy.id && overlap(&late.policy, &early.policy) {
                    return Err(Error::invalid(
                        "policy_overlap",
                        format!(
                            "{} and {} both say what policy `{}` is on the same days ({} to {}, {} to {}): \
                             end the earlier one on the day before the later one starts",
                            early.path,
                            late.path,
                            late.policy.id,
                            early.policy.period.starts,
                            early.policy.period.ends,
                            late.policy.period.starts,
                            late.policy.period.ends,
                        ),
                    ));
                }
            }
        }
        Ok(())
    }
}

fn holds(policy: &Policy, date: &Date) -> bool {
    policy.period.starts <= *date && policy.period.ends.reaches(date)
}

fn overlap(a: &Policy, b: &Policy) -> bool {
    let reaches = |end: &End, start: &Date| end.reaches(start);
    reaches(&a.period.ends, &b.period.starts) && reaches(&b.period.ends, &a.period.starts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    const SHANGHAI: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../packs/shanghai");

    const GOOD: &str = include_str!("../../../../packs/shanghai/policies/model-voucher.toml");

    fn read(files: &[(&str, &str)]) -> Result<Book> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("policies")).unwrap();
        for (name, text) in files {
            std::fs::write(folder.path().join("policies").join(name), text).unwrap();
        }
        Book::read(&Pack::read(folder.path()).unwrap())
    }

    fn refusal(text: &str) -> String {
        let error = read(&[("x.toml", text)]).unwrap_err();
        assert_eq!(error.code, "pack_invalid");
        error.to_string()
    }

    #[test]
    fn shanghais_policies_read_and_say_where_they_are_written() {
        let book = Book::read(&Pack::read(Path::new(SHANGHAI)).unwrap()).unwrap();
        let day = Date::parse("2026-11-21").unwrap();
        for id in ["compute-voucher", "model-voucher", "corpus-voucher", "corpus-revenue-share"] {
            let entry = book.on(id, &day).unwrap();
            assert!(!entry.policy.source.document.zh.is_empty() && entry.version.len() == 12);
        }
        let about = |kind, service| book.about(kind, service, &day).len();
        assert_eq!(about(PolicyKind::Voucher, "model"), 1);
        assert_eq!(about(PolicyKind::RevenueShare, "model"), 1);
        assert_eq!(about(PolicyKind::RevenueShare, "compute"), 0);
    }

    #[test]
    fn a_missing_cap_is_refused_with_line_key_and_remedy() {
        let without: String =
            GOOD.lines().filter(|line| !line.starts_with("pot")).collect::<Vec<_>>().join("\n");
        let said = refusal(&without);
        let line = without.lines().position(|line| line == "[caps]").unwrap() + 1;
        assert!(said.contains(&format!("policies/x.toml, line {line}")), "{said}");
        assert!(said.contains("key `pot` is missing") && said.contains("none published"), "{said}");
        let none: String = GOOD
            .lines()
            .filter(|line| *line != "[caps]" && !line.starts_with("per_") && !line.starts_with("pot"))
            .collect::<Vec<_>>()
            .join("\n");
        assert!(refusal(&none).contains("key `caps` is missing"));
    }

    #[test]
    fn an_unknown_key_and_a_bad_rate_are_refused_where_they_stand() {
        let line = GOOD.lines().position(|line| line.starts_with("rate")).unwrap() + 1;
        let said = refusal(&GOOD.replace("rate = \"50 %\"", "rate = \"150 %\""));
        assert!(said.contains(&format!("line {line}")) && said.contains("write a rate as “30 %”"), "{said}");
        let said = refusal(&GOOD.replace("rate =", "ratio = 1\nrate ="));
        assert!(said.contains(&format!("line {line}")) && said.contains("ratio"), "{said}");
    }

    #[test]
    fn two_versions_may_follow_each_other_and_not_overlap() {
        let ends = GOOD.lines().find(|line| line.starts_with("ends")).unwrap();
        let first = GOOD.replace(ends, "ends = \"2026-12-31\"");
        let later = |start: &str| GOOD.replace("starts = \"2025-07-28\"", &format!("starts = \"{start}\""));
        let book = read(&[("a.toml", &first), ("b.toml", &later("2027-01-01"))]).unwrap();
        assert_eq!(
            book.on("model-voucher", &Date::parse("2026-12-31").unwrap()).unwrap().path,
            "policies/a.toml"
        );
        assert_eq!(
            book.on("model-voucher", &Date::parse("2027-01-01").unwrap()).unwrap().path,
            "policies/b.toml"
        );
        let error = read(&[("a.toml", &first), ("b.toml", &later("2026-12-31"))]).unwrap_err();
        assert_eq!(error.code, "policy_overlap");
    }
}

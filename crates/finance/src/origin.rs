//! Which dataset a model's revenue is shared with: the nearest one behind it that names contributors.

use commons::provenance::{self, Contribution};
use kernel::{Error, Result};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};
use store::Database;

/// The most models that are remembered.
const MAX_KNOWN: usize = 10_000;

/// Finds and remembers the dataset behind a model. A version's lineage doesn't change once it is recorded.
#[derive(Clone)]
pub(crate) struct Origins {
    db: Database,
    known: Arc<Mutex<BTreeMap<String, String>>>,
}

impl Origins {
    pub(crate) fn new(db: Database) -> Self {
        Self { db, known: Arc::default() }
    }

    /// The dataset version behind `model`, if one with contributors' tokens is known.
    pub(crate) async fn dataset_of(&self, model: &str) -> Result<Option<String>> {
        if let Some(known) = self.known.lock().unwrap_or_else(PoisonError::into_inner).get(model) {
            return Ok(Some(known.clone()));
        }
        for ancestor in provenance::ancestors(self.db.pool(), model).await? {
            if ancestor.starts_with("dataset:") && has_tokens(&self.contributions(&ancestor).await?) {
                let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
                if known.len() >= MAX_KNOWN {
                    known.clear();
                }
                known.insert(model.to_owned(), ancestor.clone());
                return Ok(Some(ancestor));
            }
        }
        Ok(None)
    }

    /// Who gave what to a dataset version.
    pub(crate) async fn contributions(&self, reference: &str) -> Result<Vec<Contribution>> {
        provenance::contributions(self.db.pool(), reference).await
    }
}

fn has_tokens(contributions: &[Contribution]) -> bool {
    contributions.iter().any(|contribution| contribution.tokens > 0)
}

/// The dataset's name in the reference of one of its versions: `acme/notes` of `dataset:acme/notes@…`.
pub(crate) fn name_of(reference: &str) -> &str {
    let name = reference.strip_prefix("dataset:").unwrap_or(reference);
    name.split('@').next().unwrap_or(name)
}

/// Fails unless `name` is `organisation/dataset` in the characters that such names have.
pub(crate) fn check_name(name: &str) -> Result<()> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    let good = name.len() <= 200
        && name.split_once('/').is_some_and(|(org, rest)| {
            !org.is_empty() && !rest.is_empty() && org.chars().all(plain) && rest.chars().all(plain)
        });
    if good { Ok(()) } else { Err(Error::not_found("pool_missing", "there is no such dataset with a pool")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_names_its_dataset() {
        assert_eq!(name_of("dataset:acme/notes@0123abcd"), "acme/notes");
        assert!(check_name("acme/notes").is_ok());
        for wrong in ["acme", "/x", "a/", "a/b/c", "a/b@c", "a/%"] {
            assert!(check_name(wrong).is_err(), "{wrong}");
        }
    }
}

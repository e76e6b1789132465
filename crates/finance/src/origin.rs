//! Which dataset a model's revenue is shared with: the nearest one behind it that names contributors. Beside it,
//! the short names of payees, since both are looked up for every charge and never change.

use commons::{
    identity,
    ids::Org,
    provenance::{self, Contribution},
};
use kernel::{Error, Id, Result};
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

/// Remembers an answer; forgets all when there are too many.
fn remember(known: &Mutex<BTreeMap<String, String>>, key: &str, answer: &str) {
    let mut known = known.lock().unwrap_or_else(PoisonError::into_inner);
    if known.len() >= MAX_KNOWN {
        known.clear();
    }
    known.insert(key.to_owned(), answer.to_owned());
}

impl Origins {
    pub(crate) fn new(db: Database) -> Self {
        Self { db, known: Arc::default() }
    }

    /// The dataset version behind `model`, if one with contributors' tokens is known.
    pub(crate) async fn dataset_of(&self, model: &str) -> Result<Option<String>> {
        if let Some(known) = self.recall(model) {
            return Ok(Some(known));
        }
        for ancestor in provenance::ancestors(self.db.pool(), model).await? {
            if ancestor.starts_with("dataset:") && has_tokens(&self.contributions(&ancestor).await?) {
                remember(&self.known, model, &ancestor);
                return Ok(Some(ancestor));
            }
        }
        Ok(None)
    }

    /// The short name of an organisation.
    pub(crate) async fn slug_of(&self, org: Id<Org>) -> Result<String> {
        let key = org.to_string();
        if let Some(known) = self.recall(&key) {
            return Ok(known);
        }
        let slug = identity::find_org(self.db.pool(), org).await?.slug;
        remember(&self.known, &key, &slug);
        Ok(slug)
    }

    fn recall(&self, key: &str) -> Option<String> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).get(key).cloned()
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

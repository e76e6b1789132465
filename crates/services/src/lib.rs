//! Floor 3: one-stop services (综合服务): cases with steps declared in packs.
//!
//! Invariants:
//! - a service is a file of a pack, read strictly; a case goes by the version of the file that it was opened under;
//! - what approval does happens in the transaction of the decision: all of it, or nothing and no decision;
//! - a newcomer's claim code and the organisation's first token are shown once and kept as hashes;
//! - a case is seen by its organisation and the operator; to everyone else it isn't there.
//!
//! Map: [`file`](mod@file) what a service's file says · [`book`] all services of a city · [`rules`] forms, steps,
//! deadlines (pure) · [`types`] nouns · `ops` verbs · `sql` rows · `http` doors.

pub mod book;
pub mod file;
mod http;
mod ops;
pub mod rules;
mod schema;
mod sql;
pub mod types;

pub use book::Book;
pub use types::{CaseEvent, CaseRecord, Claimed, Opened, Ruling};

use book::Entry;
use commons::{Commons, effects::Effects, http::Routes, pack::Pack};
use kernel::{Error, Result};
use std::sync::Arc;

/// The platform of one-stop services. Clones share everything.
#[derive(Clone)]
pub struct Services {
    commons: Commons,
    book: Arc<Book>,
    effects: Effects,
}

impl Services {
    /// Reads the pack's services, refuses effects that nobody offers or whose arguments are wrong, and brings the
    /// tables up to date.
    pub async fn open(commons: &Commons, pack: &Pack, effects: Effects) -> Result<Self> {
        commons.db.migrate("services", schema::STEPS).await?;
        let book = Arc::new(Book::read(pack)?);
        for entry in book.entries() {
            check_effects(entry, &effects)?;
        }
        let (now, entries) = (commons.now(), book.entries().to_vec());
        let store = commons.db.write(move |tx| {
            Box::pin(async move {
                for entry in &entries {
                    sql::store_version(tx, entry, now).await?;
                }
                Ok(())
            })
        });
        store.await?;
        Ok(Self { commons: commons.clone(), book, effects })
    }

    /// Every service of the city.
    pub fn list(&self) -> &[Entry] {
        self.book.entries()
    }

    /// One service.
    pub fn get(&self, id: &str) -> Result<&Entry> {
        self.book.get(id)
    }

    /// The doors of this platform.
    pub fn routes(&self, commons: &Commons) -> Routes {
        http::routes(self, commons)
    }
}

fn check_effects(entry: &Entry, effects: &Effects) -> Result<()> {
    for step in &entry.service.steps {
        for call in &step.on_approval {
            let checked = effects.find(&call.effect).and_then(|effect| effect.check(&call.args));
            checked.map_err(|error| Error {
                text: format!("{}, step `{}`: {}", entry.path, step.name, error.text).into(),
                ..error
            })?;
        }
    }
    Ok(())
}

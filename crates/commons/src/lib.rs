//! Floor 2: what every platform shares: organisations, tokens, ledger, jobs, provenance, audit.
//!
//! Invariants:
//! - a route exists only with its rule ([`http::Routes`]); what has no rule can't be reached;
//! - money moves only in [`ledger`], by double entry, in integers, linked transfers all or none;
//! - transfers and audit entries are hash-chained: a changed byte is found by [`ledger::verify`];
//! - secrets are random, shown once, and kept only as hashes;
//! - platforms meet only here: through jobs, charges, artifacts and effects, never through each other.
//!
//! Map: [`identity`] who · [`http`] doors · [`ledger`] money · [`billing`] charges · [`jobs`] work ·
//! [`provenance`] what came from what · [`uploads`] bytes from outside · [`pack`] cities as data ·
//! [`effects`] what a decided case does · [`audit`] who did what · [`chain`] hash chains · [`metrics`] what is
//! counted for whoever watches the server.

pub mod audit;
pub mod billing;
pub mod chain;
pub mod effects;
pub mod http;
pub mod identity;
pub mod ids;
pub mod jobs;
pub mod ledger;
pub mod metrics;
pub mod pack;
pub mod provenance;
mod schema;
pub mod uploads;

use kernel::{Clock, Result, Timestamp};
use std::{path::PathBuf, sync::Arc};
use store::{Blobs, Database};

/// The handle that every platform holds: storage, clock, and who pays how. Clones share everything.
#[derive(Clone)]
pub struct Commons {
    /// The database.
    pub db: Database,
    /// Content-addressed bytes.
    pub blobs: Blobs,
    /// Where the present comes from.
    pub clock: Arc<dyn Clock>,
    /// The folder that everything local lives in.
    pub data: Arc<PathBuf>,
    /// Decides who bears which part of a charge.
    pub settlement: Arc<dyn billing::Settlement>,
    /// Woken when a job was submitted or should be looked at.
    pub job_bell: Arc<jobs::Bell>,
    /// What is counted.
    pub metrics: Arc<metrics::Metrics>,
}

impl Commons {
    /// Brings the tables up to date and returns a handle whose charges are paid from balances alone.
    pub async fn open(db: Database, blobs: Blobs, clock: Arc<dyn Clock>, data: PathBuf) -> Result<Self> {
        db.migrate("commons", schema::STEPS).await?;
        Ok(Self {
            db,
            blobs,
            clock,
            data: Arc::new(data),
            settlement: Arc::new(billing::PayFromBalance),
            job_bell: Arc::default(),
            metrics: Arc::default(),
        })
    }

    /// The same handle with another way to pay.
    #[must_use]
    pub fn with_settlement(mut self, settlement: Arc<dyn billing::Settlement>) -> Self {
        self.settlement = settlement;
        self
    }

    /// The present instant.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }
}

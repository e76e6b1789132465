//! The verbs of the gateway: register, list, find; calls and their sums.

use crate::{
    rules::prices,
    serve::{Desk, Shelf},
    sql,
    types::{Call, Served, Totals},
};
use commons::{
    Commons,
    identity::Caller,
    metrics::{Counter, Family, Labels},
};
use hub::Hub;
use kernel::{Error, Page, PageRequest, Result, Timestamp};
use std::sync::Arc;
use store::Tx;

/// Most models that are listed.
const LISTED: i64 = 1000;

/// What the gateway may use of the machine.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Calls that are worked on at a time; each takes one core.
    pub workers: usize,
    /// Calls that may wait for a worker; more are asked to come again.
    pub queue: usize,
    /// Bytes of weights that stay loaded.
    pub memory_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        let workers = std::thread::available_parallelism().map_or(1, usize::from);
        Self { workers, queue: 64, memory_bytes: 512 << 20 }
    }
}

/// The gateway. Clones share everything.
#[derive(Clone)]
pub struct Models {
    pub(crate) commons: Commons,
    pub(crate) hub: Hub,
    pub(crate) shelf: Arc<Shelf>,
    pub(crate) desk: Arc<Desk>,
    /// Tokens by model and by whether they were read or written.
    pub(crate) tokens: Family<Labels<2>, Counter>,
}

impl Models {
    /// Brings the gateway's tables up to date. No model is loaded before it is called.
    pub async fn open(commons: &Commons, hub: &Hub, limits: Limits) -> Result<Self> {
        commons.db.migrate("model", sql::MIGRATIONS).await?;
        let tokens = Family::default();
        commons.metrics.register("mosu_model_tokens", "Tokens that were paid for", tokens.clone());
        let cache = commons.data.join("cache").join("models");
        Ok(Self {
            commons: commons.clone(),
            hub: hub.clone(),
            shelf: Arc::new(Shelf::new(cache, limits.memory_bytes)),
            desk: Arc::new(Desk::new(limits.workers, limits.queue)),
            tokens,
        })
    }

    /// The models that are served, by name. A served model is a product: whoever is signed in may see it.
    pub async fn list(&self) -> Result<Vec<Served>> {
        sql::list(self.commons.db.pool(), LISTED).await
    }

    /// The model served under `name`.
    ///
    /// # Errors
    /// `model_not_found` when there is none.
    pub async fn get(&self, name: &str) -> Result<Served> {
        let found = sql::find(self.commons.db.pool(), name).await?;
        found.ok_or_else(|| {
            let name: String = name.chars().take(100).collect();
            let text = format!("The model `{name}` does not exist; GET /v1/models lists those that do.");
            Error::not_found("model_not_found", text)
        })
    }

    /// The calls that the caller's organisation paid for, newest first.
    pub async fn calls(&self, caller: &Caller, page: &PageRequest) -> Result<Page<Call>> {
        sql::calls(self.commons.db.pool(), caller.org, page).await
    }

    /// Sums over all calls since an instant.
    pub async fn totals(&self, since: Timestamp) -> Result<Totals> {
        sql::totals(self.commons.db.pool(), since).await
    }
}

/// Makes a version of a model served under its repository's name, at its prices.
///
/// # Errors
/// `price_invalid` when a price is negative or beyond reason.
pub async fn register(tx: &mut Tx, served: &Served) -> Result<()> {
    prices::check(served.price_input_micros, served.price_output_micros)?;
    sql::register(tx, served).await
}

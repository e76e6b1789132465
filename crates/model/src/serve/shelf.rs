//! Models in memory: loaded when first called, the longest unused put back when they take too much.

use engine::Model;
use hub::{Hub, Reference, Viewer};
use kernel::{Error, Id, Result};
use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};
use tokio::sync::OnceCell;

/// The files that a model is loaded from.
const FILES: [&str; 3] = ["config.json", "tokenizer.json", "model.safetensors"];

/// Largest of them.
const MAX_FILE_BYTES: u64 = 2 << 30;

type Cell = Arc<OnceCell<Arc<Model>>>;

/// Models by the reference of their version, the latest used last.
pub struct Shelf {
    cache: PathBuf,
    memory_bytes: usize,
    slots: Mutex<Vec<(String, Cell)>>,
}

impl Shelf {
    /// An empty shelf that keeps up to `memory_bytes` of weights, and always the model in use.
    pub fn new(cache: PathBuf, memory_bytes: usize) -> Self {
        Self { cache, memory_bytes, slots: Mutex::new(Vec::new()) }
    }

    /// The model of a version; loads it once, however many ask.
    ///
    /// # Errors
    /// Those of the hub and of [`Model::load`], as `Unavailable`: the caller did nothing wrong.
    pub async fn get(&self, hub: &Hub, reference: &str) -> Result<Arc<Model>> {
        let cell = self.slot(reference)?;
        let loaded = cell.get_or_try_init(|| self.load(hub, reference)).await;
        let loaded = loaded.cloned();
        self.put_back(reference)?;
        loaded.map_err(|error| {
            let text = "The model can't be loaded now; the server's log says why.";
            Error::unavailable("model_unavailable", text).with_source(error)
        })
    }

    /// The slot of a version, moved to the end as the latest used.
    fn slot(&self, reference: &str) -> Result<Cell> {
        let mut slots = self.slots.lock().map_err(|_| Error::internal("the shelf's lock is poisoned"))?;
        let known = slots.iter().position(|(name, _)| name == reference);
        let slot = known.map_or_else(|| (reference.to_owned(), Cell::default()), |place| slots.remove(place));
        let cell = Arc::clone(&slot.1);
        slots.push(slot);
        Ok(cell)
    }

    /// Forgets the longest unused models until the rest fits, and slots whose load failed.
    fn put_back(&self, in_use: &str) -> Result<()> {
        let mut slots = self.slots.lock().map_err(|_| Error::internal("the shelf's lock is poisoned"))?;
        let bytes = |cell: &Cell| cell.get().map_or(0, |model| model.bytes());
        let mut total: usize = slots.iter().map(|(_, cell)| bytes(cell)).sum();
        slots.retain(|(name, cell)| {
            let keep = name == in_use || total <= self.memory_bytes;
            if !keep {
                total -= bytes(cell);
            }
            keep
        });
        Ok(())
    }

    async fn load(&self, hub: &Hub, reference: &str) -> Result<Arc<Model>> {
        let oid = reference.parse::<Reference>()?.oid;
        let folder = self.cache.join(oid);
        if !folder.is_dir() {
            self.fetch(hub, reference, &folder).await?;
        }
        let model =
            tokio::task::spawn_blocking(move || Model::load(&folder)).await.map_err(Error::internal)??;
        tracing::info!(reference, bytes = model.bytes(), "model loaded");
        Ok(Arc::new(model))
    }

    /// Brings a version's files into the cache; its folder appears when all are there.
    async fn fetch(&self, hub: &Hub, reference: &str, folder: &Path) -> Result<()> {
        let unfinished = self.cache.join(format!("{}.unfinished", Id::<commons::ids::Request>::generate()));
        let io = |error: std::io::Error| {
            Error::unavailable("model_unavailable", "The cache of models can't be written.")
                .with_source(error)
        };
        tokio::fs::create_dir_all(&unfinished).await.map_err(io)?;
        let wanted =
            |entry: &hub::Entry| FILES.contains(&entry.path.as_str()) && entry.size <= MAX_FILE_BYTES;
        let fetched = hub.export(Viewer::Operator, reference, &unfinished, wanted).await;
        if let Err(error) = fetched {
            let _ = tokio::fs::remove_dir_all(&unfinished).await; // the export's error is the one to tell
            return Err(error);
        }
        tokio::fs::rename(&unfinished, folder).await.map_err(io)
    }
}

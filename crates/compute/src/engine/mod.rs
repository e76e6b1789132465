//! What runs jobs on a cluster: a small port, with the engines behind it.
//!
//! Every engine starts the same thing, `mosu task FOLDER` with the attempt's folder, under a name that it can be
//! found by again. What it must tell apart is whether nobody has the run, it waits, runs, ended, or was lost.
//!
//! [`local`] processes of this machine · [`slurm`] jobs of a Slurm · `kubernetes` jobs of a Kubernetes, where this program
//! was built with that feature · `traces` what runs elsewhere leave in their folders.

#[cfg(feature = "kubernetes")]
pub mod kubernetes;
pub mod local;
pub mod slurm;
mod traces;

pub use crate::facility::world::NodeFacts;

use crate::{
    facility::{Cluster, EngineKind},
    local::Folder,
    rules::Observation,
    types::{Config, Place},
};
use async_trait::async_trait;
use commons::{ids, jobs::Job};
use kernel::{Id, Result};
use std::sync::Arc;

/// A run to start, with its folder staged.
#[derive(Debug, Clone)]
pub struct Launch {
    /// The job; its attempt is the one to start.
    pub job: Job,
    /// The attempt's folder.
    pub folder: Folder,
    /// Where, one entry for each task.
    pub places: Vec<Place>,
    /// Model of its accelerators.
    pub device: Option<String>,
}

/// A run to look at or to stop.
#[derive(Debug, Clone)]
pub struct Target {
    /// The run's name: no two attempts share one.
    pub name: String,
    /// The engine's own name for it, once known.
    pub engine_id: Option<String>,
    /// Its folder.
    pub folder: Folder,
    /// When the server placed it.
    pub placed_at: kernel::Timestamp,
}

/// What the name of every run begins with.
const PREFIX: &str = "mosu-";

/// The name of a job's attempt at engines.
pub fn name(job: &Job) -> String {
    format!("{PREFIX}{}-{}", job.id, job.attempt)
}

/// The job and the attempt of a name that [`name`] gave.
pub fn parse_name(name: &str) -> Option<(Id<ids::Job>, i64)> {
    let (job, attempt) = name.strip_prefix(PREFIX)?.rsplit_once('-')?;
    Some((job.parse().ok()?, attempt.parse().ok()?))
}

/// What starting a run came to.
#[derive(Debug)]
pub enum Started {
    /// It is the engine's now, under this name of the engine's own where it has one.
    Taken(Option<String>),
    /// The engine may have it or not: looking it up will tell.
    Unsure,
}

/// What [`Engine::look`] found.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen {
    /// How it stands.
    pub observation: Observation,
    /// The engine's own name for it, where it has one.
    pub engine_id: Option<String>,
}

/// What runs jobs on one cluster.
#[async_trait]
pub trait Engine: Send + Sync {
    /// The nodes that jobs may be placed on.
    async fn nodes(&self) -> Result<Vec<NodeFacts>>;

    /// Starts a run. An error means that it surely doesn't run and won't.
    async fn start(&self, launch: &Launch) -> Result<Started>;

    /// How runs stand, in their order. An error says nothing about any of them.
    async fn look(&self, runs: &[Target]) -> Result<Vec<Result<Seen>>>;

    /// Asks a run to end; `hard` when it was asked before and is still there.
    async fn stop(&self, run: &Target, hard: bool) -> Result<()>;

    /// Forgets what is kept about a run that ended.
    fn forget(&self, _run: &Target) {}

    /// Names of runs that the engine holds something for, where it has a memory of its own.
    async fn held(&self) -> Result<Vec<String>> {
        Ok(Vec::new())
    }

    /// Ends runs of these names for good.
    async fn end(&self, _names: &[String]) -> Result<()> {
        Ok(())
    }

    /// The least time between two looks, in milliseconds.
    fn poll_millis(&self) -> u64;
}

/// The engine of a cluster.
pub(crate) fn open(cluster: &Cluster, config: &Config, bell: Arc<commons::jobs::Bell>) -> Arc<dyn Engine> {
    match cluster.engine {
        EngineKind::Local => Arc::new(local::Local::new(cluster, config, bell)),
        EngineKind::Slurm => Arc::new(slurm::SlurmEngine::new(cluster, config)),
        #[cfg(feature = "kubernetes")]
        EngineKind::Kubernetes => Arc::new(kubernetes::KubernetesEngine::new(cluster)),
    }
}

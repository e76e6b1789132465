//! Floor 3: compute scheduling (算力调度): queue, quotas, dispatch.
//!
//! Jobs are queued in `commons`; here `schedule` decides which starts where, engines run them, and what they
//! cost is metered.
//!
//! Invariants:
//! - `schedule` decides without I/O: the same events give the same answer, and every job that waits is told why;
//! - a job's code runs at most once for each attempt, whatever happens to the server: the run is claimed by
//!   creating a file, and a server that isn't sure bars the claim before it starts again;
//! - a run is metered from the start to the end that its engine reports, and a job that ended is settled in the
//!   transaction that says so: never twice, never more than was held;
//! - nothing starts where something that gives way is still running;
//! - a job's process gets a cleared environment, its own folder, and a token that can only call models;
//! - a tenant's own command runs in a cell that holds it, or not at all; all that a job started ends with it.
//!
//! Map: [`facility`] clusters and accelerators · [`rules`] pure decisions · [`live`] the loop that starts, watches
//! and ends jobs · [`engine`] what runs them: this machine, Slurm · [`local`] the files between server and job ·
//! [`task`] the job's processes · [`command`] tenants' own commands · [`ops`] verbs · `sql` quotas and runs · [`effect`] quotas granted by cases ·
//! [`http`] doors.

pub mod command;
pub mod effect;
pub mod engine;
pub mod facility;
pub mod http;
mod live;
pub mod local;
pub mod ops;
pub mod rules;
pub mod script;
mod sql;
pub mod task;
pub mod types;

pub use effect::GrantQuota;
pub use facility::Facility;
pub use types::{Commands, Config, JobDetail, Overview, Program, Quota};

use commons::{Commons, ids::Job, jobs::Kinds};
use engine::Engine;
use facility::Cluster;
use kernel::{Id, Result};
use local::Folder;
use std::sync::Arc;

/// The compute platform. Clones share everything.
#[derive(Clone)]
pub struct Compute {
    commons: Commons,
    kinds: Kinds,
    config: Arc<Config>,
    /// Cores of this machine that this process may use.
    present_cores: Arc<[usize]>,
    live: Arc<live::Shared>,
}

impl Compute {
    /// Brings the tables up to date. What waits and runs is read in the first round.
    pub async fn open(commons: &Commons, kinds: Kinds, config: Config) -> Result<Self> {
        let bell = commons.job_bell.clone();
        let opened = |cluster: Cluster| {
            let engine = engine::open(&cluster, &config, bell.clone());
            (cluster, engine)
        };
        let clusters: Vec<_> = config.facility.clusters().into_iter().map(opened).collect();
        Self::with_engines(commons, kinds, config, clusters).await
    }

    /// The same with engines of one's own, one for each of the facility's clusters.
    pub async fn with_engines(
        commons: &Commons,
        kinds: Kinds,
        config: Config,
        clusters: Vec<(Cluster, Arc<dyn Engine>)>,
    ) -> Result<Self> {
        commons.db.migrate("compute", sql::STEPS).await?;
        let present_cores = task::machine::present_cores().into();
        let live = Arc::new(live::Shared::new(commons, &config, clusters)?);
        Ok(Self { commons: commons.clone(), kinds, config: Arc::new(config), present_cores, live })
    }

    /// The folder of a job's attempt.
    pub fn folder(&self, job: Id<Job>, attempt: i64) -> Folder {
        Folder::at(self.commons.data.join("jobs").join(job.to_string()).join(attempt.to_string()))
    }

    /// Whether tenants' own commands run here, and why.
    pub fn commands(&self) -> Commands {
        let standing = self.config.isolation.standing();
        Commands { allowed: standing.commands, en: standing.text.en, zh: standing.text.zh }
    }
}

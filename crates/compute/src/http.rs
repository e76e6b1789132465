//! Doors of compute.

use crate::{
    Compute,
    local::read::Chunk,
    types::{JobDetail, Overview},
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
            .get("/api/v1/compute", read, overview, state())
    }
}

type Answer<T> = Result<Json<T>, Fail>;

async fn submit(
    State(compute): State<Compute>,
    caller: Caller,
    headers: HeaderMap,
    Json(body): Json<Value>,
) -> Result<(StatusCode, Json<Job>), Fail> {
    let mut submission = Submission::deserialize(&body)
        .map_err(|error| Error::invalid("job_invalid", format!("this is no job: {error}")))?;
    if let Some(key) = headers.get("idempotency-key") {
        let key =
            key.to_str().map_err(|_| Error::invalid("job_invalid", "an Idempotency-Key is plain ASCII"))?;
        submission.idempotency = Some(key.to_owned());
    }
    Ok((StatusCode::CREATED, Json(compute.submit(&caller, submission).await?)))
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

async fn cancel(State(compute): State<Compute>, caller: Caller, Path(id): Path<String>) -> Answer<Job> {
    let id = id.parse()?;
    compute.job(&caller, id).await?; // a stranger learns nothing, not even that it is there
    Ok(Json(jobs::request_cancel(&compute.commons, &caller, id).await?))
}

async fn overview(State(compute): State<Compute>, caller: Caller) -> Answer<Overview> {
    Ok(Json(compute.overview(&caller).await?))
}

//! Doors: leaderboards for whoever is signed in, a run's detail for its organisation.

use crate::{Evaluation, board::Run};
use axum::{
    Json,
    extract::{Path, State},
};
use commons::{
    Commons,
    http::{Envelope, Fail, Routes, Rule},
    identity::{Caller, Scope},
};
use serde_json::{Value, json};

impl Evaluation {
    /// Routes of this crate.
    pub fn routes(&self, commons: &Commons) -> Routes {
        Routes::new(commons, Envelope::Problem)
            .get("/api/v1/leaderboards", Rule::SignedIn, list_leaderboards, self.clone())
            .get("/api/v1/leaderboards/{task}", Rule::SignedIn, get_leaderboard, self.clone())
            .get("/api/v1/evaluations/{job}", Rule::Needs(Scope::Read), get_run, self.clone())
    }
}

async fn list_leaderboards(State(evaluation): State<Evaluation>) -> Result<Json<Value>, Fail> {
    Ok(Json(json!({"items": evaluation.leaderboards().await?})))
}

async fn get_leaderboard(
    State(evaluation): State<Evaluation>,
    Path(task): Path<String>,
) -> Result<Json<Value>, Fail> {
    Ok(Json(json!(evaluation.leaderboard(&task).await?)))
}

async fn get_run(
    State(evaluation): State<Evaluation>,
    caller: Caller,
    Path(job): Path<String>,
) -> Result<Json<Run>, Fail> {
    Ok(Json(evaluation.run(&caller, job.parse()?).await?))
}

//! Rows of recorded runs and their scores.

use crate::{
    board::{Run, Score},
    types::{Better, Estimate, TaskOutcome},
};
use commons::ids::Job;
use kernel::{Error, Id, Result};
use sqlx::any::AnyRow;
use store::{AnyPool, RowExt, SqlExt, Tx};

/// Steps in order; a step that has been released is never edited.
pub(crate) const STEPS: &[&str] = &["
CREATE TABLE evaluation_run (
    job TEXT PRIMARY KEY, org TEXT NOT NULL, model TEXT NOT NULL, model_reference TEXT, dataset TEXT NOT NULL,
    setting TEXT NOT NULL, outcome TEXT NOT NULL, recorded_at BIGINT NOT NULL);
CREATE TABLE evaluation_score (
    job TEXT NOT NULL, task TEXT NOT NULL, metric TEXT NOT NULL, better TEXT NOT NULL, items BIGINT NOT NULL,
    score DOUBLE PRECISION NOT NULL, score_low DOUBLE PRECISION NOT NULL, score_high DOUBLE PRECISION NOT NULL,
    baseline DOUBLE PRECISION NOT NULL, baseline_low DOUBLE PRECISION NOT NULL,
    baseline_high DOUBLE PRECISION NOT NULL,
    difference DOUBLE PRECISION NOT NULL, difference_low DOUBLE PRECISION NOT NULL,
    difference_high DOUBLE PRECISION NOT NULL, recorded_at BIGINT NOT NULL, PRIMARY KEY (job, task));
CREATE INDEX evaluation_score_task ON evaluation_score (task, recorded_at);
"];

/// Scores that are read for a leaderboard at the most.
const MAX_SCORES: i64 = 2_000;

/// Records a run; `false` when its job's run is recorded already.
pub(crate) async fn insert_run(tx: &mut Tx, run: &Run) -> Result<bool> {
    let setting = serde_json::to_string(&run.outcome.options).map_err(Error::internal)?;
    let outcome = serde_json::to_string(&run.outcome).map_err(Error::internal)?;
    let done = sqlx::query(
        "INSERT INTO evaluation_run (job, org, model, model_reference, dataset, setting, outcome, recorded_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (job) DO NOTHING",
    )
    .bind(run.job.to_string())
    .bind(run.org.to_string())
    .bind(&run.model)
    .bind(&run.model_reference)
    .bind(&run.dataset)
    .bind(setting)
    .bind(outcome)
    .bind(run.recorded_at.0)
    .execute(tx)
    .await
    .sql()?;
    Ok(done.rows_affected() == 1)
}

pub(crate) async fn insert_score(tx: &mut Tx, run: &Run, task: &TaskOutcome) -> Result<()> {
    let mut insert = sqlx::query(
        "INSERT INTO evaluation_score (job, task, metric, better, items, score, score_low, score_high,
             baseline, baseline_low, baseline_high, difference, difference_low, difference_high, recorded_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
    )
    .bind(run.job.to_string())
    .bind(&task.task)
    .bind(&task.metric)
    .bind(task.better.word())
    .bind(task.items as i64);
    for estimate in [task.model, task.baseline, task.difference] {
        insert = insert.bind(estimate.value).bind(estimate.low).bind(estimate.high);
    }
    insert.bind(run.recorded_at.0).execute(tx).await.sql()?;
    Ok(())
}

/// The latest scores of one task, or of all when it is empty, latest first.
pub(crate) async fn scores(pool: &AnyPool, task: &str) -> Result<Vec<Score>> {
    let rows = sqlx::query(
        "SELECT s.*, r.model, r.model_reference, r.dataset, r.setting
         FROM evaluation_score s JOIN evaluation_run r ON r.job = s.job
         WHERE ($1 = '' OR s.task = $1) ORDER BY s.recorded_at DESC, s.job DESC LIMIT $2",
    )
    .bind(task)
    .bind(MAX_SCORES)
    .fetch_all(pool)
    .await
    .sql()?;
    rows.iter().map(score_of).collect()
}

fn score_of(row: &AnyRow) -> Result<Score> {
    let estimate = |value: &str, low: &str, high: &str| {
        Ok::<_, Error>(Estimate { value: row.real(value)?, low: row.real(low)?, high: row.real(high)? })
    };
    Ok(Score {
        job: row.text("job")?.parse()?,
        task: row.text("task")?,
        metric: row.text("metric")?,
        better: if row.text("better")? == Better::Lower.word() { Better::Lower } else { Better::Higher },
        model: row.text("model")?,
        model_reference: row.text_or_null("model_reference")?,
        dataset: row.text("dataset")?,
        setting: row.text("setting")?,
        items: row.int("items")?,
        score: estimate("score", "score_low", "score_high")?,
        baseline: estimate("baseline", "baseline_low", "baseline_high")?,
        difference: estimate("difference", "difference_low", "difference_high")?,
        recorded_at: row.time("recorded_at")?,
    })
}

/// The run that a job made, if it is recorded.
pub(crate) async fn run(pool: &AnyPool, job: Id<Job>) -> Result<Option<Run>> {
    let query = sqlx::query("SELECT * FROM evaluation_run WHERE job = $1").bind(job.to_string());
    query.fetch_optional(pool).await.sql()?.as_ref().map(run_of).transpose()
}

fn run_of(row: &AnyRow) -> Result<Run> {
    Ok(Run {
        job: row.text("job")?.parse()?,
        org: row.text("org")?.parse()?,
        model: row.text("model")?,
        model_reference: row.text_or_null("model_reference")?,
        dataset: row.text("dataset")?,
        outcome: serde_json::from_str(&row.text("outcome")?).map_err(Error::internal)?,
        recorded_at: row.time("recorded_at")?,
    })
}

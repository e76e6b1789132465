//! `mosu job`.

mod follow;
mod list;
mod run;
mod signal;
mod submit;
mod top;
mod why;
pub(super) mod words;

pub use follow::{report, watch};

use crate::{
    cli::Job,
    client::{Client, UserError},
    output::{Output, cell, table},
};
use anyhow::{Result, anyhow};
use serde_json::{Value, json};
use std::process::ExitCode;

/// Does what the command says.
pub fn run(command: Job, client: &Client, out: Output) -> Result<ExitCode> {
    match command {
        Job::Submit(args) => return submit::run(&args, client, out),
        Job::Run(args) => return run::run(&args, client),
        Job::List { active } => list::run(client, active, out)?,
        Job::Show { id } => show(client, &id, out)?,
        Job::Why { id } => why::run(client, &id, out)?,
        Job::Logs { id, follow } => follow::logs(client, &id, follow)?,
        Job::Cancel { ids } => return cancel(client, &ids, out),
        Job::Top => top::run(client, out)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// The job with where it ran.
fn show(client: &Client, id: &str, out: Output) -> Result<()> {
    let mut job = client.get(&format!("/api/v1/jobs/{id}"))?;
    let runs = client.get(&format!("/api/v1/jobs/{id}/runs"))?;
    job["runs"] = words::items(&runs).into();
    out.print(&job, |job| {
        let text = fields(job);
        let rows = words::items(&job["runs"]).iter().map(run_row).collect::<Vec<_>>();
        if rows.is_empty() {
            return text;
        }
        let heads = ["run", "cluster", "nodes", "started", "ended", "device time", "outcome", "charged"];
        format!("{text}\n{}", table(&heads.map(str::to_owned), rows))
    })
}

fn run_row(run: &Value) -> Vec<String> {
    let device_time = run["device_milliseconds"].as_i64().unwrap_or(0);
    vec![
        cell(run, "/attempt"),
        cell(run, "/cluster"),
        nodes(run),
        cell(run, "/started_at"),
        cell(run, "/ended_at"),
        if device_time > 0 { words::span(device_time as f64 / 1000.0) } else { "–".into() },
        cell(run, "/outcome"),
        if run["charged"] == true { "yes".into() } else { "no".into() },
    ]
}

/// The nodes of a run, each once.
fn nodes(run: &Value) -> String {
    let mut nodes: Vec<_> = words::items(&run["places"]).iter().map(|place| cell(place, "/node")).collect();
    nodes.dedup();
    nodes.join(" ")
}

/// Each part of a job that says something, on a line.
fn fields(job: &Value) -> String {
    let fields =
        job.as_object().into_iter().flatten().filter(|(name, value)| !value.is_null() && *name != "runs");
    fields.map(|(name, value)| format!("{name}: {}\n", cell(value, ""))).collect()
}

/// Ends jobs one after the other; goes on when one can't be ended.
fn cancel(client: &Client, ids: &[String], out: Output) -> Result<ExitCode> {
    let mut done = Vec::new();
    let mut failed = None;
    for id in ids {
        match cancel_one(client, id) {
            Ok(answer) => done.push(answer),
            Err(error) => {
                eprintln!("{id}: {error:#}");
                failed = Some(error);
            }
        }
    }
    if !done.is_empty() {
        out.print(&json!({"items": done}), |all| {
            words::items(all).iter().map(|job| format!("{} is being ended\n", cell(job, "/id"))).collect()
        })?;
    }
    match failed {
        Some(error) if !super::is_users(&error) => Err(error),
        Some(_) => Ok(ExitCode::from(1)),
        None => Ok(ExitCode::SUCCESS),
    }
}

fn cancel_one(client: &Client, id: &str) -> Result<Value> {
    let job = client.get(&format!("/api/v1/jobs/{id}"))?;
    let whole = job.pointer("/member/array").is_some_and(|array| array == id);
    let query = if whole { "?array=true" } else { "" };
    let answer = client.post(&format!("/api/v1/jobs/{id}/cancel{query}"), &Value::Null)?;
    if answer.is_object() && !answer["id"].is_null() {
        return Ok(answer);
    }
    Ok(json!({"id": id, "array": whole}))
}

/// A failure that the user can mend.
fn mend(text: String) -> anyhow::Error {
    anyhow!(UserError(text))
}

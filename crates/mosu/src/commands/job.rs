//! `mosu job`, and waiting for a job's end.

use crate::{
    cli::Job,
    client::{Client, UserError},
    output::{Output, cell},
};
use anyhow::{Context, Result, anyhow};
use serde_json::Value;
use std::{io::Read, time::Duration};

/// How often a waiting command asks.
const INTERVAL: Duration = Duration::from_millis(300);

/// Does what the command says.
pub fn run(command: Job, client: &Client, out: Output) -> Result<()> {
    match command {
        Job::Submit { file, wait } => {
            let text = if file.as_os_str() == "-" {
                let mut text = String::new();
                std::io::stdin().take(1 << 20).read_to_string(&mut text)?;
                text
            } else {
                std::fs::read_to_string(&file).map_err(|error| {
                    anyhow!(UserError(format!("{} can't be read: {error}", file.display())))
                })?
            };
            let spec: Value = serde_json::from_str(&text)
                .map_err(|error| anyhow!(UserError(format!("{} is not JSON: {error}", file.display()))))?;
            let job = client.post("/api/v1/jobs", &spec)?;
            report(client, job, wait, out)
        }
        Job::List => out.table(
            &client.get("/api/v1/jobs")?,
            &[
                ("job", "/id"),
                ("name", "/name"),
                ("kind", "/kind"),
                ("state", "/state"),
                ("submitted", "/submitted_at"),
                ("why", "/reason/text"),
            ],
        ),
        Job::Show { id } => show(&client.get(&format!("/api/v1/jobs/{id}"))?, out),
        Job::Why { id } => {
            let job = client.get(&format!("/api/v1/jobs/{id}"))?;
            out.print(&job, |job| {
                let why = ["/job/reason/text", "/reason/text", "/waiting/text", "/waiting/en"]
                    .iter()
                    .map(|at| cell(job, at));
                why.into_iter().find(|text| !text.is_empty()).unwrap_or_else(|| "it waits for nothing".into())
            })
        }
        Job::Logs { id, follow } => logs(client, &id, follow),
        Job::Cancel { id } => {
            let job = client.post(&format!("/api/v1/jobs/{id}/cancel"), &Value::Null)?;
            out.print(&job, |_| format!("{id} is being ended"))
        }
    }
}

fn show(job: &Value, out: Output) -> Result<()> {
    out.print(job, |job| {
        let fields = job.as_object().into_iter().flatten();
        fields
            .filter(|(_, value)| !value.is_null())
            .map(|(name, value)| format!("{name}: {}\n", cell(value, "")))
            .collect()
    })
}

/// Prints a submitted job; with `wait`, watches it to its end first.
pub fn report(client: &Client, job: Value, wait: bool, out: Output) -> Result<()> {
    let id = cell(&job, "/id");
    if !wait {
        return out.print(&job, |_| id.clone());
    }
    eprintln!("{id} is submitted; “mosu job logs -f {id}” shows its log");
    let ended = watch(client, &id, |progress, text| eprint!("\r{:3.0} % {text:<60}", progress * 100.0))?;
    eprintln!();
    show(&ended, out)
}

/// Watches a job to its end, telling its progress; fails when it doesn't succeed.
pub fn watch(client: &Client, id: &str, mut tell: impl FnMut(f64, &str)) -> Result<Value> {
    let mut offset = 0;
    loop {
        let job = client.get(&format!("/api/v1/jobs/{id}"))?;
        let events = client.get(&format!("/api/v1/jobs/{id}/events?offset={offset}"))?;
        for event in events["items"].as_array().into_iter().flatten() {
            if let (Some(progress), Some(text)) = (event["progress"].as_f64(), event["text"].as_str()) {
                tell(progress, text);
            }
        }
        offset = events["next_offset"].as_u64().unwrap_or(offset);
        match job["state"].as_str().context("a job has a state")? {
            "succeeded" => return Ok(job),
            "failed" | "cancelled" => {
                let why = cell(&job, "/reason/text");
                return Err(anyhow!(UserError(format!("{id} {}: {why}", cell(&job, "/state")))));
            }
            _ => std::thread::sleep(INTERVAL),
        }
    }
}

fn logs(client: &Client, id: &str, follow: bool) -> Result<()> {
    let mut offset = 0;
    loop {
        let ended = matches!(
            client.get(&format!("/api/v1/jobs/{id}"))?["state"].as_str(),
            Some("succeeded" | "failed" | "cancelled")
        );
        loop {
            let part = client.get(&format!("/api/v1/jobs/{id}/log?offset={offset}"))?;
            print!("{}", part["text"].as_str().unwrap_or_default());
            let next = part["next_offset"].as_u64().unwrap_or(offset);
            if next == offset {
                break;
            }
            offset = next;
        }
        if ended || !follow {
            return Ok(());
        }
        std::thread::sleep(INTERVAL);
    }
}

//! Following a job: its progress, its log, its end.

use super::words::is_final;
use crate::{
    client::{Client, UserError},
    output::{Output, cell},
};
use anyhow::{Context, Result, anyhow};
use serde_json::Value;
use std::{
    io::{self, Write},
    time::Duration,
};

/// How often a waiting command asks.
pub const INTERVAL: Duration = Duration::from_millis(300);

/// Prints a submitted job; with `wait`, watches it to its end first.
pub fn report(client: &Client, job: Value, wait: bool, out: Output) -> Result<()> {
    let id = cell(&job, "/id");
    if !wait {
        return out.print(&job, |_| id.clone());
    }
    eprintln!("{id} is submitted; “mosu job logs -f {id}” shows its log");
    let ended = watch(client, &id, |progress, text| eprint!("\r{:3.0} % {text:<60}", progress * 100.0))?;
    eprintln!();
    out.print(&ended, super::fields)
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
            "failed" | "cancelled" => return Err(anyhow!(UserError(ending(&job)))),
            _ => std::thread::sleep(INTERVAL),
        }
    }
}

/// How a job ended, in a line.
pub fn ending(job: &Value) -> String {
    let why = cell(job, "/reason/text");
    let end = if why.is_empty() { String::new() } else { format!(": {why}") };
    format!("{} {}{end}", cell(job, "/id"), cell(job, "/state"))
}

/// `mosu job logs`.
pub fn logs(client: &Client, id: &str, follow: bool) -> Result<()> {
    let mut log = Log::of(id);
    loop {
        // asked before the log is read, so that nothing written before the end is missed
        let ended = is_final(&client.get(&format!("/api/v1/jobs/{id}"))?["state"]);
        if !log.print(client)? || ended || !follow {
            return Ok(());
        }
        std::thread::sleep(INTERVAL);
    }
}

/// A log that is being read.
pub struct Log {
    id: String,
    offset: u64,
}

impl Log {
    /// The log of `id` from its beginning.
    pub fn of(id: &str) -> Self {
        Self { id: id.to_owned(), offset: 0 }
    }

    /// Prints what is new. Says false when nobody reads it any more.
    pub fn print(&mut self, client: &Client) -> Result<bool> {
        loop {
            let part = client.get(&format!("/api/v1/jobs/{}/log?offset={}", self.id, self.offset))?;
            let mut stdout = io::stdout().lock();
            let text = part["text"].as_str().unwrap_or_default();
            match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
                Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return Ok(false),
                other => other?,
            }
            let next = part["next_offset"].as_u64().unwrap_or(self.offset);
            if next == self.offset {
                return Ok(true);
            }
            self.offset = next;
        }
    }
}

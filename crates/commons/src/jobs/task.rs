//! What a job's own process sees: its folder, its limits, and a way to tell how far it is.

use kernel::{Error, Result};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::{
    fs::{File, OpenOptions},
    io::Write,
    path::{Path, PathBuf},
    sync::Mutex,
};

/// `task.json` of a job's folder: what the server tells the process. Holds no secret.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TaskFile {
    /// The job's id.
    pub job: String,
    /// Which kind of work.
    pub kind: String,
    /// What the kind needs to know.
    pub spec: Value,
    /// Cores it may use.
    pub cpus: i64,
    /// Memory it may use, in MiB.
    pub memory_mib: i64,
    /// Seconds it may run.
    pub wall_seconds: i64,
}

/// A line of `events.jsonl`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Event {
    /// How far the task is.
    Progress {
        /// 0 to 1.
        progress: f64,
        /// What it does.
        text: String,
    },
    /// A measured value.
    Metric {
        /// Of what: `loss`.
        metric: String,
        /// At which step.
        step: u64,
        /// How much.
        value: f64,
    },
}

/// A running task.
pub struct Task {
    /// The job's id.
    pub job: String,
    /// What the kind needs to know.
    pub spec: Value,
    /// Threads it should use.
    pub cpus: usize,
    /// Address of the server, when the task may call it.
    pub endpoint: Option<String>,
    /// A token that lasts as long as the job.
    pub token: Option<String>,
    folder: PathBuf,
    events: Mutex<File>,
}

impl Task {
    /// The task in a job's folder, with the server's address and token from the environment variables
    /// `MOSU_ENDPOINT` and `MOSU_TOKEN`.
    pub fn open(folder: &Path, file: &TaskFile) -> Result<Self> {
        let failed = |error: std::io::Error| {
            Error::unavailable(
                "job_folder",
                format!("the job's folder {} can't be written", folder.display()),
            )
            .with_source(error)
        };
        for inner in ["input", "output"] {
            std::fs::create_dir_all(folder.join(inner)).map_err(failed)?;
        }
        let events =
            OpenOptions::new().create(true).append(true).open(folder.join("events.jsonl")).map_err(failed)?;
        Ok(Self {
            job: file.job.clone(),
            spec: file.spec.clone(),
            cpus: usize::try_from(file.cpus).unwrap_or(1).max(1),
            endpoint: std::env::var("MOSU_ENDPOINT").ok(),
            token: std::env::var("MOSU_TOKEN").ok(),
            folder: folder.to_owned(),
            events: Mutex::new(events),
        })
    }

    /// The folder that the server staged what the task reads into.
    pub fn input(&self) -> PathBuf {
        self.folder.join("input")
    }

    /// The folder that the task writes into.
    pub fn output(&self) -> PathBuf {
        self.folder.join("output")
    }

    /// Writes a line to the job's log.
    pub fn log(&self, text: &str) {
        eprintln!("{text}");
    }

    /// Tells how far the task is, from 0 to 1, and what it does.
    pub fn progress(&self, fraction: f64, text: &str) {
        self.event(&Event::Progress { progress: fraction.clamp(0.0, 1.0), text: text.to_owned() });
    }

    /// Tells a measured value.
    pub fn metric(&self, name: &str, step: u64, value: f64) {
        self.event(&Event::Metric { metric: name.to_owned(), step, value });
    }

    fn event(&self, event: &Event) {
        let Ok(mut line) = serde_json::to_string(event) else { return };
        line.push('\n');
        if let Ok(mut file) = self.events.lock() {
            // A full disk must not stop the work that the events only tell of.
            let _ = file.write_all(line.as_bytes());
        }
    }
}

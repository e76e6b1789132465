//! Scripts with `#SBATCH` lines: what they ask for, as a submission, and what of it can't be honoured here.
//!
//! [`read`] is pure. It takes the options of `sbatch` in their long and short forms, from the directives that
//! stand before the first command, then from the command line. What is understood becomes resources and
//! scheduling; what isn't is named with its line; what would change the result if it were left out, such as a
//! dependency, is an error.
//!
//! Map: `lines` where directives stand · `options` the options and how they are written · `values` times,
//! sizes, devices · `moment` points in time · `request` what was asked for · `shape` how that becomes equal
//! tasks · `unlike` what can't be honoured.

mod lines;
mod moment;
mod options;
mod request;
mod shape;
#[cfg(test)]
mod tests;
mod unlike;
mod values;

use commons::jobs::{Scheduling, Submission};
use kernel::{Error, Result, Timestamp};
use request::Request;
use serde_json::json;
use std::fmt;

/// The most characters of a job's name; a longer one is cut.
const MOST_NAME: usize = 100;

/// What to submit, and what to tell its owner.
#[derive(Debug, Clone, PartialEq)]
pub struct Script {
    /// The job, of kind `command.run`.
    pub submission: Submission,
    /// The indexes of an array, such as `0-9%2`, if it is one.
    pub array: Option<String>,
    /// What isn't done as asked, and what was assumed.
    pub remarks: Vec<Remark>,
}

/// Something that its owner should know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// Line of the script, from 1; none for the command line and for defaults.
    pub line: Option<usize>,
    /// What was asked, as written; empty for defaults.
    pub asked: String,
    /// What becomes of it.
    pub text: String,
}

impl fmt::Display for Remark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(line) = self.line {
            write!(f, "line {line}: ")?;
        }
        if !self.asked.is_empty() {
            write!(f, "{}: ", self.asked)?;
        }
        f.write_str(&self.text)
    }
}

/// An option as its user gave it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given {
    /// Line of the script, from 1; none on the command line.
    pub line: Option<usize>,
    /// The option's long name, without dashes.
    pub name: String,
    /// Its value; empty without one.
    pub value: String,
}

impl Given {
    /// An option of the command line.
    pub fn flag(name: &str, value: impl Into<String>) -> Self {
        Self { line: None, name: name.to_owned(), value: value.into() }
    }

    fn asked(&self) -> String {
        let short: String = self.value.chars().take(60).collect();
        if self.value.is_empty() { format!("--{}", self.name) } else { format!("--{}={short}", self.name) }
    }

    fn wrong(&self, text: impl fmt::Display) -> Error {
        let place = self.line.map(|line| format!("line {line}: ")).unwrap_or_default();
        Error::invalid("script_invalid", format!("{place}{}: {text}", self.asked()))
    }
}

/// Reads a script. `name` is what the job is called unless an option says, `arguments` follow the script when it
/// runs, `flags` are options of the command line, which go before those of the script.
///
/// Fails with `script_invalid` when it is no script, or asks for something in a way that nobody could follow.
pub fn read(text: &str, name: &str, arguments: &[String], flags: &[Given], now: Timestamp) -> Result<Script> {
    if !text.starts_with("#!") {
        return Err(unreadable("a script begins with #! and the program that reads it, such as #!/bin/bash"));
    }
    if text.contains("\r\n") {
        return Err(unreadable("the script's lines end as on Windows; mend it with dos2unix"));
    }
    let mut spec = json!({"script": text});
    if !arguments.is_empty() {
        spec["arguments"] = json!(arguments);
    }
    let mut request = Request::new(now);
    let found = lines::directives(text)?;
    request.remarks.extend(found.remarks);
    for given in found.options.iter().chain(flags) {
        request.take(given)?;
    }
    build(request, name, spec)
}

/// What running `command` under `flags` submits.
pub fn command(command: &[String], flags: &[Given], now: Timestamp) -> Result<Script> {
    let mut request = Request::new(now);
    for given in flags {
        request.take(given)?;
    }
    let name = command.first().map(|program| program.rsplit('/').next().unwrap_or(program));
    build(request, name.unwrap_or_default(), json!({"command": command}))
}

fn unreadable(text: &'static str) -> Error {
    Error::invalid("script_invalid", text)
}

fn build(mut request: Request, name: &str, mut spec: serde_json::Value) -> Result<Script> {
    let resources = shape::resources(&mut request)?;
    if let Some(signal) = &request.signal {
        spec["warn_signal"] = json!(signal);
    }
    let name = request.name.clone().unwrap_or_else(|| name.to_owned());
    let name: String = name.chars().take(MOST_NAME).collect();
    let submission = Submission {
        kind: "command.run".into(),
        name: if name.trim().is_empty() { "script".into() } else { name },
        spec,
        inputs: Vec::new(),
        priority: request.priority,
        resources,
        scheduling: Scheduling {
            device_models: std::mem::take(&mut request.models),
            cluster: request.cluster.take(),
            estimate_seconds: None,
            deadline: request.deadline,
            preemptible: request.preemptible,
            flexible_until: None,
            after: std::mem::take(&mut request.after),
        },
        idempotency: None,
    };
    Ok(Script { submission, array: request.array, remarks: request.remarks })
}

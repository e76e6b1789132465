//! The Standard Workload Format of the Parallel Workloads Archive: 18 numbers in a line, `;` before comments.

use super::{Line, Raw};
use kernel::{Error, Result};
use std::collections::HashMap;

pub(super) fn read(text: &str) -> Result<Raw> {
    let mut raw = Raw::default();
    let mut users = HashMap::new();
    for (number, line) in text.lines().enumerate() {
        let line = line.trim();
        if let Some(comment) = line.strip_prefix(';') {
            if let Some(processors) = comment.trim().strip_prefix("MaxProcs:") {
                raw.devices = processors.trim().parse().ok();
            }
            continue;
        }
        if line.is_empty() {
            continue;
        }
        match job(line, number + 1)? {
            Some((mut job, user)) => {
                job.number = number as u64;
                job.tenant = *users.entry(user).or_insert_with(|| {
                    raw.tenants.push(format!("user {user}"));
                    raw.tenants.len() as u32 - 1
                });
                raw.jobs.push(job);
            }
            None => raw.skipped += 1,
        }
    }
    Ok(raw)
}

fn job(line: &str, number: usize) -> Result<Option<(Line, i64)>> {
    let bad = |what: &str| {
        Error::invalid("trace_unreadable", format!("line {number}: {what}; a job in SWF is 18 numbers"))
    };
    let fields: Vec<f64> = line
        .split_whitespace()
        .take(18)
        .map(|field| field.parse::<f64>().map_err(|_| bad("not a number")))
        .collect::<Result<_>>()?;
    if fields.len() < 12 {
        return Err(bad("too few numbers"));
    }
    let processors = if fields[4] > 0.0 { fields[4] } else { fields[7] };
    if fields[3] <= 0.0 || processors <= 0.0 {
        return Ok(None);
    }
    let line = Line {
        submitted: fields[1] as i64,
        run: (fields[3] as i64).max(1),
        devices: processors.min(1e5) as u32,
        milli: 1000,
        estimate: (fields[8] > 0.0).then_some(fields[8] as i64),
        likeness: if fields.get(13).is_some_and(|application| *application > 0.0) {
            (fields[11] as u64) << 32 | fields[13] as u64
        } else {
            0
        },
        ..Line::default()
    };
    Ok(Some((line, fields[11] as i64)))
}

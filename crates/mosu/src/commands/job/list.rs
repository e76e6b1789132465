//! `mosu job list`.

use super::words::{self, clip, items};
use crate::{
    client::Client,
    output::{Output, cell, table},
};
use anyhow::Result;
use kernel::Timestamp;
use serde_json::{Value, json};

/// The most characters of a reason in the list.
const WHY: usize = 60;

/// Lists jobs, newest first.
pub fn run(client: &Client, active: bool, out: Output) -> Result<()> {
    let listed = client.get("/api/v1/jobs?limit=100")?;
    let jobs = items(&listed).into_iter().filter(|job| !active || !words::is_final(&job["state"]));
    let jobs: Vec<_> = jobs.collect();
    let places = if jobs.iter().any(|job| job["state"] == "running") {
        client.get("/api/v1/compute")?["running"].take()
    } else {
        Value::Null
    };
    out.print(&json!({"items": jobs, "next_cursor": listed["next_cursor"]}), |all| {
        text(&items(all), &places, words::now())
    })
}

/// The table: `places` are running jobs with where they are.
fn text(jobs: &[Value], places: &Value, now: Timestamp) -> String {
    if jobs.is_empty() {
        return "nothing here yet".into();
    }
    let row = |job: &Value| {
        let id = cell(job, "/id");
        let place = places.as_array().into_iter().flatten().find(|place| place["job"] == job["id"]);
        vec![
            id,
            title(job, 30),
            cell(job, "/kind"),
            cell(job, "/state"),
            place.map(whereabouts).unwrap_or_default(),
            duration(job, now),
            clip(&cell(job, "/reason/text"), WHY),
        ]
    };
    let heads = ["job", "name", "kind", "state", "where", "for", "why"].map(str::to_owned);
    table(&heads, jobs.iter().map(row).collect())
}

/// A job's name in at most `most` characters, and its index in an array.
pub fn title(job: &Value, most: usize) -> String {
    let index = job.pointer("/member/index").map(|index| format!("[{index}]")).unwrap_or_default();
    clip(&cell(job, "/name"), most) + &index
}

/// Cluster and nodes of a running job.
pub fn whereabouts(place: &Value) -> String {
    let nodes: Vec<String> = place["nodes"].as_array().into_iter().flatten().map(|n| cell(n, "")).collect();
    let more = if nodes.len() > 2 { format!(" +{}", nodes.len() - 2) } else { String::new() };
    let nodes = nodes.iter().take(2).cloned().collect::<Vec<_>>().join(",");
    let cluster = cell(place, "/cluster");
    if nodes.is_empty() { cluster } else { format!("{cluster}:{nodes}{more}") }
}

/// How long it has waited or run, or how long it ran.
fn duration(job: &Value, now: Timestamp) -> String {
    let submitted = words::moment(job, "/submitted_at");
    let (from, to) = match (words::moment(job, "/started_at"), words::moment(job, "/ended_at")) {
        (Some(started), ended) => (Some(started), ended.unwrap_or(now)),
        (None, ended) => (submitted, ended.unwrap_or(now)),
    };
    from.map(|from| words::span(to.seconds_since(from))).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_where_how_long_and_why() {
        let now = "2026-11-22T12:00:00Z".parse().unwrap();
        let jobs = [
            json!({"id": "job_1", "name": "a", "kind": "command.run", "state": "running",
                   "submitted_at": "2026-11-22T11:00:00Z", "started_at": "2026-11-22T11:58:00Z", "member": {"index": 3}}),
            json!({"id": "job_2", "name": "b", "kind": "command.run", "state": "queued",
                   "submitted_at": "2026-11-22T11:00:00Z", "reason": {"text": "waits for 8 devices"}}),
        ];
        let places = json!([{"job": "job_1", "cluster": "local", "nodes": ["n1", "n2", "n3"]}]);
        let text = text(&jobs, &places, now);
        let lines: Vec<&str> = text.lines().collect();
        assert!(
            lines[1].contains("a[3]") && lines[1].contains("local:n1,n2 +1") && lines[1].contains("2 min"),
            "{text}"
        );
        assert!(lines[2].contains("1 h") && lines[2].ends_with("waits for 8 devices"), "{text}");
    }
}

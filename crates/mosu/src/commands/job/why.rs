//! `mosu job why`.

use super::{
    follow::ending,
    list::whereabouts,
    words::{self, items},
};
use crate::{
    client::Client,
    output::{Output, cell},
};
use anyhow::Result;
use kernel::Timestamp;
use serde_json::{Value, json};

/// Says why a job waits, when it will probably start, and how good such estimates were.
pub fn run(client: &Client, id: &str, out: Output) -> Result<()> {
    let job = client.get(&format!("/api/v1/jobs/{id}"))?;
    let compute = client.get("/api/v1/compute")?;
    let place = items(&compute["waiting"]).into_iter().find(|place| place["job"] == id).unwrap_or_default();
    let found = json!({
        "id": job["id"],
        "state": job["state"],
        "reason": job["reason"],
        "waiting": if job["waiting"].is_null() { &place["waiting"] } else { &job["waiting"] },
        "ahead": place["ahead"],
        "place": items(&compute["running"]).into_iter().find(|running| running["job"] == id),
        "forecast": compute["forecast"],
    });
    out.print(&found, |found| text(found, words::now()))
}

fn text(found: &Value, now: Timestamp) -> String {
    match found["state"].as_str() {
        Some("queued") => waiting(found, now),
        Some("succeeded" | "failed" | "cancelled") => ending(found),
        _ => running(found, now),
    }
}

fn waiting(found: &Value, now: Timestamp) -> String {
    let said = ["/waiting/en", "/reason/text"].iter().map(|at| cell(found, at)).find(|text| !text.is_empty());
    let mut lines = vec![said.unwrap_or_else(|| "it is about to be looked at".into())];
    match found["ahead"].as_u64() {
        Some(0) => lines.push("no job is looked at before it".into()),
        Some(1) => lines.push("1 job is looked at before it".into()),
        Some(ahead) => lines.push(format!("{ahead} jobs are looked at before it")),
        None => {}
    }
    match words::moment(found, "/waiting/starts_by") {
        Some(at) => {
            let (time, wait) = (at.shanghai_text(), words::span(at.seconds_since(now)));
            lines.push(format!("it probably starts by {time} in Shanghai, {wait} from now"));
            lines.push(accuracy(&found["forecast"]));
        }
        None => lines.push("when it starts can't be told".into()),
    }
    lines.join("\n")
}

/// How good past estimates were.
fn accuracy(forecast: &Value) -> String {
    let starts = forecast["starts"].as_u64().unwrap_or(0);
    if starts == 0 {
        return "no estimate has been put to the test yet".into();
    }
    let kept = forecast["kept"].as_u64().unwrap_or(0);
    let error = words::span(forecast["mean_error_seconds"].as_f64().unwrap_or(0.0));
    format!("of {starts} such estimates so far {kept} were kept; on average they were {error} off")
}

fn running(found: &Value, now: Timestamp) -> String {
    let place = &found["place"];
    if place.is_null() {
        return format!("it doesn't wait: it is {}", cell(found, "/state"));
    }
    let left = words::moment(place, "/ends_by").map(|at| words::span(at.seconds_since(now)));
    let left = left.map(|left| format!("; its time limit ends it in {left}")).unwrap_or_default();
    format!("it doesn't wait: it runs on {}{left}", whereabouts(place))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_why_until_when_and_how_sure_that_is() {
        let now = "2026-11-22T12:00:00Z".parse().unwrap();
        let queued = json!({
            "id": "job_1", "state": "queued", "ahead": 2,
            "waiting": {"en": "waits for 8 devices; 5 are free", "starts_by": "2026-11-22T12:12:00Z"},
            "forecast": {"starts": 20, "kept": 18, "mean_error_seconds": 190.0},
        });
        let said = text(&queued, now);
        for part in [
            "waits for 8 devices",
            "2 jobs are",
            "20:12:00 in Shanghai, 12 min from now",
            "of 20 such estimates so far 18",
            "3 min 10 s off",
        ] {
            assert!(said.contains(part), "“{part}” isn't said: {said}");
        }
        let runs = json!({"state": "running", "place": {"cluster": "local", "nodes": ["n1"], "ends_by": "2026-11-22T13:00:00Z"}});
        assert_eq!(text(&runs, now), "it doesn't wait: it runs on local:n1; its time limit ends it in 1 h");
        let failed = json!({"id": "job_1", "state": "failed", "reason": {"text": "out of memory"}});
        assert_eq!(text(&failed, now), "job_1 failed: out of memory");
    }
}

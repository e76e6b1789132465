//! `mosu job top`.

use super::{
    list::{title, whereabouts},
    signal::Presses,
    words::{self, items, mebibytes, thousandths},
};
use crate::{
    client::Client,
    output::{Output, cell, table},
};
use anyhow::Result;
use kernel::Timestamp;
use serde_json::Value;
use std::{
    io::{self, IsTerminal, Write},
    time::Duration,
};

/// How often the table is drawn again.
const EVERY: Duration = Duration::from_secs(2);
/// How often Ctrl-C is looked for.
const BEAT: Duration = Duration::from_millis(100);
/// The most jobs in the table.
const MOST_ROWS: usize = 40;
/// Seconds of idling that are worth a word.
const IDLE: i64 = 60;

/// Shows running jobs once, or again and again at a terminal.
pub fn run(client: &Client, out: Output) -> Result<()> {
    if out.json || !io::stdout().is_terminal() {
        return out.print(&look(client)?, |look| text(look, words::now()));
    }
    let presses = Presses::count()?;
    while !presses.any() {
        let text = text(&look(client)?, words::now());
        // to the top, over what is there, and away with what is left below
        print!("\x1b[H\x1b[2J{text}\nCtrl-C ends this view; the jobs go on.\n");
        io::stdout().flush()?;
        for _ in 0..EVERY.as_millis() / BEAT.as_millis() {
            if presses.any() {
                break;
            }
            std::thread::sleep(BEAT);
        }
    }
    Ok(())
}

/// What of the overview is about jobs that run.
fn look(client: &Client) -> Result<Value> {
    let mut overview = client.get("/api/v1/compute")?;
    let wanted = ["capacity", "used", "active", "queued", "running"];
    let fields = wanted.iter().map(|name| ((*name).to_owned(), overview[*name].take()));
    Ok(Value::Object(fields.collect()))
}

fn text(look: &Value, now: Timestamp) -> String {
    // strangers' jobs have no name
    let mut running = items(&look["running"]);
    let all = running.len();
    running.retain(|place| !cell(place, "/name").is_empty());
    let heading = heading(look, all);
    if running.is_empty() {
        return format!("{heading}\nno job of yours runs\n");
    }
    let row = |place: &Value| {
        vec![
            cell(place, "/job"),
            title(place, 24),
            whereabouts(place),
            cores(place),
            memory(place),
            devices(place),
            left(place, now),
            idle(place),
        ]
    };
    let heads =
        ["job", "name", "where", "cores", "memory", "devices", "time left", "idle"].map(str::to_owned);
    let rows = running.iter().take(MOST_ROWS).map(row).collect();
    format!("{heading}\n\n{}", table(&heads, rows))
}

fn heading(look: &Value, running: usize) -> String {
    let of = |at: &str| {
        format!("{} of {}", cell(look, &format!("/used/{at}")), cell(look, &format!("/capacity/{at}")))
    };
    let milli = |at: &str| thousandths(look.pointer(at).and_then(Value::as_i64).unwrap_or(0));
    let (used, all) = (milli("/used/device_milli"), milli("/capacity/device_milli"));
    let waiting = look["queued"].as_u64().unwrap_or(0);
    let devices = if all == "0" { String::new() } else { format!(" and {used} of {all} devices") };
    format!("{} cores{devices} in use · {running} running · {waiting} waiting", of("cpus"))
}

/// Cores that it holds and, once measured, keeps busy.
fn cores(place: &Value) -> String {
    let held = cell(place, "/cpus");
    match place.pointer("/usage/busy_milli").and_then(Value::as_f64) {
        Some(milli) => format!("{:.1} of {held}", milli / 1e3),
        None => held,
    }
}

/// Memory that it may use and, once measured, the most that it did.
fn memory(place: &Value) -> String {
    let number = |at: &str| place.pointer(at).and_then(Value::as_i64);
    let asked = number("/memory_mib").map(mebibytes).unwrap_or_default();
    match number("/usage/peak_memory_bytes") {
        Some(peak) => format!("{} of {asked}", mebibytes(peak >> 20)),
        None => asked,
    }
}

fn devices(place: &Value) -> String {
    match place["device_milli"].as_i64().unwrap_or(0) {
        0 => "–".into(),
        milli => format!("{} {}", thousandths(milli), cell(place, "/device")).trim_end().to_owned(),
    }
}

fn left(place: &Value, now: Timestamp) -> String {
    words::moment(place, "/ends_by").map(|at| words::span(at.seconds_since(now))).unwrap_or_default()
}

fn idle(place: &Value) -> String {
    let seconds = place["idle_seconds"].as_i64().unwrap_or(0);
    if seconds < IDLE { "–".into() } else { words::span(seconds as f64) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn shows_what_each_job_holds_and_how_long() {
        let now = "2026-11-22T12:00:00Z".parse().unwrap();
        let look = json!({
            "capacity": {"cpus": 64, "memory_mib": 1, "device_milli": 8000},
            "used": {"cpus": 16, "memory_mib": 1, "device_milli": 2500}, "queued": 3,
            "running": [{
                "job": "job_1", "name": "train", "cluster": "local", "nodes": ["n1"], "device": "A100",
                "device_milli": 2500, "cpus": 16, "memory_mib": 65_536, "idle_seconds": 700, "member": {"index": 3},
                "started_at": "2026-11-22T11:50:00Z", "ends_by": "2026-11-22T12:30:00Z",
                "usage": {"busy_milli": 8000, "peak_memory_bytes": 1_073_741_824},
            }],
        });
        let text = text(&look, now);
        for part in [
            "train[3]",
            "16 of 64 cores",
            "2.5 of 8 devices",
            "3 waiting",
            "8.0 of 16",
            "1 GiB of 64 GiB",
            "2.5 A100",
            "30 min",
            "11 min 40 s",
        ] {
            assert!(text.contains(part), "“{part}” isn't shown: {text}");
        }
    }
}

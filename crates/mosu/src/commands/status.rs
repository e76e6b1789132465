//! `mosu status`.

use super::job::words::{items, mebibytes, thousandths};
use crate::{
    client::Client,
    output::{Output, cell, table},
};
use anyhow::Result;
use serde_json::Value;

/// The most waiting jobs in the list.
const MOST_WAITING: usize = 20;

/// Says what the platform does now.
pub fn run(client: &Client, out: Output) -> Result<()> {
    let overview = client.get("/api/v1/compute")?;
    out.print(&overview, |overview| text(overview, &client.endpoint))
}

fn text(overview: &Value, endpoint: &str) -> String {
    let number = |at: &str| overview.pointer(at).and_then(Value::as_i64).unwrap_or(0);
    let of = |what: &str, say: fn(i64) -> String| {
        let (used, all) = (number(&format!("/used/{what}")), number(&format!("/capacity/{what}")));
        format!("{} of {} in use", say(used), say(all))
    };
    let mut rows = vec![
        row("jobs", format!("{} running, {} waiting", number("/active"), number("/queued"))),
        row("cores", of("cpus", |count| count.to_string())),
        row("memory", of("memory_mib", mebibytes)),
    ];
    if number("/capacity/device_milli") > 0 {
        let pieces = overview["fragmentation_percent"].as_f64().unwrap_or(0.0);
        let used = of("device_milli", thousandths);
        rows.push(row("accelerators", format!("{used}; {pieces:.1} % free but in pieces")));
    }
    rows.extend(items(&overview["clusters"]).iter().map(cluster));
    let commands = cell(overview, "/commands/en");
    if !commands.is_empty() {
        rows.push(row("own commands", commands));
    }
    for (place, waiting) in items(&overview["waiting"]).iter().take(MOST_WAITING).enumerate() {
        let name = Some(cell(waiting, "/name")).filter(|name| !name.is_empty());
        let name = name.unwrap_or_else(|| "another organisation's".into());
        let text = format!("{name}: {}", cell(waiting, "/waiting/en"));
        rows.push(row(if place == 0 { "waiting" } else { "" }, text));
    }
    table(&["server".to_owned(), endpoint.to_owned()], rows)
}

fn row(name: &str, text: String) -> Vec<String> {
    vec![name.to_owned(), text]
}

fn cluster(cluster: &Value) -> Vec<String> {
    let nodes = items(&cluster["nodes"]);
    let up = nodes.iter().filter(|node| node["up"] == true).count();
    let trouble = match cluster["up"] == true {
        true => String::new(),
        false => format!("; does not answer: {}", cell(cluster, "/note")),
    };
    let text = format!("{}, {up} of {} nodes up{trouble}", cell(cluster, "/engine"), nodes.len());
    row(&format!("cluster {}", cell(cluster, "/name")), text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn says_what_is_in_use_and_what_waits() {
        let text = text(
            &json!({
                "active": 1, "queued": 1, "fragmentation_percent": 12.5,
                "capacity": {"cpus": 64, "memory_mib": 65_536, "device_milli": 8000},
                "used": {"cpus": 4, "memory_mib": 512, "device_milli": 500},
                "clusters": [{"name": "campus", "engine": "slurm", "up": false, "note": "refused", "nodes": [{"up": true}, {}]}],
                "waiting": [{"name": "", "waiting": {"en": "waits for other jobs to end"}}],
            }),
            "http://here",
        );
        for part in [
            "4 of 64 in use",
            "512 MiB of 64 GiB",
            "0.5 of 8 in use; 12.5 %",
            "slurm, 1 of 2 nodes up; does not answer: refused",
            "another organisation's: waits",
        ] {
            assert!(text.contains(part), "“{part}” isn't said: {text}");
        }
    }
}

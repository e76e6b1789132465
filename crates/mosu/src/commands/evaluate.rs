//! `mosu evaluate`.

use super::{client, job};
use crate::{
    cli::{Evaluate, Shared},
    client::Client,
    output::{Output, is_watched, table},
};
use anyhow::Result;
use serde_json::{Value, json};
use std::path::Path;

/// Does what the command says.
pub fn run(args: &Evaluate, shared: &Shared, out: Output) -> Result<()> {
    let folder = Path::new(&args.dataset);
    if folder.is_dir() {
        return here_and_now(args, folder, shared, out);
    }
    let client = client(shared)?;
    let job = submit(&client, &args.model, &args.dataset, args.seed)?;
    job::report(&client, job, args.wait, out)
}

/// Scores without the platform: any OpenAI-compatible server, a dataset folder on this machine.
fn here_and_now(args: &Evaluate, folder: &Path, shared: &Shared, out: Output) -> Result<()> {
    let client = client(shared)?;
    let endpoint = evaluation::Endpoint::new(&client.endpoint, client.token(), &args.model)?;
    let options = evaluation::Options { seed: args.seed, ..evaluation::Options::default() };
    let watched = is_watched();
    let outcome = evaluation::score(&endpoint, folder, &options, &|fraction, text| {
        if watched {
            eprint!("\r{:3.0} % {text:<60}", fraction * 100.0);
        }
    })?;
    if watched {
        eprintln!();
    }
    out.print(&json!(outcome), scores)
}

/// Submits an evaluation job.
pub fn submit(client: &Client, model: &str, dataset: &str, seed: u64) -> Result<Value> {
    let dataset = match dataset.contains(':') {
        true => dataset.to_owned(),
        false => {
            let found = client.get(&format!("/api/v1/datasets/{dataset}"))?;
            found["reference"].as_str().unwrap_or_default().to_owned()
        }
    };
    client.post(
        "/api/v1/jobs",
        &json!({
            "kind": "evaluation.run",
            "name": format!("evaluate {}", model.rsplit('/').next().unwrap_or_default()),
            "spec": {"model": model, "dataset": dataset, "seed": seed},
            "resources": {"cpus": 1, "memory_mib": 1024, "wall_seconds": 1800},
        }),
    )
}

/// Each task's scores with their intervals, the model's beside the baseline's.
pub fn scores(outcome: &Value) -> String {
    let estimate = |task: &Value, at: &str| {
        let part =
            |name: &str| task.pointer(&format!("{at}/{name}")).and_then(Value::as_f64).unwrap_or(f64::NAN);
        format!("{:.3} [{:.3}, {:.3}]", part("value"), part("low"), part("high"))
    };
    let tasks = outcome["tasks"].as_array().cloned().unwrap_or_default();
    let rows = tasks.iter().map(|task| {
        let name = task["task"].as_str().unwrap_or_default().to_owned();
        vec![name, estimate(task, "/model"), estimate(task, "/baseline"), estimate(task, "/difference")]
    });
    let headings = ["task", "model [95 %]", "n-gram baseline", "difference"].map(str::to_owned);
    table(&headings, rows.collect())
}

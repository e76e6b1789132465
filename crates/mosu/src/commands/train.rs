//! `mosu train`.

use super::job;
use crate::{cli::Train, client::Client, output::Output};
use anyhow::Result;
use kernel::money::parse_micros;
use serde_json::{Value, json};

/// Seconds beside the training itself: staging, the tokenizer, writing.
const MARGIN_SECONDS: u64 = 300;

/// Does what the command says.
pub fn run(args: &Train, client: &Client, out: Output) -> Result<()> {
    let job = submit(client, args)?;
    job::report(client, job, args.wait, out)
}

/// Submits a training job.
pub fn submit(client: &Client, args: &Train) -> Result<Value> {
    let name = args.repo.rsplit('/').next().unwrap_or_default();
    client.post(
        "/api/v1/jobs",
        &json!({
            "kind": "model.train",
            "name": format!("train {name}"),
            "spec": {
                "dataset": args.dataset,
                "repo": args.repo,
                "seconds": args.seconds,
                "seed": args.seed,
                "price_input_micros": parse_micros(&args.price_input)?,
                "price_output_micros": parse_micros(&args.price_output)?,
            },
            "resources": {"cpus": 2, "memory_mib": 4096, "wall_seconds": args.seconds + MARGIN_SECONDS},
        }),
    )
}

//! `mosu corpus`.

use super::{client, job};
use crate::{
    cli::{Corpus, Shared},
    client::{Client, UserError},
    output::{Output, cell, is_watched, table},
};
use anyhow::{Result, anyhow};
use serde_json::{Value, json};
use std::path::Path;

/// What building a corpus asks of a machine.
const RESOURCES: (i64, i64, i64) = (2, 2048, 3600);

/// Does what the command says.
pub fn run(command: Corpus, shared: &Shared, out: Output) -> Result<()> {
    match command {
        Corpus::Clean { input, output, threads, title } => clean(&input, &output, threads, title, out),
        Corpus::Build { input, repo, title, wait } => {
            let client = client(shared)?;
            let bundle = tempfile::Builder::new().suffix(".zip").tempfile()?;
            corpus::bundle::from_folder(&input, bundle.path(), &corpus::options::Limits::default())?;
            let job = submit(&client, bundle.path(), &repo, &title, &json!({}))?;
            job::report(&client, job, wait, out)
        }
        Corpus::List => out.table(
            &client(shared)?.get("/api/v1/datasets")?,
            &[
                ("dataset", "/name"),
                ("title", "/facts/title"),
                ("documents", "/facts/documents"),
                ("version", "/reference"),
            ],
        ),
        Corpus::Show { repo } => {
            let found = client(shared)?.get(&format!("/api/v1/datasets/{repo}"))?;
            out.print(&found, |found| waterfall(&found["report"]))
        }
    }
}

fn clean(input: &Path, output: &Path, threads: Option<usize>, title: String, out: Output) -> Result<()> {
    let options = corpus::Options { title, threads: threads.unwrap_or(0), ..corpus::Options::default() };
    let watched = is_watched();
    let report = corpus::clean(input, output, &options, &mut |progress| {
        if watched {
            eprint!("\r{:3.0} % {:<12}", progress.fraction * 100.0, progress.step);
        }
    })?;
    if watched {
        eprintln!();
    }
    out.print(&json!(report), waterfall)
}

/// Uploads a bundle and submits the job that makes a dataset of it.
pub fn submit(client: &Client, bundle: &Path, repo: &str, title: &str, options: &Value) -> Result<Value> {
    let upload = client.put_file("/api/v1/uploads", bundle)?;
    let name = repo.split_once('/').map(|(_, name)| name).ok_or_else(|| {
        anyhow!(UserError(format!("“{repo}” is no repository; one looks like organisation/name")))
    })?;
    let (cpus, memory_mib, wall_seconds) = RESOURCES;
    client.post(
        "/api/v1/jobs",
        &json!({
            "kind": "corpus.build",
            "name": format!("corpus {name}"),
            "spec": {"upload": upload["reference"], "repo": repo, "title": title, "options": options},
            "resources": {"cpus": cpus, "memory_mib": memory_mib, "wall_seconds": wall_seconds},
        }),
    )
}

/// What each step of a report kept and dropped.
pub fn waterfall(report: &Value) -> String {
    let steps = report["steps"].as_array().cloned().unwrap_or_default();
    let rows = steps.iter().map(|step| {
        let dropped = step["drops"].as_array().into_iter().flatten();
        let reasons: Vec<_> =
            dropped.map(|drop| format!("{} {}", cell(drop, "/reason"), cell(drop, "/documents"))).collect();
        vec![
            cell(step, "/name"),
            cell(step, "/documents_in"),
            cell(step, "/documents_out"),
            reasons.join(", "),
        ]
    });
    table(&["step".into(), "documents in".into(), "out".into(), "dropped".into()], rows.collect())
}

//! `mosu corpus`.

use super::{client, job};
use crate::{
    cli::{Corpus, CorpusRun, Shared},
    client::{Client, UserError},
    output::{Output, cell, is_watched, table},
};
use anyhow::{Context, Result, anyhow};
use corpus::{
    Recipe,
    recipe::{self, BUILTIN},
    run,
};
use serde_json::{Value, json};
use std::{fs, path::Path, time::Instant};

/// What building a corpus asks of a machine.
const RESOURCES: (i64, i64, i64) = (2, 2048, 3600);

/// Does what the command says.
pub fn run(command: Corpus, shared: &Shared, out: Output) -> Result<()> {
    match command {
        Corpus::Run { run, dry_run: Some(count), .. } => sample(&run, count, out),
        Corpus::Run { run: CorpusRun { recipe, input, output }, workers, kept_ids, .. } => {
            let recipe = Recipe::open(&recipe)?;
            whole(&recipe, &input, &output, workers, kept_ids.as_deref(), out)
        }
        Corpus::Explain { recipe } => {
            let recipe = Recipe::open(&recipe)?;
            out.print(&json!(recipe), |_| recipe::explain(&recipe))
        }
        Corpus::Recipe { name: None } => {
            let named = |name: &&str| {
                recipe::builtin(name).map(|recipe| json!({"name": name, "title": recipe.title}))
            };
            let items = BUILTIN.iter().map(named).collect::<kernel::Result<Vec<_>>>()?;
            out.table(&json!({ "items": items }), &[("recipe", "/name"), ("title", "/title")])
        }
        Corpus::Recipe { name: Some(name) } => {
            let text = recipe::text(name.trim_start_matches("builtin:"))?;
            out.print(&json!({"name": name, "text": text}), |_| text.to_owned())
        }
        Corpus::Task { run: CorpusRun { recipe, input, output }, stage, index, of, workers } => {
            let task = run::Task { stage: stage.parse()?, index, count: of };
            let report = run::task(&Recipe::open(&recipe)?, &input, &output, task, workers, &watch())?;
            end_of_bar();
            report.map_or(Ok(()), |report| out.print(&json!(report), waterfall))
        }
        Corpus::Slurm { run: CorpusRun { recipe, input, output }, tasks } => {
            let program = std::env::current_exe().context("finding this program")?;
            let script = run::slurm(&Recipe::open(&recipe)?, &recipe, &input, &output, &program, tasks)?;
            out.print(&json!({ "script": script }), |_| script.clone())
        }
        Corpus::Clean { input, output, workers, title } => {
            let mut recipe = recipe::builtin("default")?;
            recipe.title = title;
            recipe.check("builtin:default")?;
            whole(&recipe, &input, &output, workers, None, out)
        }
        Corpus::TrainTokenizer { input, output, vocabulary } => {
            let (documents, bytes) = corpus::tokens::train(&input, &output, vocabulary)?;
            out.print(&json!({"documents": documents, "bytes": bytes}), |_| {
                format!("{documents} documents, {bytes} bytes: {}", output.display())
            })
        }
        Corpus::Pack { tokenizer, input, prefix, end } => {
            let written = corpus::tokens::pack(&input, &tokenizer, &prefix, end.as_deref())?;
            out.print(&json!(written), |_| {
                format!(
                    "{} documents, {} tokens: {}.bin and .idx",
                    written.documents,
                    written.tokens,
                    prefix.display()
                )
            })
        }
        Corpus::Build { input, repo, title, recipe, wait } => {
            let client = client(shared)?;
            let bundle = tempfile::Builder::new().suffix(".zip").tempfile()?;
            corpus::bundle::from_folder(&input, bundle.path())?;
            let recipe = if recipe.starts_with("builtin:") {
                recipe
            } else {
                fs::read_to_string(&recipe).with_context(|| format!("reading {recipe}"))?
            };
            let job = submit(&client, bundle.path(), &repo, &title, &recipe)?;
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

fn whole(
    recipe: &Recipe,
    input: &Path,
    output: &Path,
    workers: usize,
    kept_ids: Option<&Path>,
    out: Output,
) -> Result<()> {
    let report = run::run(recipe, input, output, workers, &watch())?;
    end_of_bar();
    if let Some(path) = kept_ids {
        let partial = path.with_extension("partial");
        fs::copy(output.join("kept-ids.txt"), &partial)
            .and_then(|_| fs::rename(&partial, path))
            .with_context(|| format!("writing {}", path.display()))?;
    }
    out.print(&json!(report), waterfall)
}

/// Shows how far a run is, how fast, and how long it will take, when somebody looks.
fn watch() -> impl Fn(run::Progress) + Sync {
    let (watched, began) = (is_watched(), Instant::now());
    move |progress| {
        if watched {
            let spent = began.elapsed().as_secs_f64();
            let left = spent * (1.0 - progress.fraction) / progress.fraction.max(0.001);
            eprint!(
                "\r{:3.0} % {:<8} {spent:.0} s, about {left:.0} s left   ",
                progress.fraction * 100.0,
                progress.step
            );
        }
    }
}

fn end_of_bar() {
    if is_watched() {
        eprintln!();
    }
}

/// Prints what the first documents would become.
fn sample(run: &CorpusRun, count: usize, out: Output) -> Result<()> {
    let samples = run::sample(&Recipe::open(&run.recipe)?, &run.input, count)?;
    let kept = samples.iter().filter(|sample| sample.after.is_some()).count();
    out.print(&json!({"documents": samples.len(), "kept": kept, "samples": samples}), |_| {
        let rows = samples.iter().map(|sample| {
            let short = |text: &str| text.chars().take(48).collect::<String>();
            let fate = match (&sample.step, &sample.reason) {
                (Some(step), Some(reason)) => format!("dropped: {step}, {reason}"),
                _ => short(sample.after.as_deref().unwrap_or_default()),
            };
            vec![short(&sample.id), short(&sample.before), fate]
        });
        let shown = table(&["id".into(), "before".into(), "after".into()], rows.collect());
        format!("{shown}\n{kept} of {} documents would stay; duplicates were not looked for", samples.len())
    })
}

/// Uploads a bundle and submits the job that makes a dataset of it.
pub fn submit(client: &Client, bundle: &Path, repo: &str, title: &str, recipe: &str) -> Result<Value> {
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
            "spec": {"upload": upload["reference"], "repo": repo, "title": title, "recipe": recipe},
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

//! The job kind `corpus.build`: an uploaded bundle becomes a data set of the hub.

use crate::{Corpus, Recipe, Report, run};
use async_trait::async_trait;
use commons::{
    Commons,
    identity::{Caller, Scope},
    ids::Org,
    jobs::{Job, JobKind, Published, Submission, Task},
    provenance::{self, Artifact, Contribution},
    uploads,
};
use hub::{
    CommitRequest, Content, RepoKind, Visibility,
    rules::names::{check_full_name, is_under},
};
use kernel::{Error, Id, Result};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};
use std::path::Path;

/// Name of the kind.
pub const KIND: &str = "corpus.build";

/// Where the bundle lies in the input of the task.
const BUNDLE: &str = "bundle.zip";
/// The files of a data set besides its data files.
const FILES: [&str; 5] =
    ["README.md", "report.json", "contributions.jsonl", "skipped.jsonl", "croissant.json"];
/// Most bytes that a tenant's bundle may unpack to, whatever its recipe says.
const UNPACKED_BYTES: u64 = 64 << 30;
/// Most data files of a version.
const DATA_FILES: usize = 10_000;
/// Largest report and list of contributions that are taken, in bytes.
const RECORD_BYTES: u64 = 64 << 20;
/// Most contributions that are recorded one by one; smaller ones are summed up.
const CONTRIBUTIONS: usize = 20_000;

/// What a submission says.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Spec {
    /// The bundle: `upload:<sha256>`.
    upload: String,
    /// The repository to commit to: `org/name`, of the own organisation.
    repo: String,
    /// Title of the data set.
    title: String,
    /// `public` or `private`; counts when the repository is made.
    #[serde(default = "private")]
    visibility: String,
    /// `builtin:NAME`, or the text of a recipe (TOML). Its title is taken from the submission.
    #[serde(default = "builtin")]
    recipe: String,
}

fn builtin() -> String {
    "builtin:default".into()
}

fn private() -> String {
    "private".into()
}

impl Spec {
    fn of(spec: &Value) -> Result<Self> {
        let invalid = |why: String| {
            let shape =
                "a spec is {\"upload\": \"upload:<sha256>\", \"repo\": \"org/name\", \"title\": \"..\"}";
            Error::invalid("corpus_spec_invalid", format!("{why}; {shape}"))
        };
        let spec = Self::deserialize(spec).map_err(|cause| invalid(cause.to_string()))?;
        spec.recipe()?;
        spec.visibility.parse::<Visibility>()?;
        if !spec.upload.starts_with("upload:") {
            return Err(invalid("`upload` is a reference that PUT /api/v1/uploads answered with".into()));
        }
        check_full_name(&spec.repo)?;
        Ok(spec)
    }

    /// The recipe under the submission's title. What it says is the tenant's word, what it runs is the platform's code.
    fn recipe(&self) -> Result<Recipe> {
        let mut recipe = match self.recipe.strip_prefix("builtin:") {
            Some(name) => crate::recipe::builtin(name)?,
            None => Recipe::parse(&self.recipe, "of the submission")?,
        };
        recipe.title = self.title.clone();
        recipe.output.form = crate::recipe::Form::Dataset;
        let limits = &mut recipe.read.limits;
        limits.unpacked_bytes = limits.unpacked_bytes.min(UNPACKED_BYTES);
        recipe.check("of the submission")?;
        recipe.check_self_contained()?;
        Ok(recipe)
    }

    /// The repository's name after the slash.
    fn name(&self) -> &str {
        self.repo.rsplit('/').next().unwrap_or_default()
    }
}

#[async_trait]
impl JobKind for Corpus {
    fn name(&self) -> &'static str {
        KIND
    }

    fn check(&self, submission: &Submission) -> Result<()> {
        Spec::of(&submission.spec).map(drop)
    }

    async fn inputs(
        &self,
        commons: &Commons,
        caller: &Caller,
        submission: &Submission,
    ) -> Result<Vec<String>> {
        caller.require(Scope::Write)?;
        let spec = Spec::of(&submission.spec)?;
        if !is_under(&spec.repo, &caller.org_slug) {
            let text = format!(
                "{} is not a repository of {}; write to {}/..",
                spec.repo, caller.org_slug, caller.org_slug
            );
            return Err(Error::denied("corpus_repo_foreign", text));
        }
        let upload = uploads::require(commons.db.pool(), caller.org, &spec.upload).await?;
        Ok(vec![upload.reference()])
    }

    async fn stage(&self, commons: &Commons, job: &Job, input: &Path) -> Result<()> {
        let spec = Spec::of(&job.spec)?;
        let upload = uploads::require(commons.db.pool(), job.org, &spec.upload).await?;
        commons.blobs.export(&upload.sha256, &input.join(BUNDLE)).await
    }

    async fn publish(
        &self,
        commons: &Commons,
        job: &Job,
        output: &Path,
        result: &Value,
    ) -> Result<Published> {
        let spec = Spec::of(&job.spec)?;
        let report: Report =
            read_json(&output.join("report.json"), |bytes| serde_json::from_slice(bytes)).await?;
        let contributions = read_json(&output.join("contributions.jsonl"), json_lines).await?;
        let (documents, bytes, tokens) = report.total();
        let commit = self.hub.commit(request(&spec, job, output, &report)?).await?;
        let meta = json!({
            "title": spec.title, "documents": documents, "bytes": bytes, "tokens": tokens,
            "licences": report.licences.iter().take(20).collect::<Vec<_>>(), "sources": report.sources_total,
        });
        let at = commit.created_at;
        let artifact = |reference: &str, kind: &str, title: &str, made_by, meta| Artifact {
            reference: reference.to_owned(),
            org: job.org,
            kind: kind.to_owned(),
            title: title.to_owned(),
            job: made_by,
            meta,
            created_at: at,
        };
        let dataset = artifact(&commit.reference, "dataset", &spec.title, Some(job.id), meta);
        let upload = artifact(&spec.upload, "upload", "Text bundle", None, Value::Null);
        commons
            .db
            .write(move |tx| {
                Box::pin(async move {
                    provenance::record(tx, &upload).await?;
                    provenance::record(tx, &dataset).await?;
                    provenance::contribute(tx, &dataset.reference, &contributions).await
                })
            })
            .await?;
        Ok(Published { outputs: vec![commit.reference], result: result.clone() })
    }
}

fn request(spec: &Spec, job: &Job, output: &Path, report: &Report) -> Result<CommitRequest> {
    let (documents, _, tokens) = report.total();
    let org: Id<Org> = job.org;
    let paths = files_of(report)?;
    Ok(CommitRequest {
        kind: RepoKind::Dataset,
        org,
        name: spec.name().to_owned(),
        visibility: spec.visibility.parse()?,
        message: format!(
            "Build from {} documents\n\n{documents} documents, {tokens} words. Job {}.",
            documents_read(report),
            job.id
        ),
        author: job.id.to_string(),
        files: paths.into_iter().map(|path| (path.clone(), Content::File(output.join(path)))).collect(),
        replace_all: true,
        idempotency: job.id.to_string(),
    })
}

/// All files of a data set.
fn files_of(report: &Report) -> Result<Vec<String>> {
    let data: Vec<String> = report.splits.iter().flat_map(|split| split.files.iter().cloned()).collect();
    let plain = |path: &String| path.starts_with("data/") && !path.contains("..");
    if data.len() > DATA_FILES || !data.iter().all(plain) {
        let text =
            format!("a version has at most {DATA_FILES} files under data/; this one has {}", data.len());
        return Err(Error::limited("corpus_input_too_large", text));
    }
    Ok(FILES.map(str::to_owned).into_iter().chain(data).collect())
}

fn documents_read(report: &Report) -> u64 {
    report.steps.first().map_or(0, |step| step.documents_in)
}

async fn read_json<T: Send>(path: &Path, parse: impl FnOnce(&[u8]) -> serde_json::Result<T>) -> Result<T> {
    let size = tokio::fs::metadata(path).await.map_err(Error::internal)?.len();
    if size > RECORD_BYTES {
        let text = format!("{} has {size} bytes, over {RECORD_BYTES}; split the bundle", path.display());
        return Err(Error::limited("corpus_input_too_large", text));
    }
    let bytes = tokio::fs::read(path).await.map_err(Error::internal)?;
    parse(&bytes).map_err(Error::internal)
}

/// The contributions of a file. Beyond the most that are recorded one by one, the smallest are summed up.
fn json_lines(bytes: &[u8]) -> serde_json::Result<Vec<Contribution>> {
    let mut rows = lines::<Contribution>(bytes)?;
    rows.sort_by_key(|row| std::cmp::Reverse(row.tokens));
    if rows.len() > CONTRIBUTIONS {
        let rest = rows.split_off(CONTRIBUTIONS - 1);
        let sum = |of: fn(&Contribution) -> i64| rest.iter().map(of).sum();
        rows.push(Contribution {
            contributor: format!("{} further contributors", rest.len()),
            source: "see contributions.jsonl".into(),
            licence: "see contributions.jsonl".into(),
            documents: sum(|row| row.documents),
            bytes: sum(|row| row.bytes),
            tokens: sum(|row| row.tokens),
            example: rest.first().map_or_else(String::new, |row| row.example.clone()),
        });
    }
    Ok(rows)
}

fn lines<T: DeserializeOwned>(bytes: &[u8]) -> serde_json::Result<Vec<T>> {
    bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).map(serde_json::from_slice).collect()
}

/// The work of the job, in its own process: cleans the staged bundle into the output.
pub fn run_task(task: &Task) -> Result<Value> {
    let recipe = Spec::of(&task.spec)?.recipe()?;
    let shown = std::sync::Mutex::new(-1.0);
    let report = run::run(&recipe, &task.input().join(BUNDLE), &task.output(), task.cpus, &|progress| {
        // A thousand shards need no thousand lines.
        let mut shown = shown.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if progress.fraction >= *shown + 0.01 {
            *shown = progress.fraction;
            task.progress(progress.fraction, progress.step);
        }
    })?;
    for step in &report.steps {
        let dropped: Vec<_> =
            step.drops.iter().map(|drop| format!("{} {}", drop.reason, drop.documents)).collect();
        let (name, came, went) = (&step.name, step.documents_in, step.documents_out);
        task.log(&format!("{name}: {came} -> {went} documents {}", dropped.join(", ")));
    }
    let (documents, bytes, tokens) = report.total();
    let Report { splits, licences, sources_total, .. } = &report;
    Ok(json!({
        "documents": documents, "bytes": bytes, "tokens": tokens, "splits": splits,
        "licences": licences.iter().take(20).collect::<Vec<_>>(), "sources": sources_total,
    }))
}

//! The server's side of `command.run`.

use super::{Isolation, KIND, output, spec::Spec};
use async_trait::async_trait;
use commons::{
    Commons,
    identity::{Caller, Scope},
    jobs::{Job, JobKind, Published, Submission},
    provenance::{self, Artifact},
};
use hub::{CommitRequest, Hub, Reference, RepoKind, Viewer, rules::names::is_under};
use kernel::{Error, Result};
use serde_json::{Value, json};
use std::path::Path;

/// The kind `command.run`, for a server with this hub and this isolation.
#[derive(Clone)]
pub struct Command {
    hub: Hub,
    isolation: Isolation,
}

impl Command {
    /// The kind. Submissions are refused with `commands_off` where the isolation doesn't hold commands.
    pub fn new(hub: &Hub, isolation: Isolation) -> Self {
        Self { hub: hub.clone(), isolation }
    }

    async fn commit(
        &self,
        commons: &Commons,
        job: &Job,
        spec: &Spec,
        repo: &str,
        folder: &Path,
    ) -> Result<String> {
        let (folder, name) = (folder.to_owned(), repo.rsplit('/').next().unwrap_or_default().to_owned());
        let walked = tokio::task::spawn_blocking(move || output::files(&folder)).await;
        let request = CommitRequest {
            kind: RepoKind::Dataset,
            org: job.org,
            name,
            visibility: spec.visibility.parse()?,
            message: format!("Output of “{}”\n\nJob {}.", job.name, job.id),
            author: job.id.to_string(),
            files: walked.map_err(Error::internal)??,
            replace_all: true,
            idempotency: job.id.to_string(),
        };
        let commit = self.hub.commit(request).await?;
        let dataset = Artifact {
            reference: commit.reference.clone(),
            org: job.org,
            kind: "dataset".into(),
            title: job.name.clone(),
            job: Some(job.id),
            meta: json!({"title": job.name}),
            created_at: commit.created_at,
        };
        commons.db.write(move |tx| Box::pin(async move { provenance::record(tx, &dataset).await })).await?;
        Ok(commit.reference)
    }
}

#[async_trait]
impl JobKind for Command {
    fn name(&self) -> &'static str {
        KIND
    }

    fn check(&self, submission: &Submission) -> Result<()> {
        self.isolation.require()?;
        Spec::of(&submission.spec).map(drop)
    }

    async fn inputs(&self, _: &Commons, caller: &Caller, submission: &Submission) -> Result<Vec<String>> {
        caller.require(Scope::Write)?;
        let spec = Spec::of(&submission.spec)?;
        if let Some(repo) = spec.publish.as_deref().filter(|repo| !is_under(repo, &caller.org_slug)) {
            let text = format!("{repo} is not a repository of {0}; write to {0}/..", caller.org_slug);
            return Err(Error::denied("command_repo_foreign", text));
        }
        if !submission.inputs.is_empty() {
            caller.require(Scope::Read)?;
        }
        for reference in &submission.inputs {
            self.hub.resolve_reference(Viewer::Org(caller.org), reference).await?;
        }
        Ok(submission.inputs.clone())
    }

    async fn stage(&self, _: &Commons, job: &Job, input: &Path) -> Result<()> {
        for text in &job.inputs {
            let reference: Reference = text.parse()?;
            let folder = input.join(reference.kind.plural()).join(&reference.name);
            self.hub.export(Viewer::Org(job.org), text, &folder, |_| true).await?;
        }
        Ok(())
    }

    async fn publish(
        &self,
        commons: &Commons,
        job: &Job,
        output: &Path,
        result: &Value,
    ) -> Result<Published> {
        let spec = Spec::of(&job.spec)?;
        let outputs = match &spec.publish {
            Some(repo) => vec![self.commit(commons, job, &spec, repo, output).await?],
            None => Vec::new(),
        };
        Ok(Published { outputs, result: result.clone() })
    }
}

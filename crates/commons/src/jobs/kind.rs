//! The port between the job system and the platforms whose work it runs.

use super::{Job, Submission, Task};
use crate::{Commons, identity::Caller};
use async_trait::async_trait;
use kernel::{Error, Result};
use serde_json::Value;
use std::{path::Path, sync::Arc};

/// What publishing made.
#[derive(Debug, Clone, Default)]
pub struct Published {
    /// References of the artifacts.
    pub outputs: Vec<String>,
    /// What the job found, for its record.
    pub result: Value,
}

/// The server's side of a kind of work. The work itself is a plain function of [`Tasks`].
#[async_trait]
pub trait JobKind: Send + Sync {
    /// Its name: `corpus.build`.
    fn name(&self) -> &'static str;

    /// Refuses a submission that can't work, before it is queued; says which key is wrong.
    fn check(&self, submission: &Submission) -> Result<()>;

    /// References of all that the job will read, after checking that the caller may read it. What `inputs`
    /// names beside it is kept too.
    async fn inputs(
        &self,
        commons: &Commons,
        caller: &Caller,
        submission: &Submission,
    ) -> Result<Vec<String>>;

    /// In the server, before the start: puts what the task reads into `input`. May be called again.
    async fn stage(&self, commons: &Commons, job: &Job, input: &Path) -> Result<()>;

    /// In the server, after the process ended well: makes public what it wrote. May be called again after a
    /// crash, and must then end in the same state.
    async fn publish(&self, commons: &Commons, job: &Job, output: &Path, result: &Value)
    -> Result<Published>;
}

/// The kinds that this program knows.
#[derive(Clone, Default)]
pub struct Kinds(Vec<Arc<dyn JobKind>>);

impl Kinds {
    /// Adds a kind.
    #[must_use]
    pub fn with(mut self, kind: impl JobKind + 'static) -> Self {
        self.0.push(Arc::new(kind));
        self
    }

    /// The kind with this name.
    pub fn find(&self, name: &str) -> Result<Arc<dyn JobKind>> {
        self.0.iter().find(|kind| kind.name() == name).cloned().ok_or_else(|| {
            let known: Vec<_> = self.0.iter().map(|kind| kind.name()).collect();
            Error::invalid(
                "job_kind_unknown",
                format!("there is no job kind “{name}”; known: {}", known.join(", ")),
            )
        })
    }
}

/// The work of a kind: reads the task's input, writes its output, has no database; its result goes to `publish`.
pub type Run = fn(&Task) -> Result<Value>;

/// The work of every kind, for the process that does it.
#[derive(Debug, Clone, Default)]
pub struct Tasks(Vec<(&'static str, Run)>);

impl Tasks {
    /// Adds the work of the kind with this name.
    #[must_use]
    pub fn with(mut self, name: &'static str, run: Run) -> Self {
        self.0.push((name, run));
        self
    }

    /// The work of the kind with this name.
    pub fn find(&self, name: &str) -> Result<Run> {
        self.0.iter().find(|(known, _)| *known == name).map(|(_, run)| *run).ok_or_else(|| {
            Error::invalid("job_kind_unknown", format!("this program can't do the work of “{name}”"))
        })
    }
}

//! Slurm through its commands, as the user that this process runs as.
//!
//! Map: [`process`] running one · [`submit`] what `sbatch` is told · [`jobs`] what `squeue` and `sacct` say ·
//! [`nodes`] what `scontrol` says.

pub mod jobs;
pub mod nodes;
pub mod process;
pub mod submit;

use crate::{
    Commands, JobInfo, NodeInfo, Request,
    failure::{Class, Failure},
};
use process::{Call, Runner};

/// The most names or numbers that one command is given.
const MAX_WORDS: usize = 500;

/// Slurm's commands.
#[derive(Debug)]
pub(crate) struct Tools {
    runner: Runner,
}

impl Tools {
    pub fn new(access: Commands) -> Self {
        Self { runner: Runner::new(access) }
    }

    pub async fn submit(&self, request: &Request) -> Result<u32, Failure> {
        crate::check::check(request)?;
        let call = Call {
            program: "sbatch",
            arguments: submit::arguments(request),
            variables: &request.environment,
            input: &request.script,
        };
        submit::number(&self.runner.run(call).await?)
    }

    pub async fn jobs(&self) -> Result<Vec<JobInfo>, Failure> {
        let format = jobs::squeue_format();
        let arguments = ["--me", "--noheader", "--states=all", "--array", "-O", &format];
        jobs::squeue(&self.ask("squeue", &arguments).await?)
    }

    pub async fn accounting(&self, names: &[String], since: i64) -> Result<Option<Vec<JobInfo>>, Failure> {
        let mut found = Vec::new();
        for names in names.chunks(MAX_WORDS) {
            let arguments = jobs::sacct_arguments(names, since, rustix::process::geteuid().as_raw());
            match self.runner.run(Call::plain("sacct", arguments)).await {
                Ok(output) => found.append(&mut jobs::sacct(&output)?),
                Err(failure) if failure.words.contains("accounting storage is disabled") => return Ok(None),
                Err(failure) => return Err(failure.of_question()),
            }
        }
        Ok(Some(found))
    }

    /// `scancel` goes on after a number that it doesn't know, and is silent about jobs that are over.
    pub async fn cancel(&self, ids: &[u32]) -> Result<(), Failure> {
        for ids in ids.chunks(MAX_WORDS) {
            let arguments = ids.iter().map(u32::to_string).collect();
            match self.runner.run(Call::plain("scancel", arguments)).await {
                Err(failure) if !only_unknown_jobs(&failure) => return Err(failure),
                _ => {}
            }
        }
        Ok(())
    }

    pub async fn nodes(&self) -> Result<Vec<NodeInfo>, Failure> {
        nodes::scontrol(&self.ask("scontrol", &["show", "node", "--details", "--oneliner"]).await?)
    }

    /// `scontrol ping` ends with an error when no controller is up, in some versions only says so.
    pub async fn ping(&self) -> Result<(), Failure> {
        let said = match self.ask("scontrol", &["ping"]).await {
            Ok(said) => String::from_utf8_lossy(&said).into_owned(),
            Err(failure) if failure.class == Class::Refused => failure.words,
            Err(failure) => return Err(failure),
        };
        if said.lines().any(|line| line.contains(" is UP")) {
            return Ok(());
        }
        Err(Failure::new(Class::Unavailable, said.split('*').next().unwrap_or_default().trim()))
    }

    async fn ask(&self, program: &'static str, arguments: &[&str]) -> Result<Vec<u8>, Failure> {
        let arguments = arguments.iter().map(|word| (*word).to_owned()).collect();
        self.runner.run(Call::plain(program, arguments)).await.map_err(Failure::of_question)
    }
}

/// Whether all that `scancel` complains of is jobs that the controller no longer knows.
fn only_unknown_jobs(failure: &Failure) -> bool {
    let complaints = failure.words.matches("error:").count();
    complaints > 0
        && complaints
            == failure.words.matches("Invalid job id").count()
                + failure.words.matches("Job/step already completing or completed").count()
}

//! Stages a job's folder and spawns its supervisor.

use super::{Busy, Spawned, open};
use crate::{
    Compute,
    local::{
        Claim, Exit, Folder, TaskFile, claim,
        folder::{describe, write_record},
        records::reason_of,
        token,
    },
    ops::blocking,
    rules::cores::choose,
    task::{Refusal, machine},
};
use commons::{
    identity::{self, NewToken, Scope, Secret},
    jobs::{self, Job},
};
use kernel::{Error, Result};
use std::{collections::BTreeMap, fs, io, process::Stdio, time::Instant};
use store::Tx;
use tokio::process::{Child, Command};

/// How long a job's token outlives its wall limit, so that it never ends before the job.
const TOKEN_SLACK_SECONDS: i64 = 24 * 3600;

impl Compute {
    /// Notes the job's attempt and makes the token that its process gets; ends those of attempts before.
    pub(super) async fn equip(&self, tx: &mut Tx, job: &Job) -> Result<Secret> {
        let now = self.commons.now();
        jobs::set_attempt(tx, job.id, job.attempt).await?;
        identity::revoke_job_tokens(tx, now, job.id).await?;
        let token = NewToken {
            org: job.org,
            person: job.person,
            job: Some(job.id),
            name: job.id.to_string(),
            scopes: [Scope::Call].into_iter().collect(),
            expires_at: Some(now.plus_seconds(job.resources.wall_seconds + TOKEN_SLACK_SECONDS)),
        };
        identity::mint_token(tx, now, &token).await.map(|(_, secret)| secret)
    }

    /// Stages and spawns the job's attempt in a task of its own; ends the job when that fails.
    pub(super) fn launch(&self, busy: Busy, job: Job, secret: Secret) {
        let compute = self.clone();
        tokio::spawn(async move {
            let _busy = busy;
            if let Err(error) = compute.stage_and_spawn(&job, &secret).await {
                tracing::warn!(job = %job.id, error = error.chain(), "a job couldn't be started");
                let reason = reason_of(&error);
                if let Err(error) = compute.close(&job, Exit::failed(reason.code, reason.text)).await {
                    tracing::error!(job = %job.id, error = error.chain(), "a job that couldn't start couldn't be ended");
                }
            }
        });
    }

    /// Makes sure that nobody claims the job's attempt any more, then launches the next.
    pub(super) async fn start_again(&self, mut job: Job) -> Result<()> {
        let Some(busy) = self.occupy(job.id) else { return Ok(()) };
        let folder = self.folder(job.id, job.attempt);
        let at = self.commons.now();
        if !blocking(move || bar(&folder, at)).await? {
            return Ok(()); // claimed this moment: the next look sees it
        }
        tracing::info!(job = %job.id, attempt = job.attempt, "nobody claimed the job's run; starting it again");
        job.attempt += 1;
        let (compute, again) = (self.clone(), job.clone());
        let secret =
            self.commons.db.write(move |tx| Box::pin(async move { compute.equip(tx, &again).await }));
        self.launch(busy, job, secret.await?);
        Ok(())
    }

    async fn stage_and_spawn(&self, job: &Job, secret: &Secret) -> Result<()> {
        let folder = self.folder(job.id, job.attempt);
        let made = folder.clone();
        in_folder(&folder, move || {
            [made.input(), made.output(), made.scratch()].iter().try_for_each(fs::create_dir_all)
        })
        .await?;
        let (kind, commons) = (self.kinds.find(&job.kind)?, self.commons.clone());
        let (job_here, input) = (job.clone(), folder.input());
        // In a task of its own, so that a panic is a failure like others.
        let staged = tokio::spawn(async move { kind.stage(&commons, &job_here, &input).await });
        staged.await.map_err(Error::internal)??;
        let (made, file, secret) = (folder.clone(), self.task_file(job), secret.reveal().to_owned());
        in_folder(&folder, move || {
            token::leave(&made, &secret)?;
            write_record(&made.task(), &file)
        })
        .await?;
        let child = self.spawn(&folder).map_err(|error| folder_error(&error, &folder))?;
        self.follow(job, child);
        Ok(())
    }

    fn task_file(&self, job: &Job) -> TaskFile {
        let need = job.resources;
        let count = usize::try_from(need.cpus).unwrap_or(usize::MAX);
        let mut held = open(&self.dispatch.cores);
        let taken: Vec<_> = held.values().flatten().copied().collect();
        let cores = choose(&machine::present_cores(), &taken, count);
        held.insert(job.id, cores.clone());
        let task = jobs::TaskFile {
            job: job.id.to_string(),
            kind: job.kind.clone(),
            spec: job.spec.clone(),
            cpus: need.cpus,
            memory_mib: need.memory_mib,
            wall_seconds: need.wall_seconds,
        };
        TaskFile {
            task,
            cores,
            bounds: self.config.bounds,
            endpoint: self.config.endpoint.clone(),
            environment: BTreeMap::new(),
            cgroup: None,
            software: Vec::new(),
        }
    }

    fn spawn(&self, folder: &Folder) -> io::Result<Child> {
        let program = &self.config.program;
        let mut command = Command::new(&program.path);
        command.args(&program.arguments).arg(folder.path()).current_dir(folder.path());
        command.env_clear().env("PATH", "/usr/local/bin:/usr/bin:/bin").env("LANG", "C.UTF-8");
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(false).spawn()
    }

    /// Waits for a spawned supervisor in the background, so that its end is noticed at once.
    fn follow(&self, job: &Job, mut child: Child) {
        let (id, attempt, compute) = (job.id, job.attempt, self.clone());
        let folder = self.folder(id, attempt);
        open(&self.dispatch.children).insert(id, Spawned { attempt, at: Instant::now(), ended: None });
        tokio::spawn(async move {
            let code = child.wait().await.ok().and_then(|status| status.code());
            if let Some(spawned) = open(&compute.dispatch.children).get_mut(&id)
                && spawned.attempt == attempt
            {
                spawned.ended = Some(Refusal::describe(code, folder.path()));
            }
            compute.commons.job_bell.notify_one();
        });
    }
}

/// Takes the claim of an attempt for the server; `false` when a supervisor has it.
fn bar(folder: &Folder, at: kernel::Timestamp) -> io::Result<bool> {
    fs::create_dir_all(folder.path())?;
    let (pid, boot) = (std::process::id(), machine::boot_id());
    let bar = Claim { pid, started_ticks: machine::started_ticks(), boot, at, barred: true };
    Ok(claim::take(folder, &bar)? || claim::holder(folder)? == claim::Holder::Barred)
}

async fn in_folder(folder: &Folder, work: impl FnOnce() -> io::Result<()> + Send + 'static) -> Result<()> {
    let joined = tokio::task::spawn_blocking(work).await.map_err(Error::internal)?;
    joined.map_err(|error| folder_error(&error, folder))
}

fn folder_error(error: &io::Error, folder: &Folder) -> Error {
    let (code, text) = describe(error, folder.path());
    Error::unavailable(code, text)
}

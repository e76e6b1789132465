//! Stages a run's folder and hands it to its engine.

use super::{
    Live,
    begin::{Begun, token_of},
};
use crate::{
    Compute,
    engine::{Launch, Started},
    facility::EngineKind,
    local::{
        Claim, Exit, Folder, TaskFile, claim,
        folder::{describe, read_record, write_passing},
        records::reason_of,
        token,
    },
    ops::blocking,
    task::machine,
};
use commons::{
    identity::{self, Secret},
    jobs,
};
use kernel::{Error, Result};
use std::{collections::BTreeMap, fs, io};

impl Compute {
    /// Stages and starts runs, each in a task of its own when it is its turn; ends the jobs where that fails.
    pub(super) fn launch(&self, begun: Vec<Begun>) {
        let occupied = |begun: Begun| Some((self.occupy(begun.live.job.id)?, begun));
        let begun: Vec<_> = begun.into_iter().filter_map(occupied).collect();
        let compute = self.clone();
        tokio::spawn(async move {
            for (busy, begun) in begun {
                let turn = compute.live.staging.clone().acquire_owned().await; // it is never closed
                let compute = compute.clone();
                tokio::spawn(async move {
                    compute.launch_one(&begun).await;
                    drop((busy, turn));
                });
            }
        });
    }

    async fn launch_one(&self, Begun { live, secret, used_seconds }: &Begun) {
        let left = (live.job.resources.wall_seconds - used_seconds).max(1);
        match self.stage_and_start(live, secret, left).await {
            Ok(Started::Taken(None)) => {}
            Ok(Started::Taken(engine_id)) => {
                // Where this fails, the next look finds the run by its name.
                let noted = self.note_started(live, engine_id, None).await;
                noted.unwrap_or_else(
                    |error| tracing::warn!(job = %live.job.id, error = error.chain(), "not noted"),
                );
            }
            Ok(Started::Unsure) => {} // the next look finds it by its name, or nobody has it
            Err(error) => self.failed_to_start(live, &error).await,
        }
    }

    async fn failed_to_start(&self, live: &Live, error: &Error) {
        tracing::warn!(job = %live.job.id, error = error.chain(), "a job couldn't be started");
        // A cluster that doesn't answer is no fault of the job: it waits again.
        let elsewhere = self.live.clusters[live.cluster].kind != EngineKind::Local;
        let done = if elsewhere && error.kind == kernel::Kind::Unavailable {
            self.note_trouble(live.cluster, Some(Error::unavailable(error.code, error.text.to_string())));
            self.requeue(live, "not_started", None).await
        } else {
            let reason = reason_of(error);
            self.close(live, Exit::failed(reason.code, reason.text), None).await
        };
        if let Err(error) = done {
            tracing::error!(job = %live.job.id, error = error.chain(), "a job that couldn't start couldn't be ended");
        }
    }

    /// Makes sure that nobody claims the run's attempt any more, then launches the next in the same place.
    pub(super) async fn start_again(&self, mut live: Live) -> Result<()> {
        let Some(busy) = self.occupy(live.job.id) else { return Ok(()) };
        let folder = self.folder(live.job.id, live.job.attempt);
        let at = self.commons.now();
        if !blocking(move || bar(&folder, at)).await? {
            return Ok(()); // claimed this moment: the next look sees it
        }
        let id = live.job.id;
        tracing::info!(job = %id, attempt = live.job.attempt, "nobody claimed the job's run; starting it again");
        let before = live.job.attempt;
        live.job.attempt += 1;
        (live.placed_at, live.engine_id, live.started_at) = (at, None, None);
        let (compute, again) = (self.clone(), live.clone());
        let write = self
            .commons
            .db
            .write(move |tx| Box::pin(async move { compute.next_attempt(tx, &again, before).await }));
        let Some(secret) = write.await? else { return Ok(()) }; // it waits again, or has ended
        self.change(id, |known| known.clone_from(&live));
        drop(busy);
        self.launch(vec![Begun { live, secret, used_seconds: 0 }]);
        Ok(())
    }

    async fn stage_and_start(&self, live: &Live, secret: &Secret, wall_seconds: i64) -> Result<Started> {
        let (job, folder) = (&live.job, self.folder(live.job.id, live.job.attempt));
        let input = folder.input();
        in_folder(&folder, move || fs::create_dir_all(input)).await?;
        let (kind, commons) = (self.kinds.find(&job.kind)?, self.commons.clone());
        let (job_here, input) = (job.clone(), folder.input());
        // In a task of its own, so that a panic is a failure like others.
        let staged = tokio::spawn(async move { kind.stage(&commons, &job_here, &input).await });
        staged.await.map_err(Error::internal)??;
        let (made, file) = (folder.clone(), self.task_file(live, wall_seconds));
        let secret = secret.reveal().to_owned();
        in_folder(&folder, move || {
            token::leave(&made, &secret)?;
            // A machine that loses its power has lost the attempt too.
            write_passing(&made.task(), &file)
        })
        .await?;
        let device = Some(live.device.clone()).filter(|device| !device.is_empty());
        let launch = Launch { job: job.clone(), folder, places: live.places.clone(), device };
        self.engine(live.cluster).start(&launch).await
    }

    fn task_file(&self, live: &Live, wall_seconds: i64) -> TaskFile {
        let (job, need) = (&live.job, live.job.resources);
        let task = jobs::TaskFile {
            job: job.id.to_string(),
            kind: job.kind.clone(),
            spec: job.spec.clone(),
            // Several tasks of one machine are one process tree here.
            cpus: need.cpus * self.tasks_here(live),
            memory_mib: need.memory_mib * self.tasks_here(live),
            wall_seconds,
        };
        TaskFile {
            task,
            cores: live.cores.clone(),
            bounds: self.config.bounds,
            endpoint: self.config.endpoint.clone(),
            environment: self.environment(live),
            cgroup: self.config.cgroup.clone(),
            software: self.config.software.clone(),
        }
    }

    /// Tasks on the node where the run's supervisor starts.
    fn tasks_here(&self, live: &Live) -> i64 {
        let first = live.places.first().map(|place| &place.node);
        live.places.iter().filter(|place| Some(&place.node) == first).count().max(1) as i64
    }

    /// What the run's process finds in its environment besides what every one gets: its accelerators, and what
    /// scripts written for Slurm look for.
    fn environment(&self, live: &Live) -> BTreeMap<String, String> {
        let (job, need) = (&live.job, live.job.resources);
        if self.live.clusters[live.cluster].kind != EngineKind::Local {
            return self.member_environment(job); // its engine says the rest
        }
        let mut set = self.member_environment(job);
        set.extend([
            ("SLURM_JOB_NAME".to_owned(), job.name.clone()),
            ("SLURM_CPUS_PER_TASK".to_owned(), need.cpus.to_string()),
            ("SLURM_NTASKS".to_owned(), need.tasks.to_string()),
            ("SLURM_RESTART_COUNT".to_owned(), (job.attempt - 1).to_string()),
        ]);
        if let Some(device) = self.config.facility.device(&live.device) {
            let held: u16 = live.places.iter().fold(0, |held, place| held | place.devices);
            let held = (0..16).filter(|bit| held >> bit & 1 == 1).map(|bit| bit.to_string());
            let held = held.collect::<Vec<_>>().join(",");
            set.insert(device.visible_variable().into(), held);
            set.insert("SLURM_GPUS_ON_NODE".into(), need.devices.saturating_mul(need.tasks).to_string());
        }
        set
    }

    /// A job's place in its array, under Slurm's names.
    fn member_environment(&self, job: &jobs::Job) -> BTreeMap<String, String> {
        let set = |member: &jobs::Member| {
            [
                ("SLURM_ARRAY_JOB_ID".to_owned(), member.array.to_string()),
                ("SLURM_ARRAY_TASK_ID".to_owned(), member.index.to_string()),
            ]
        };
        job.member.iter().flat_map(set).collect()
    }

    /// Cores that a run from before a restart was given.
    pub(super) fn recall_cores(&self, live: &Live) -> Vec<usize> {
        let path = self.folder(live.job.id, live.job.attempt).task();
        read_record::<TaskFile>(&path).ok().flatten().map(|file| file.cores).unwrap_or_default()
    }

    /// In the writer: ends the run that nobody claimed, and notes the next one.
    async fn next_attempt(&self, tx: &mut store::Tx, live: &Live, before: i64) -> Result<Option<Secret>> {
        let now = self.commons.now();
        if !jobs::set_attempt(tx, live.job.id, live.job.attempt).await? {
            return Ok(None);
        }
        let hour_micros = crate::sql::end_unclaimed(tx, live.job.id, before, now).await?;
        crate::sql::new_runs(&[(self.run_of(live, hour_micros), live.job.charge)])?.insert(tx).await?;
        identity::revoke_job_tokens(tx, now, live.job.id).await?;
        let (_, secret) = identity::mint_token(tx, now, &token_of(&live.job, now)).await?;
        Ok(Some(secret))
    }
}

/// Takes the claim of an attempt for the server; `false` when a supervisor has it.
pub(super) fn bar(folder: &Folder, at: kernel::Timestamp) -> io::Result<bool> {
    fs::create_dir_all(folder.path())?;
    let (pid, boot) = (std::process::id(), machine::boot_id());
    let bar = Claim { pid, started_ticks: machine::started_ticks(), boot, at, barred: true };
    Ok(claim::take(folder, &bar)? || claim::holder(folder)? == claim::Holder::Barred)
}

async fn in_folder(folder: &Folder, work: impl FnOnce() -> io::Result<()> + Send + 'static) -> Result<()> {
    let joined = tokio::task::spawn_blocking(work).await.map_err(Error::internal)?;
    joined.map_err(|error| {
        let (code, text) = describe(&error, folder.path());
        Error::unavailable(code, text)
    })
}

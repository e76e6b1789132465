//! Jobs of a Slurm: it gets each with its exact nodes when they are free, and says when it started and ended.
//!
//! Its nodes see the data folder under the same path, so the run's folder tells what it always tells; Slurm tells
//! times, and what became of a run whose folder is silent.

mod judge;

use self::judge::{judge, overstays};
use super::{Engine, Launch, Seen, Started, Target, traces::Traces};
use crate::{
    facility::{self, Cluster, world::NodeFacts},
    local::Folder,
    ops::blocking,
    types::{Config, Place, Program},
};
use async_trait::async_trait;
use kernel::{Error, Result};
use slurm::{
    Access, Commands, Gres, JobInfo, JobState, NodeInfo, NodeState, Request, Rest, Slurm, Submission, Token,
};
use std::{
    collections::{BTreeMap, HashMap},
    sync::{Mutex, PoisonError},
    time::Duration,
};
use tokio::sync::OnceCell;

/// A Slurm.
pub struct SlurmEngine {
    access: Access,
    settings: facility::Slurm,
    program: Program,
    client: OnceCell<Slurm>,
    /// Slurm's own spelling of accelerator models, by ours in small letters.
    models: Mutex<HashMap<String, Option<String>>>,
}

impl SlurmEngine {
    /// The Slurm that `cluster` names; it is connected to when it is first asked.
    pub(crate) fn new(cluster: &Cluster, config: &Config) -> Self {
        let settings = cluster.slurm.clone().unwrap_or_default();
        let access = match &settings.url {
            Some(url) => Access::Rest(Rest {
                url: url.clone(),
                user: settings.user.clone(),
                token: settings.token_file.clone().map_or(Token::None, Token::File),
                versions: settings.versions.clone(),
            }),
            None => {
                Access::Commands(Commands { folder: settings.commands.clone(), conf: settings.conf.clone() })
            }
        };
        Self {
            access,
            settings,
            program: config.program.clone(),
            client: OnceCell::new(),
            models: Mutex::default(),
        }
    }

    async fn client(&self) -> Result<&Slurm> {
        self.client.get_or_try_init(|| Slurm::connect(self.access.clone())).await
    }

    /// The script that Slurm starts: the same supervisor as on this machine.
    fn script(&self, folder: &Folder) -> Result<String> {
        let program = std::fs::canonicalize(&self.program.path).map_err(|error| {
            Error::unavailable("program_missing", "this program's own file isn't there any more")
                .with_source(error)
        })?;
        let words = std::iter::once(program.into_os_string()).chain(self.program.arguments.iter().cloned());
        let words: Vec<_> =
            words.chain([folder.path().into()]).map(|word| quote(&word.to_string_lossy())).collect();
        Ok(format!("#!/bin/sh\nexec {}\n", words.join(" ")))
    }

    fn request(&self, launch: &Launch) -> Result<Request> {
        let need = launch.job.resources;
        let nodes = by_node(&launch.places);
        let most = nodes.values().max().copied().unwrap_or(1);
        let devices = u64::try_from(need.devices).unwrap_or_default() * most;
        let gres = Gres { name: "gpu".into(), model: self.model(launch.device.as_deref()), count: devices };
        let output = launch.folder.path().join("slurm.txt");
        let narrow = |number: i64| u32::try_from(number).unwrap_or(u32::MAX);
        Ok(Request {
            name: super::name(&launch.job),
            script: self.script(&launch.folder)?,
            nodes: nodes.keys().cloned().collect(),
            tasks_per_node: u32::try_from(most).unwrap_or(u32::MAX),
            cpus_per_task: narrow(need.cpus),
            memory_mib: u64::try_from(need.memory_mib).unwrap_or_default() * most,
            gres: if devices > 0 { vec![gres] } else { Vec::new() },
            // The supervisor ends the run at its limit; Slurm's own is the wall behind it.
            wall: Duration::from_secs(u64::try_from(need.wall_seconds).unwrap_or(u64::MAX) + 120),
            folder: launch.folder.path().to_owned(),
            output,
            comment: launch.job.org.to_string(),
            environment: vec![
                ("PATH".into(), "/usr/local/bin:/usr/bin:/bin".into()),
                ("LANG".into(), "C.UTF-8".into()),
            ],
            partition: self.settings.partition.clone(),
            account: self.settings.account.clone(),
            qos: None,
        })
    }

    /// What Slurm calls a model of accelerators.
    fn model(&self, device: Option<&str>) -> Option<String> {
        let device = device?;
        let models = self.models.lock().unwrap_or_else(PoisonError::into_inner);
        models.get(&device.to_ascii_lowercase()).cloned().unwrap_or_else(|| Some(device.to_owned()))
    }

    /// What Slurm says of runs, by name: the latest job of each.
    async fn told(&self, runs: &[Target]) -> Result<HashMap<String, JobInfo>> {
        let client = self.client().await?;
        let names: Vec<_> = runs.iter().map(|run| run.name.clone()).collect();
        let mut told = HashMap::new();
        for info in client.find(&names).await? {
            keep_latest(&mut told, info);
        }
        let gone = runs.iter().filter(|run| run.engine_id.is_some() && !told.contains_key(&run.name));
        let gone: Vec<_> = gone.collect();
        if let Some(since) = gone.iter().map(|run| run.placed_at.0 / 1_000_000).min() {
            let names: Vec<_> = gone.iter().map(|run| run.name.clone()).collect();
            let accounts = client.accounting(&names, since - 1).await?.unwrap_or_default();
            // What the accounts call running and the controller doesn't know was forgotten by the controller.
            for info in accounts.into_iter().filter(|info| info.state.is_over()) {
                keep_latest(&mut told, info);
            }
        }
        Ok(told)
    }

    /// Cancels those of the jobs of these names that aren't over and that `which` means.
    async fn cancel(&self, names: &[String], which: impl Fn(&JobInfo) -> bool) -> Result<()> {
        let client = self.client().await?;
        let jobs = client.find(names).await?;
        let ends = |info: &&JobInfo| !info.state.is_over() && which(info);
        let ids: Vec<_> = jobs.iter().filter(ends).map(|info| info.id).collect();
        if ids.is_empty() { Ok(()) } else { client.cancel(&ids).await }
    }
}

fn keep_latest(told: &mut HashMap<String, JobInfo>, info: JobInfo) {
    match told.get(&info.name) {
        Some(known) if known.id > info.id => {}
        _ => {
            told.insert(info.name.clone(), info);
        }
    }
}

/// Tasks on each node.
fn by_node(places: &[Place]) -> BTreeMap<String, u64> {
    let mut nodes = BTreeMap::new();
    places.iter().for_each(|place| *nodes.entry(place.node.clone()).or_default() += 1);
    nodes
}

/// A word for a POSIX shell.
fn quote(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}

fn facts(node: NodeInfo) -> NodeFacts {
    let gpu = node.gres.iter().find(|gres| gres.name == "gpu" && gres.count > 0);
    NodeFacts {
        up: node.state == NodeState::Up,
        cpus: i64::from(node.cpus),
        memory_mib: i64::try_from(node.memory_mib).unwrap_or(i64::MAX),
        devices: gpu.map(|gres| {
            (
                gres.model.clone().unwrap_or_else(|| gres.name.clone()),
                u8::try_from(gres.count).unwrap_or(u8::MAX),
            )
        }),
        name: node.name,
    }
}

#[async_trait]
impl Engine for SlurmEngine {
    async fn nodes(&self) -> Result<Vec<NodeFacts>> {
        let nodes = self.client().await?.nodes().await?;
        let ours = |node: &NodeInfo| {
            self.settings.partition.as_ref().is_none_or(|partition| node.partitions.contains(partition))
        };
        let nodes: Vec<_> = nodes.into_iter().filter(ours).collect();
        let gpus = nodes.iter().flat_map(|node| &node.gres).filter(|gres| gres.name == "gpu");
        let spelled = gpus
            .map(|gres| (gres.model.as_ref().unwrap_or(&gres.name).to_ascii_lowercase(), gres.model.clone()));
        self.models.lock().unwrap_or_else(PoisonError::into_inner).extend(spelled);
        Ok(nodes.into_iter().map(facts).collect())
    }

    async fn start(&self, launch: &Launch) -> Result<Started> {
        let request = self.request(launch)?;
        match self.client().await?.submit(&request).await {
            Submission::Taken(id) => Ok(Started::Taken(Some(id.to_string()))),
            Submission::Unsure(error) => {
                tracing::warn!(job = %launch.job.id, error = error.chain(), "Slurm's answer got lost");
                Ok(Started::Unsure)
            }
            Submission::Refused(error) | Submission::Unavailable(error) => Err(error),
        }
    }

    async fn look(&self, runs: &[Target]) -> Result<Vec<Result<Seen>>> {
        let told = self.told(runs).await?;
        let (mut seen, mut overstaying) = (Vec::with_capacity(runs.len()), Vec::new());
        let now = kernel::Clock::now(&kernel::SystemClock);
        for (run, traces) in runs.iter().zip(Traces::of(runs).await?) {
            let info = told.get(&run.name);
            if let (Some(info), Ok(traces)) = (info, &traces)
                && overstays(info, traces, now)
            {
                overstaying.push(run.name.clone());
            }
            let engine_id = info.map(|info| info.id.to_string()).or_else(|| run.engine_id.clone());
            seen.push(traces.map(|traces| Seen { observation: judge(info, run, traces, now), engine_id }));
        }
        if !overstaying.is_empty() {
            tracing::warn!(runs = ?overstaying, "Slurm missed the end of these; telling it again");
            self.cancel(&overstaying, |_| true).await?;
        }
        Ok(seen)
    }

    async fn stop(&self, run: &Target, hard: bool) -> Result<()> {
        let path = run.folder.cancel();
        blocking(move || super::local::touch(&path)).await?;
        self.cancel(std::slice::from_ref(&run.name), |info| hard || !info.state.has_nodes()).await
    }

    async fn held(&self) -> Result<Vec<String>> {
        let jobs = self.client().await?.jobs(super::PREFIX).await?;
        let holds = |info: &JobInfo| !info.state.is_over() && info.state != JobState::Completing;
        Ok(jobs.into_iter().filter(holds).map(|info| info.name).collect())
    }

    async fn end(&self, names: &[String]) -> Result<()> {
        self.cancel(names, |_| true).await
    }

    fn poll_millis(&self) -> u64 {
        if self.settings.poll_millis == 0 { 1000 } else { self.settings.poll_millis }
    }
}

//! Processes of this machine: a supervisor for each run, which outlives the server.

use super::{Engine, Launch, Seen, Started, Target};
use crate::{
    facility::{Cluster, world::NodeFacts},
    local::{Folder, observe::observe},
    ops::blocking,
    rules::{Observation, step::Child},
    task::Refusal,
    types::{Config, Program},
};
use async_trait::async_trait;
use commons::jobs::Bell;
use kernel::{Error, Result};
use std::{
    collections::HashMap,
    fs, io,
    path::Path,
    process::Stdio,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Instant,
};
use tokio::process::Command;

/// This machine.
pub struct Local {
    facts: NodeFacts,
    program: Program,
    /// Supervisors that this server spawned, by the run's name.
    children: Arc<Mutex<HashMap<String, Spawned>>>,
    bell: Arc<Bell>,
}

/// A supervisor that this server spawned.
struct Spawned {
    at: Instant,
    ended: Option<(&'static str, String)>,
}

fn open<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Local {
    /// This machine as `cluster`.
    pub(crate) fn new(cluster: &Cluster, config: &Config, bell: Arc<Bell>) -> Self {
        let devices =
            cluster.device.clone().filter(|_| cluster.devices > 0).map(|name| (name, cluster.devices));
        let (cpus, memory_mib) = (config.cpus, config.memory_mib);
        Self {
            facts: NodeFacts { name: "here".into(), up: true, cpus, memory_mib, devices },
            program: config.program.clone(),
            children: Arc::default(),
            bell,
        }
    }

    /// What is known of the child that should claim this run.
    fn child(&self, name: &str) -> Child {
        match open(&self.children).get(name) {
            Some(Spawned { ended: Some((code, text)), .. }) => Child::Ended(code, text.clone()),
            Some(spawned) => Child::Alive(spawned.at.elapsed().as_secs_f64()),
            None => Child::Unknown,
        }
    }
}

#[async_trait]
impl Engine for Local {
    async fn nodes(&self) -> Result<Vec<NodeFacts>> {
        Ok(vec![self.facts.clone()])
    }

    async fn start(&self, launch: &Launch) -> Result<Started> {
        let (folder, name) = (&launch.folder, super::name(&launch.job));
        let mut command = Command::new(&self.program.path);
        command.args(&self.program.arguments).arg(folder.path()).current_dir(folder.path());
        command.env_clear().env("PATH", "/usr/local/bin:/usr/bin:/bin").env("LANG", "C.UTF-8");
        command.kill_on_drop(false);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = command.spawn().map_err(|error| {
            let (code, text) = crate::local::folder::describe(&error, folder.path());
            Error::unavailable(code, text)
        })?;
        open(&self.children).insert(name.clone(), Spawned { at: Instant::now(), ended: None });
        let (children, bell, folder) = (self.children.clone(), self.bell.clone(), folder.clone());
        // Waits for it in the background, so that its end is noticed at once.
        tokio::spawn(async move {
            let code = child.wait().await.ok().and_then(|status| status.code());
            if let Some(spawned) = open(&children).get_mut(&name) {
                spawned.ended = Some(Refusal::describe(code, folder.path()));
            }
            bell.ring();
        });
        Ok(Started::Taken(None))
    }

    async fn look(&self, runs: &[Target]) -> Result<Vec<Result<Seen>>> {
        // What is known of a child is asked before its folder is read: one that ends in between has claimed.
        let asked: Vec<(Folder, Child)> =
            runs.iter().map(|run| (run.folder.clone(), self.child(&run.name))).collect();
        let look = move || {
            Ok(asked
                .into_iter()
                .map(|(folder, child)| observe(&folder, child))
                .collect::<Vec<io::Result<_>>>())
        };
        let seen = |seen: io::Result<Observation>| {
            seen.map(|observation| Seen { observation, engine_id: None }).map_err(|error| {
                Error::unavailable("job_folder", "a job's folder can't be read").with_source(error)
            })
        };
        Ok(blocking(look).await?.into_iter().map(seen).collect())
    }

    async fn stop(&self, run: &Target, _hard: bool) -> Result<()> {
        let path = run.folder.cancel();
        // The supervisor itself kills what doesn't end.
        blocking(move || touch(&path)).await
    }

    fn forget(&self, run: &Target) {
        open(&self.children).remove(&run.name);
    }

    fn poll_millis(&self) -> u64 {
        0
    }
}

/// Makes a file whose presence says something.
pub(super) fn touch(path: &Path) -> io::Result<()> {
    match fs::OpenOptions::new().write(true).create_new(true).open(path) {
        Err(error) if !matches!(error.kind(), io::ErrorKind::AlreadyExists | io::ErrorKind::NotFound) => {
            Err(error)
        }
        _ => Ok(()),
    }
}

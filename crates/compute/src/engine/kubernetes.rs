//! Jobs of a Kubernetes, each a `batch/v1` Job of one pod that Kueue may hold back.
//!
//! **Contract-tested, not cluster-tested**: the tests run pods against an API server of our own.
//!
//! A claim holds the server's data folder; the pod sees the run's own folder of it, under the same path, and starts
//! this program from its image there. Kubernetes tells times; the folder tells how the run ended. A job whose tasks
//! don't fit one node isn't started: nothing in the cluster would bring its parts together.

use super::{Engine, Launch, NodeFacts, Seen, Started, Target, traces::Traces};
use crate::{
    facility::{self, Cluster},
    local::{Exit, Folder},
    ops::blocking,
    rules::{Interval, Observation, step::Child},
};
use async_trait::async_trait;
use kernel::{Error, Result, Timestamp};
use kubernetes::{Access, JobInfo, JobState, Kubernetes, NodeInfo, NodeState, Request, Submission, Token};
use std::{
    collections::{BTreeMap, HashMap},
    path::Path,
    time::Duration,
};
use tokio::sync::OnceCell;

/// A namespace of a Kubernetes.
pub struct KubernetesEngine {
    access: Access,
    settings: facility::Kubernetes,
    /// The model of the accelerators that are used.
    device: Option<String>,
    client: OnceCell<Kubernetes>,
}

impl KubernetesEngine {
    /// The Kubernetes that `cluster` names; it is connected to when it is first asked.
    pub(crate) fn new(cluster: &Cluster) -> Self {
        let settings = cluster.kubernetes.clone().unwrap_or_default();
        let access = Access {
            url: settings.url.clone(),
            namespace: settings.namespace.clone(),
            token: settings.token_file.clone().map_or(Token::None, Token::File),
            authority: settings.authority.clone(),
            owner: settings.owner.clone().unwrap_or_else(|| "mosu".into()),
        };
        Self { access, settings, device: cluster.device.clone(), client: OnceCell::new() }
    }

    async fn client(&self) -> Result<&Kubernetes> {
        self.client.get_or_try_init(|| Kubernetes::connect(self.access.clone())).await
    }

    fn request(&self, launch: &Launch) -> Result<Request> {
        let (need, tasks) = (launch.job.resources, launch.places.len() as u64);
        let node = launch.places.first().map(|place| place.node.clone()).unwrap_or_default();
        if launch.places.iter().any(|place| place.node != node) {
            let text = "jobs on several nodes aren't possible on Kubernetes; ask for tasks that fit one node together";
            return Err(Error::invalid("kubernetes_gang", text));
        }
        let count = |of_one: i64| u64::try_from(of_one).unwrap_or_default() * tasks;
        let devices = self.settings.resource.clone().map(|resource| (resource, count(need.devices)));
        let path = launch.folder.path().to_string_lossy().into_owned();
        Ok(Request {
            name: super::name(&launch.job),
            image: self.settings.image.clone(),
            command: self.settings.command.iter().cloned().chain([path.clone()]).collect(),
            pods: 1,
            nodes: vec![node],
            selector: self.settings.selector.clone(),
            cpus: u32::try_from(count(need.cpus)).unwrap_or(u32::MAX),
            memory_mib: count(need.memory_mib),
            devices: devices.into_iter().filter(|(_, count)| *count > 0).collect(),
            // The supervisor ends the run at its limit; Kubernetes' own is the wall behind it.
            wall: Duration::from_secs(u64::try_from(need.wall_seconds).unwrap_or(u64::MAX) + 120),
            environment: vec![("SLURM_NTASKS".into(), tasks.to_string())],
            folder: Some(kubernetes::Folder {
                claim: self.settings.claim.clone(),
                inside: inside(&launch.folder),
                path,
            }),
            queue: self.settings.queue.clone(),
        })
    }

    fn facts(&self, node: NodeInfo) -> NodeFacts {
        let count = self.settings.resource.as_ref().and_then(|resource| node.devices.get(resource));
        let devices = count.map(|count| u8::try_from(*count).unwrap_or(u8::MAX));
        NodeFacts {
            up: node.state == NodeState::Up,
            cpus: i64::from(node.cpus),
            memory_mib: i64::try_from(node.memory_mib).unwrap_or(i64::MAX),
            devices: self.device.clone().zip(devices),
            name: node.name,
        }
    }
}

/// A run's folder as the claim has it, which holds the data folder: `jobs/JOB/ATTEMPT`.
fn inside(folder: &Folder) -> String {
    let data = folder.path().ancestors().nth(3).unwrap_or(Path::new("/"));
    folder.path().strip_prefix(data).unwrap_or(folder.path()).to_string_lossy().into_owned()
}

/// What Kubernetes and the folder together mean.
fn judge(told: Option<&JobInfo>, run: &Target, traces: Traces, now: Timestamp) -> Observation {
    let Some(info) = told else { return traces.of_a_forgotten(run, now) };
    let at = |seconds: i64| Timestamp(seconds.saturating_mul(1_000_000));
    let started = info.started.map(at);
    let interval = started.zip(info.ended.map(at)).map(|(started, ended)| Interval { started, ended });
    match (info.state, traces.exit) {
        (JobState::Pending, _) => Observation::Waiting(info.reason.clone()),
        (JobState::Running, _) => Observation::Running { since: started.unwrap_or(now) },
        (JobState::Completing, _) => Observation::Waiting("its pod is being ended".into()),
        (_, Some(exit)) => Observation::Exited { exit, interval },
        _ if traces.barred => Observation::NotClaimed { child: Child::Unknown },
        (JobState::Timeout, None) => {
            let exit = Exit::failed("timed_out", "Kubernetes stopped the job at its limit");
            Observation::Exited { exit, interval }
        }
        (JobState::Completed | JobState::Failed, None) => {
            let text = format!("the job's pod ended without a word: {:?} {}", info.state, info.reason);
            Observation::Exited { exit: Exit::failed("crashed", text), interval }
        }
    }
}

#[async_trait]
impl Engine for KubernetesEngine {
    async fn nodes(&self) -> Result<Vec<NodeFacts>> {
        let has = |labels: &BTreeMap<String, String>| {
            self.settings.selector.iter().all(|(key, value)| labels.get(key) == Some(value))
        };
        let nodes = self.client().await?.nodes().await?;
        Ok(nodes.into_iter().filter(|node| has(&node.labels)).map(|node| self.facts(node)).collect())
    }

    async fn start(&self, launch: &Launch) -> Result<Started> {
        let request = self.request(launch)?;
        match self.client().await?.submit(&request).await {
            Submission::Taken(id) => Ok(Started::Taken(Some(id))),
            Submission::Unsure(error) => {
                tracing::warn!(job = %launch.job.id, error = error.chain(), "Kubernetes' answer got lost");
                Ok(Started::Unsure)
            }
            Submission::Refused(error) | Submission::Unavailable(error) => Err(error),
        }
    }

    async fn look(&self, runs: &[Target]) -> Result<Vec<Result<Seen>>> {
        let names: Vec<_> = runs.iter().map(|run| run.name.clone()).collect();
        let told = self.client().await?.find(&names).await?;
        let told: HashMap<_, _> = told.into_iter().map(|info| (info.name.clone(), info)).collect();
        let now = kernel::Clock::now(&kernel::SystemClock);
        let see = |(run, traces): (&Target, Result<Traces>)| {
            let info = told.get(&run.name);
            let engine_id = info.map(|info| info.id.clone()).or_else(|| run.engine_id.clone());
            traces.map(|traces| Seen { observation: judge(info, run, traces, now), engine_id })
        };
        Ok(runs.iter().zip(Traces::of(runs).await?).map(see).collect())
    }

    async fn stop(&self, run: &Target, hard: bool) -> Result<()> {
        let path = run.folder.cancel();
        blocking(move || super::local::touch(&path)).await?;
        let client = self.client().await?;
        let name = std::slice::from_ref(&run.name);
        let waits = client.find(name).await?.iter().any(|info| info.state == JobState::Pending);
        if hard || waits { client.cancel(name).await } else { Ok(()) }
    }

    async fn held(&self) -> Result<Vec<String>> {
        let jobs = self.client().await?.jobs(super::PREFIX).await?;
        let holds = |info: &JobInfo| !info.state.is_over() && info.state != JobState::Completing;
        Ok(jobs.into_iter().filter(holds).map(|info| info.name).collect())
    }

    async fn end(&self, names: &[String]) -> Result<()> {
        self.client().await?.cancel(names).await
    }

    fn poll_millis(&self) -> u64 {
        if self.settings.poll_millis == 0 { 1000 } else { self.settings.poll_millis }
    }
}

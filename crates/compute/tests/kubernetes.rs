//! Jobs of a Kubernetes whose API server keeps the documented contract and whose one node is this machine: its pods
//! are processes. No real cluster has seen this.
#![cfg(feature = "kubernetes")]

mod process;
#[path = "../../kubernetes/tests/contract/server.rs"]
mod server;

use commons::{
    identity::Caller,
    jobs::{self, Job, JobState, Resources, Scheduling, Submission},
};
use compute::{
    Compute, Config, Facility, Program,
    ops::{Grant, grant_quota},
};
use kernel::{Id, Timestamp};
use serde_json::{Value, json};
use server::Server;
use std::{
    collections::HashMap,
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};
use testkit::Kit;

#[test]
fn task_entry() {
    process::entry();
}

/// How long Kubernetes says that every pod ran.
const RAN_SECONDS: i64 = 3;

/// What Kueue, the controllers and the node do: jobs are let out of their queue, their pods run and end.
fn tend(server: &Server, pods: &mut HashMap<String, (Child, i64)>, admits: bool) {
    for (name, object) in server.objects() {
        let deleted = object["metadata"].get("deletionTimestamp").is_some();
        match pods.get_mut(&name) {
            Some((pod, _)) if deleted => pod.kill().unwrap(),
            Some((pod, since)) => {
                if let Some(status) = pod.try_wait().unwrap() {
                    server.status(&name, ended(status.success(), *since));
                }
            }
            None if admits && !deleted => {
                server.change(&name, |job| job["spec"]["suspend"] = json!(false));
                let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() as i64;
                pods.insert(name.clone(), (start(&object), since));
                let started = moment(since);
                server.status(&name, json!({"active": 1, "ready": 1, "startTime": started}));
            }
            None => {}
        }
    }
    server.finish_deletions();
}

fn moment(seconds: i64) -> String {
    Timestamp(seconds * 1_000_000).to_string()
}

fn ended(well: bool, since: i64) -> Value {
    let end = moment(since + RAN_SECONDS);
    let kind = if well { "Complete" } else { "Failed" };
    json!({"succeeded": u8::from(well), "startTime": moment(since), "completionTime": end,
        "conditions": [{"type": kind, "status": "True", "lastTransitionTime": end}]})
}

/// The pod of an object, as a process of this machine.
fn start(object: &Value) -> Child {
    let container = &object["spec"]["template"]["spec"]["containers"][0];
    let words: Vec<_> =
        container["command"].as_array().unwrap().iter().map(|word| word.as_str().unwrap()).collect();
    let mount = &container["volumeMounts"][0];
    assert_eq!(mount["mountPath"].as_str(), words.last().copied(), "the run's folder and nothing else");
    let inside = mount["subPath"].as_str().unwrap();
    assert!(inside.starts_with("jobs/") && words.last().unwrap().ends_with(inside), "{inside}");
    let mut command = Command::new(words[0]);
    let variables = container["env"].as_array().unwrap().iter();
    let text = |value: &Value| value.as_str().unwrap().replace("$$", "$");
    command.env_clear().envs(variables.map(|one| (text(&one["name"]), text(&one["value"]))));
    command.args(&words[1..]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().unwrap()
}

struct House {
    server: Arc<Server>,
    admits: Arc<AtomicBool>,
    compute: Compute,
    acme: Caller,
    tasks: Vec<tokio::task::JoinHandle<()>>,
}

impl Drop for House {
    fn drop(&mut self) {
        self.tasks.iter().for_each(tokio::task::JoinHandle::abort);
    }
}

impl House {
    async fn open(kit: &Kit) -> Self {
        kit.operator().await;
        let (acme, _) = kit.org("acme").await;
        kit.fund(&acme, 1 << 40).await;
        let (server, admits) = (Arc::new(Server::start()), Arc::new(AtomicBool::new(true)));
        let compute = Compute::open(&kit.commons, process::kinds(), config(kit, &server)).await.unwrap();
        let (commons, org) = (kit.commons.clone(), acme.org);
        let grant = Grant { cpus: 64, cpu_hours: 100, devices: 8, device_hours: 100 };
        let write = kit
            .commons
            .db
            .write(move |tx| Box::pin(async move { grant_quota(&commons, tx, "test", org, grant).await }));
        write.await.unwrap();
        let (kubelet, open) = (server.clone(), admits.clone());
        let tending = tokio::spawn(async move {
            let mut pods = HashMap::new();
            loop {
                tend(&kubelet, &mut pods, open.load(Ordering::Relaxed));
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        });
        let tasks = vec![tending, tokio::spawn(compute.clone().run())];
        Self { server, admits, compute, acme, tasks }
    }

    async fn submit(&self, kind: &str) -> Id<commons::ids::Job> {
        let submission = Submission {
            kind: kind.into(),
            name: "test".into(),
            spec: json!({}),
            inputs: Vec::new(),
            priority: 50,
            resources: Resources { devices: 2, ..Resources::new(1, 512, 60) },
            scheduling: Scheduling { cluster: Some("cloud".into()), ..Scheduling::default() },
            idempotency: None,
        };
        self.compute.submit(&self.acme, submission).await.unwrap().id
    }

    async fn wait(&self, kit: &Kit, id: Id<commons::ids::Job>, is_there: impl Fn(&Job) -> bool) -> Job {
        let started = Instant::now();
        loop {
            let job = jobs::get(kit.commons.db.pool(), id).await.unwrap();
            if is_there(&job) {
                return job;
            }
            assert!(started.elapsed() < Duration::from_secs(60), "waited in vain: {job:?}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

fn config(kit: &Kit, server: &Server) -> Config {
    let token = kit.commons.data.join("kubernetes.token");
    std::fs::write(&token, "secret\n").unwrap();
    let program = std::env::current_exe().unwrap();
    let command: Vec<_> = std::iter::once(program.to_str().unwrap()).chain(process::ENTRY).collect();
    let facility = format!(
        r#"
        [[device]]
        name = "A100"
        vendor = "NVIDIA"
        hour_micros = 3_600_000

        [[cluster]]
        name = "cloud"
        engine = "kubernetes"
        device = "A100"

        [cluster.kubernetes]
        url = "{}"
        namespace = "acme"
        token_file = {token:?}
        image = "registry.example/mosu:1"
        command = {command:?}
        claim = "mosu-data"
        resource = "nvidia.com/gpu"
        queue = "acme"
        selector = {{ pool = "a100" }}
        poll_millis = 50
        "#,
        server.url
    );
    let program = Program { path: program, arguments: process::ENTRY.iter().map(Into::into).collect() };
    let facility = Facility::parse(&facility).unwrap();
    Config { program, facility, heartbeat: Duration::from_millis(50), ..Config::this_machine(0) }
}

testkit::each_db! {
    async fn a_job_waits_in_kueues_queue_runs_in_its_pod_and_is_paid_by_its_times(kit: Kit) {
        let house = House::open(&kit).await;
        let id = house.submit("test.work").await;
        let done = house.wait(&kit, id, |job| job.state.is_final()).await;
        assert_eq!(done.state, JobState::Succeeded, "{:?}", done.reason);
        let runs = house.compute.runs(&house.acme, id).await.unwrap();
        assert_eq!(runs.len(), 1);
        assert!(runs[0].engine_id.as_ref().unwrap().starts_with("uid-"), "{runs:?}");
        assert_eq!(runs[0].places[0].node, "gpu-1");
        assert_eq!(runs[0].device_milliseconds, RAN_SECONDS * 1000 * 2);
        let charge = commons::billing::get(kit.commons.db.pool(), done.charge.unwrap()).await.unwrap();
        assert_eq!(charge.amount_micros, RAN_SECONDS * 1000 * 2, "a micro for a card's millisecond");
    }

    async fn what_fails_says_why_and_what_never_began_is_cancelled(kit: Kit) {
        let house = House::open(&kit).await;
        let failed = house.submit("test.fail").await;
        let failed = house.wait(&kit, failed, |job| job.state.is_final()).await;
        assert_eq!((failed.state, failed.reason.unwrap().code.as_str()), (JobState::Failed, "sums_wrong"));
        house.admits.store(false, Ordering::Relaxed);
        let waiting = house.submit("test.sleep").await;
        let name = format!("mosu-{waiting}-1").replace('_', "-");
        let started = Instant::now();
        while !house.server.objects().contains_key(&name) {
            assert!(started.elapsed() < Duration::from_secs(30), "not submitted");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        house.compute.cancel(&house.acme, waiting, false).await.unwrap();
        let cancelled = house.wait(&kit, waiting, |job| job.state.is_final()).await;
        assert_eq!(cancelled.state, JobState::Cancelled, "{:?}", cancelled.reason);
        assert!(!house.server.objects().contains_key(&name), "nothing is left there");
    }

    async fn a_job_that_runs_is_ended_by_its_own_supervisor(kit: Kit) {
        let house = House::open(&kit).await;
        let id = house.submit("test.sleep").await;
        house.wait(&kit, id, |job| job.state == JobState::Running).await;
        house.compute.cancel(&house.acme, id, false).await.unwrap();
        let cancelled = house.wait(&kit, id, |job| job.state.is_final()).await;
        assert_eq!(cancelled.state, JobState::Cancelled, "{:?}", cancelled.reason);
        assert_eq!(cancelled.attempt, 1);
    }
}

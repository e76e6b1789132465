//! How many jobs a second go through the live service's own path: submitted, queued and reserved in the database,
//! decided by the scheduler, and noted there as started, each with its run and its token.
//!
//! usage: throughput [JOBS [TENANTS]]
//!
//! Jobs come as arrays of up to 5,000, in a SQLite database on this disk with every commit forced to it. The
//! engine behind takes every run at once and runs nothing: what is measured is the service. Prints a line of JSON.

use async_trait::async_trait;
use commons::{
    Commons,
    identity::Caller,
    jobs::{Indexes, Job, JobKind, Kinds, Published, Resources, Submission, queued},
};
use compute::{
    Compute, Config, Facility,
    engine::{Engine, Launch, Seen, Started, Target},
    facility::world::NodeFacts,
    ops::{Grant, grant_quota},
    rules::Observation,
};
use kernel::{Result, SystemClock};
use serde_json::{Value, json};
use std::{path::Path, sync::Arc, time::Instant};
use testkit::Kit;

/// Members of one array.
const MEMBERS: usize = 5000;

/// Takes everything.
struct Taker {
    nodes: usize,
}

#[async_trait]
impl Engine for Taker {
    async fn nodes(&self) -> Result<Vec<NodeFacts>> {
        let node = |index| NodeFacts {
            name: format!("n{index}"),
            up: true,
            cpus: 64,
            memory_mib: 1 << 20,
            devices: Some(("A100".into(), 8)),
        };
        Ok((0..self.nodes).map(node).collect())
    }

    async fn start(&self, _: &Launch) -> Result<Started> {
        Ok(Started::Taken(None))
    }

    async fn look(&self, runs: &[Target]) -> Result<Vec<Result<Seen>>> {
        let waits = || Seen { observation: Observation::Waiting(String::new()), engine_id: None };
        Ok(runs.iter().map(|_| Ok(waits())).collect())
    }

    async fn stop(&self, _: &Target, _: bool) -> Result<()> {
        Ok(())
    }

    fn poll_millis(&self) -> u64 {
        1000
    }
}

/// Work that reads and makes nothing.
struct Nothing;

#[async_trait]
impl JobKind for Nothing {
    fn name(&self) -> &'static str {
        "bench.nothing"
    }

    fn check(&self, _: &Submission) -> Result<()> {
        Ok(())
    }

    async fn inputs(&self, _: &Commons, _: &Caller, _: &Submission) -> Result<Vec<String>> {
        Ok(Vec::new())
    }

    async fn stage(&self, _: &Commons, _: &Job, _: &Path) -> Result<()> {
        Ok(())
    }

    async fn publish(&self, _: &Commons, _: &Job, _: &Path, _: &Value) -> Result<Published> {
        Ok(Published::default())
    }
}

fn submission() -> Submission {
    Submission {
        kind: "bench.nothing".into(),
        name: "nothing".into(),
        spec: json!({}),
        inputs: Vec::new(),
        priority: 50,
        resources: Resources { devices: 1, ..Resources::new(4, 1024, 3600) },
        scheduling: Default::default(),
        idempotency: None,
    }
}

async fn tenants(kit: &Kit, count: usize) -> Vec<Caller> {
    let mut callers = Vec::new();
    for tenant in 0..count {
        let (caller, _) = kit.org(&format!("tenant-{tenant}")).await;
        kit.fund(&caller, 1 << 50).await;
        let (commons, org) = (kit.commons.clone(), caller.org);
        let grant =
            Grant { cpus: 1_000_000, cpu_hours: 10_000_000, devices: 1_000_000, device_hours: 10_000_000 };
        let write = kit
            .commons
            .db
            .write(move |tx| Box::pin(async move { grant_quota(&commons, tx, "bench", org, grant).await }));
        write.await.expect("granted");
        callers.push(caller);
    }
    callers
}

async fn open(kit: &Kit, jobs: usize) -> Compute {
    let facility = Facility::parse(
        "device = [{ name = \"A100\", vendor = \"NVIDIA\", hour_micros = 12_000_000 }]\n\
         cluster = [{ name = \"hall\", device = \"A100\", devices = 1 }]",
    );
    let facility = facility.expect("a facility");
    let config = Config { facility: facility.clone(), ..Config::this_machine(0) };
    let engine: Arc<dyn Engine> = Arc::new(Taker { nodes: jobs.div_ceil(8) + 1 });
    let clusters = facility.clusters().into_iter().map(|cluster| (cluster, engine.clone())).collect();
    let kinds = Kinds::default().with(Nothing);
    let compute = Compute::with_engines(&kit.commons, kinds, config, clusters).await.expect("compute opens");
    compute.tick().await.expect("the nodes are learned");
    compute
}

fn main() {
    let numbers: Vec<usize> = std::env::args().skip(1).map(|word| word.parse().expect("a number")).collect();
    let (jobs, tenants) = (numbers.first().copied().unwrap_or(20_000), numbers.get(1).copied().unwrap_or(4));
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let (kit, measured) = runtime.block_on(measure(jobs, tenants));
    println!("{measured}");
    // What is still being staged is of no interest; once it has stopped, the folder goes with the kit.
    drop(runtime);
    drop(kit);
}

async fn measure(jobs: usize, count: usize) -> (Kit, Value) {
    let mut kit = Kit::sqlite().await;
    kit.commons.clock = Arc::new(SystemClock);
    kit.operator().await;
    let compute = open(&kit, jobs).await;
    let callers = tenants(&kit, count).await;

    let begun = Instant::now();
    for (number, caller) in callers.iter().cycle().take(jobs.div_ceil(MEMBERS)).enumerate() {
        let count = (jobs - number * MEMBERS).min(MEMBERS) as i64;
        let indexes = Indexes { indexes: (0..count).collect(), at_most: count };
        compute.submit_array(caller, submission(), indexes).await.expect("submitted");
    }
    let submitted = begun.elapsed().as_secs_f64();
    let mut rounds = 0;
    while rounds == 0 || !queued(kit.commons.db.pool()).await.expect("listed").is_empty() {
        compute.tick().await.expect("a round");
        rounds += 1;
    }
    let all = begun.elapsed().as_secs_f64();
    let measured = json!({
        "jobs": jobs, "tenants": callers.len(), "rounds": rounds, "submit_seconds": submitted,
        "submit_and_start_seconds": all, "started_each_second": jobs as f64 / all,
    });
    (kit, measured)
}

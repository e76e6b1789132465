//! `kill -9` of the server at its worst moments: nothing is lost, nothing runs twice, nothing is paid twice.

mod process;

use commons::{
    Commons,
    billing::{self, ChargeState},
    ids,
    jobs::{self, Job, Resources, Submission},
    ledger,
};
use compute::{Compute, Config, Program, local::Folder, ops::Grant};
use kernel::{Id, SystemClock};
use serde::{Deserialize, Serialize};
use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};
use store::{Blobs, Database};
use testkit::Kit;

#[test]
fn task_entry() {
    process::entry();
}

/// How a server under test is run.
#[derive(Serialize, Deserialize, Clone)]
struct Order {
    url: String,
    data: PathBuf,
    /// Milliseconds between looks.
    heartbeat: u64,
    /// Seconds that a supervisor sleeps before it does anything.
    delay: String,
}

/// In a child of a test: a server that runs jobs until it is killed. In a run of the tests: nothing.
#[test]
fn server_entry() {
    let last = std::env::args().next_back().unwrap_or_default();
    if last.ends_with("order.json") {
        let order: Order = serde_json::from_slice(&fs::read(last).unwrap()).unwrap();
        tokio::runtime::Runtime::new().unwrap().block_on(async {
            let db = Database::open(&order.url).await.unwrap();
            let blobs = Blobs::local(&order.data.join("blobs")).unwrap();
            let commons = Commons::open(db, blobs, Arc::new(SystemClock), order.data.clone()).await.unwrap();
            open(&commons, &order).await.run().await;
        });
    }
}

async fn open(commons: &Commons, order: &Order) -> Compute {
    let script = format!("sleep {}; exec \"$0\" \"$@\"", order.delay);
    let mut arguments = vec!["-c".into(), script.into(), std::env::current_exe().unwrap().into_os_string()];
    arguments.extend(process::ENTRY.iter().map(Into::into));
    let program = Program { path: "/bin/sh".into(), arguments };
    let heartbeat = Duration::from_millis(order.heartbeat);
    let mut config = Config { program, heartbeat, ..Config::this_machine(3_600_000) };
    config.cpus = 4;
    config.memory_mib = 8192;
    Compute::open(commons, process::kinds(), config).await.unwrap()
}

const GRANT: Grant = Grant { cpus: 4, cpu_hours: 100, devices: 0, device_hours: 0 };

/// A database with jobs in it, and servers that come and go.
struct Scene {
    order: Order,
    ids: Vec<Id<ids::Job>>,
    view: Database,
    _folder: tempfile::TempDir,
}

impl Scene {
    async fn new(kit: Kit, kind: &str, count: usize) -> Self {
        let order = Order {
            url: kit.database_url.clone(),
            data: kit.folder.path().to_owned(),
            heartbeat: 25,
            delay: "0".into(),
        };
        kit.operator().await;
        let (acme, _) = kit.org("acme").await;
        kit.fund(&acme, 100_000_000).await;
        let compute = open(&kit.commons, &order).await;
        let (commons, org) = (kit.commons.clone(), acme.org);
        let granted = kit.commons.db.write(move |tx| {
            Box::pin(async move { compute::ops::grant_quota(&commons, tx, "test", org, GRANT).await })
        });
        granted.await.unwrap();
        let mut ids = Vec::new();
        for number in 0..count {
            let submission = Submission {
                kind: kind.into(),
                name: format!("job {number}"),
                spec: serde_json::json!({}),
                inputs: Vec::new(),
                priority: 50,
                resources: Resources::new(1, 512, 120),
                scheduling: Default::default(),
                idempotency: None,
            };
            ids.push(compute.submit(&acme, submission).await.unwrap().id);
        }
        drop(compute);
        let Kit { commons, folder, .. } = kit;
        drop(commons); // so that a server may write
        let view = Database::open_read_only(&order.url).await.unwrap();
        Self { order, ids, view, _folder: folder }
    }

    fn serve(&self, order: &Order) -> Server {
        let path = self.order.data.join("order.json");
        fs::write(&path, serde_json::to_vec(order).unwrap()).unwrap();
        // The database's lock goes with the killed server a moment after it.
        let arguments = ["--exact", "server_entry", "--nocapture", "--test-threads=1"];
        let mut command = Command::new(std::env::current_exe().unwrap());
        Server(command.args(arguments).arg(path).stdout(Stdio::null()).spawn().unwrap())
    }

    async fn job(&self, id: Id<ids::Job>) -> Job {
        jobs::get(self.view.pool(), id).await.unwrap()
    }

    fn folder(&self, attempt: i64) -> Folder {
        Folder::at(self.order.data.join("jobs").join(self.ids[0].to_string()).join(attempt.to_string()))
    }

    async fn wait(&self, what: &str, done: impl Fn(&Job) -> bool) -> Job {
        let started = Instant::now();
        loop {
            let job = self.job(self.ids[0]).await;
            if done(&job) {
                return job;
            }
            assert!(started.elapsed() < Duration::from_secs(60), "waited in vain for {what}: {job:?}");
            tokio::time::sleep(Duration::from_millis(3)).await;
        }
    }

    /// Every job succeeded, ran once, was paid once, and the books hold.
    async fn check(&self) {
        let mut paid = 0;
        for id in &self.ids {
            let job = self.job(*id).await;
            assert_eq!(job.state, jobs::JobState::Succeeded, "{job:?}");
            assert_eq!(starts(&self.order.data.join("jobs").join(id.to_string())), 1, "{job:?}");
            let charge = billing::get(self.view.pool(), job.charge.unwrap()).await.unwrap();
            assert_eq!(charge.state, ChargeState::Settled);
            let transfers =
                ledger::transfers_of_reference(self.view.pool(), &charge.id.to_string()).await.unwrap();
            assert_eq!(transfers.len(), 1);
            assert_eq!(transfers[0].amount_micros, job.usage.unwrap().cpu_micros / 1000);
            paid += charge.amount_micros;
        }
        let accounts = ledger::list_accounts(self.view.pool(), None).await.unwrap();
        let of = |code: &str| accounts.iter().find(|account| account.code == code).unwrap().balance;
        assert_eq!((of("balance").posted_micros, of("balance").held_micros), (100_000_000 - paid, 0));
        assert_eq!(of("revenue").posted_micros, paid);
        assert!(ledger::verify(&self.view).await.unwrap().holds);
    }
}

/// Lines in the `starts` files of all attempts.
fn starts(job: &Path) -> usize {
    let attempts = fs::read_dir(job).unwrap().map(|entry| entry.unwrap().path().join("starts"));
    attempts.map(|path| fs::read_to_string(path).unwrap_or_default().lines().count()).sum()
}

struct Server(Child);

impl Server {
    fn kill(mut self) {
        self.0.kill().unwrap(); // SIGKILL
        self.0.wait().unwrap();
    }
}

testkit::each_db! {
    /// The child that was spawned comes late, when the next server has started the job again.
    async fn killed_between_spawn_and_claim(kit: Kit) {
        let scene = Scene::new(kit, "test.work", 1).await;
        let first = scene.serve(&Order { delay: "2".into(), ..scene.order.clone() });
        scene.wait("the start", |job| job.state == jobs::JobState::Starting && scene.folder(1).task().exists()).await;
        tokio::time::sleep(Duration::from_millis(300)).await; // spawned by now
        first.kill();
        assert!(!scene.folder(1).claim().exists());
        let second = scene.serve(&scene.order);
        let job = scene.wait("the end", |job| job.state.is_final()).await;
        assert_eq!(job.attempt, 2);
        tokio::time::sleep(Duration::from_millis(2500)).await; // the late child has come and gone
        second.kill();
        scene.check().await;
    }

    /// The job runs, and the server that started it never wrote so.
    async fn killed_between_claim_and_record(kit: Kit) {
        let scene = Scene::new(kit, "test.work", 1).await;
        let first = scene.serve(&Order { delay: "0.5".into(), heartbeat: 60_000, ..scene.order.clone() });
        scene.wait("the claim", |_| scene.folder(1).starts().exists()).await;
        first.kill();
        assert_eq!(scene.job(scene.ids[0]).await.state, jobs::JobState::Starting, "not recorded");
        let second = scene.serve(&scene.order);
        let job = scene.wait("the end", |job| job.state.is_final()).await;
        second.kill();
        assert_eq!(job.attempt, 1, "the running one was found, not started again");
        scene.check().await;
    }

    /// The task has ended, its result isn't published yet.
    async fn killed_after_exit_before_publish(kit: Kit) {
        let scene = Scene::new(kit, "test.slow_publish", 1).await;
        let published = scene.order.data.join("published");
        let first = scene.serve(&scene.order);
        scene.wait("publishing", |_| published.exists()).await;
        first.kill();
        let second = scene.serve(&scene.order);
        scene.wait("the end", |job| job.state.is_final()).await;
        second.kill();
        assert_eq!(fs::read_to_string(published).unwrap().lines().count(), 2, "published again, to the same end");
        scene.check().await;
    }

    /// The machine goes down: server, supervisor and task die together.
    async fn killed_with_the_whole_machine(kit: Kit) {
        let scene = Scene::new(kit, "test.sleep", 1).await;
        let first = scene.serve(&scene.order);
        scene.wait("the run", |job| job.state == jobs::JobState::Running).await;
        tokio::time::sleep(Duration::from_millis(1500)).await; // a measure has been kept
        let claim = fs::read(scene.folder(1).claim()).unwrap();
        let claim: compute::local::Claim = serde_json::from_slice(&claim).unwrap();
        first.kill();
        let pid = rustix::process::Pid::from_raw(i32::try_from(claim.pid).unwrap()).unwrap();
        rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
        process::wait_until(|| !process::lives(claim.pid));
        let second = scene.serve(&scene.order);
        let job = scene.wait("the end", |job| job.state.is_final()).await;
        second.kill();
        assert_eq!((job.state, job.reason.unwrap().code.as_str()), (jobs::JobState::Failed, "vanished"));
        let charge = billing::get(scene.view.pool(), job.charge.unwrap()).await.unwrap();
        assert!(charge.amount_micros < 1000, "a sleeping job used next to nothing: {}", charge.amount_micros);
        assert!(ledger::verify(&scene.view).await.unwrap().holds);
    }

    /// At any moment, again and again.
    async fn killed_again_and_again(kit: Kit) {
        let scene = Scene::new(kit, "test.work", 12).await;
        let mut pause = 90;
        for _ in 0..12 {
            let server = scene.serve(&scene.order);
            pause = (pause * 7 + 130) % 613; // 0 to 612 ms, in no order
            tokio::time::sleep(Duration::from_millis(pause + 100)).await;
            server.kill();
        }
        let last = scene.serve(&scene.order);
        for id in scene.ids.clone() {
            let started = Instant::now();
            while !scene.job(id).await.state.is_final() {
                assert!(started.elapsed() < Duration::from_secs(60), "{:?}", scene.job(id).await);
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
        last.kill();
        scene.check().await;
    }
}

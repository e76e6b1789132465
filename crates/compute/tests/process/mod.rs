//! This test program as server's child: it runs job kinds made for tests.

#![allow(dead_code)] // each test program uses its part

use async_trait::async_trait;
use commons::{
    Commons,
    identity::Caller,
    jobs::{self, Job, JobKind, Kinds, Published, Submission, Task, Tasks},
};
use compute::{
    local::{
        Exit, Folder, TaskFile,
        folder::{read_record, write_record},
        records::{Bounds, Outcome},
        token,
    },
    task::machine,
};
use kernel::{Error, Result};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    env, fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

/// Arguments that lead a test program to its test `task_entry`, before the folder.
pub const ENTRY: [&str; 4] = ["--exact", "task_entry", "--nocapture", "--test-threads=1"];

/// Body of the test `task_entry`: nothing in a run of the tests, the whole task in a child.
pub fn entry() {
    let last = env::args().next_back().unwrap_or_default();
    if last == "probe" || Path::new(&last).join("task.json").exists() {
        // An ExitCode tells its number only in its debug text.
        let code = format!("{:?}", compute::task::main(Path::new(&last), &tasks()));
        let digits: String = code.chars().filter(char::is_ascii_digit).collect();
        std::process::exit(digits.parse().unwrap());
    }
}

/// Work that does one thing each.
fn tasks() -> Tasks {
    Tasks::default()
        .with("test.work", work)
        .with("test.fail", |_| Err(Error::invalid("sums_wrong", "the sums are wrong")))
        .with("test.panic", |_| panic!("on purpose"))
        .with("test.sleep", sleep)
        .with("test.nap", nap)
        .with("test.eat", eat)
        .with("test.gulp", |_| Ok(json!(vec![1u8; 4 << 30].len())))
        .with("test.shout", shout)
        .with("test.write", write)
        .with("test.daemon", daemon)
        .with("test.feed", feed)
        .with("test.slow_publish", work)
        .with("test.full", work)
        .with(compute::command::KIND, compute::command::run_task)
}

/// The server's side of what the tests submit.
pub fn kinds() -> Kinds {
    ["test.work", "test.fail", "test.sleep", "test.nap", "test.slow_publish", "test.full"]
        .into_iter()
        .fold(Kinds::default(), |kinds, name| kinds.with(Made { name }))
}

struct Made {
    name: &'static str,
}

#[async_trait]
impl JobKind for Made {
    fn name(&self) -> &'static str {
        self.name
    }

    fn check(&self, _: &Submission) -> Result<()> {
        Ok(())
    }

    async fn inputs(&self, _: &Commons, _: &Caller, _: &Submission) -> Result<Vec<String>> {
        Ok(Vec::new())
    }

    async fn stage(&self, _: &Commons, job: &Job, input: &Path) -> Result<()> {
        if self.name == "test.full" {
            fill(&input.with_file_name("exit.part"));
        }
        fs::write(input.join("spec.json"), job.spec.to_string()).map_err(Error::internal)
    }

    async fn publish(
        &self,
        commons: &Commons,
        job: &Job,
        output: &Path,
        result: &Value,
    ) -> Result<Published> {
        assert!(output.is_dir());
        if self.name == "test.slow_publish" {
            let calls = fs::OpenOptions::new().create(true).append(true).open(commons.data.join("published"));
            writeln!(calls.map_err(Error::internal)?, "{}", job.id).map_err(Error::internal)?;
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        Ok(Published { outputs: vec![format!("test:{}", job.id)], result: result.clone() })
    }
}

fn work(task: &Task) -> Result<Value> {
    assert!(task.input().join("spec.json").exists() || task.job == "job_test", "the input was staged");
    task.log("working");
    task.progress(0.5, "half");
    task.metric("loss", 1, 2.5);
    let mut sum = 0u64;
    while machine::cpu_micros(std::process::id()) < 100_000 {
        sum = std::hint::black_box((0..100_000).fold(sum, |sum, n| sum.wrapping_mul(31).wrapping_add(n)));
    }
    Ok(
        json!({"cpus": task.cpus, "cores": machine::present_cores().len(), "home": env::var("HOME").is_ok(), "token": task.token}),
    )
}

fn sleep(_: &Task) -> Result<Value> {
    eprintln!("pid {}", std::process::id());
    std::thread::sleep(Duration::from_secs(60));
    Ok(Value::Null)
}

/// Sleeps for as many milliseconds as the spec says, and tells what it saw.
fn nap(task: &Task) -> Result<Value> {
    let millis = task.spec["millis"].as_u64().unwrap_or(100);
    std::thread::sleep(Duration::from_millis(millis));
    let seen = ["CUDA_VISIBLE_DEVICES", "SLURM_ARRAY_TASK_ID"].map(|name| env::var(name).unwrap_or_default());
    Ok(json!({"devices": seen[0], "index": seen[1]}))
}

fn eat(_: &Task) -> Result<Value> {
    let mut eaten = Vec::new();
    for _ in 0..400 {
        eaten.push(vec![1u8; 4 << 20]);
        std::thread::sleep(Duration::from_millis(5));
    }
    Ok(json!(eaten.len()))
}

/// Leaves a busy process in a session of its own, as a daemon would.
fn daemon(_: &Task) -> Result<Value> {
    let script = "setsid sh -c 'while :; do :; done' > /dev/null 2>&1 & echo $!";
    let said = Command::new("/bin/sh").args(["-c", script]).output().map_err(Error::internal)?;
    let pid: u32 = String::from_utf8_lossy(&said.stdout).trim().parse().map_err(Error::internal)?;
    while machine::cpu_micros(pid) < 300_000 {
        assert!(lives(pid));
        std::thread::sleep(Duration::from_millis(10));
    }
    Ok(json!({"pid": pid}))
}

/// Has a child of its child eat memory.
fn feed(_: &Task) -> Result<Value> {
    let script = "setsid tail /dev/zero";
    let ended = Command::new("/bin/sh").args(["-c", script]).status().map_err(Error::internal)?;
    Ok(json!(ended.code()))
}

fn shout(task: &Task) -> Result<Value> {
    for line in 0..20_000 {
        task.log(&format!("line {line} of very many"));
    }
    Ok(Value::Null)
}

fn write(task: &Task) -> Result<Value> {
    fs::create_dir_all(task.output()).map_err(Error::internal)?;
    let mut file = fs::File::create(task.output().join("large")).map_err(Error::internal)?;
    for _ in 0..64 {
        file.write_all(&[7; 65536]).map_err(Error::internal)?;
    }
    Ok(Value::Null)
}

/// What a test asks of the supervisor.
#[derive(Clone)]
pub struct Spec {
    pub kind: &'static str,
    pub wall_seconds: i64,
    pub memory_mib: i64,
    pub log_bytes: u64,
    pub file_bytes: u64,
    /// SIGTERM is ignored by the processes.
    pub deaf: bool,
    /// What the kind is told.
    pub spec: Value,
    /// What whoever placed the job sets.
    pub environment: BTreeMap<String, String>,
    /// Parent of the attempt's control group.
    pub cgroup: Option<String>,
}

impl Spec {
    pub fn kind(kind: &'static str) -> Self {
        Self {
            kind,
            wall_seconds: 30,
            memory_mib: 1024,
            log_bytes: 1 << 20,
            file_bytes: 1 << 30,
            deaf: false,
            spec: Value::Null,
            environment: BTreeMap::new(),
            cgroup: None,
        }
    }
}

/// One attempt in a folder of its own.
pub struct Attempt {
    base: tempfile::TempDir,
    spec: Spec,
}

impl Attempt {
    pub fn new(spec: Spec) -> Self {
        let attempt = Self { base: tempfile::tempdir().unwrap(), spec };
        let Spec { kind, wall_seconds, memory_mib, log_bytes, file_bytes, .. } = attempt.spec.clone();
        fs::create_dir_all(attempt.folder().path()).unwrap();
        let task = jobs::TaskFile {
            job: "job_test".into(),
            kind: kind.into(),
            spec: attempt.spec.spec.clone(),
            cpus: 1,
            memory_mib,
            wall_seconds,
        };
        let bounds = Bounds { log_bytes, file_bytes, grace_millis: 400, nice: 0, processes: 64 };
        let file = TaskFile {
            task,
            cores: vec![machine::present_cores()[0]],
            bounds,
            endpoint: None,
            environment: attempt.spec.environment.clone(),
            cgroup: attempt.spec.cgroup.clone(),
            software: Vec::new(),
        };
        write_record(&attempt.folder().task(), &file).unwrap();
        token::leave(&attempt.folder(), "secret").unwrap();
        attempt
    }

    /// The folder of the server that would have started it.
    pub fn data(&self) -> PathBuf {
        self.base.path().join("data")
    }

    pub fn folder(&self) -> Folder {
        Folder::at(self.data().join("jobs/job_test/1"))
    }

    pub fn spawn(&self) -> Child {
        self.command().spawn().unwrap()
    }

    /// The supervisor, not started yet.
    pub fn command(&self) -> Command {
        let program = env::current_exe().unwrap();
        let mut command = if self.spec.deaf {
            let mut shell = Command::new("/bin/sh");
            shell.args(["-c", "trap '' TERM; exec \"$0\" \"$@\""]).arg(program);
            shell
        } else {
            Command::new(program)
        };
        command.args(ENTRY).arg(self.folder().path()).env_clear();
        command.stdin(Stdio::null()).stdout(Stdio::null());
        command
    }

    pub fn run(&self) -> Exit {
        assert!(self.spawn().wait().unwrap().success());
        read_record(&self.folder().exit()).unwrap().unwrap()
    }

    pub fn result(&self) -> Value {
        match read_record(&self.folder().outcome()).unwrap().unwrap() {
            Outcome::Result(value) => value,
            Outcome::Failed(reason) => panic!("{reason:?}"),
        }
    }

    pub fn log(&self) -> String {
        fs::read_to_string(self.folder().log()).unwrap_or_default()
    }

    pub fn starts(&self) -> usize {
        fs::read_to_string(self.folder().starts()).unwrap_or_default().lines().count()
    }

    /// Process id that `test.sleep` wrote.
    pub fn said_pid(&self) -> u32 {
        let log = self.log();
        let (_, rest) = log.split_once("pid ").unwrap();
        rest.lines().next().unwrap().parse().unwrap()
    }

    pub fn wait_for(&self, done: impl Fn(&Folder) -> bool) {
        wait_until(|| done(&self.folder()));
    }
}

/// Makes the file at `path` one that can be opened, and not written because the disk is full.
pub fn fill(path: &Path) {
    std::os::unix::fs::symlink("/dev/full", path).unwrap();
}

/// Waits until `done`, at most ten seconds.
pub fn wait_until(done: impl Fn() -> bool) {
    let started = Instant::now();
    while !done() {
        assert!(started.elapsed() < Duration::from_secs(10), "waited in vain");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Whether a process lives (a zombie doesn't).
pub fn lives(pid: u32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(") ").is_some_and(|(_, rest)| !rest.starts_with('Z'))
}

//! The Slurm under test, and all ways into it.

use serde::Deserialize;
use slurm::{Access, Commands, Gres, JobInfo, Request, Rest, Slurm, Token};
use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};
use tokio::sync::{Mutex, MutexGuard};

/// One test at a time: one of them kills the controller.
static ROOM: Mutex<()> = Mutex::const_new(());

/// What `e2e/slurm.py` tells.
#[derive(Deserialize)]
pub struct Facts {
    pub conf: PathBuf,
    pub accounting: bool,
    url: String,
    socket: PathBuf,
    user: String,
    token: PathBuf,
}

pub struct Room {
    pub folder: PathBuf,
    pub facts: Facts,
    pub ways: Vec<(&'static str, Slurm)>,
    pub work: tempfile::TempDir,
    _alone: MutexGuard<'static, ()>,
}

/// The Slurm under test with a client for each way in, or a line that says that there is none.
pub async fn enter() -> Option<Room> {
    let Some(folder) = std::env::var_os("MOSU_TEST_SLURM").map(PathBuf::from) else {
        eprintln!("skipped: no Slurm (MOSU_TEST_SLURM); see e2e/slurm.py");
        return None;
    };
    let alone = ROOM.lock().await;
    let text = std::fs::read(folder.join("access.json")).expect("what e2e/slurm.py tells");
    let facts: Facts = serde_json::from_slice(&text).expect("access.json");
    let mut ways = Vec::new();
    for (name, access) in accesses(&facts) {
        ways.push((
            name,
            Slurm::connect(access).await.unwrap_or_else(|error| panic!("{name}: {}", error.chain())),
        ));
    }
    Some(Room { folder, facts, ways, work: tempfile::tempdir().expect("a folder"), _alone: alone })
}

fn accesses(facts: &Facts) -> Vec<(&'static str, Access)> {
    let rest = |url: String, token: Token, version: &str| {
        Access::Rest(Rest { url, user: facts.user.clone(), token, versions: vec![version.to_owned()] })
    };
    let token = || Token::File(facts.token.clone());
    let socket = format!("unix:{}", facts.socket.display());
    vec![
        ("commands", Access::Commands(Commands { folder: None, conf: Some(facts.conf.clone()) })),
        ("rest38", rest(facts.url.clone(), token(), "v0.0.38")),
        ("rest37", rest(facts.url.clone(), token(), "v0.0.37")),
        ("socket", rest(socket, Token::None, "v0.0.38")),
    ]
}

/// A name that no other test and no earlier run has.
pub fn name(of: &str) -> String {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("a clock");
    format!("mosu-job_{of}-{:x}", now.as_nanos())
}

impl Room {
    /// A job of one processor on these nodes for a minute.
    pub fn request(&self, name: &str, nodes: &[&str], script: &str) -> Request {
        Request {
            name: name.to_owned(),
            script: format!("#!/bin/sh\n{script}\n"),
            nodes: nodes.iter().map(|node| (*node).to_owned()).collect(),
            tasks_per_node: 1,
            cpus_per_task: 1,
            memory_mib: 100,
            gres: Vec::new(),
            wall: Duration::from_secs(60),
            folder: self.work.path().to_owned(),
            output: self.work.path().join(format!("{name}.log")),
            comment: String::new(),
            environment: vec![("PATH".into(), "/usr/bin:/bin".into())],
            partition: None,
            account: None,
            qos: None,
        }
    }

    /// A client over HTTP with this token's file.
    pub async fn with_token(&self, file: &Path) -> Slurm {
        let (url, user) = (self.facts.url.clone(), self.facts.user.clone());
        let token = Token::File(file.to_owned());
        Slurm::connect(Access::Rest(Rest { url, user, token, versions: Vec::new() })).await.expect("it is up")
    }

    pub fn gpus(count: u64) -> Vec<Gres> {
        vec![Gres { name: "gpu".into(), model: Some("a100".into()), count }]
    }

    /// One of Slurm's own commands, as the judge of what the client says.
    pub fn ask(&self, program: &str, arguments: &[&str]) -> String {
        let output = std::process::Command::new(program)
            .args(arguments)
            .env("SLURM_CONF", &self.facts.conf)
            .env("SLURM_TIME_FORMAT", "%s")
            .output()
            .expect("one of Slurm's commands");
        assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    }
}

/// The job of this name once `is_so` holds for it.
pub async fn job_when(slurm: &Slurm, name: &str, is_so: impl Fn(&JobInfo) -> bool) -> JobInfo {
    let began = Instant::now();
    loop {
        let jobs = slurm.find(&[name.to_owned()]).await.expect("a controller that answers");
        match &jobs[..] {
            [job] if is_so(job) => return job.clone(),
            _ if began.elapsed() > Duration::from_secs(60) => panic!("{name} is {jobs:?}"),
            _ => tokio::time::sleep(Duration::from_millis(200)).await,
        }
    }
}

/// The text of a file once there is any.
pub async fn text_of(file: &Path) -> String {
    for _ in 0..100 {
        match std::fs::read_to_string(file) {
            Ok(text) if !text.is_empty() => return text,
            _ => tokio::time::sleep(Duration::from_millis(100)).await,
        }
    }
    panic!("nothing was written to {}", file.display())
}

//! A small API server with state: names that are taken, resource versions, pages with tokens that expire, status apart
//! from spec, deletion in the foreground.

#![allow(dead_code)] // each test program uses its part

use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

#[derive(Default)]
struct State {
    jobs: BTreeMap<String, Value>,
    version: u64,
    page: Option<usize>,
    expire: usize,
    lose: bool,
    next: Option<(u16, Value)>,
    stopped: bool,
}

pub struct Server {
    pub url: String,
    address: std::net::SocketAddr,
    state: Arc<Mutex<State>>,
}

impl Server {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("its address");
        let state = Arc::<Mutex<State>>::default();
        let shared = state.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                if lock(&shared).stopped {
                    return;
                }
                serve(stream.expect("a connection"), &shared);
            }
        });
        Self { url: format!("http://{address}"), address, state }
    }

    pub fn stop(&self) {
        self.lock().stopped = true;
        // The listener is closed once it has seen that.
        drop(TcpStream::connect(self.address));
        while TcpStream::connect(self.address).is_ok() {}
    }

    pub fn count(&self) -> usize {
        self.lock().jobs.len()
    }

    /// All objects, by name.
    pub fn objects(&self) -> BTreeMap<String, Value> {
        self.lock().jobs.clone()
    }

    /// As somebody who changes the spec: the version goes on.
    pub fn change(&self, name: &str, change: impl FnOnce(&mut Value)) {
        let mut state = self.lock();
        state.version += 1;
        let version = state.version;
        let job = state.jobs.get_mut(name).expect("a job of this name");
        change(job);
        job["metadata"]["resourceVersion"] = json!(version.to_string());
    }

    /// As a controller that writes the status.
    pub fn status(&self, name: &str, status: Value) {
        self.change(name, |job| job["status"] = status);
    }

    pub fn lose_next_answer(&self) {
        self.lock().lose = true;
    }

    pub fn answer_next(&self, code: u16, reason: &str, message: &str) {
        self.lock().next = Some((code, status(code, reason, message)));
    }

    pub fn pages_of(&self, count: usize) {
        self.lock().page = Some(count);
    }

    /// The next tokens of pages are too old when they come back.
    pub fn expire_next_pages(&self, count: usize) {
        self.lock().expire = count;
    }

    pub fn finish_deletions(&self) {
        self.lock().jobs.retain(|_, job| job["metadata"].get("deletionTimestamp").is_none());
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

fn status(code: u16, reason: &str, message: &str) -> Value {
    json!({"kind": "Status", "apiVersion": "v1", "status": "Failure", "message": message, "reason": reason, "code": code})
}

fn serve(stream: TcpStream, state: &Mutex<State>) {
    let mut reader = BufReader::new(stream);
    let (mut line, mut length, mut token) = (String::new(), 0, String::new());
    reader.read_line(&mut line).expect("a request");
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).expect("a header");
        let Some((name, value)) = header.trim().split_once(':') else { break };
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.trim().parse().expect("a length"),
            "authorization" => token = value.trim().to_owned(),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).expect("a body");
    let mut words = line.split(' ');
    let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let mut state = lock(state);
    let (code, answer) = if token == "Bearer secret" {
        state.next.take().unwrap_or_else(|| state.answer(method, target, &body))
    } else {
        (401, status(401, "Unauthorized", "Unauthorized"))
    };
    if !std::mem::take(&mut state.lose) {
        let text = answer.to_string();
        let head =
            format!("HTTP/1.1 {code} X\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", text.len());
        let _ = reader.get_mut().write_all(format!("{head}{text}").as_bytes());
    }
}

impl State {
    fn answer(&mut self, method: &str, target: &str, body: &[u8]) -> (u16, Value) {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let query: BTreeMap<_, _> = query.split('&').filter_map(|pair| pair.split_once('=')).collect();
        if path == "/api/v1/nodes" {
            return (200, json!({"kind": "NodeList", "metadata": {}, "items": [node()]}));
        }
        let name =
            path.strip_prefix("/apis/batch/v1/namespaces/acme/jobs").map(|rest| rest.trim_start_matches('/'));
        match (method, name) {
            ("GET", Some("")) => self.list(&query),
            ("POST", Some("")) => self.create(serde_json::from_slice(body).expect("an object")),
            ("GET", Some(name)) => match self.jobs.get(name) {
                Some(job) => (200, job.clone()),
                None => missing(name),
            },
            ("DELETE", Some(name)) => self.delete(name),
            _ => (404, status(404, "NotFound", "the server could not find the requested resource")),
        }
    }

    fn create(&mut self, mut job: Value) -> (u16, Value) {
        let name = job["metadata"]["name"].as_str().expect("a name").to_owned();
        if self.jobs.contains_key(&name) {
            return (409, status(409, "AlreadyExists", &format!("jobs.batch \"{name}\" already exists")));
        }
        self.version += 1;
        job["metadata"]["uid"] = json!(format!("uid-{}", self.version));
        job["metadata"]["resourceVersion"] = json!(self.version.to_string());
        // What a client says of the status isn't taken.
        job["status"] = json!({});
        self.jobs.insert(name, job.clone());
        (201, job)
    }

    fn delete(&mut self, name: &str) -> (u16, Value) {
        match self.jobs.get_mut(name) {
            Some(job) => {
                job["metadata"]["deletionTimestamp"] = json!("2026-01-01T00:00:00Z");
                (200, job.clone())
            }
            None => missing(name),
        }
    }

    fn list(&mut self, query: &BTreeMap<&str, &str>) -> (u16, Value) {
        let owner = query.get("labelSelector").map(|selector| {
            let selector = selector.replace("%2F", "/").replace("%3D", "=");
            selector.strip_prefix("mosu/owner=").expect("a selector of ours").to_owned()
        });
        let from = match query.get("continue") {
            Some(_) if self.expire > 0 => {
                self.expire -= 1;
                return (410, status(410, "Expired", "The provided continue parameter is too old"));
            }
            // With a character that an address can't hold as it is.
            Some(token) => token.strip_prefix("at%3D").expect("our token").parse().expect("a place"),
            None => 0,
        };
        let limit = query.get("limit").and_then(|limit| limit.parse().ok()).unwrap_or(500);
        let page = self.page.unwrap_or(limit);
        let mine = |job: &&Value| {
            owner.as_ref().is_none_or(|owner| job["metadata"]["labels"]["mosu/owner"] == **owner)
        };
        let all: Vec<_> = self.jobs.values().filter(mine).cloned().collect();
        let items: Vec<_> = all.iter().skip(from).take(page).cloned().collect();
        let next = if from + page < all.len() { format!("at={}", from + page) } else { String::new() };
        let metadata = json!({"resourceVersion": self.version.to_string(), "continue": next});
        (200, json!({"kind": "JobList", "metadata": metadata, "items": items}))
    }
}

fn missing(name: &str) -> (u16, Value) {
    (404, status(404, "NotFound", &format!("jobs.batch \"{name}\" not found")))
}

fn node() -> Value {
    json!({"metadata": {"name": "gpu-1", "labels": {"pool": "a100"}}, "spec": {}, "status": {
        "allocatable": {"cpu": "64", "memory": "256Gi", "nvidia.com/gpu": "8", "pods": "110"},
        "conditions": [{"type": "Ready", "status": "True"}]}})
}

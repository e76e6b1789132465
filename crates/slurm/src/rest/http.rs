//! Calls over HTTP: bounded, in threads of their own, with one more thing to know than usual: whether a request that
//! failed may have arrived.

use super::unix::SocketConnector;
use crate::{
    Rest, Token,
    failure::{Class, Failure},
};
use kernel::{Error, Result};
use std::{io::Read, path::PathBuf, time::Duration};
use ureq::{
    Agent,
    config::Config,
    http::{Method, Request},
    unversioned::{resolver::DefaultResolver, transport::Connector},
};

/// How long a call may take. Slurm's own waits for a controller that is away last some ten seconds.
const LONGEST: Duration = Duration::from_secs(60);
/// How long a connection may take to come about.
const CONNECT: Duration = Duration::from_secs(10);
/// The most bytes of an answer: some 50,000 jobs.
const MAX_ANSWER: u64 = 256 << 20;
/// The most bytes of a token.
const MAX_TOKEN: u64 = 64 << 10;

/// An answer.
pub struct Reply {
    pub status: u16,
    pub body: Vec<u8>,
}

/// The service's address, and who asks there.
#[derive(Clone)]
pub struct Http {
    base: String,
    user: String,
    token: Token,
    agent: Agent,
}

impl std::fmt::Debug for Http {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Http").field("base", &self.base).field("user", &self.user).finish_non_exhaustive()
    }
}

impl Http {
    pub fn new(access: &Rest) -> Result<Self> {
        let bad = |text: &'static str| Err(Error::invalid("slurm_access_invalid", text));
        if access.user.is_empty() || !access.user.bytes().all(|byte| byte.is_ascii_graphic()) {
            return bad("The name of Slurm's user is empty or has odd characters.");
        }
        let (base, agent) = match access.url.strip_prefix("unix:") {
            Some(path) if path.starts_with('/') => {
                let connector = SocketConnector { path: PathBuf::from(path) };
                let agent = Agent::with_parts(config(), ().chain(connector), DefaultResolver::default());
                // Nobody looks this up: the connector ignores it.
                ("http://127.0.0.1".to_owned(), agent)
            }
            None if access.url.starts_with("http://") || access.url.starts_with("https://") => {
                (access.url.trim_end_matches('/').to_owned(), Agent::new_with_config(config()))
            }
            _ => return bad("The address of slurmrestd must begin with http://, https:// or unix:/."),
        };
        Ok(Self { base, user: access.user.clone(), token: access.token.clone(), agent })
    }

    pub async fn get(&self, path: String) -> Result<Reply, Failure> {
        self.call(Method::GET, path, Vec::new()).await
    }

    pub async fn post(&self, path: String, body: Vec<u8>) -> Result<Reply, Failure> {
        self.call(Method::POST, path, body).await
    }

    pub async fn delete(&self, path: String) -> Result<Reply, Failure> {
        self.call(Method::DELETE, path, Vec::new()).await
    }

    async fn call(&self, method: Method, path: String, body: Vec<u8>) -> Result<Reply, Failure> {
        let this = self.clone();
        let call = tokio::task::spawn_blocking(move || this.call_here(method, &path, body));
        call.await.unwrap_or_else(|_| Err(Failure::new(Class::Unsure, "a call to slurmrestd was broken off")))
    }

    fn call_here(&self, method: Method, path: &str, body: Vec<u8>) -> Result<Reply, Failure> {
        let mut request = Request::builder().method(method.clone()).uri(format!("{}{path}", self.base));
        if let Some(token) = self.token()? {
            request = request.header("x-slurm-user-name", &self.user).header("x-slurm-user-token", token);
        }
        let odd = |error: ureq::http::Error| Failure::new(Class::Refused, error.to_string());
        let response = if method == Method::POST {
            self.agent.run(request.header("content-type", "application/json").body(body).map_err(odd)?)
        } else {
            self.agent.run(request.body(()).map_err(odd)?)
        };
        let mut response = response.map_err(|error| failure(&error))?;
        let mut body = Vec::new();
        let mut reader = response.body_mut().as_reader().take(MAX_ANSWER + 1);
        reader.read_to_end(&mut body).map_err(|error| Failure::new(Class::Unsure, error.to_string()))?;
        if body.len() as u64 > MAX_ANSWER {
            return Err(Failure::new(Class::Unreadable, format!("more than {MAX_ANSWER} bytes")));
        }
        Ok(Reply { status: response.status().as_u16(), body })
    }

    /// The token's text, without the `SLURM_JWT=` that `scontrol token` writes before it.
    fn token(&self) -> Result<Option<String>, Failure> {
        let text = match &self.token {
            Token::None => return Ok(None),
            Token::Text(text) => text.clone(),
            Token::File(path) => {
                let mut text = String::new();
                let read =
                    std::fs::File::open(path).and_then(|file| file.take(MAX_TOKEN).read_to_string(&mut text));
                let told = |error| Failure::new(Class::Denied, format!("the token can't be read: {error}"));
                read.map_err(told)?;
                text
            }
        };
        let token = text.trim();
        Ok(Some(token.strip_prefix("SLURM_JWT=").unwrap_or(token).to_owned()))
    }
}

/// No connection is kept for later: one that the other side closed meanwhile would leave a submission unsure.
fn config() -> Config {
    Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .proxy(None)
        .max_idle_connections(0)
        .timeout_connect(Some(CONNECT))
        .timeout_global(Some(LONGEST))
        .build()
}

/// What surely failed before anything was sent is known; of all else we can't be sure.
fn failure(error: &ureq::Error) -> Failure {
    use ureq::{Error, Timeout};
    let class = match error {
        Error::HostNotFound
        | Error::ConnectionFailed
        | Error::Tls(_)
        | Error::BadUri(_)
        | Error::Timeout(Timeout::Connect | Timeout::Resolve) => Class::Unavailable,
        Error::Io(cause) => class_of_io(cause),
        _ => Class::Unsure,
    };
    Failure::new(class, format!("slurmrestd: {error}"))
}

fn class_of_io(cause: &std::io::Error) -> Class {
    use std::io::ErrorKind;
    match cause.kind() {
        ErrorKind::ConnectionRefused
        | ErrorKind::NotFound
        | ErrorKind::AddrNotAvailable
        | ErrorKind::HostUnreachable
        | ErrorKind::NetworkUnreachable => Class::Unavailable,
        ErrorKind::PermissionDenied => Class::Denied,
        _ => Class::Unsure,
    }
}

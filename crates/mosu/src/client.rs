//! The command line as a client of the server: our own API over HTTP, with the user's token.

use anyhow::{Context, Result, anyhow};
use serde_json::Value;
use std::{
    io::Read,
    path::{Path, PathBuf},
    time::Duration,
};

/// The most bytes of an answer that is read into memory.
const MAX_ANSWER: u64 = 64 << 20;

/// A failure that is the user's to mend: exit code 1.
#[derive(Debug)]
pub struct UserError(pub String);

impl std::fmt::Display for UserError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}
impl std::error::Error for UserError {}

/// Where `mosu up` and `mosu demo` leave an organisation's key, readable by its owner alone: the client's side,
/// as an SSH key lies in a home folder. The server keeps only its hash.
fn key_file(data: &Path, slug: &str) -> PathBuf {
    data.join("tokens").join(slug)
}

/// The key of an organisation that lies in a data folder.
pub fn read_key(data: &Path, slug: &str) -> Option<String> {
    Some(std::fs::read_to_string(key_file(data, slug)).ok()?.trim().to_owned())
}

/// Leaves an organisation's key in a data folder.
pub fn write_key(data: &Path, slug: &str, secret: &str) -> Result<()> {
    use std::{
        io::Write,
        os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    };
    let path = key_file(data, slug);
    let folder = data.join("tokens");
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&folder)?;
    let staged = folder.join(format!(".{slug}.new"));
    let _ = std::fs::remove_file(&staged);
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&staged)?;
    writeln!(file, "{secret}")?;
    std::fs::rename(staged, &path).with_context(|| format!("{} can't be written", path.display()))
}

/// Where the server of a data folder was last reached.
pub fn read_endpoint(data: &Path) -> Option<String> {
    Some(std::fs::read_to_string(data.join("endpoint")).ok()?.trim().to_owned())
}

/// A server, and who speaks to it.
#[derive(Clone)]
pub struct Client {
    /// Address of the server, without a slash at its end.
    pub endpoint: String,
    token: Option<String>,
    agent: ureq::Agent,
}

impl Client {
    /// A client of `endpoint` with `token`.
    pub fn new(endpoint: &str, token: Option<&str>) -> Self {
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_connect(Some(Duration::from_secs(10)))
            .timeout_global(Some(Duration::from_secs(1800)))
            .build();
        let endpoint = endpoint.trim_end_matches('/').to_owned();
        Self { endpoint, token: token.map(str::to_owned), agent: config.into() }
    }

    /// The same server with another token.
    pub fn with_token(&self, token: &str) -> Self {
        Self { token: Some(token.to_owned()), ..self.clone() }
    }

    /// The token that it speaks with.
    pub fn token(&self) -> Option<String> {
        self.token.clone()
    }

    /// GET.
    pub fn get(&self, path: &str) -> Result<Value> {
        self.send("GET", path, None, &[])
    }

    /// POST of JSON.
    pub fn post(&self, path: &str, body: &Value) -> Result<Value> {
        self.send("POST", path, Some(body.to_string().into_bytes()), &[("content-type", "application/json")])
    }

    /// POST of JSON that is done once per `key`, however often it is sent.
    pub fn post_once(&self, path: &str, key: &str, body: &Value) -> Result<Value> {
        let headers = [("content-type", "application/json"), ("idempotency-key", key)];
        self.send("POST", path, Some(body.to_string().into_bytes()), &headers)
    }

    /// DELETE.
    pub fn delete(&self, path: &str) -> Result<Value> {
        self.send("DELETE", path, None, &[])
    }

    /// PUT of a file.
    pub fn put_file(&self, path: &str, file: &Path) -> Result<Value> {
        let content =
            std::fs::File::open(file).with_context(|| format!("{} can't be read", file.display()))?;
        let request = self.request("PUT", path, &[])?;
        let response = self.agent.run(request.body(ureq::SendBody::from_owned_reader(content))?);
        self.answer(response, path)
    }

    fn request(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
    ) -> Result<ureq::http::request::Builder> {
        let url = format!("{}{path}", self.endpoint);
        let mut request = ureq::http::Request::builder().method(method).uri(url);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        Ok(request)
    }

    fn send(
        &self,
        method: &str,
        path: &str,
        body: Option<Vec<u8>>,
        headers: &[(&str, &str)],
    ) -> Result<Value> {
        let request = self.request(method, path, headers)?;
        let response = match body {
            Some(bytes) => self.agent.run(request.body(bytes)?),
            None => self.agent.run(request.body(())?),
        };
        self.answer(response, path)
    }

    fn answer(
        &self,
        response: std::result::Result<ureq::http::Response<ureq::Body>, ureq::Error>,
        path: &str,
    ) -> Result<Value> {
        let mut response = response.map_err(|error| {
            anyhow!(UserError(format!(
                "the server at {} does not answer ({error}); start it with “mosu up”, or name another with --endpoint",
                self.endpoint
            )))
        })?;
        let status = response.status();
        let mut text = String::new();
        response.body_mut().as_reader().take(MAX_ANSWER).read_to_string(&mut text)?;
        let value: Value = serde_json::from_str(&text).unwrap_or(Value::String(text));
        if status.is_success() {
            return Ok(value);
        }
        let said = ["/detail", "/error/message", "/error"].iter().find_map(|at| value.pointer(at)?.as_str());
        let told = format!("{} ({status}, {path})", said.unwrap_or("the server refused this"));
        if status.is_server_error() { Err(anyhow!(told)) } else { Err(anyhow!(UserError(told))) }
    }
}

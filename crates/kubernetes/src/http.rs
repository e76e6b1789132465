//! Calls over HTTP: bounded, in threads of their own, and with a known answer to "may it have arrived?".

use crate::{
    Access, Token,
    failure::{Class, Failure},
};
use kernel::{Error, Result};
use serde::de::DeserializeOwned;
use std::{io::Read, path::Path, sync::Arc, time::Duration};
use ureq::{
    Agent,
    http::{Method, Request},
    tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem},
};

/// How long a call may take.
const LONGEST: Duration = Duration::from_secs(60);
/// How long a connection may take to come about.
const CONNECT: Duration = Duration::from_secs(10);
/// The most bytes of an answer: some thousand objects.
const MAX_ANSWER: u64 = 64 << 20;
/// The most bytes of a token or of certificates.
const MAX_FILE: u64 = 1 << 20;

/// The API server, and who asks there.
#[derive(Clone)]
pub(crate) struct Http {
    base: String,
    token: Token,
    agent: Agent,
}

impl std::fmt::Debug for Http {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Http").field("base", &self.base).finish_non_exhaustive()
    }
}

impl Http {
    pub fn new(access: &Access) -> Result<Self> {
        if !["http://", "https://"].iter().any(|scheme| access.url.starts_with(scheme)) {
            return Err(invalid("The address of the API server must begin with https:// or http://."));
        }
        let mut config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .proxy(None)
            .max_idle_connections(0)
            .timeout_connect(Some(CONNECT))
            .timeout_global(Some(LONGEST));
        if let Some(file) = &access.authority {
            config = config.tls_config(TlsConfig::builder().root_certs(authority(file)?).build());
        }
        let base = access.url.trim_end_matches('/').to_owned();
        Ok(Self { base, token: access.token.clone(), agent: Agent::new_with_config(config.build()) })
    }

    pub async fn get<T: DeserializeOwned>(&self, path: String) -> Result<T, Failure> {
        read(&self.call(Method::GET, path, Vec::new()).await.map_err(Failure::of_question)?)
    }

    pub async fn post<T: DeserializeOwned>(&self, path: String, body: Vec<u8>) -> Result<T, Failure> {
        read(&self.call(Method::POST, path, body).await?)
    }

    pub async fn delete(&self, path: String) -> Result<(), Failure> {
        self.call(Method::DELETE, path, Vec::new()).await.map(drop)
    }

    async fn call(&self, method: Method, path: String, body: Vec<u8>) -> Result<Vec<u8>, Failure> {
        let this = self.clone();
        let call = tokio::task::spawn_blocking(move || this.call_here(method, &path, body));
        call.await.unwrap_or_else(|_| Err(Failure::new(Class::Unsure, "a call was broken off")))
    }

    fn call_here(&self, method: Method, path: &str, body: Vec<u8>) -> Result<Vec<u8>, Failure> {
        let mut request = Request::builder().method(method.clone()).uri(format!("{}{path}", self.base));
        if let Some(token) = self.token()? {
            request = request.header("authorization", format!("Bearer {token}"));
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
        if response.status().is_success() {
            return Ok(body);
        }
        Err(Failure::of_status(response.status().as_u16(), &body))
    }

    fn token(&self) -> Result<Option<String>, Failure> {
        let text = match &self.token {
            Token::None => return Ok(None),
            Token::Text(text) => text.clone(),
            Token::File(path) => file(path)
                .map_err(|error| Failure::new(Class::Denied, format!("the token can't be read: {error}")))?,
        };
        Ok(Some(text.trim().to_owned()))
    }
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Failure> {
    serde_json::from_slice(body).map_err(|error| Failure::new(Class::Unreadable, error.to_string()))
}

fn file(path: &Path) -> std::io::Result<String> {
    let mut text = String::new();
    std::fs::File::open(path)?.take(MAX_FILE).read_to_string(&mut text)?;
    Ok(text)
}

/// The authority's certificates.
fn authority(path: &Path) -> Result<RootCerts> {
    let text =
        file(path).map_err(|error| invalid("The authority's file can't be read.").with_source(error))?;
    let certificates = parse_pem(text.as_bytes()).filter_map(|item| match item {
        Ok(PemItem::Certificate(certificate)) => Some(certificate),
        _ => None,
    });
    let certificates: Vec<Certificate<'static>> = certificates.collect();
    if certificates.is_empty() {
        return Err(invalid("The authority's file has no certificate in PEM."));
    }
    Ok(RootCerts::Specific(Arc::new(certificates)))
}

fn invalid(text: &'static str) -> Error {
    Error::invalid("kubernetes_access_invalid", text)
}

/// What surely failed before anything was sent is known; of all else we can't be sure.
fn failure(error: &ureq::Error) -> Failure {
    use std::io::ErrorKind;
    use ureq::{Error, Timeout};
    let class = match error {
        Error::HostNotFound
        | Error::ConnectionFailed
        | Error::Tls(_)
        | Error::BadUri(_)
        | Error::Timeout(Timeout::Connect | Timeout::Resolve) => Class::Unavailable,
        Error::Io(cause) if cause.kind() == ErrorKind::ConnectionRefused => Class::Unavailable,
        _ => Class::Unsure,
    };
    Failure::new(class, format!("the API server: {error}"))
}

//! `slurmrestd` over HTTP, by an address or by a socket.

use super::unix::SocketConnector;
use crate::{Rest, failure::Failure};
use kernel::{Error, Result};
use remote::{Client, config};
use std::{path::PathBuf, sync::Arc};
use ureq::{
    Agent,
    unversioned::{resolver::DefaultResolver, transport::Connector},
};

pub use remote::Reply;

/// The most bytes of an answer: some 50,000 jobs.
const MAX_ANSWER: u64 = 256 << 20;

/// The service's address, and who asks there.
#[derive(Debug, Clone)]
pub struct Http(Client);

impl Http {
    pub fn new(access: &Rest) -> Result<Self> {
        let bad = |text: &'static str| Err(Error::invalid("slurm_access_invalid", text));
        if access.user.is_empty() || !access.user.bytes().all(|byte| byte.is_ascii_graphic()) {
            return bad("The name of Slurm's user is empty or has odd characters.");
        }
        let (base, agent) = match access.url.strip_prefix("unix:") {
            Some(path) if path.starts_with('/') => {
                let connector = SocketConnector { path: PathBuf::from(path) };
                let agent =
                    Agent::with_parts(config().build(), ().chain(connector), DefaultResolver::default());
                // Nobody looks this up: the connector ignores it.
                ("http://127.0.0.1".to_owned(), agent)
            }
            None if access.url.starts_with("http://") || access.url.starts_with("https://") => {
                (access.url.trim_end_matches('/').to_owned(), Agent::new_with_config(config().build()))
            }
            _ => return bad("The address of slurmrestd must begin with http://, https:// or unix:/."),
        };
        let user = access.user.clone();
        Ok(Self(Client {
            name: "slurmrestd",
            base,
            token: access.token.clone(),
            sign: Arc::new(move |request, token| {
                // `scontrol token` writes the name of a variable before it.
                let token = token.strip_prefix("SLURM_JWT=").unwrap_or(token);
                request.header("x-slurm-user-name", &user).header("x-slurm-user-token", token)
            }),
            agent,
            max_answer: MAX_ANSWER,
        }))
    }

    pub async fn get(&self, path: String) -> Result<Reply, Failure> {
        Ok(self.0.get(path).await?)
    }

    pub async fn post(&self, path: String, body: Vec<u8>) -> Result<Reply, Failure> {
        Ok(self.0.post(path, body).await?)
    }

    pub async fn delete(&self, path: String) -> Result<Reply, Failure> {
        Ok(self.0.delete(path).await?)
    }
}

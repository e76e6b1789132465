//! The API server over HTTP: what is sent and read is JSON, and any other status than success a failure.

use crate::{
    Access,
    failure::{Class, Failure},
};
use kernel::{Error, Result};
use remote::{Client, Reply};
use serde::de::DeserializeOwned;
use std::{path::Path, sync::Arc};
use ureq::{
    Agent,
    tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem},
};

/// The most bytes of an answer: some thousand objects.
const MAX_ANSWER: u64 = 64 << 20;

/// The API server, and who asks there.
#[derive(Debug, Clone)]
pub(crate) struct Http(Client);

impl Http {
    pub fn new(access: &Access) -> Result<Self> {
        if !["http://", "https://"].iter().any(|scheme| access.url.starts_with(scheme)) {
            return Err(invalid("The address of the API server must begin with https:// or http://."));
        }
        let mut config = remote::config();
        if let Some(file) = &access.authority {
            config = config.tls_config(TlsConfig::builder().root_certs(authority(file)?).build());
        }
        Ok(Self(Client {
            name: "the API server",
            base: access.url.trim_end_matches('/').to_owned(),
            token: access.token.clone(),
            sign: Arc::new(|request, token| request.header("authorization", format!("Bearer {token}"))),
            agent: Agent::new_with_config(config.build()),
            max_answer: MAX_ANSWER,
        }))
    }

    pub async fn get<T: DeserializeOwned>(&self, path: String) -> Result<T, Failure> {
        let told = self.0.get(path).await.map_err(Failure::from).and_then(success);
        read(&told.map_err(Failure::of_question)?)
    }

    pub async fn post<T: DeserializeOwned>(&self, path: String, body: Vec<u8>) -> Result<T, Failure> {
        read(&success(self.0.post(path, body).await?)?)
    }

    pub async fn delete(&self, path: String) -> Result<(), Failure> {
        success(self.0.delete(path).await?).map(drop)
    }
}

fn success(reply: Reply) -> Result<Vec<u8>, Failure> {
    match reply.status {
        200..=299 => Ok(reply.body),
        status => Err(Failure::of_status(status, &reply.body)),
    }
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Failure> {
    serde_json::from_slice(body).map_err(|error| Failure::new(Class::Unreadable, error.to_string()))
}

/// The authority's certificates.
fn authority(path: &Path) -> Result<RootCerts> {
    let text = remote::file(path)
        .map_err(|error| invalid("The authority's file can't be read.").with_source(error))?;
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

//! The verbs.

use crate::{
    Access, JobInfo, NodeInfo, Request, Submission,
    failure::{Class, Failure},
    http::Http,
    job, node, object, request,
};
use kernel::{Error, Result};
use serde::{Deserialize, de::DeserializeOwned};
use std::{collections::HashSet, sync::Arc};

/// Objects of one page of a list.
const PAGE: usize = 500;
/// How often a list that got too old while it was read is begun again.
const LISTINGS: usize = 3;
/// The most objects that a list may have in all.
const MAX_OBJECTS: usize = 100_000;

/// A client of one namespace. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Kubernetes {
    http: Http,
    access: Arc<Access>,
}

#[derive(Deserialize)]
struct List<T> {
    #[serde(default)]
    metadata: ListMetadata,
    items: Vec<T>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ListMetadata {
    r#continue: Option<String>,
}

impl Kubernetes {
    /// Connects: checks that the API server answers and lets us see jobs.
    ///
    /// # Errors
    /// `kubernetes_access_invalid` for an address, name or certificate that can't be right;
    /// `kubernetes_unavailable` and `kubernetes_denied`.
    pub async fn connect(access: Access) -> Result<Self> {
        let word = |text: &str| {
            let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
            (1..=63).contains(&text.len()) && text.bytes().all(fits)
        };
        if !word(&access.namespace) || !word(&access.owner) {
            let text = "Namespace and owner are 1 to 63 of a-z 0-9 -.";
            return Err(Error::invalid("kubernetes_access_invalid", text));
        }
        let kubernetes = Self { http: Http::new(&access)?, access: Arc::new(access) };
        kubernetes.ping().await?;
        Ok(kubernetes)
    }

    /// Submits one job. Doing so again under the same name gives the same job.
    pub async fn submit(&self, request: &Request) -> Submission {
        match self.create(request).await {
            Ok(id) => Submission::Taken(id),
            Err(failure) => failure.into(),
        }
    }

    async fn create(&self, request: &Request) -> Result<String, Failure> {
        request.check()?;
        let body = object::job(request, &self.access.owner).to_string().into_bytes();
        match self.http.post::<job::Object>(self.path(""), body).await {
            Ok(made) => made.id(),
            Err(taken) if taken.class == Class::Taken => self.known(request, taken).await,
            Err(failure) => Err(failure),
        }
    }

    /// The id of the job that has this name already, if it is ours.
    async fn known(&self, request: &Request, taken: Failure) -> Result<String, Failure> {
        let found: job::Object = match self.http.get(self.path(&format!("/{}", request.object_name()))).await
        {
            Ok(found) => found,
            // It was deleted in between.
            Err(failure) if failure.class == Class::Missing => {
                return Err(Failure::new(Class::Unavailable, taken.words));
            }
            Err(failure) => return Err(failure),
        };
        if found.is_of(&request.name, &self.access.owner) { found.id() } else { Err(taken) }
    }

    /// Our jobs of these names; such as don't exist are left out, among them those that were cancelled and have
    /// ended. One listing, however many names.
    ///
    /// # Errors
    /// `kubernetes_unavailable` or `kubernetes_denied`; never an empty answer in their place.
    pub async fn find(&self, names: &[String]) -> Result<Vec<JobInfo>> {
        names.iter().try_for_each(|name| request::name(name))?;
        let names: HashSet<&String> = names.iter().collect();
        let mut jobs = self.all().await?;
        jobs.retain(|job| names.contains(&job.name));
        Ok(jobs)
    }

    /// All of our jobs whose name begins with `prefix`, as [`find`](Self::find).
    ///
    /// # Errors
    /// As [`find`](Self::find).
    pub async fn jobs(&self, prefix: &str) -> Result<Vec<JobInfo>> {
        let mut jobs = self.all().await?;
        jobs.retain(|job| job.name.starts_with(prefix));
        Ok(jobs)
    }

    async fn all(&self) -> Result<Vec<JobInfo>, Failure> {
        let path = self.path(&format!(
            "?labelSelector={}%3D{}",
            object::OWNER.replace('/', "%2F"),
            self.access.owner
        ));
        let objects: Vec<job::Object> = self.list(&path).await?;
        objects.into_iter().map(job::Object::info).collect()
    }

    /// Deletes jobs with their pods. One that doesn't exist is no error. Until its pods have ended a job is still
    /// found, as completing.
    ///
    /// # Errors
    /// `kubernetes_unavailable` and `kubernetes_unsure`, after which it may be asked again, since a second time does
    /// no harm; `kubernetes_denied`.
    pub async fn cancel(&self, names: &[String]) -> Result<()> {
        for name in names {
            request::name(name)?;
            let path = self.path(&format!("/{}?propagationPolicy=Foreground", request::object_name(name)));
            match self.http.delete(path).await {
                Err(failure) if failure.class != Class::Missing => return Err(failure.into()),
                _ => {}
            }
        }
        Ok(())
    }

    /// All nodes of the cluster.
    ///
    /// # Errors
    /// `kubernetes_unavailable` or `kubernetes_denied`.
    pub async fn nodes(&self) -> Result<Vec<NodeInfo>> {
        let objects: Vec<node::Object> = self.list("/api/v1/nodes?").await?;
        Ok(objects.into_iter().map(node::Object::info).collect::<Result<_, _>>()?)
    }

    /// Whether the API server answers and lets us see jobs.
    ///
    /// # Errors
    /// `kubernetes_unavailable` or `kubernetes_denied`.
    pub async fn ping(&self) -> Result<()> {
        let _: List<serde::de::IgnoredAny> = self.http.get(self.path("?limit=1")).await?;
        Ok(())
    }

    /// All pages of a list. A list that the server has forgotten in between is begun again from its start, so that
    /// nothing is left out.
    async fn list<T: DeserializeOwned>(&self, path: &str) -> Result<Vec<T>, Failure> {
        let mut last = Failure::new(Class::Unavailable, "a list is forgotten faster than it can be read");
        for _ in 0..LISTINGS {
            match self.pages(path).await {
                Err(failure) if failure.class == Class::Expired => last = failure,
                done => return done,
            }
        }
        Err(last)
    }

    async fn pages<T: DeserializeOwned>(&self, path: &str) -> Result<Vec<T>, Failure> {
        let mut objects = Vec::new();
        let mut at = String::new();
        loop {
            let page: List<T> = self.http.get(format!("{path}&limit={PAGE}{at}")).await?;
            objects.extend(page.items);
            match page.metadata.r#continue {
                Some(token) if !token.is_empty() => at = format!("&continue={}", escaped(&token)),
                _ => return Ok(objects),
            }
            if objects.len() > MAX_OBJECTS {
                return Err(Failure::new(
                    Class::Unreadable,
                    format!("a list of more than {MAX_OBJECTS} objects"),
                ));
            }
        }
    }

    fn path(&self, rest: &str) -> String {
        format!("/apis/batch/v1/namespaces/{}/jobs{rest}", self.access.namespace)
    }
}

/// A token of the server's making as part of an address.
fn escaped(token: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~');
    token
        .bytes()
        .map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

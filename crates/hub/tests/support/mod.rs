//! A hub with two organisations and the operator, asked through its routes.
#![allow(dead_code)] // each test file uses its part

use axum::{
    Router,
    body::Body,
    http::{Method, Request},
};
use commons::identity::Caller;
use hub::{Commit, CommitRequest, Content, Hub, RepoKind, Repository, Visibility};
use kernel::Id;
use testkit::{Kit, Reply};

pub struct World {
    kit: Kit,
    pub hub: Hub,
    pub router: Router,
    pub acme: (Caller, String),
    pub rival: (Caller, String),
    pub operator: (Caller, String),
}

/// A header of an answer, empty when it is not there.
pub fn header<'r>(reply: &'r Reply, name: &str) -> &'r str {
    reply.headers.get(name).map_or("", |value| value.to_str().unwrap())
}

impl World {
    pub async fn new(kit: Kit) -> Self {
        let hub = Hub::open(&kit.commons).await.unwrap();
        let router = hub.routes(&kit.commons).into_router();
        let (acme, rival, operator) = (kit.org("acme").await, kit.org("rival").await, kit.operator().await);
        Self { kit, hub, router, acme, rival, operator }
    }

    /// Commits text files to a repository of acme's.
    pub async fn commit(
        &self,
        kind: RepoKind,
        name: &str,
        visibility: Visibility,
        files: &[(&str, &str)],
    ) -> Commit {
        self.hub.commit(self.request(kind, name, visibility, files)).await.unwrap()
    }

    /// What [`World::commit`] asks for, with a key of its own.
    pub fn request(
        &self,
        kind: RepoKind,
        name: &str,
        visibility: Visibility,
        files: &[(&str, &str)],
    ) -> CommitRequest {
        let content = |text: &str| Content::Bytes(text.to_owned().into());
        CommitRequest {
            kind,
            org: self.acme.0.org,
            name: name.to_owned(),
            visibility,
            message: "A change\n\nwith more to say".into(),
            author: "acme".into(),
            files: files.iter().map(|(path, text)| ((*path).to_owned(), content(text))).collect(),
            replace_all: false,
            idempotency: Id::<Repository>::generate().to_string(),
        }
    }

    pub async fn send(&self, method: Method, path: &str, headers: &[(&str, &str)], body: &str) -> Reply {
        let mut request = Request::builder().method(method).uri(path).header("host", "hub.test");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.kit.send(&self.router, request.body(Body::from(body.to_owned())).unwrap()).await
    }

    pub async fn get(&self, path: &str) -> Reply {
        self.send(Method::GET, path, &[], "").await
    }

    pub async fn get_as(&self, party: &(Caller, String), path: &str) -> Reply {
        self.send(Method::GET, path, &[("authorization", &format!("Bearer {}", party.1))], "").await
    }

    pub async fn get_with(&self, path: &str, name: &str, value: &str) -> Reply {
        self.send(Method::GET, path, &[(name, value)], "").await
    }
}

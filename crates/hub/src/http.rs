//! The Hugging Face Hub protocol, as far as its clients read with it.
//!
//! Routes are public because stock clients read public repositories without a token; what a caller may see is
//! decided by [`crate::Viewer`], and what they may not see is "not found". Writing has no routes yet.

mod account;
mod answer;
mod asked;
mod catalogue;
mod content;
mod folder;
mod params;

use crate::{
    Hub, RepoKind,
    types::{Commit, Repo},
};
use asked::Asked;
use axum::http::Method;
use commons::{
    Commons,
    http::{Envelope, Routes, Rule},
};
use kernel::{Error, Result};

/// What a handler needs: the hub, and which kind of repository its address speaks of.
#[derive(Clone)]
struct Door {
    hub: Hub,
    kind: RepoKind,
}

impl Door {
    /// The repository that is asked for.
    async fn repo(&self, asked: &Asked) -> Result<Repo> {
        self.hub.repo(asked.viewer, self.kind, &asked.repo).await
    }

    /// The repository and the commit that are asked for.
    async fn at(&self, asked: &Asked) -> Result<(Repo, Commit)> {
        let repo = self.repo(asked).await?;
        let commit = self.hub.commit_at(&repo, &asked.revision).await?;
        Ok((repo, commit))
    }
}

impl Hub {
    /// The protocol's routes.
    pub fn routes(&self, commons: &Commons) -> Routes {
        let mut routes = Routes::new(commons, Envelope::Hub).get(
            "/api/whoami-v2",
            Rule::SignedIn,
            account::whoami,
            self.clone(),
        );
        for kind in RepoKind::ALL {
            let door = || Door { hub: self.clone(), kind };
            let all = format!("/api/{}", kind.plural());
            let one = |rest: &str| format!("{all}/{{org}}/{{name}}{rest}");
            // The addresses of a model's files have no prefix.
            let files = match kind {
                RepoKind::Dataset => "/datasets/{org}/{name}/resolve/{revision}/{*path}",
                RepoKind::Model => "/{org}/{name}/resolve/{revision}/{*path}",
            };
            routes = routes
                .get(&all, Rule::Public, catalogue::list, door())
                .get(&one(""), Rule::Public, catalogue::info, door())
                .get(&one("/revision/{revision}"), Rule::Public, catalogue::info, door())
                .get(&one("/refs"), Rule::Public, catalogue::refs, door())
                .get(&one("/commits/{revision}"), Rule::Public, catalogue::commits, door())
                .get(&one("/auth-check"), Rule::Public, account::check, door())
                .get(&one("/tree/{revision}"), Rule::Public, folder::tree, door())
                .get(&one("/tree/{revision}/{*path}"), Rule::Public, folder::tree, door())
                .route(Method::POST, &one("/paths-info/{revision}"), Rule::Public, folder::paths_info, door())
                .get(files, Rule::Public, content::file, door());
        }
        routes
    }
}

/// What to answer, in the Hub's envelope, to an address that no route has; `None` when it isn't the Hub's.
pub fn unknown_route(path: &str) -> Option<Error> {
    let mut parts = path.trim_start_matches('/').split('/');
    let ours = match (parts.next()?, parts.next()) {
        ("api", next) => next != Some("v1"),
        (_, Some(_)) => path.contains("/resolve/") || path.contains(".git/"),
        _ => false,
    };
    ours.then(|| {
        let text = "The hub has no such route. It reads for now: information, trees and files of repositories; \
                    uploading comes with a later version.";
        Error::not_found("hub_route_unknown", text)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_which_unknown_addresses_are_the_hubs() {
        let hubs =
            ["/api/repos/create", "/api/agent-harnesses", "/datasets/a/b/resolve/main", "/a/b.git/info/refs"];
        assert!(hubs.iter().all(|path| unknown_route(path).is_some()));
        let others = ["/", "/jobs/job_1", "/api/v1/nothing", "/v1/nothing", "/datasets/acme/notes"];
        assert!(others.iter().all(|path| unknown_route(path).is_none()));
    }
}

//! What the operator's file says of a Kubernetes.

use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, path::PathBuf};

/// How Kubernetes is reached, and what a job's pod is made of.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kubernetes {
    /// Address of the API server: `https://host:port`, or `http://` where a proxy on this machine does the rest.
    pub url: String,
    /// The namespace that jobs are made in.
    pub namespace: String,
    /// A file that holds a service account's token.
    pub token_file: Option<PathBuf>,
    /// The authority that signed the server's certificate, in PEM; without it the public ones.
    pub authority: Option<PathBuf>,
    /// A word that tells this platform's jobs from another's in the namespace; `mosu` when left out.
    pub owner: Option<String>,
    /// The container image; this program is in it.
    pub image: String,
    /// How the image starts a task of this program; the run's folder is put behind it.
    #[serde(default = "command")]
    pub command: Vec<String>,
    /// The persistent volume claim that holds this server's data folder.
    pub claim: String,
    /// The resource that stands for the accelerators of `device`, such as `nvidia.com/gpu`.
    pub resource: Option<String>,
    /// Kueue's local queue; without it Kueue doesn't look at jobs.
    pub queue: Option<String>,
    /// Labels of the nodes that are used; all nodes when empty.
    #[serde(default)]
    pub selector: BTreeMap<String, String>,
    /// How often Kubernetes is asked about running jobs, in milliseconds; 0 for once a second.
    #[serde(default)]
    pub poll_millis: u64,
}

fn command() -> Vec<String> {
    vec!["mosu".into(), "task".into()]
}

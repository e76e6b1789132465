//! Floor 2: versioned repositories of datasets and models, read through the Hugging Face Hub protocol.
//!
//! Invariants:
//! - a commit appears whole or not at all: contents are stored first, then one transaction makes repository,
//!   tree, commit and branch;
//! - trees and commits never change, and their ids are git's; only a branch moves;
//! - every read names its [`Viewer`]; a private repository is "not found" for whoever may not read it;
//! - paths in a repository are safe to make under any folder.
//!
//! Map: [`types`] nouns · [`rules`] pure decisions · [`ops`] verbs of [`Hub`] · `sql` rows · [`http`] the
//! protocol that `huggingface_hub`, `datasets` and `transformers` read with.

pub mod http;
pub mod ops;
pub mod rules;
mod sql;
pub mod types;

pub use ops::Hub;
pub use types::{
    Commit, CommitRequest, Content, Entry, Listing, Reference, Repo, RepoKind, Repository, Revision, Viewer,
    Visibility,
};

//! Reading: every read names on whose behalf it is, and what they may not see is not there.

use super::Hub;
use crate::{
    rules::{names, tree},
    sql,
    types::{Commit, Entry, Listing, Reference, Repo, RepoKind, Revision, Viewer},
};
use bytes::Bytes;
use futures::stream::BoxStream;
use kernel::{Error, Page, PageRequest, Result};
use std::{io, ops::Range, path::Path};

impl Hub {
    /// The repository `org/name`, when `viewer` may read it.
    pub async fn repo(&self, viewer: Viewer, kind: RepoKind, name: &str) -> Result<Repo> {
        let missing = || {
            let text = format!("there is no {} “{}” that you may read", kind.as_str(), names::clip(name));
            Error::not_found("repo_not_found", text)
        };
        names::check_full_name(name).map_err(|_| missing())?;
        let repo = sql::repo(self.commons.db.pool(), kind, name).await?.ok_or_else(missing)?;
        if viewer.may_read(&repo) { Ok(repo) } else { Err(missing()) }
    }

    /// The commit that `revision` names: a branch (`main`, `refs/heads/main`) or a commit's 40 digits.
    pub async fn commit_at(&self, repo: &Repo, revision: &str) -> Result<Commit> {
        let branch = revision.strip_prefix("refs/heads/").unwrap_or(revision);
        let oid = if branch == sql::MAIN { repo.head.as_str() } else { revision };
        let known = match names::is_oid(oid) {
            true => sql::commit(self.commons.db.pool(), repo, oid).await?,
            false => None,
        };
        known.ok_or_else(|| {
            let text =
                format!("{} has no revision “{}”; its branch is main", repo.name, names::clip(revision));
            Error::not_found("revision_not_found", text)
        })
    }

    /// A version of the repository `org/name` with all its files.
    pub async fn resolve(
        &self,
        viewer: Viewer,
        kind: RepoKind,
        name: &str,
        revision: &str,
    ) -> Result<Revision> {
        let repo = self.repo(viewer, kind, name).await?;
        let commit = self.commit_at(&repo, revision).await?;
        let entries = self.entries(&commit).await?;
        Ok(Revision { oid: commit.oid.clone(), repo, commit, entries })
    }

    /// The version that a reference (`dataset:org/name@oid`) names, with all its files.
    pub async fn resolve_reference(&self, viewer: Viewer, reference: &str) -> Result<Revision> {
        let reference: Reference = reference.parse()?;
        self.resolve(viewer, reference.kind, &reference.name, &reference.oid).await
    }

    /// All files of a commit.
    pub async fn entries(&self, commit: &Commit) -> Result<Vec<Entry>> {
        sql::entries(self.commons.db.pool(), &commit.tree).await
    }

    /// One file of a commit.
    pub async fn entry(&self, commit: &Commit, path: &str) -> Result<Entry> {
        let found = match names::check_path(path) {
            Ok(()) => sql::entry(self.commons.db.pool(), &commit.tree, path).await?,
            Err(_) => None,
        };
        found.ok_or_else(|| {
            Error::not_found(
                "entry_not_found",
                format!("there is no file “{}” in this version", names::clip(path)),
            )
        })
    }

    /// The bytes of a file, or of a range within it, as a stream.
    pub async fn open_file(
        &self,
        entry: &Entry,
        range: Option<Range<u64>>,
    ) -> Result<BoxStream<'static, io::Result<Bytes>>> {
        Ok(self.commons.blobs.stream(&entry.sha256, range).await?.1)
    }

    /// The whole content of a file of at most `max_bytes`, by the reference of its version.
    pub async fn read_small(
        &self,
        viewer: Viewer,
        reference: &str,
        path: &str,
        max_bytes: u64,
    ) -> Result<Bytes> {
        let reference: Reference = reference.parse()?;
        let repo = self.repo(viewer, reference.kind, &reference.name).await?;
        let commit = self.commit_at(&repo, &reference.oid).await?;
        let entry = self.entry(&commit, path).await?;
        if entry.size > max_bytes {
            let size = entry.size;
            let text = format!("“{path}” has {size} bytes; at most {max_bytes} are read here");
            return Err(Error::limited("file_too_large", text));
        }
        self.commons.blobs.get_bytes(&entry.sha256).await
    }

    /// Puts the files of a version that `filter` wants into the folder `into`; returns them.
    pub async fn export(
        &self,
        viewer: Viewer,
        reference: &str,
        into: &Path,
        filter: impl Fn(&Entry) -> bool + Send + Sync,
    ) -> Result<Vec<Entry>> {
        let mut entries = self.resolve_reference(viewer, reference).await?.entries;
        entries.retain(|entry| filter(entry));
        for entry in &entries {
            // Paths were checked when they were committed; this folder is not the place to rely on it.
            names::check_path(&entry.path)?;
            self.commons.blobs.export(&entry.sha256, &into.join(&entry.path)).await?;
        }
        Ok(entries)
    }

    /// Repositories that `viewer` may read, latest change first.
    pub async fn list(&self, viewer: Viewer, listing: &Listing, page: &PageRequest) -> Result<Page<Repo>> {
        let limit = page.limit()?;
        let (before, id) = match &page.cursor {
            None => (i64::MAX, String::new()),
            Some(cursor) => {
                let (time, id) = cursor.split_once('.').ok_or_else(cursor_invalid)?;
                (time.parse().map_err(|_| cursor_invalid())?, id.to_owned())
            }
        };
        let rows =
            sql::repos(self.commons.db.pool(), listing, viewer, (before, &id), i64::from(limit) + 1).await?;
        Ok(Page::from_rows(rows, limit, |repo| format!("{}.{}", repo.updated_at.0, repo.id)))
    }

    /// The history of a repository from `commit` back, latest first.
    pub async fn commits(&self, repo: &Repo, commit: &Commit, page: &PageRequest) -> Result<Page<Commit>> {
        let limit = page.limit()?;
        let number = match &page.cursor {
            None => commit.number,
            Some(cursor) => {
                let given: i64 = cursor.parse().map_err(|_| cursor_invalid())?;
                given.saturating_sub(1).min(commit.number)
            }
        };
        let rows = sql::commits(self.commons.db.pool(), repo, number, i64::from(limit) + 1).await?;
        Ok(Page::from_rows(rows, limit, |commit| commit.number.to_string()))
    }

    /// The branches of a repository with the commits they point at.
    pub async fn branches(&self, repo: &Repo) -> Result<Vec<(String, String)>> {
        sql::branches(self.commons.db.pool(), repo).await
    }

    /// What a commit changed against the one before it.
    pub async fn changes(&self, repo: &Repo, commit: &Commit) -> Result<tree::Diff> {
        let before = match &commit.parent {
            Some(parent) => self.entries(&self.commit_at(repo, parent).await?).await?,
            None => Vec::new(),
        };
        Ok(tree::diff(&before, &self.entries(commit).await?))
    }
}

fn cursor_invalid() -> Error {
    Error::invalid("cursor_invalid", "this cursor is not one that a page before gave; begin without one")
}

//! Committing: contents first, then one transaction for repository, tree, commit and branch.

use super::Hub;
use crate::{
    rules::{git, names, tree},
    sql,
    types::{Commit, CommitRequest, Content, Entry, Reference, Repo},
};
use commons::{audit, identity};
use kernel::{Error, Id, Result, Timestamp};
use serde_json::json;
use std::path::Path;
use store::Tx;

/// Bytes of a commit's message.
const MAX_MESSAGE: usize = 10_000;
/// Bytes of an author's name and of an idempotency key.
const MAX_LABEL: usize = 200;

impl Hub {
    /// Makes a commit on `main`, and the repository with it when there is none.
    ///
    /// Nothing is to be seen before all of it is. The same idempotency key on the same repository gives the
    /// commit that it gave first, whatever the files are now.
    pub async fn commit(&self, request: CommitRequest) -> Result<Commit> {
        let pool = self.commons.db.pool();
        let org = identity::find_org(pool, request.org).await?;
        let name = format!("{}/{}", org.slug, request.name);
        check(&request, &name)?;
        if let Some(repo) = sql::repo(pool, request.kind, &name).await?
            && let Some(done) = sql::commit_by_key(pool, &repo, &request.idempotency).await?
        {
            return Ok(done);
        }
        let mut files = Vec::with_capacity(request.files.len());
        for (path, content) in &request.files {
            files.push(self.store(path, content).await?);
        }
        let now = self.commons.now();
        let commit = self.commons.db.write(move |tx| Box::pin(record(tx, now, name, request, files))).await?;
        tracing::info!(reference = commit.reference, "committed");
        Ok(commit)
    }

    /// Stores a content and describes the file that it makes.
    async fn store(&self, path: &str, content: &Content) -> Result<Entry> {
        let (info, small) = match content {
            Content::Bytes(bytes) => {
                let info = self.commons.blobs.put_bytes(bytes.clone()).await?;
                let small = (!git::is_large(path, info.size)).then(|| bytes.clone());
                (info, small)
            }
            Content::File(file) => {
                let info = self.commons.blobs.put_file(&readable(file).await?).await?;
                // Read back from the store, so that the id is that of what was stored.
                let small = match git::is_large(path, info.size) {
                    true => None,
                    false => Some(self.commons.blobs.get_bytes(&info.sha256).await?),
                };
                (info, small)
            }
        };
        let oid = match &small {
            Some(bytes) => git::blob_oid(bytes),
            None => git::blob_oid(git::pointer(&info.sha256, info.size).as_bytes()),
        };
        Ok(Entry { path: path.to_owned(), size: info.size, sha256: info.sha256, oid, large: small.is_none() })
    }
}

async fn readable(file: &Path) -> Result<std::path::PathBuf> {
    // A link could lead out of a job's folder: only a plain file is committed.
    let plain = tokio::fs::symlink_metadata(file).await.is_ok_and(|meta| meta.is_file());
    if plain {
        return Ok(file.to_owned());
    }
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    Err(Error::invalid(
        "commit_invalid",
        format!("the file “{name}” to commit is not there or is no plain file"),
    ))
}

fn check(request: &CommitRequest, name: &str) -> Result<()> {
    names::check_full_name(name)?;
    let wrong = |text: &'static str| Err(Error::invalid("commit_invalid", text));
    if request.files.is_empty() {
        return wrong("a commit names at least one file");
    }
    if request.files.len() > tree::MAX_FILES {
        return wrong("a commit names at most 10000 files; pack small files into larger ones");
    }
    if request.message.trim().is_empty()
        || request.message.len() > MAX_MESSAGE
        || request.message.contains('\0')
    {
        return wrong("a commit has a message of 1 to 10000 bytes");
    }
    let label =
        |text: &str| !text.is_empty() && text.len() <= MAX_LABEL && !text.chars().any(char::is_control);
    if !label(&request.author) || request.author.contains(['<', '>']) {
        return wrong("a commit's author is 1 to 200 bytes without < and >");
    }
    if !label(&request.idempotency) {
        return wrong("a commit's idempotency key is 1 to 200 bytes");
    }
    request.files.iter().try_for_each(|(path, _)| names::check_path(path))
}

/// The transaction: repository, tree, commit, branch, audit.
async fn record(
    tx: &mut Tx,
    now: Timestamp,
    name: String,
    request: CommitRequest,
    files: Vec<Entry>,
) -> Result<Commit> {
    let (repo, parent) = match sql::repo(&mut *tx, request.kind, &name).await? {
        Some(repo) => {
            if let Some(done) = sql::commit_by_key(&mut *tx, &repo, &request.idempotency).await? {
                return Ok(done);
            }
            let parent = sql::commit(&mut *tx, &repo, &repo.head).await?;
            (repo, parent)
        }
        None => (make_repo(tx, now, name, &request).await?, None),
    };
    let before = match &parent {
        Some(parent) if !request.replace_all => sql::entries(&mut *tx, &parent.tree).await?,
        _ => Vec::new(),
    };
    let (tree, entries) = tree::overlay(before, files)?;
    let at = Timestamp(now.0.div_euclid(1_000_000) * 1_000_000); // git counts whole seconds
    let parent_oid = parent.as_ref().map(|parent| parent.oid.clone());
    let oid = git::commit_oid(&tree, parent_oid.as_deref(), &request.author, at, &request.message);
    let reference = Reference { kind: repo.kind, name: repo.name.clone(), oid: oid.clone() };
    let commit = Commit {
        oid,
        reference: reference.to_string(),
        parent: parent_oid,
        tree,
        number: parent.map_or(0, |parent| parent.number) + 1,
        message: request.message,
        author: request.author,
        created_at: at,
    };
    sql::insert_tree(tx, &commit.tree, &entries).await?;
    sql::insert_commit(tx, &repo, &commit, &request.idempotency).await?;
    sql::move_main(tx, &repo, &commit.oid, now).await?;
    let detail = json!({"files": entries.len(), "message": commit.message});
    audit::record(tx, now, &commit.author, "hub.commit", &commit.reference, detail).await?;
    Ok(commit)
}

async fn make_repo(tx: &mut Tx, now: Timestamp, name: String, request: &CommitRequest) -> Result<Repo> {
    let repo = Repo {
        id: Id::generate(),
        kind: request.kind,
        org: request.org,
        name,
        visibility: request.visibility,
        created_at: now,
        updated_at: now,
        head: String::new(),
    };
    sql::insert_repo(tx, &repo).await?;
    Ok(repo)
}

//! Rows of the hub's tables. A tree's rows are never changed: its id is computed from them.

use crate::types::{Commit, Entry, Listing, Reference, Repo, RepoKind, Viewer};
use kernel::{Error, Result, Timestamp};
use sqlx::{AnyPool, any::AnyRow};
use store::{RowExt, SqlExt, Tx};

/// The scripts that make the tables, in order.
pub const MIGRATIONS: &[&str] = &[include_str!("schema.sql")];

/// The branch that every repository has.
pub const MAIN: &str = "main";

/// `SELECT` of whole rows, with what follows the table.
macro_rules! select {
    (repo $rest:literal) => {
        concat!(
            "SELECT r.id, r.kind, r.org, r.name, r.visibility, r.created_at, r.updated_at, b.oid AS head
             FROM hub_repository r JOIN hub_branch b ON b.repository = r.id AND b.name = 'main' ",
            $rest
        )
    };
    (commit $rest:literal) => {
        concat!("SELECT oid, parent, tree, number, message, author, created_at FROM hub_commit ", $rest)
    };
    (entry $rest:literal) => {
        concat!("SELECT path, size, sha256, oid, large FROM hub_entry ", $rest)
    };
}

fn repo_of(row: &AnyRow) -> Result<Repo> {
    Ok(Repo {
        id: row.text("id")?.parse()?,
        kind: row.text("kind")?.parse()?,
        org: row.text("org")?.parse()?,
        name: row.text("name")?,
        visibility: row.text("visibility")?.parse()?,
        created_at: row.time("created_at")?,
        updated_at: row.time("updated_at")?,
        head: row.text("head")?,
    })
}

fn commit_of(repo: &Repo, row: &AnyRow) -> Result<Commit> {
    let oid = row.text("oid")?;
    let reference = Reference { kind: repo.kind, name: repo.name.clone(), oid: oid.clone() };
    Ok(Commit {
        reference: reference.to_string(),
        oid,
        parent: row.text_or_null("parent")?,
        tree: row.text("tree")?,
        number: row.int("number")?,
        message: row.text("message")?,
        author: row.text("author")?,
        created_at: row.time("created_at")?,
    })
}

fn entry_of(row: &AnyRow) -> Result<Entry> {
    Ok(Entry {
        path: row.text("path")?,
        size: u64::try_from(row.int("size")?).map_err(Error::internal)?,
        sha256: row.text("sha256")?,
        oid: row.text("oid")?,
        large: row.int("large")? != 0,
    })
}

/// A repository by its kind and full name.
pub async fn repo<'e>(
    from: impl sqlx::Executor<'e, Database = sqlx::Any>,
    kind: RepoKind,
    name: &str,
) -> Result<Option<Repo>> {
    let row = sqlx::query(select!(repo "WHERE r.kind = $1 AND r.name = $2"))
        .bind(kind.as_str())
        .bind(name)
        .fetch_optional(from)
        .await
        .sql()?;
    row.as_ref().map(repo_of).transpose()
}

/// Repositories that `viewer` may read, latest change first, after the `(updated_at, id)` of `after`.
pub async fn repos(
    pool: &AnyPool,
    listing: &Listing,
    viewer: Viewer,
    after: (i64, &str),
    limit: i64,
) -> Result<Vec<Repo>> {
    let (everything, own) = match viewer {
        Viewer::Anonymous => (0i64, String::new()),
        Viewer::Org(org) => (0, org.to_string()),
        Viewer::Operator => (1, String::new()),
    };
    let rows = sqlx::query(select!(
        repo "WHERE r.kind = $1 AND (r.visibility = 'public' OR r.org = $2 OR $3 = 1)
           AND LOWER(r.name) LIKE $4 ESCAPE '\\' AND SUBSTR(r.name, 1, LENGTH($5)) = $5
           AND (r.updated_at < $6 OR (r.updated_at = $6 AND r.id < $7))
         ORDER BY r.updated_at DESC, r.id DESC LIMIT $8"
    ))
    .bind(listing.kind.as_str())
    .bind(own)
    .bind(everything)
    .bind(format!("%{}%", escape(&listing.search.as_deref().unwrap_or_default().to_lowercase())))
    .bind(listing.org_slug.as_deref().map(|slug| format!("{slug}/")).unwrap_or_default())
    .bind(after.0)
    .bind(after.1.to_owned())
    .bind(limit)
    .fetch_all(pool)
    .await
    .sql()?;
    rows.iter().map(repo_of).collect()
}

/// A text that `LIKE … ESCAPE '\'` takes as it is.
fn escape(text: &str) -> String {
    text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")
}

/// A commit by its id.
pub async fn commit<'e>(
    from: impl sqlx::Executor<'e, Database = sqlx::Any>,
    repo: &Repo,
    oid: &str,
) -> Result<Option<Commit>> {
    let query = select!(commit "WHERE repository = $1 AND oid = $2");
    let row = sqlx::query(query).bind(repo.id.to_string()).bind(oid).fetch_optional(from).await.sql()?;
    row.as_ref().map(|row| commit_of(repo, row)).transpose()
}

/// A commit by the key that it was asked for with.
pub async fn commit_by_key<'e>(
    from: impl sqlx::Executor<'e, Database = sqlx::Any>,
    repo: &Repo,
    key: &str,
) -> Result<Option<Commit>> {
    let query = select!(commit "WHERE repository = $1 AND idempotency = $2");
    let row = sqlx::query(query).bind(repo.id.to_string()).bind(key).fetch_optional(from).await.sql()?;
    row.as_ref().map(|row| commit_of(repo, row)).transpose()
}

/// Commits of a repository up to the one with `number`, latest first.
pub async fn commits(pool: &AnyPool, repo: &Repo, number: i64, limit: i64) -> Result<Vec<Commit>> {
    let query = select!(commit "WHERE repository = $1 AND number <= $2 ORDER BY number DESC LIMIT $3");
    let rows =
        sqlx::query(query).bind(repo.id.to_string()).bind(number).bind(limit).fetch_all(pool).await.sql()?;
    rows.iter().map(|row| commit_of(repo, row)).collect()
}

/// The names of a repository's branches with the commits they point at.
pub async fn branches(pool: &AnyPool, repo: &Repo) -> Result<Vec<(String, String)>> {
    let query = "SELECT name, oid FROM hub_branch WHERE repository = $1 ORDER BY name";
    sqlx::query_as(query).bind(repo.id.to_string()).fetch_all(pool).await.sql()
}

/// All files of a tree in byte order of their paths (databases differ in how they sort text).
pub async fn entries<'e>(
    from: impl sqlx::Executor<'e, Database = sqlx::Any>,
    tree: &str,
) -> Result<Vec<Entry>> {
    let query = select!(entry "WHERE tree = $1");
    let rows = sqlx::query(query).bind(tree).fetch_all(from).await.sql()?;
    let mut entries = rows.iter().map(entry_of).collect::<Result<Vec<_>>>()?;
    entries.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(entries)
}

/// One file of a tree.
pub async fn entry(pool: &AnyPool, tree: &str, path: &str) -> Result<Option<Entry>> {
    let query = select!(entry "WHERE tree = $1 AND path = $2");
    let row = sqlx::query(query).bind(tree).bind(path).fetch_optional(pool).await.sql()?;
    row.as_ref().map(entry_of).transpose()
}

/// Adds a repository; its branch comes with its first commit.
pub async fn insert_repo(tx: &mut Tx, repo: &Repo) -> Result<()> {
    let query = "INSERT INTO hub_repository (id, kind, org, name, visibility, created_at, updated_at)
        VALUES ($1, $2, $3, $4, $5, $6, $6)";
    sqlx::query(query)
        .bind(repo.id.to_string())
        .bind(repo.kind.as_str())
        .bind(repo.org.to_string())
        .bind(repo.name.as_str())
        .bind(repo.visibility.as_str())
        .bind(repo.created_at.0)
        .execute(tx)
        .await
        .sql()?;
    Ok(())
}

/// Adds a commit.
pub async fn insert_commit(tx: &mut Tx, repo: &Repo, commit: &Commit, key: &str) -> Result<()> {
    let query = "INSERT INTO hub_commit
        (repository, oid, parent, tree, number, message, author, created_at, idempotency)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    sqlx::query(query)
        .bind(repo.id.to_string())
        .bind(commit.oid.as_str())
        .bind(commit.parent.as_deref())
        .bind(commit.tree.as_str())
        .bind(commit.number)
        .bind(commit.message.as_str())
        .bind(commit.author.as_str())
        .bind(commit.created_at.0)
        .bind(key)
        .execute(tx)
        .await
        .sql()?;
    Ok(())
}

/// Adds the rows of a tree; those that are there already are the same.
pub async fn insert_tree(tx: &mut Tx, tree: &str, entries: &[Entry]) -> Result<()> {
    let query = "INSERT INTO hub_entry (tree, path, size, sha256, oid, large) VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (tree, path) DO NOTHING";
    for entry in entries {
        sqlx::query(query)
            .bind(tree)
            .bind(entry.path.as_str())
            .bind(i64::try_from(entry.size).map_err(Error::internal)?)
            .bind(entry.sha256.as_str())
            .bind(entry.oid.as_str())
            .bind(i64::from(entry.large))
            .execute(&mut *tx)
            .await
            .sql()?;
    }
    Ok(())
}

/// Points `main` at a commit.
pub async fn move_main(tx: &mut Tx, repo: &Repo, oid: &str, now: Timestamp) -> Result<()> {
    let branch = "INSERT INTO hub_branch (repository, name, oid) VALUES ($1, $2, $3)
        ON CONFLICT (repository, name) DO UPDATE SET oid = excluded.oid";
    sqlx::query(branch).bind(repo.id.to_string()).bind(MAIN).bind(oid).execute(&mut *tx).await.sql()?;
    let touched = "UPDATE hub_repository SET updated_at = $2 WHERE id = $1";
    sqlx::query(touched).bind(repo.id.to_string()).bind(now.0).execute(tx).await.sql()?;
    Ok(())
}

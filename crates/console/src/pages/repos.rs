//! What datasets and models have in common: both are repositories of the hub.

use crate::{
    Console,
    lang::Lang,
    show,
    views::{Block, Cell, Shell, Table},
    web::Visit,
};
use hub::{Entry, Listing, RepoKind, Revision, Viewer, Visibility};
use kernel::{PageRequest, Result};
use serde::Deserialize;

/// The most bytes of a card that a page shows.
const CARD_BYTES: u64 = 256 * 1024;
/// The most files that a page lists.
const MOST_FILES: usize = 60;

/// Which version: a branch or a commit; the newest when left out.
#[derive(Deserialize)]
pub struct At {
    at: Option<String>,
}

/// Where to go on in a list of repositories.
#[derive(Deserialize)]
pub struct ReposQuery {
    cursor: Option<String>,
}

/// The repositories of a kind as rows, or `empty`.
pub async fn listing(
    console: &Console,
    visit: &Visit,
    kind: RepoKind,
    query: ReposQuery,
    empty: Block,
) -> Result<Vec<Block>> {
    let lang = visit.lang();
    let viewer = Viewer::of(visit.caller.as_ref());
    let request = PageRequest { limit: Some(50), cursor: query.cursor };
    let page = console.hub.list(viewer, &Listing::of(kind), &request).await?;
    if page.items.is_empty() {
        return Ok(vec![empty]);
    }
    let place = kind.plural();
    let row = |repo: &hub::Repo| {
        vec![
            Cell::text(&repo.name).link(format!("/{place}/{}", repo.name)),
            Cell::text(visibility(lang, repo.visibility)),
            Cell::code(show::short(&repo.head)).hint(&repo.head),
            Cell::time(lang, visit.shell.now, repo.created_at),
            Cell::time(lang, visit.shell.now, repo.updated_at),
        ]
    };
    let heads = ["name", "visibility", "version", "made", "changed"].map(|key| lang.t(key)).into();
    let mut table = Table::new(String::new(), heads, page.items.iter().map(row).collect());
    table.next = page.next_cursor.map(|cursor| format!("/{place}?cursor={cursor}")).unwrap_or_default();
    Ok(vec![Block::Table(table)])
}

fn visibility(lang: Lang, visibility: Visibility) -> String {
    match visibility {
        Visibility::Private => lang.t("private"),
        Visibility::Public => lang.t("public"),
    }
}

/// The version that the address names.
pub async fn resolve(
    console: &Console,
    visit: &Visit,
    kind: RepoKind,
    name: &str,
    at: &At,
) -> Result<Revision> {
    let viewer = Viewer::of(visit.caller.as_ref());
    console.hub.resolve(viewer, kind, name, at.at.as_deref().unwrap_or("main")).await
}

/// A small file of a version, if it has it.
pub async fn read(
    console: &Console,
    visit: &Visit,
    revision: &Revision,
    path: &str,
    most: u64,
) -> Result<Option<Vec<u8>>> {
    if !revision.entries.iter().any(|entry| entry.path == path && entry.size <= most) {
        return Ok(None);
    }
    let viewer = Viewer::of(visit.caller.as_ref());
    let bytes = console.hub.read_small(viewer, &revision.commit.reference, path, most).await?;
    Ok(Some(bytes.to_vec()))
}

/// The card of a version, without the settings that stand before its text.
pub async fn card(console: &Console, visit: &Visit, revision: &Revision) -> Result<Option<String>> {
    let Some(bytes) = read(console, visit, revision, "README.md", CARD_BYTES).await? else { return Ok(None) };
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let body = text
        .strip_prefix("---\n")
        .and_then(|rest| rest.split_once("\n---\n"))
        .map(|(_, body)| body.trim().to_owned());
    Ok(Some(body.unwrap_or(text).chars().take(12_000).collect()))
}

/// What is known of a version.
pub fn facts(shell: &Shell, revision: &Revision) -> Block {
    let lang = shell.lang;
    let commit = &revision.commit;
    let size: u64 = revision.entries.iter().map(|entry| entry.size).sum();
    Block::Facts(vec![
        (lang.t("version"), Cell::code(show::short(&commit.oid)).hint(&commit.oid)),
        (lang.t("made"), Cell::time(lang, shell.now, commit.created_at)),
        (
            lang.t("made-by"),
            super::names::href_of(&commit.author)
                .map_or(Cell::text(&commit.author), |href| Cell::code(&commit.author).link(href)),
        ),
        (lang.t("message"), Cell::text(commit.message.lines().next().unwrap_or_default())),
        (lang.t("visibility"), Cell::text(visibility(lang, revision.repo.visibility))),
        (lang.t("files"), Cell::text(format!("{} · {}", revision.entries.len(), show::bytes(size as i64)))),
    ])
}

/// The files of a version, each a link to its content.
pub fn files(lang: Lang, revision: &Revision) -> Table {
    let place = match revision.repo.kind {
        RepoKind::Dataset => "/datasets/",
        RepoKind::Model => "/",
    };
    let row = |entry: &Entry| {
        let href = format!("{place}{}/resolve/{}/{}", revision.repo.name, revision.oid, entry.path);
        vec![
            Cell::code(&entry.path).link(href),
            Cell::code(show::short(&entry.sha256)).hint(format!("sha256 {}", entry.sha256)),
            Cell::number(show::bytes(entry.size as i64)),
        ]
    };
    let heads = ["file", "digest", "size"].map(|key| lang.t(key)).into();
    Table::new(lang.t("files"), heads, revision.entries.iter().take(MOST_FILES).map(row).collect())
}

//! The nouns of the hub.

use crate::rules::names;
use bytes::Bytes;
use commons::{
    identity::{Caller, Scope},
    ids::Org,
};
use kernel::{Error, Id, Result, Timestamp};
use std::{fmt, path::PathBuf, str::FromStr};

kernel::tag!(/// A repository of the hub.
    Repository = "repo");

/// What a repository holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RepoKind {
    /// Documents to learn from or to measure with.
    Dataset,
    /// Weights, configuration and tokenizer.
    Model,
}

impl RepoKind {
    /// Both kinds.
    pub const ALL: [Self; 2] = [Self::Dataset, Self::Model];

    /// `dataset` or `model`: as references and rows say it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Dataset => "dataset",
            Self::Model => "model",
        }
    }

    /// `datasets` or `models`: as addresses say it.
    pub fn plural(self) -> &'static str {
        match self {
            Self::Dataset => "datasets",
            Self::Model => "models",
        }
    }
}

impl FromStr for RepoKind {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text).ok_or_else(|| {
            Error::invalid("reference_invalid", "a repository is of kind “dataset” or “model”")
        })
    }
}

/// Who may read a repository. Only its organisation may write to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Visibility {
    /// Its organisation and the operator.
    Private,
    /// Everyone, signed in or not.
    Public,
}

impl Visibility {
    /// `private` or `public`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Private => "private",
            Self::Public => "public",
        }
    }
}

impl FromStr for Visibility {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text {
            "private" => Ok(Self::Private),
            "public" => Ok(Self::Public),
            _ => Err(Error::invalid("visibility_invalid", "a repository is “private” or “public”")),
        }
    }
}

/// On whose behalf something is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Viewer {
    /// Someone without a token: public repositories only.
    Anonymous,
    /// An organisation, through a token or a job of it: public repositories and its own.
    Org(Id<Org>),
    /// The operator, or the platform at its own work: every repository.
    Operator,
}

impl Viewer {
    /// Whom a caller reads for. A token without [`Scope::Read`] sees what is public.
    pub fn of(caller: Option<&Caller>) -> Self {
        match caller {
            Some(caller) if caller.may(Scope::Operate) => Self::Operator,
            Some(caller) if caller.may(Scope::Read) => Self::Org(caller.org),
            _ => Self::Anonymous,
        }
    }

    /// Whether `repo` may be read.
    pub fn may_read(self, repo: &Repo) -> bool {
        repo.visibility == Visibility::Public
            || match self {
                Self::Anonymous => false,
                Self::Org(org) => org == repo.org,
                Self::Operator => true,
            }
    }
}

/// A repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repo {
    /// Its identity; stays when it is renamed.
    pub id: Id<Repository>,
    /// What it holds.
    pub kind: RepoKind,
    /// Whose it is.
    pub org: Id<Org>,
    /// `org-slug/name`.
    pub name: String,
    /// Who may read it.
    pub visibility: Visibility,
    /// When its first commit was made.
    pub created_at: Timestamp,
    /// When its latest commit was made.
    pub updated_at: Timestamp,
    /// The commit that `main` points at.
    pub head: String,
}

impl Repo {
    /// The slug of the organisation: what stands before the slash.
    pub fn org_slug(&self) -> &str {
        self.name.split('/').next().unwrap_or_default()
    }
}

/// A commit: one version of a repository's whole tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit {
    /// 40 hexadecimal digits: what git would call a commit of this tree, parent, author, time and message.
    pub oid: String,
    /// How to name this version anywhere on the platform: `dataset:org/name@oid`.
    pub reference: String,
    /// The commit before, `None` for the first.
    pub parent: Option<String>,
    /// Git's id of the tree.
    pub tree: String,
    /// Place in the repository's history, from 1.
    pub number: i64,
    /// First line says what changed; the rest is free.
    pub message: String,
    /// Who made it: a slug, a person's name or a job.
    pub author: String,
    /// When, to the second.
    pub created_at: Timestamp,
}

/// A file in a tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Path from the root, with `/` between names.
    pub path: String,
    /// Size of the content in bytes.
    pub size: u64,
    /// SHA-256 of the content; names its blob.
    pub sha256: String,
    /// Git's id of the file's blob: of the content, or of its pointer when [`Entry::large`].
    pub oid: String,
    /// Whether git history would hold a pointer to the content instead of the content (git-lfs).
    pub large: bool,
}

/// One version of a repository, with all its files in order of their paths.
#[derive(Debug, Clone)]
pub struct Revision {
    /// The commit's id.
    pub oid: String,
    /// The repository.
    pub repo: Repo,
    /// The commit.
    pub commit: Commit,
    /// The files.
    pub entries: Vec<Entry>,
}

/// Names one version of one repository: `dataset:org/name@<40 hexadecimal digits>`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Reference {
    /// Kind of the repository.
    pub kind: RepoKind,
    /// `org-slug/name`.
    pub name: String,
    /// The commit's id.
    pub oid: String,
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}@{}", self.kind.as_str(), self.name, self.oid)
    }
}

impl FromStr for Reference {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let wrong = || {
            let shape = "a version is named dataset:org/name@commit or model:org/name@commit, \
                         with the commit's 40 hexadecimal digits";
            Error::invalid("reference_invalid", shape)
        };
        let (kind, rest) = text.split_once(':').ok_or_else(wrong)?;
        let (name, oid) = rest.split_once('@').ok_or_else(wrong)?;
        let kind: RepoKind = kind.parse().map_err(|_| wrong())?;
        names::check_full_name(name)?;
        if !names::is_oid(oid) {
            return Err(wrong());
        }
        Ok(Self { kind, name: name.to_owned(), oid: oid.to_owned() })
    }
}

/// Where the content of a file to commit comes from.
#[derive(Debug, Clone)]
pub enum Content {
    /// A file of this machine; read while the commit is made.
    File(PathBuf),
    /// Bytes in memory.
    Bytes(Bytes),
}

/// What to commit. Makes the repository when it is not there yet.
#[derive(Debug, Clone)]
pub struct CommitRequest {
    /// What the repository holds.
    pub kind: RepoKind,
    /// Whose repository it is; its slug is the first half of the repository's full name.
    pub org: Id<Org>,
    /// The second half.
    pub name: String,
    /// Who may read the repository. Counts when it is made; a later commit never changes it.
    pub visibility: Visibility,
    /// What changed.
    pub message: String,
    /// Who made the change.
    pub author: String,
    /// Paths and their contents.
    pub files: Vec<(String, Content)>,
    /// Whether files that are not named go away (`true`) or stay as they were (`false`).
    pub replace_all: bool,
    /// The same key on the same repository gives the same commit, however often it is asked for: a job's id.
    pub idempotency: String,
}

/// Which repositories to list.
#[derive(Debug, Clone)]
pub struct Listing {
    /// Of this kind.
    pub kind: RepoKind,
    /// Only with this text in the full name, whatever its case.
    pub search: Option<String>,
    /// Only of the organisation with this slug.
    pub org_slug: Option<String>,
}

impl Listing {
    /// All repositories of a kind.
    pub fn of(kind: RepoKind) -> Self {
        Self { kind, search: None, org_slug: None }
    }
}

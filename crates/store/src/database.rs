//! Connections: a pool for reads, and the one writer.

use crate::{
    SqlExt,
    writer::{self, Operation, Tx, Writer, Written},
};
use futures::future::BoxFuture;
use kernel::{Error, Result};
use sqlx::{AnyConnection, AnyPool, Connection, Executor, any::AnyPoolOptions};
use std::{fs::File, path::Path, sync::Arc, time::Duration};

/// Connections that read at the same time.
const READERS: u32 = 4;
/// How long a second server waits for the first to let go of the database.
const LOCK_PATIENCE: Duration = Duration::from_secs(5);
/// The advisory lock that says "a Mosu server writes here" on PostgreSQL ("mosu" in ASCII).
const ADVISORY_LOCK: i64 = 0x6d6f_7375;

/// Which database stands behind a [`Database`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    /// A file on this machine.
    Sqlite,
    /// A PostgreSQL server.
    Postgres,
}

/// A transaction that only reads; it ends when it is dropped.
pub type Snapshot = sqlx::Transaction<'static, sqlx::Any>;

/// A database: reads from a pool, writes through one writer. Clones share both.
#[derive(Clone)]
pub struct Database {
    backend: Backend,
    pool: AnyPool,
    writer: Option<Writer>,
    written: Arc<Written>,
    _lock: Option<Arc<File>>,
}

impl std::fmt::Debug for Database {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Database").field("backend", &self.backend).finish_non_exhaustive()
    }
}

impl Database {
    /// Opens `sqlite://PATH` (made when it is not there) or `postgres://…` for reading and writing.
    ///
    /// Only one process may have a database open for writing; a second one is refused.
    pub async fn open(url: &str) -> Result<Self> {
        let backend = backend_of(url)?;
        let lock = match backend {
            Backend::Sqlite => Some(Arc::new(lock_beside(sqlite_path(url))?)),
            Backend::Postgres => None,
        };
        let connection = connect_writer(backend, url).await?;
        let pool = open_pool(backend, url).await?;
        let reconnect_url = url.to_owned();
        let written = Arc::<Written>::default();
        let writer = writer::start(
            connection,
            backend,
            written.clone(),
            Box::new(move || {
                let url = reconnect_url.clone();
                Box::pin(async move { connect_writer(backend, &url).await })
            }),
        );
        Ok(Self { backend, pool, writer: Some(writer), written, _lock: lock })
    }

    /// Opens a database for reading only, beside a server that may be writing to it.
    pub async fn open_read_only(url: &str) -> Result<Self> {
        let backend = backend_of(url)?;
        if backend == Backend::Sqlite && !Path::new(sqlite_path(url)).exists() {
            return Err(Error::not_found(
                "database_missing",
                format!("there is no database at {}", sqlite_path(url)),
            ));
        }
        let pool = open_pool(backend, url).await?;
        Ok(Self { backend, pool, writer: None, written: Arc::default(), _lock: None })
    }

    /// Which database this is.
    pub fn backend(&self) -> Backend {
        self.backend
    }

    /// What was written since it was opened.
    pub fn written(&self) -> &Written {
        &self.written
    }

    /// The pool for reads. Never write through it.
    pub fn pool(&self) -> &AnyPool {
        &self.pool
    }

    /// A transaction for reading that sees one state of the database from beginning to end.
    pub async fn snapshot(&self) -> Result<Snapshot> {
        let mut transaction = self.pool.begin().await.sql()?;
        if self.backend == Backend::Postgres {
            // SQLite's readers always see one state; PostgreSQL's do when asked before the first query.
            let level = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY";
            transaction.execute(sqlx::raw_sql(level)).await.sql()?;
        }
        Ok(transaction)
    }

    /// Runs `operation` in a durable transaction shared with other callers' (group commit).
    ///
    /// The operation sees all that was written before it. When it fails, only its own changes are undone.
    /// The answer comes after the commit: what it says has happened will still have happened after a crash.
    /// The operation runs to its end even when the caller stops waiting.
    pub async fn write<T: Send + 'static>(
        &self,
        operation: impl for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T>> + Send + 'static,
    ) -> Result<T> {
        self.write_then(operation, |_| ()).await
    }

    /// The same, and calls `then` with the outcome once it is durable, even when the caller stops waiting.
    pub async fn write_then<T: Send + 'static>(
        &self,
        operation: impl for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T>> + Send + 'static,
        then: impl FnOnce(&T) + Send + 'static,
    ) -> Result<T> {
        let closed = || Error::unavailable("database_closed", "This database is not open for writing.");
        let writer = self.writer.as_ref().ok_or_else(closed)?;
        let (operation, answer) = Operation::new(operation, then);
        writer.send(operation).await.map_err(|_| closed())?;
        answer.await.map_err(|_| closed())?
    }
}

fn backend_of(url: &str) -> Result<Backend> {
    sqlx::any::install_default_drivers();
    if url.starts_with("sqlite://") {
        Ok(Backend::Sqlite)
    } else if url.starts_with("postgres://") || url.starts_with("postgresql://") {
        Ok(Backend::Postgres)
    } else {
        Err(Error::invalid(
            "database_url_invalid",
            "a database is sqlite://PATH or postgres://USER@HOST/NAME",
        ))
    }
}

fn sqlite_path(url: &str) -> &str {
    url.trim_start_matches("sqlite://").split('?').next().unwrap_or_default()
}

fn lock_beside(path: &str) -> Result<File> {
    let file = File::create(format!("{path}.lock")).map_err(|error| cannot_open(path).with_source(error))?;
    let deadline = std::time::Instant::now() + LOCK_PATIENCE;
    while file.try_lock().is_err() {
        if std::time::Instant::now() >= deadline {
            return Err(in_use());
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok(file)
}

fn cannot_open(what: &str) -> Error {
    Error::unavailable("database_unavailable", format!("the database {what} can't be opened"))
}

fn in_use() -> Error {
    Error::conflict("database_in_use", "another Mosu server has this database open; stop it first")
}

async fn connect_writer(backend: Backend, url: &str) -> Result<AnyConnection> {
    let url = match backend {
        Backend::Sqlite => format!("sqlite://{}?mode=rwc", sqlite_path(url)),
        Backend::Postgres => url.to_owned(),
    };
    let mut connection = AnyConnection::connect(&url).await.map_err(unreachable_database)?;
    match backend {
        Backend::Sqlite => {
            // WAL lets readers go on; FULL makes each commit reach the disk before it is answered.
            // Pages that a savepoint may need again stay in memory, and so do those of a large batch of random keys.
            let pragmas = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;
                PRAGMA temp_store = MEMORY; PRAGMA cache_size = -65536; PRAGMA wal_autocheckpoint = 8192;";
            connection.execute(sqlx::raw_sql(pragmas)).await.sql()?;
        }
        Backend::Postgres => take_advisory_lock(&mut connection).await?,
    }
    Ok(connection)
}

async fn take_advisory_lock(connection: &mut AnyConnection) -> Result<()> {
    let deadline = std::time::Instant::now() + LOCK_PATIENCE;
    loop {
        let taken: bool = sqlx::query_scalar("SELECT pg_try_advisory_lock($1)")
            .bind(ADVISORY_LOCK)
            .fetch_one(&mut *connection)
            .await
            .sql()?;
        if taken {
            return Ok(());
        }
        if std::time::Instant::now() >= deadline {
            return Err(in_use());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn open_pool(backend: Backend, url: &str) -> Result<AnyPool> {
    let options = AnyPoolOptions::new().max_connections(READERS).acquire_timeout(Duration::from_secs(10));
    let options = match backend {
        Backend::Sqlite => options.after_connect(|connection, _| {
            Box::pin(
                async move { connection.execute(sqlx::raw_sql("PRAGMA query_only = ON")).await.map(|_| ()) },
            )
        }),
        Backend::Postgres => options,
    };
    options.connect(url).await.map_err(unreachable_database)
}

/// A connection error may hold the password of the URL: only its kind is told, the rest goes to the log.
fn unreachable_database(error: sqlx::Error) -> Error {
    cannot_open("named in the configuration").with_source(error)
}

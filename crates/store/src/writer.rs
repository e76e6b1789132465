//! The one writer: operations of many callers, each in its own savepoint, one durable commit for all.

use crate::{Backend, SqlExt};
use futures::{FutureExt, future::BoxFuture};
use kernel::{Error, Result};
use sqlx::{AnyConnection, Executor};
use std::{
    panic::AssertUnwindSafe,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};
use tokio::sync::{mpsc, oneshot};

/// The transaction that an operation runs in.
pub type Tx = AnyConnection;

/// Operations that wait for the writer; more callers than this wait to be let in.
const QUEUE: usize = 1024;
/// Operations that share one commit at the most, so that the first of them isn't kept waiting long.
const BATCH: usize = 256;

/// Where operations are sent.
pub(crate) type Writer = mpsc::Sender<Operation>;
/// Makes a new connection after one was lost.
pub(crate) type Reconnect = Box<dyn Fn() -> BoxFuture<'static, Result<AnyConnection>> + Send>;

/// What the writer did since it was started.
#[derive(Debug, Default)]
pub struct Written {
    /// Operations that callers brought.
    pub operations: AtomicU64,
    /// Durable commits that they shared.
    pub commits: AtomicU64,
}

/// Tells the caller, once the fate of the commit is known.
type Reply = Box<dyn FnOnce(Result<()>) + Send>;
type Run = Box<dyn for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, (bool, Reply)> + Send>;

/// Somebody's change, with the way back to them.
pub(crate) struct Operation(Run);

impl Operation {
    /// An operation, what is done once it is durable, and where its answer will arrive.
    pub(crate) fn new<T: Send + 'static>(
        operation: impl for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T>> + Send + 'static,
        then: impl FnOnce(&T) + Send + 'static,
    ) -> (Self, oneshot::Receiver<Result<T>>) {
        let (sender, receiver) = oneshot::channel();
        let run: Run = Box::new(move |tx| {
            Box::pin(async move {
                let outcome = AssertUnwindSafe(operation(tx)).catch_unwind().await;
                let outcome = outcome.unwrap_or_else(|_| Err(Error::internal("an operation panicked")));
                let keep = outcome.is_ok();
                let reply: Reply = Box::new(move |commit| {
                    let outcome = outcome.and_then(|value| commit.map(|()| value)).inspect(then);
                    // A caller that left is no error: its change stands all the same.
                    let _ = sender.send(outcome);
                });
                (keep, reply)
            })
        });
        (Self(run), receiver)
    }
}

/// Starts the writer on `connection`; it ends when the last sender is gone.
pub(crate) fn start(
    connection: AnyConnection,
    backend: Backend,
    written: Arc<Written>,
    reconnect: Reconnect,
) -> Writer {
    let (sender, receiver) = mpsc::channel(QUEUE);
    tokio::spawn(run(connection, backend, written, reconnect, receiver));
    sender
}

async fn run(
    mut connection: AnyConnection,
    backend: Backend,
    written: Arc<Written>,
    reconnect: Reconnect,
    mut receiver: mpsc::Receiver<Operation>,
) {
    while let Some(first) = receiver.recv().await {
        let mut batch = vec![first];
        while batch.len() < BATCH
            && let Ok(next) = receiver.try_recv()
        {
            batch.push(next);
        }
        written.operations.fetch_add(batch.len() as u64, Ordering::Relaxed);
        match commit_batch(&mut connection, backend, batch).await {
            Ok(()) => _ = written.commits.fetch_add(1, Ordering::Relaxed),
            Err(error) => {
                tracing::error!(error = error.chain(), "a commit failed; opening a new connection");
                if let Ok(fresh) = reconnect().await {
                    connection = fresh;
                }
            }
        }
    }
}

async fn commit_batch(connection: &mut Tx, backend: Backend, batch: Vec<Operation>) -> Result<()> {
    let mut replies = Vec::with_capacity(batch.len());
    let outcome = apply(connection, backend, batch, &mut replies).await;
    if outcome.is_err() {
        let _ = connection.execute(sqlx::raw_sql("ROLLBACK")).await;
    }
    for reply in replies {
        reply(outcome.as_ref().map(|_| ()).map_err(|error: &Error| Error {
            kind: error.kind,
            code: error.code,
            text: error.text.clone(),
            source: None,
        }));
    }
    outcome
}

async fn apply(
    connection: &mut Tx,
    backend: Backend,
    batch: Vec<Operation>,
    replies: &mut Vec<Reply>,
) -> Result<()> {
    let begin = match backend {
        Backend::Sqlite => "BEGIN IMMEDIATE",
        Backend::Postgres => "BEGIN",
    };
    connection.execute(sqlx::raw_sql(begin)).await.sql()?;
    for Operation(run) in batch {
        connection.execute(sqlx::raw_sql("SAVEPOINT operation")).await.sql()?;
        let (keep, reply) = run(connection).await;
        replies.push(reply);
        let end = if keep {
            "RELEASE SAVEPOINT operation"
        } else {
            "ROLLBACK TO SAVEPOINT operation; RELEASE SAVEPOINT operation"
        };
        connection.execute(sqlx::raw_sql(end)).await.sql()?;
    }
    connection.execute(sqlx::raw_sql("COMMIT")).await.sql()?;
    Ok(())
}

//! Floor 1: the database (SQLite or PostgreSQL), migrations, blobs.
//!
//! Invariants:
//! - one process writes at a time, through one writer that commits many callers' work together;
//!   what [`Database::write`] has answered is durable;
//! - every statement is one text that both databases understand;
//! - a blob's name is the SHA-256 of its bytes, and it appears whole or not at all.
//!
//! Map: [`database`] connections and reads · [`writer`] the group commit · [`migrate`] schemas ·
//! [`blobs`] content-addressed bytes · [`sql`] small helpers for rows.

pub mod blobs;
pub mod database;
pub mod migrate;
pub mod sql;
pub mod writer;

pub use blobs::{BlobInfo, Blobs};
pub use database::{Backend, Database, Snapshot};
pub use sql::{ROWS, RowExt, SqlExt, values};
pub use writer::Tx;

/// A boxed future that borrows the transaction it runs in.
pub use futures::future::BoxFuture;
/// The connection pool for reads.
pub use sqlx::AnyPool;

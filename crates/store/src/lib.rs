//! Floor 1: the database (SQLite or PostgreSQL), migrations, blobs.
//!
//! Invariants:
//! - one process writes at a time, through one writer that commits many callers' work together;
//!   what [`Database::write`] has answered is durable;
//! - every statement is one text that both databases understand (only [`bulk`] names a function of each);
//! - a blob's name is the SHA-256 of its bytes, and it appears whole or not at all.
//!
//! Map: [`database`] connections and reads · [`writer`] the group commit · [`migrate`] schemas ·
//! [`blobs`] content-addressed bytes · [`bulk`] many rows at once · [`sql`] small helpers for rows.

pub mod blobs;
pub mod bulk;
pub mod database;
pub mod migrate;
pub mod sql;
pub mod writer;

pub use blobs::{BlobInfo, Blobs};
pub use bulk::{Columns, Json, Rows};
pub use database::{Backend, Database, Snapshot};
pub use sql::{RowExt, SqlExt, page_rows};
pub use writer::{Tx, Written};

/// A boxed future that borrows the transaction it runs in.
pub use futures::future::BoxFuture;
/// The connection pool for reads.
pub use sqlx::AnyPool;

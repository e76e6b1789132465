//! Small helpers that turn sqlx's answers into the platform's terms.

use kernel::{Error, PageRequest, Result, Timestamp};
use sqlx::{AnyPool, Row, any::AnyRow};

/// Turns a database failure into the platform's error.
pub trait SqlExt<T> {
    /// The value, or an internal error (`Unavailable` when the database can't be reached).
    fn sql(self) -> Result<T>;
}

impl<T> SqlExt<T> for Result<T, sqlx::Error> {
    fn sql(self) -> Result<T> {
        self.map_err(from_sqlx)
    }
}

fn from_sqlx(error: sqlx::Error) -> Error {
    match &error {
        sqlx::Error::Io(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => {
            Error::unavailable("database_unavailable", "The database does not answer; try again in a moment.")
                .with_source(error)
        }
        sqlx::Error::Database(cause) if is_full(cause.message()) => Error::unavailable(
            "disk_full",
            "The server's disk is full; nothing was written. Free some space, then try again.",
        )
        .with_source(error),
        _ => Error::internal(error),
    }
}

/// SQLite says "database or disk is full"; PostgreSQL says "No space left on device".
fn is_full(message: &str) -> bool {
    message.contains("disk is full")
        || message.contains("No space left")
        || message.contains("disk I/O error")
}

/// The rows of one page of a listing, one more than it holds so that its end shows ([`kernel::Page::from_rows`]).
/// `sql` knows whose rows as `$1` (empty for everybody's), the identity that they lie below as `$2`, how many as `$3`.
pub async fn page_rows(
    pool: &AnyPool,
    sql: &'static str,
    whose: Option<impl ToString>,
    page: &PageRequest,
) -> Result<Vec<AnyRow>> {
    let count = i64::from(page.limit()?) + 1;
    let whose = whose.map(|whose| whose.to_string()).unwrap_or_default();
    sqlx::query(sql).bind(whose).bind(page.below()).bind(count).fetch_all(pool).await.sql()
}

/// Reads a column by name, with the platform's error when it isn't there or isn't of that type.
pub trait RowExt {
    /// Text that is not null.
    fn text(&self, column: &str) -> Result<String>;
    /// Text or null.
    fn text_or_null(&self, column: &str) -> Result<Option<String>>;
    /// An integer that is not null.
    fn int(&self, column: &str) -> Result<i64>;
    /// An integer or null.
    fn int_or_null(&self, column: &str) -> Result<Option<i64>>;
    /// A floating-point number that is not null.
    fn real(&self, column: &str) -> Result<f64>;
    /// An instant that is not null, stored as microseconds.
    fn time(&self, column: &str) -> Result<Timestamp> {
        self.int(column).map(Timestamp)
    }
    /// An instant or null.
    fn time_or_null(&self, column: &str) -> Result<Option<Timestamp>> {
        Ok(self.int_or_null(column)?.map(Timestamp))
    }
}

impl RowExt for AnyRow {
    fn text(&self, column: &str) -> Result<String> {
        self.try_get(column).sql()
    }
    fn text_or_null(&self, column: &str) -> Result<Option<String>> {
        self.try_get(column).sql()
    }
    fn int(&self, column: &str) -> Result<i64> {
        self.try_get(column).sql()
    }
    fn int_or_null(&self, column: &str) -> Result<Option<i64>> {
        self.try_get(column).sql()
    }
    fn real(&self, column: &str) -> Result<f64> {
        self.try_get(column).sql()
    }
}

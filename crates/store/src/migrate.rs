//! Schemas: every crate owns its tables and brings them up step by step.

use crate::{Database, SqlExt, writer::Tx};
use kernel::{Error, Result};
use sha2::{Digest, Sha256};
use sqlx::Executor;

const TABLE: &str = "CREATE TABLE IF NOT EXISTS store_migration (
    room TEXT NOT NULL, step BIGINT NOT NULL, digest TEXT NOT NULL, PRIMARY KEY (room, step))";

impl Database {
    /// Brings the tables of `room` up to date: runs each of `steps` that hasn't run, in order, each once.
    ///
    /// A step is a script of statements separated by `;`. A step that has run must never be edited: that is
    /// an error, as is a database that a newer program has already taken further.
    pub async fn migrate(&self, room: &'static str, steps: &[&'static str]) -> Result<()> {
        let steps = steps.to_vec();
        self.write(move |tx| Box::pin(async move { run(tx, room, &steps).await })).await
    }
}

async fn run(tx: &mut Tx, room: &str, steps: &[&'static str]) -> Result<()> {
    tx.execute(sqlx::raw_sql(TABLE)).await.sql()?;
    let done: Vec<(i64, String)> =
        sqlx::query_as("SELECT step, digest FROM store_migration WHERE room = $1 ORDER BY step")
            .bind(room)
            .fetch_all(&mut *tx)
            .await
            .sql()?;
    if done.len() > steps.len() {
        return Err(Error::conflict(
            "database_newer",
            format!(
                "the database holds newer tables of “{room}” than this program knows; use the newer program"
            ),
        ));
    }
    for (index, script) in steps.iter().enumerate() {
        let digest = hex::encode(Sha256::digest(script.as_bytes()));
        match done.get(index) {
            Some((_, known)) if *known == digest => {}
            Some(_) => {
                return Err(Error::conflict(
                    "migration_edited",
                    format!(
                        "step {index} of the tables of “{room}” is not the one that ran on this database"
                    ),
                ));
            }
            None => {
                tx.execute(sqlx::raw_sql(*script)).await.sql()?;
                sqlx::query("INSERT INTO store_migration (room, step, digest) VALUES ($1, $2, $3)")
                    .bind(room)
                    .bind(index as i64)
                    .bind(digest)
                    .execute(&mut *tx)
                    .await
                    .sql()?;
            }
        }
    }
    Ok(())
}

//! Hash chains: each entry's hash covers its fields and the hash before it, so that no entry can be changed,
//! taken out or put in unseen.

use kernel::Result;
use sha2::{Digest, Sha256};
use store::{RowExt, SqlExt, Tx};

/// The hash before the first entry.
pub const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// Where a chain stands.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Head {
    /// Entries so far; the next entry gets the next number.
    pub seq: i64,
    /// Hash of the last entry, [`GENESIS`] when there is none.
    pub hash: String,
}

/// The hash of an entry: SHA-256 over the hash before it and every field, each with its length before it.
pub fn link(previous: &str, fields: &[&str]) -> String {
    let mut hasher = Sha256::new();
    for field in std::iter::once(&previous).chain(fields) {
        hasher.update((field.len() as u64).to_be_bytes());
        hasher.update(field.as_bytes());
    }
    hex::encode(hasher.finalize())
}

/// Where the chain `name` stands.
pub async fn head(tx: &mut Tx, name: &str) -> Result<Head> {
    let row = sqlx::query("SELECT seq, hash FROM commons_chain WHERE name = $1")
        .bind(name)
        .fetch_optional(&mut *tx)
        .await
        .sql()?;
    match row {
        Some(row) => Ok(Head { seq: row.int("seq")?, hash: row.text("hash")? }),
        None => Ok(Head { seq: 0, hash: GENESIS.to_owned() }),
    }
}

/// Writes where the chain `name` now stands.
pub async fn advance(tx: &mut Tx, name: &str, head: &Head) -> Result<()> {
    sqlx::query(
        "INSERT INTO commons_chain (name, seq, hash) VALUES ($1, $2, $3)
         ON CONFLICT (name) DO UPDATE SET seq = excluded.seq, hash = excluded.hash",
    )
    .bind(name)
    .bind(head.seq)
    .bind(&head.hash)
    .execute(&mut *tx)
    .await
    .sql()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_can_not_flow_into_each_other() {
        assert_ne!(link(GENESIS, &["ab", "c"]), link(GENESIS, &["a", "bc"]));
        assert_ne!(link(GENESIS, &["a"]), link(&link(GENESIS, &[]), &["a"]));
    }
}

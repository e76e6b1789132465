//! Many rows in one statement, as one bound value.
//!
//! Rows travel as JSON, which both databases take apart: a statement with a place for each value of each row costs
//! more to bind than to carry out.

use crate::{SqlExt, Tx};
use kernel::{Error, Result};
use serde::Serialize;

/// Bytes of one statement's rows, about.
const BYTES: usize = 1 << 20;

/// A table and those of its columns that are written: texts first, then integers.
#[derive(Debug, Clone, Copy)]
pub struct Columns {
    /// The table.
    pub table: &'static str,
    /// Columns that hold text.
    pub texts: &'static [&'static str],
    /// Columns that hold integers.
    pub integers: &'static [&'static str],
}

impl Columns {
    /// Inserts rows: of each a tuple of its texts and one of its integers, where `None` is null.
    pub async fn insert<T: Serialize, I: Serialize>(
        &self,
        tx: &mut Tx,
        rows: impl IntoIterator<Item = (T, I)>,
    ) -> Result<()> {
        let text = self.statement(tx);
        let mut some = Vec::new();
        for (texts, integers) in rows {
            some.push(if some.is_empty() { b'[' } else { b',' });
            append(&mut some, &texts, &integers).map_err(Error::internal)?;
            if some.len() >= BYTES {
                send(tx, &text, std::mem::take(&mut some)).await?;
            }
        }
        if some.is_empty() { Ok(()) } else { send(tx, &text, some).await }
    }

    fn statement(&self, tx: &Tx) -> String {
        let at = |index: usize| format!("value ->> {index}");
        let texts = (0..self.texts.len()).map(at);
        let integers = (self.texts.len()..).take(self.integers.len()).map(at);
        let values: Vec<_> = texts.chain(integers.map(|value| format!("CAST({value} AS BIGINT)"))).collect();
        let columns = [self.texts, self.integers].concat().join(", ");
        // Materialized, or SQLite writes each row's JSON anew for each of its columns.
        format!(
            "WITH new AS MATERIALIZED (SELECT value FROM {}) INSERT INTO {} ({columns}) SELECT {} FROM new",
            rows_of(tx),
            self.table,
            values.join(", ")
        )
    }
}

/// A subquery of the texts of the JSON array that is bound first.
pub fn texts(tx: &Tx) -> &'static str {
    match tx.backend_name() {
        "PostgreSQL" => "SELECT value FROM json_array_elements_text(CAST($1 AS json))",
        _ => "SELECT value FROM json_each($1)",
    }
}

/// What makes rows with a column `value` out of the array that is bound first.
fn rows_of(tx: &Tx) -> &'static str {
    match tx.backend_name() {
        "PostgreSQL" => "json_array_elements(CAST($1 AS json))",
        _ => "json_each($1)",
    }
}

/// Appends two tuples as one array.
fn append(json: &mut Vec<u8>, texts: &impl Serialize, integers: &impl Serialize) -> serde_json::Result<()> {
    serde_json::to_writer(&mut *json, texts)?;
    json.pop();
    let seam = json.len();
    serde_json::to_writer(&mut *json, integers)?;
    json[seam] = b',';
    Ok(())
}

async fn send(tx: &mut Tx, text: &str, mut rows: Vec<u8>) -> Result<()> {
    rows.push(b']');
    let rows = String::from_utf8(rows).map_err(Error::internal)?;
    sqlx::query(sqlx::AssertSqlSafe(text.to_owned())).bind(rows).execute(tx).await.sql()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    #[test]
    fn two_tuples_become_one_array() {
        let mut json = Vec::new();
        super::append(&mut json, &("a", None::<&str>), &(1, 2)).unwrap();
        assert_eq!(String::from_utf8(json).unwrap(), r#"["a",null,1,2]"#);
    }
}

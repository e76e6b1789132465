//! Many rows in one statement, as one bound value.
//!
//! Rows travel as JSON, which both databases take apart: a statement with a place for each value of each row costs
//! more to bind than to carry out.

use crate::{SqlExt, Tx};
use kernel::{Error, Result};
use serde::{Serialize, Serializer, ser::Error as _};

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

/// A value as JSON in a column of text.
#[derive(Debug, Clone, Copy)]
pub struct Json<T>(pub T);

impl<T: Serialize> Serialize for Json<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.serialize_str(&serde_json::to_string(&self.0).map_err(S::Error::custom)?)
    }
}

/// Rows of a table as they travel, made before the transaction that they are for.
#[derive(Debug)]
pub struct Rows {
    columns: Columns,
    /// One for each statement.
    arrays: Vec<String>,
}

impl Rows {
    /// Inserts them.
    pub async fn insert(self, tx: &mut Tx) -> Result<()> {
        let text = self.columns.statement(tx);
        for array in self.arrays {
            sqlx::query(sqlx::AssertSqlSafe(text.clone())).bind(array).execute(&mut *tx).await.sql()?;
        }
        Ok(())
    }
}

impl Columns {
    /// Rows: of each a tuple of its texts and one of its integers, where `None` is null.
    pub fn rows<T: Serialize, I: Serialize>(&self, rows: impl IntoIterator<Item = (T, I)>) -> Result<Rows> {
        let (mut arrays, mut some) = (Vec::new(), Vec::new());
        for (texts, integers) in rows {
            some.push(if some.is_empty() { b'[' } else { b',' });
            append(&mut some, &texts, &integers).map_err(Error::internal)?;
            if some.len() >= BYTES {
                arrays.push(whole(std::mem::take(&mut some))?);
            }
        }
        if !some.is_empty() {
            arrays.push(whole(some)?);
        }
        Ok(Rows { columns: *self, arrays })
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
        // As a blob: text would be parsed anew for each column.
        _ => "jsonb_each($1)",
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

fn whole(mut array: Vec<u8>) -> Result<String> {
    array.push(b']');
    String::from_utf8(array).map_err(Error::internal)
}

#[cfg(test)]
mod tests {
    #[test]
    fn two_tuples_become_one_array() {
        let mut json = Vec::new();
        super::append(&mut json, &(super::Json(["a"]), None::<&str>), &(1, 2)).unwrap();
        assert_eq!(String::from_utf8(json).unwrap(), r#"["[\"a\"]",null,1,2]"#);
    }
}

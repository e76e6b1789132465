//! What the command line prints: data on stdout, as tables for people or JSON for programs.

use anyhow::Result;
use serde_json::Value;
use std::io::{IsTerminal, Write};

/// How answers are printed.
#[derive(Debug, Clone, Copy)]
pub struct Output {
    /// JSON instead of tables.
    pub json: bool,
}

impl Output {
    /// Prints a value: as JSON, or by `people` for people.
    pub fn print(self, value: &Value, people: impl FnOnce(&Value) -> String) -> Result<()> {
        let text = if self.json { serde_json::to_string_pretty(value)? } else { people(value) };
        let mut stdout = std::io::stdout().lock();
        // A reader that has seen enough (`| head`) is no failure.
        match writeln!(stdout, "{}", text.trim_end()) {
            Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
            other => Ok(other?),
        }
    }

    /// Prints a list as a table with these columns: heading and JSON pointer.
    pub fn table(self, value: &Value, columns: &[(&str, &str)]) -> Result<()> {
        self.print(value, |value| {
            let rows = value.get("items").and_then(Value::as_array).cloned().unwrap_or_default();
            if rows.is_empty() {
                return "nothing here yet".into();
            }
            let cells =
                rows.iter().map(|row| columns.iter().map(|(_, at)| cell(row, at)).collect()).collect();
            table(&columns.iter().map(|(heading, _)| (*heading).to_owned()).collect::<Vec<_>>(), cells)
        })
    }
}

/// Whether a person looks at stderr: then bars and colours are welcome.
pub fn is_watched() -> bool {
    std::io::stderr().is_terminal()
}

/// The text of the value at a JSON pointer; amounts in micros as decimal numbers.
pub fn cell(row: &Value, pointer: &str) -> String {
    match row.pointer(pointer) {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) if pointer.ends_with("_micros") => {
            number.as_i64().map(kernel::money::format_micros).unwrap_or_default()
        }
        Some(Value::Array(items)) => items.iter().map(|item| cell(item, "")).collect::<Vec<_>>().join(" "),
        Some(other) => other.to_string(),
    }
}

/// Columns padded to their widest cell.
pub fn table(headings: &[String], rows: Vec<Vec<String>>) -> String {
    let width = |text: &str| text.chars().map(|c| if u32::from(c) >= 0x2e80 { 2 } else { 1 }).sum::<usize>();
    let mut widths: Vec<usize> = headings.iter().map(|heading| width(heading)).collect();
    for row in &rows {
        for (column, cell) in row.iter().enumerate() {
            widths[column] = widths[column].max(width(cell));
        }
    }
    let mut text = String::new();
    for row in std::iter::once(&headings.to_vec()).chain(&rows) {
        for (column, cell) in row.iter().enumerate() {
            text.push_str(cell);
            if column + 1 < row.len() {
                text.push_str(&" ".repeat(widths[column] - width(cell) + 2));
            }
        }
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn columns_stand_under_each_other_in_both_scripts() {
        let rows = vec![vec!["算力".into(), "1".into()], vec!["ab".into(), "22".into()]];
        assert_eq!(table(&["name".into(), "n".into()], rows), "name  n\n算力  1\nab    22\n");
    }

    #[test]
    fn amounts_are_decimal() {
        let row = json!({"amount_micros": 1_500_000, "list": ["a", "b"], "none": null});
        assert_eq!(cell(&row, "/amount_micros"), "1.50");
        assert_eq!(cell(&row, "/list"), "a b");
        assert_eq!(cell(&row, "/none"), "");
    }
}

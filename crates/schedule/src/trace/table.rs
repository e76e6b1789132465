//! Comma-separated values with a header.

use kernel::{Error, Result};

/// Columns in a line at most.
const MOST_COLUMNS: usize = 256;

/// A table whose columns are found by name.
pub(super) struct Table<'a> {
    header: Vec<&'a str>,
    lines: Vec<(usize, Vec<&'a str>)>,
}

/// One line of a table.
pub(super) struct Row<'t, 'a> {
    table: &'t Table<'a>,
    /// Its number in the file, from 1.
    pub number: usize,
    cells: &'t [&'a str],
}

impl<'a> Table<'a> {
    /// Reads `text`. Where its first line doesn't hold `first`, the columns are `otherwise`.
    pub(super) fn read(text: &'a str, first: &str, otherwise: &'static [&'static str]) -> Result<Self> {
        let mut lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()).peekable();
        let header = match lines.peek() {
            Some((_, line)) if cells(line).contains(&first) => {
                let (_, line) = lines.next().unwrap_or_default();
                cells(line)
            }
            Some(_) if !otherwise.is_empty() => otherwise.to_vec(),
            _ => {
                return Err(Error::invalid(
                    "trace_unreadable",
                    format!(
                        "the first line must name columns, among them '{first}'; is this the right format?"
                    ),
                ));
            }
        };
        let lines = lines.map(|(number, line)| (number + 1, cells(line))).collect();
        Ok(Self { header, lines })
    }

    pub(super) fn rows(&self) -> impl Iterator<Item = Row<'_, 'a>> {
        self.lines.iter().map(|(number, cells)| Row { table: self, number: *number, cells })
    }
}

/// A line's cells, without the quotes around them.
fn cells(line: &str) -> Vec<&str> {
    let mut cells = Vec::new();
    let (mut start, mut quoted) = (0, false);
    for (at, byte) in line.bytes().enumerate() {
        match byte {
            b'"' => quoted = !quoted,
            b',' if !quoted && cells.len() < MOST_COLUMNS => {
                cells.push(&line[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    cells.push(&line[start..]);
    cells.iter_mut().for_each(|cell| *cell = cell.trim().trim_matches('"'));
    cells
}

impl<'a> Row<'_, 'a> {
    /// The cell of the first of `columns` that there is and that isn't empty.
    pub(super) fn text(&self, columns: &[&str]) -> Option<&'a str> {
        let at = |column: &&str| self.table.header.iter().position(|name| *name == *column);
        columns
            .iter()
            .filter_map(at)
            .filter_map(|at| self.cells.get(at))
            .find(|cell| !cell.is_empty())
            .copied()
    }

    /// A number; `None` where the cell is empty.
    pub(super) fn number(&self, columns: &[&str]) -> Result<Option<f64>> {
        let Some(text) = self.text(columns) else { return Ok(None) };
        match text.parse::<f64>() {
            Ok(number) if number.is_finite() && number.abs() < 1e15 => Ok(Some(number)),
            Ok(_) => Ok(None),
            Err(_) if matches!(text, "None" | "NULL" | "null") => Ok(None),
            Err(_) => Err(self.bad(columns, text, "a number")),
        }
    }

    /// A moment: seconds, or a date and time of day.
    pub(super) fn moment(&self, columns: &[&str]) -> Result<Option<i64>> {
        let Some(text) = self.text(columns) else { return Ok(None) };
        if let Ok(number) = text.parse::<f64>() {
            return Ok(Some(number as i64).filter(|_| number.is_finite()));
        }
        match seconds(text) {
            Some(seconds) => Ok(Some(seconds)),
            None if matches!(text, "None" | "NULL" | "null") => Ok(None),
            None => Err(self.bad(columns, text, "seconds, or a time such as 2017-10-09 07:01:55")),
        }
    }

    fn bad(&self, columns: &[&str], text: &str, wanted: &str) -> Error {
        let text: String = text.chars().take(40).collect();
        Error::invalid(
            "trace_unreadable",
            format!(
                "line {}, column '{}': '{text}' isn't {wanted}",
                self.number,
                columns.first().unwrap_or(&"")
            ),
        )
    }
}

/// Seconds since 1970 of `2017-10-09 07:01:55`, with `T` or a blank, any fraction and zone left out.
fn seconds(text: &str) -> Option<i64> {
    let part = |from: usize, to: usize| text.get(from..to)?.parse::<i64>().ok();
    let (year, month, day) = (part(0, 4)?, part(5, 7)?, part(8, 10)?);
    let (hour, minute, second) = match text.len() {
        10 => (0, 0, 0),
        _ => (part(11, 13)?, part(14, 16)?, part(17, 19).unwrap_or(0)),
    };
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) || !(1900..=3000).contains(&year) {
        return None;
    }
    // Days from civil, with years that begin in March (Hinnant 2013).
    let (year, month) = if month <= 2 { (year - 1, month + 9) } else { (year, month - 3) };
    let days = year * 365 + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day - 1 - 719_468;
    Some(days * 86_400 + hour * 3600 + minute * 60 + second)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_dates() {
        assert_eq!(seconds("1970-01-01 00:00:00"), Some(0));
        assert_eq!(seconds("2017-10-09 07:01:55"), Some(1_507_532_515));
        assert_eq!(seconds("2023-03-01T00:05:21+08:00"), Some(1_677_629_121));
        assert_eq!(seconds("soon"), None);
    }

    #[test]
    fn quotes_may_hold_commas() {
        assert_eq!(cells("a,\"b,c\", d"), ["a", "b,c", "d"]);
    }
}

//! Keyset pages: `{items, next_cursor}`, never an offset, never a total.

use crate::{Error, Result};
use serde::{Deserialize, Serialize};

/// The most items that one page holds.
pub const MAX_LIMIT: u32 = 100;

/// What a caller asks for: at most `limit` items that come after `cursor`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PageRequest {
    /// At most this many, 1 to [`MAX_LIMIT`]; 50 when left out.
    pub limit: Option<u32>,
    /// The `next_cursor` of the page before; the first page when left out.
    pub cursor: Option<String>,
}

/// Comes after every identity in byte order and in the collations of natural languages, where `~` does not.
const AFTER_ALL: &str = "zzzz";

impl PageRequest {
    /// The identity that a listing in falling order goes on below; one after all others on the first page.
    pub fn below(&self) -> &str {
        self.cursor.as_deref().unwrap_or(AFTER_ALL)
    }

    /// The limit to use, or why the one given can't be.
    pub fn limit(&self) -> Result<u32> {
        match self.limit.unwrap_or(50) {
            limit @ 1..=MAX_LIMIT => Ok(limit),
            _ => Err(Error::invalid("limit_invalid", format!("limit goes from 1 to {MAX_LIMIT}"))),
        }
    }
}

/// One page of a listing.
#[derive(Debug, Clone, Serialize)]
pub struct Page<T> {
    /// The items, in the listing's order.
    pub items: Vec<T>,
    /// Give it back as `cursor` to get the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

impl<T> Page<T> {
    /// A page of at most `limit` of `rows`, which were fetched with one more than `limit` so that the end shows.
    pub fn from_rows(mut rows: Vec<T>, limit: u32, cursor: impl Fn(&T) -> String) -> Self {
        let more = rows.len() > limit as usize;
        rows.truncate(limit as usize);
        let next_cursor = if more { rows.last().map(cursor) } else { None };
        Self { items: rows, next_cursor }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_page_has_no_cursor() {
        let page = Page::from_rows(vec![1, 2, 3], 2, |n| n.to_string());
        assert_eq!((page.items, page.next_cursor), (vec![1, 2], Some("2".into())));
        assert_eq!(Page::from_rows(vec![1, 2], 2, |n| n.to_string()).next_cursor, None);
        assert!(PageRequest { limit: Some(0), cursor: None }.limit().is_err());
    }
}

//! Query and form parameters, read leniently: clients send more than we know, and repeat what they like.

use crate::rules::names;
use kernel::{Error, Result};

/// The pairs of a query or a form, in order.
pub(crate) type Pairs = Vec<(String, String)>;

/// The first value of `key` that isn't empty.
pub(crate) fn text<'a>(pairs: &'a Pairs, key: &str) -> Option<&'a str> {
    pairs.iter().find(|(name, value)| name == key && !value.is_empty()).map(|(_, value)| value.as_str())
}

/// Whether `key` is set to true, as JavaScript or Python write it.
pub(crate) fn flag(pairs: &Pairs, key: &str) -> bool {
    matches!(text(pairs, key), Some("true" | "True" | "1"))
}

/// `limit`, brought into 1 to `most`: clients ask for more than a page holds and then follow the pages.
pub(crate) fn limit(pairs: &Pairs, usual: u32, most: u32) -> Result<u32> {
    match text(pairs, "limit") {
        None => Ok(usual),
        Some(given) => match given.parse::<u64>() {
            Ok(number) if number > 0 => Ok(u32::try_from(number).unwrap_or(most).min(most)),
            _ => {
                let text = format!("limit is a whole number from 1 up, not “{}”", names::clip(given));
                Err(Error::invalid("limit_invalid", text))
            }
        },
    }
}

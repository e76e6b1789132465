//! Errors that an answer tells.

use super::{http::Reply, shape};
use crate::failure::{Class, Failure};
use serde::{Deserialize, de::DeserializeOwned};

/// One error. Its number has had three names.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Told {
    #[serde(alias = "error_code", alias = "errno")]
    error_number: Option<i64>,
    #[serde(deserialize_with = "shape::text")]
    error: String,
    #[serde(deserialize_with = "shape::text")]
    description: String,
}

#[derive(Deserialize)]
struct Errors {
    #[serde(default)]
    errors: Vec<Told>,
}

impl Told {
    fn words(&self) -> String {
        match (self.error.as_str(), self.description.as_str()) {
            (error, "") => error.to_owned(),
            ("", description) => description.to_owned(),
            (error, description) if description.contains(error) => description.to_owned(),
            (error, description) => format!("{description}: {error}"),
        }
    }

    /// How much its number says: Slurm's own more than the system's, and those more than none or -1.
    fn weight(&self) -> i64 {
        self.error_number.unwrap_or(-1).clamp(-1, 1000)
    }
}

/// Whether an answer to a request that ends a job only says that the job is over: "invalid job id", "already done".
pub fn is_gone(number: i64) -> bool {
    matches!(number, 2017 | 2021)
}

/// Whether an answer to a search only says that nothing was found.
pub fn is_nothing(number: i64) -> bool {
    number == 9003
}

/// No error is fine.
pub fn is_none(_: i64) -> bool {
    false
}

/// Fails with all that is told, by the number that says most, unless `is_fine` has nothing against any.
pub fn told(reply: &Reply, is_fine: impl Fn(i64) -> bool) -> Result<(), Failure> {
    let Ok(Errors { mut errors }) = serde_json::from_slice(&reply.body) else {
        status(reply)?;
        let text: String = String::from_utf8_lossy(&reply.body).chars().take(200).collect();
        return Err(Failure::new(Class::Unreadable, text));
    };
    if errors.is_empty() {
        return status(reply);
    }
    errors.retain(|error| !error.error_number.is_some_and(|number| number == 0 || is_fine(number)));
    let Some(most) = errors.iter().max_by_key(|error| error.weight()) else { return Ok(()) };
    let words: Vec<String> = errors.iter().map(Told::words).collect();
    Err(Failure::of_number(most.error_number.unwrap_or(-1), &words.join("; ")))
}

/// Reads an answer that carries no errors but such as are fine.
pub fn read<T: DeserializeOwned>(reply: &Reply, is_fine: impl Fn(i64) -> bool) -> Result<T, Failure> {
    told(reply, is_fine)?;
    serde_json::from_slice(&reply.body).map_err(|error| Failure::new(Class::Unreadable, error.to_string()))
}

/// Fails by the status alone: for what isn't JSON, such as a proxy's page.
pub fn status(reply: &Reply) -> Result<(), Failure> {
    let class = match reply.status {
        200..=299 => return Ok(()),
        401 | 403 => Class::Denied,
        // What a proxy says before it has passed anything on; what it says of a lost answer is 502 or 504.
        404 | 429 | 503 => Class::Unavailable,
        400..=499 => Class::Refused,
        _ => Class::Unsure,
    };
    let text: String = String::from_utf8_lossy(&reply.body).chars().take(200).collect();
    Err(Failure::new(class, format!("status {}: {text}", reply.status)))
}

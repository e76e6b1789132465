//! What a training job is told.

use crate::rules::prices;
use engine::Config;
use kernel::{Error, Result};
use serde::Deserialize;
use serde_json::Value;

/// Seconds that a job needs beside the training itself: tokenizer, saving.
const ASIDE_SECONDS: u64 = 20;
/// Longest training: a week.
const MAX_SECONDS: u64 = 7 * 86_400;
/// Most tokens of a training.
const MAX_TOKENS: u64 = 1 << 40;

/// The spec of `model.train`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spec {
    /// `org/name` of a dataset, or a version of it: `dataset:org/name@commit`.
    pub dataset: String,
    /// `org/name` of the model's repository; also the name it is served under.
    pub repo: String,
    /// Most ids of the tokenizer.
    #[serde(default = "vocabulary")]
    pub vocabulary: usize,
    /// Transformer blocks.
    #[serde(default = "layers")]
    pub layers: usize,
    /// Width of the network.
    #[serde(default = "width")]
    pub width: usize,
    /// Attention heads.
    #[serde(default = "heads")]
    pub heads: usize,
    /// Most tokens that the model sees.
    #[serde(default = "context")]
    pub context: usize,
    /// Seconds of training; how many steps that makes depends on the machine.
    #[serde(default)]
    pub seconds: Option<u64>,
    /// Tokens of training; makes a run repeatable to the bit on the same processor and cores.
    #[serde(default)]
    pub tokens: Option<u64>,
    /// Seed of everything random.
    #[serde(default)]
    pub seed: u64,
    /// Micros of CNY for a million tokens read.
    pub price_input_micros: i64,
    /// Micros of CNY for a million tokens written.
    pub price_output_micros: i64,
}

fn vocabulary() -> usize {
    2048
}

fn layers() -> usize {
    4
}

fn width() -> usize {
    128
}

fn heads() -> usize {
    4
}

fn context() -> usize {
    256
}

fn invalid(why: impl std::fmt::Display) -> Error {
    let shape = "a spec is {\"dataset\": \"org/name\", \"repo\": \"org/name\", \"seconds\": 100, \"seed\": 1, \
                 \"price_input_micros\": 1000000, \"price_output_micros\": 4000000}";
    Error::invalid("train_spec_invalid", format!("{why}; {shape}"))
}

impl Spec {
    /// Reads a spec; unknown keys fail.
    ///
    /// # Errors
    /// `train_spec_invalid` names the key.
    pub fn of(spec: &Value) -> Result<Self> {
        Self::deserialize(spec).map_err(invalid)
    }

    /// Refuses what can't work within `wall_seconds`.
    ///
    /// # Errors
    /// `train_spec_invalid`, `model_shape_invalid` or `price_invalid`.
    pub fn check(&self, wall_seconds: i64) -> Result<()> {
        prices::check(self.price_input_micros, self.price_output_micros)?;
        self.config(self.vocabulary)?;
        if self.vocabulary > 1 << 16 {
            return Err(invalid("vocabulary is at most 65536"));
        }
        if self.repo.matches('/').count() != 1 || self.repo.len() > 200 || self.dataset.len() > 300 {
            return Err(invalid("repo is org/name"));
        }
        match (self.seconds, self.tokens) {
            (None, None) => Err(invalid("give seconds or tokens")),
            (Some(seconds), _) if !(1..=MAX_SECONDS).contains(&seconds) => {
                Err(invalid(format!("seconds is from 1 to {MAX_SECONDS}")))
            }
            (_, Some(tokens)) if !(1..=MAX_TOKENS).contains(&tokens) => {
                Err(invalid(format!("tokens is from 1 to {MAX_TOKENS}")))
            }
            (Some(seconds), _) if i128::from(seconds + ASIDE_SECONDS) > i128::from(wall_seconds) => {
                let least = seconds + ASIDE_SECONDS;
                Err(invalid(format!("{seconds} seconds of training need wall_seconds of at least {least}")))
            }
            _ => Ok(()),
        }
    }

    /// The network's shape with a vocabulary of this many ids.
    ///
    /// # Errors
    /// `model_shape_invalid`.
    pub fn config(&self, vocabulary: usize) -> Result<Config> {
        Config::new(vocabulary, self.layers, self.width, self.heads, self.context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn spec(change: Value) -> Result<()> {
        let mut spec = json!({
            "dataset": "a/d", "repo": "a/m", "seconds": 60, "price_input_micros": 1, "price_output_micros": 2
        });
        for (key, value) in change.as_object().unwrap() {
            spec[key] = value.clone();
        }
        Spec::of(&spec)?.check(100)
    }

    #[test]
    fn bad_specs_are_refused_by_name() {
        spec(json!({})).unwrap();
        spec(json!({"seconds": null, "tokens": 1000})).unwrap();
        for (change, word) in [
            (json!({"colour": 1}), "colour"),
            (json!({"seconds": null}), "tokens"),
            (json!({"seconds": 90}), "wall_seconds"),
            (json!({"seconds": 0}), "seconds"),
            (json!({"layers": -1}), "-1"),
            (json!({"heads": 7}), "heads"),
            (json!({"vocabulary": 100}), "vocabulary"),
            (json!({"repo": "m"}), "org/name"),
            (json!({"price_input_micros": -1}), "price"),
        ] {
            let error = spec(change.clone()).expect_err(&change.to_string());
            assert!(error.text.contains(word), "{change}: {error}");
        }
    }
}

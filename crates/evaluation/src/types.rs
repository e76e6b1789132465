//! Nouns: documents, limits, estimates, outcomes.

use kernel::{Error, Result};
use serde::{Deserialize, Serialize};

/// A document of a dataset's split; its further fields are not needed here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Its identity within the dataset.
    pub id: String,
    /// Its text.
    pub text: String,
}

/// A number with its 95 % confidence interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// The number as measured.
    pub value: f64,
    /// Lower end of the interval.
    pub low: f64,
    /// Upper end of the interval.
    pub high: f64,
}

/// Which way a metric gets better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Better {
    /// The lower the better, such as bits per byte.
    Lower,
    /// The higher the better, such as accuracy.
    Higher,
}

impl Better {
    /// The word that is stored.
    pub fn word(self) -> &'static str {
        match self {
            Self::Lower => "lower",
            Self::Higher => "higher",
        }
    }
}

/// How much a run may read, ask and keep.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Held-out documents that bits per byte is measured on.
    pub documents: usize,
    /// Bytes of each of them that are scored.
    pub document_bytes: usize,
    /// Questions of the multiple-choice task.
    pub questions: usize,
    /// Bytes of the passage before the choices.
    pub passage_bytes: usize,
    /// Bytes of each choice.
    pub choice_bytes: usize,
    /// Bytes of the training split that the baseline learns from.
    pub train_bytes: usize,
    /// Resamples behind each interval.
    pub resamples: usize,
    /// Requests in flight at once.
    pub concurrency: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            documents: 100,
            document_bytes: 600,
            questions: 100,
            passage_bytes: 256,
            choice_bytes: 64,
            train_bytes: 8 << 20,
            resamples: 1_000,
            concurrency: 4,
        }
    }
}

impl Limits {
    /// Refuses numbers that would make a run empty or endless, naming the one at fault.
    pub fn check(&self) -> Result<()> {
        let bounds = [
            ("documents", self.documents, 4, 10_000),
            ("document_bytes", self.document_bytes, 64, 65_536),
            ("questions", self.questions, 4, 10_000),
            ("passage_bytes", self.passage_bytes, 16, 16_384),
            ("choice_bytes", self.choice_bytes, 8, 4_096),
            ("train_bytes", self.train_bytes, 1_024, 64 << 20),
            ("resamples", self.resamples, 100, 100_000),
            ("concurrency", self.concurrency, 1, 64),
        ];
        match bounds.iter().find(|(_, value, least, most)| value < least || value > most) {
            None => Ok(()),
            Some((name, value, least, most)) => Err(Error::invalid(
                "evaluation_limits_invalid",
                format!("limits.{name} is {value}; it must lie between {least} and {most}"),
            )),
        }
    }
}

/// How a run is made.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Options {
    /// Decides which passages are drawn, and the bootstrap's resamples.
    pub seed: u64,
    /// How much is read and asked.
    pub limits: Limits,
}

/// What a run found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// Name under which the model is served.
    pub model: String,
    /// How the run was made.
    pub options: Options,
    /// One entry per task.
    pub tasks: Vec<TaskOutcome>,
    /// Requests that the endpoint answered.
    pub requests: u64,
    /// Bytes of training text that the baseline learned from.
    pub baseline_bytes: u64,
}

/// What a run found on one task.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TaskOutcome {
    /// Name of the task, e.g. `heldout_bits_per_byte`.
    pub task: String,
    /// Name of the metric, e.g. `bits_per_byte`.
    pub metric: String,
    /// Which way the metric gets better.
    pub better: Better,
    /// Documents or questions scored.
    pub items: u64,
    /// The model's score.
    pub model: Estimate,
    /// The baseline's score on the same items.
    pub baseline: Estimate,
    /// Model minus baseline, paired by item.
    pub difference: Estimate,
    /// The first items, for a reader's own judgement.
    pub samples: Vec<Sample>,
}

impl TaskOutcome {
    /// Whether the difference's interval leaves out zero.
    pub fn is_significant(&self) -> bool {
        is_significant(&self.difference)
    }
}

/// Differences below this come from the order in which floating-point sums are taken.
const NOISE: f64 = 1e-9;

/// Whether a difference's interval leaves out zero, and what counts as zero in floating point.
pub fn is_significant(difference: &Estimate) -> bool {
    difference.low > NOISE || difference.high < -NOISE
}

/// One scored item as it is shown.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sample {
    /// The document that it was made from.
    pub document: String,
    /// The passage.
    pub text: String,
    /// The model's score on this item alone.
    pub model: f64,
    /// The baseline's score on this item alone.
    pub baseline: f64,
    /// The choices, for a task that has them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub choice: Option<ChoiceSample>,
}

/// The choices of a question, and who picked which.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChoiceSample {
    /// The choices in the order asked.
    pub choices: Vec<String>,
    /// Index of the true continuation.
    pub answer: usize,
    /// Index that the model found likeliest per byte.
    pub model: usize,
    /// Index that the baseline found likeliest per byte.
    pub baseline: usize,
}

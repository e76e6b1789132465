//! In which order documents of several sources are read: by weight, with repetition up to a bound, in phases.
//!
//! Pure: the same sources, phases and seed give the same order on any machine.

mod order;
mod share;

use kernel::{Error, Result};
use serde::{Deserialize, Serialize};

pub use order::Draw;

/// Where documents come from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Its name.
    pub name: String,
    /// Documents in it.
    pub documents: u64,
    /// Tokens in it.
    pub tokens: u64,
    /// Its part of the mixture, relative to the others' weights.
    pub weight: f64,
    /// How often it may be read at most; 1.5 is once and then half of it.
    #[serde(default = "once")]
    pub max_epochs: f64,
}

fn once() -> f64 {
    1.0
}

/// A stretch of training with weights of its own: a curriculum is several, one behind the other.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Phase {
    /// Its part of all tokens, relative to the other phases' parts.
    pub part: f64,
    /// One weight for each source, instead of its own.
    pub weights: Vec<f64>,
}

/// How much of a source is read.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Share {
    /// The source's name.
    pub name: String,
    /// Documents, repeated ones counted each time.
    pub documents: u64,
    /// Tokens, estimated by the source's mean.
    pub tokens: u64,
    /// How often the source is read.
    pub epochs: f64,
}

/// What is read, and in which order.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// For each phase and each source the documents to draw.
    draws: Vec<Vec<u64>>,
    sources: Vec<Source>,
    seed: u64,
}

/// Plans `total` tokens from `sources`; without `phases` the sources' own weights hold all along.
///
/// A source that has reached its epochs leaves its part to the others; when all have, the plan ends early, see
/// [`Plan::tokens`].
///
/// # Errors
/// `mixture_invalid` when a number is not one, a phase lacks weights, or no source has weight and documents.
pub fn plan(sources: &[Source], phases: &[Phase], total: u64, seed: u64) -> Result<Plan> {
    check(sources, phases)?;
    let own = [Phase { part: 1.0, weights: sources.iter().map(|source| source.weight).collect() }];
    let phases = if phases.is_empty() { &own } else { phases };
    let draws = share::draws(sources, phases, total);
    Ok(Plan { draws, sources: sources.to_vec(), seed })
}

impl Plan {
    /// How much of each source is read, in the sources' order.
    pub fn shares(&self) -> Vec<Share> {
        let of = |(index, source): (usize, &Source)| {
            let documents: u64 = self.draws.iter().map(|phase| phase[index]).sum();
            let epochs = documents as f64 / source.documents.max(1) as f64;
            let tokens = (epochs * source.tokens as f64).round() as u64;
            Share { name: source.name.clone(), documents, tokens, epochs }
        };
        self.sources.iter().enumerate().map(of).collect()
    }

    /// Tokens of the whole plan, estimated by the sources' means.
    pub fn tokens(&self) -> u64 {
        self.shares().iter().map(|share| share.tokens).sum()
    }

    /// The documents in their order. Sources are spread evenly; each epoch of a source is a permutation of it.
    pub fn order(&self) -> impl Iterator<Item = Draw> + '_ {
        order::draws(&self.draws, &self.sources, self.seed)
    }
}

fn check(sources: &[Source], phases: &[Phase]) -> Result<()> {
    let is_part = |part: f64| part.is_finite() && part >= 0.0;
    let invalid = |text: String| Err(Error::invalid("mixture_invalid", text));
    for source in sources {
        if !is_part(source.weight) || !is_part(source.max_epochs) {
            return invalid(format!("Source {}: weight and max_epochs are numbers from 0 on.", source.name));
        }
        if (source.documents == 0) != (source.tokens == 0) {
            return invalid(format!("Source {} has documents without tokens or the reverse.", source.name));
        }
    }
    for (phase, number) in phases.iter().zip(1..) {
        if phase.weights.len() != sources.len()
            || !is_part(phase.part)
            || !phase.weights.iter().all(|w| is_part(*w))
        {
            return invalid(format!(
                "Phase {number} needs a part and one weight for each source, all from 0 on."
            ));
        }
    }
    let has_weight = |index: usize| match phases {
        [] => sources[index].weight > 0.0,
        phases => phases.iter().any(|phase| phase.part > 0.0 && phase.weights[index] > 0.0),
    };
    let is_read = |(index, source): (usize, &Source)| source.documents > 0 && has_weight(index);
    if sources.iter().enumerate().any(is_read) {
        Ok(())
    } else {
        invalid("No source has both documents and a weight above 0.".into())
    }
}

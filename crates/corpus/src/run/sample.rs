//! A look at what a recipe would do: the first documents through its streams, nothing written.

use crate::{
    recipe::Recipe,
    report::excerpt,
    step::{self, Document},
};
use kernel::{Error, Result};
use serde::Serialize;
use std::path::Path;

/// What would become of one document.
#[derive(Debug, Clone, Serialize)]
pub struct Sample {
    /// Its id.
    pub id: String,
    /// The beginning of its text as it was read.
    pub before: String,
    /// The beginning of its text as it would be kept; none when it would be dropped.
    pub after: Option<String>,
    /// The step that would drop it.
    pub step: Option<&'static str>,
    /// Why.
    pub reason: Option<String>,
}

/// The end of a sample is no failure.
const ENOUGH: &str = "corpus_sample_enough";

/// Takes the first `count` documents of `input` through the steps that look at one document; steps that compare
/// documents are left out.
pub fn sample(recipe: &Recipe, input: &Path, count: usize) -> Result<Vec<Sample>> {
    let plan = intake::plan(input, &recipe.read)?;
    let steps: Vec<usize> = (0..recipe.steps.len()).filter(|at| !recipe.steps[*at].is_barrier()).collect();
    let makers = step::makers(recipe)?;
    let mut workers = makers.iter().flatten().map(|maker| maker()).collect::<Result<Vec<_>>>()?;
    let mut samples = Vec::new();
    for shard in &plan.shards {
        let read = intake::read(
            input,
            shard,
            &recipe.read,
            &mut |record| {
                if samples.len() >= count {
                    return Err(Error::invalid(ENOUGH, ""));
                }
                let mut document = Document::of(record);
                let before = excerpt(&document.text);
                let mut dropped = None;
                for (worker, at) in workers.iter_mut().zip(&steps) {
                    if let Some(reason) = worker.apply(&mut document)? {
                        dropped = Some((recipe.steps[*at].name(), reason.into_owned()));
                        break;
                    }
                }
                let after = dropped.is_none().then(|| excerpt(&document.text));
                let (step, reason) = dropped.unzip();
                samples.push(Sample { id: document.id.into_owned(), before, after, step, reason });
                Ok(())
            },
            &mut |_| Ok(()),
        );
        match read {
            Err(error) if error.code == ENOUGH => break,
            other => other?,
        }
    }
    Ok(samples)
}

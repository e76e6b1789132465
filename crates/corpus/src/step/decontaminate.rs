//! Documents that overlap with benchmarks go.

use super::{Document, Reason, Worker};
use crate::recipe;
use dedup::decontaminate::{Benchmark, Finder, Index, Options};
use kernel::{Error, Result};
use std::{collections::BTreeMap, path::Path, sync::Arc};

/// The benchmarks of a step; named by their files.
pub fn index(options: &recipe::Decontaminate) -> Result<Arc<Index>> {
    let benchmarks = options.benchmarks.iter().map(|path| read(path)).collect::<Result<Vec<_>>>()?;
    Ok(Arc::new(Index::build(&benchmarks, Options { unit: options.unit, ngram: options.ngram })?))
}

fn read(path: &Path) -> Result<Benchmark> {
    let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let mut benchmark = Benchmark { name, items: Vec::new() };
    let options = intake::Options::default();
    for shard in &intake::plan(path, &options)?.shards {
        intake::read(
            path,
            shard,
            &options,
            &mut |record| {
                benchmark.items.push(record.text.into_owned());
                Ok(())
            },
            &mut |broken| {
                // A benchmark that is read in part would be missed in part.
                let text = format!("the benchmark {}, {}: {}", path.display(), broken.position, broken.text);
                Err(Error::invalid("corpus_recipe_invalid", text))
            },
        )?;
    }
    Ok(benchmark)
}

/// Looks for benchmarks in documents.
pub struct Decontaminate {
    index: Arc<Index>,
    names: Vec<String>,
    hits: BTreeMap<String, u64>,
}

impl Decontaminate {
    /// Looks for the benchmarks of `index`.
    pub fn new(index: Arc<Index>) -> Self {
        let names = index.benchmarks().iter().map(|benchmark| benchmark.name.clone()).collect();
        Self { index, names, hits: BTreeMap::new() }
    }
}

impl Worker for Decontaminate {
    fn apply(&mut self, document: &mut Document<'_>) -> Result<Option<Reason>> {
        let hits = Finder::new(&self.index).hits(&document.text);
        for hit in &hits {
            *self.hits.entry(format!("overlap with {}", self.names[hit.benchmark as usize])).or_default() +=
                1;
        }
        let first = hits.first().map(|hit| &self.names[hit.benchmark as usize]);
        Ok(first.map(|name| format!("overlaps_{name}").into()))
    }

    fn counts(&self) -> Vec<(String, u64)> {
        self.hits.clone().into_iter().collect()
    }
}

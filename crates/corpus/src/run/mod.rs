//! A run: shards of the input through the streams of a recipe, a barrier after each, then the output in parts.
//!
//! Every stage of every shard leaves files under final names when it is done (see [`folder`]), so stages can run in
//! threads, in separate processes, as the tasks of job arrays, and again after a kill, always with the same result:
//! shards and parts depend on the input alone.

mod barrier;
mod clock;
mod finish;
mod folder;
mod ids;
mod keys;
mod map;
mod parquet;
mod parts;
mod pool;
mod rows;
mod same;
mod sample;
mod script;
mod tasks;

pub use folder::{Share, unwritable};
pub use rows::Line;
pub use sample::{Sample, sample};
pub use script::slurm;
pub use tasks::{Stage, Task, stages, task};

use crate::{
    recipe::{Recipe, Segment, segments},
    report::Report,
    step::{self, Maker, Worker},
};
use folder::Folder;
use kernel::{Error, Kind, Result};
use rows::Source;
use sha2::{Digest, Sha256};
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    sync::OnceLock,
    time::{Instant, UNIX_EPOCH},
};

/// How far a run is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Progress {
    /// What it does now: `read`, `compare` or `write`.
    pub step: &'static str,
    /// Share of the whole run that is done, from 0 to 1.
    pub fraction: f64,
}

/// Is told how far a run is, from any thread.
pub type Watch<'a> = dyn Fn(Progress) + Sync + 'a;

/// A run that is open: what to do, and where its files lie.
pub struct Run<'a> {
    recipe: &'a Recipe,
    makers: Vec<Option<Maker>>,
    segments: Vec<Segment>,
    input: &'a Path,
    plan: intake::Plan,
    folder: Folder,
    by_reference: bool,
    /// See [`Run::bases`]; known once the streams of a segment are done.
    bases: Vec<OnceLock<Vec<u32>>>,
}

/// Runs `recipe` over `input` with `workers` threads (0: one per core) and makes the new folder `output`.
///
/// `output` must not exist or be empty, or be what the same run made: then its report is returned. A run that was
/// killed goes on where it was.
pub fn run(
    recipe: &Recipe,
    input: &Path,
    output: &Path,
    workers: usize,
    watch: &Watch<'_>,
) -> Result<Report> {
    let began = Instant::now();
    let plan = intake::plan(input, &recipe.read)?;
    let fingerprint = fingerprint(recipe, &plan, input)?;
    if let Some(report) = finish::finished(output, &fingerprint)? {
        folder::clear(output);
        return Ok(report);
    }
    let run = Run::open(recipe, input, plan, output, &fingerprint, Share::Alone)?;
    let report = run.all(pool::Pool::new(workers), &fingerprint, began, watch);
    if report.as_ref().is_err_and(|error| error.kind != Kind::Unavailable) {
        // Neither more room nor another try would help.
        run.folder.discard();
    }
    report
}

impl<'a> Run<'a> {
    fn open(
        recipe: &'a Recipe,
        input: &'a Path,
        plan: intake::Plan,
        output: &Path,
        fingerprint: &str,
        share: Share,
    ) -> Result<Self> {
        let folder = Folder::open(output, fingerprint, share)?;
        let segments = segments(&recipe.steps);
        for segment in 0..segments.len() {
            folder.folder(&segment.to_string())?;
        }
        let by_reference = map::by_reference(recipe, &plan, input);
        let bases = segments.iter().map(|_| OnceLock::new()).collect();
        let makers = step::makers(recipe)?;
        Ok(Self { recipe, makers, segments, input, plan, folder, by_reference, bases })
    }

    /// All stages, one after the other.
    fn all(&self, pool: pool::Pool, fingerprint: &str, began: Instant, watch: &Watch<'_>) -> Result<Report> {
        for segment in 0..self.segments.len() {
            let (from, to) = self.progress_of(segment);
            pool.each(self.plan.shards.len(), |shard| map::map(self, segment, shard), &mut |done| {
                watch(Progress { step: "read", fraction: from + (to - from) * done });
            })?;
            for step in 0..self.segments[segment].barriers.len() {
                watch(Progress { step: "compare", fraction: to });
                barrier::barrier(self, segment, step, pool.workers)?;
            }
        }
        let parts = parts::plan(self)?;
        pool.each(parts.len(), |part| parts::write(self, &parts, part), &mut |done| {
            watch(Progress { step: "write", fraction: 0.85 + 0.15 * done });
        })?;
        finish::finish(self, &parts, fingerprint, began)
    }

    /// A worker of a stream's step.
    fn worker(&self, step: usize) -> Result<Box<dyn Worker>> {
        let maker = self.makers[step].as_ref();
        maker.ok_or_else(|| Error::internal(std::io::Error::other("a barrier has no workers")))?()
    }

    /// The name of a shard's file.
    fn shard(&self, segment: usize, shard: usize, kind: &str) -> String {
        format!("{segment}/{shard:05}.{kind}")
    }

    /// What the stream of a shard counted.
    fn done(&self, segment: usize, shard: usize) -> Result<map::Done> {
        self.folder.read_json(&self.shard(segment, shard, "json"))
    }

    /// The lines of a shard.
    fn rows(&self, segment: usize, shard: usize) -> Result<Source> {
        Source::open(if self.by_reference {
            file_of(self.input, &self.plan.shards[shard].pieces[0])
        } else {
            self.folder.path(&self.shard(segment, shard, "rows"))
        })
    }

    /// Where the lines of a shard lie.
    fn index(&self, segment: usize, shard: usize) -> Result<Source> {
        Source::open(self.folder.path(&self.shard(segment, shard, "index")))
    }

    /// Which documents of a shard the last barrier of the segment left.
    fn alive(&self, segment: usize, shard: usize) -> Result<Vec<bool>> {
        let bases = self.bases(segment)?;
        let (base, count) = (bases[shard], (bases[shard + 1] - bases[shard]) as usize);
        match self.segments[segment].barriers.last() {
            None => Ok(vec![true; count]),
            Some(step) => barrier::alive(self, segment, *step, base, count),
        }
    }

    /// The number of the first document of each shard in a segment whose streams are done, and after all of them the
    /// number of all.
    fn bases(&self, segment: usize) -> Result<&[u32]> {
        if let Some(bases) = self.bases[segment].get() {
            return Ok(bases);
        }
        let mut bases = vec![0_u32];
        for shard in 0..self.plan.shards.len() {
            let (last, more) = (bases[shard], self.done(segment, shard)?.documents);
            bases.push(last.checked_add(more).ok_or_else(|| {
                Error::limited(
                    "corpus_input_too_large",
                    "over 4 billion documents in one run; split the input",
                )
            })?);
        }
        Ok(self.bases[segment].get_or_init(|| bases))
    }

    /// The share of the run that a segment's stream takes, as from and to.
    fn progress_of(&self, segment: usize) -> (f64, f64) {
        let each = 0.8 / self.segments.len() as f64;
        (segment as f64 * each, (segment + 1) as f64 * each)
    }

    fn last_segment(&self) -> usize {
        self.segments.len() - 1
    }

    fn id_files(&self, segment: usize) -> Vec<PathBuf> {
        let shards = 0..self.plan.shards.len();
        shards.map(|shard| self.folder.path(&self.shard(segment, shard, "ids"))).collect()
    }
}

/// The file that a piece is of.
fn file_of(input: &Path, piece: &intake::Piece) -> PathBuf {
    if input.is_file() { input.to_owned() } else { input.join(&piece.path) }
}

/// What tells one run from another: the recipe, the shards with their sizes, and when the input changed last.
fn fingerprint(recipe: &Recipe, plan: &intake::Plan, input: &Path) -> Result<String> {
    let mut hasher = Sha256::new();
    hasher.update(env!("CARGO_PKG_VERSION"));
    hasher.update(serde_json::to_vec(recipe).map_err(Error::internal)?);
    hasher.update(serde_json::to_vec(plan).map_err(Error::internal)?);
    let pieces = plan.shards.iter().flat_map(|shard| &shard.pieces);
    for file in pieces.map(|piece| file_of(input, piece)).collect::<BTreeSet<_>>() {
        let changed = fs::metadata(&file).and_then(|metadata| metadata.modified()).unwrap_or(UNIX_EPOCH);
        let since = changed.duration_since(UNIX_EPOCH).unwrap_or_default();
        hasher.update(since.as_nanos().to_le_bytes());
    }
    Ok(hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}

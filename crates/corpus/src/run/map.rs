//! The stream of one shard: every document through the steps of a segment, then into the shard's files.

use super::{
    Run,
    clock::thread_cpu,
    file_of,
    ids::Ids,
    keys::Keyer,
    rows::{Line, Place, Sink, line_of},
};
use crate::{
    recipe::{Form, Recipe},
    report::{Example, Skip, Tally},
    step::{Document, Worker},
};
use kernel::{Error, Result};
use serde::{Deserialize, Serialize};
use std::{borrow::Cow, collections::BTreeMap, io::Read, path::Path, time::Instant};

/// What became of a shard.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Done {
    /// Documents that went through, so lines of its index.
    pub documents: u32,
    /// Counts of reading; empty after the first segment.
    pub read: Tally,
    /// Counts of each step of the stream.
    pub steps: Vec<Tally>,
    /// CPU seconds of reading and writing, of each step, and of each barrier's keys.
    pub seconds: Vec<f64>,
    /// What the steps counted besides.
    pub counts: BTreeMap<String, u64>,
}

/// A shard on its way.
struct Stream<'a> {
    run: &'a Run<'a>,
    workers: Vec<Box<dyn Worker>>,
    keyers: Vec<Keyer>,
    rows: Option<Sink>,
    index: Sink,
    keys: Vec<Sink>,
    broken: Sink,
    ids: Ids,
    done: Done,
    /// Wall seconds of each part, in the order of [`Done::seconds`].
    wall: Vec<f64>,
    began: (Instant, f64),
    room: Vec<u8>,
    count_words: bool,
}

/// Takes shard `shard` through the stream of `segment`, unless that is done.
pub fn map(run: &Run<'_>, segment: usize, shard: usize) -> Result<()> {
    if run.folder.has(&run.shard(segment, shard, "json")) {
        return Ok(());
    }
    let mut stream = Stream::new(run, segment, shard)?;
    if segment == 0 {
        stream.read(&run.plan.shards[shard])?;
    } else {
        stream.read_back(segment - 1, shard)?;
    }
    stream.finish(segment, shard)
}

impl<'a> Stream<'a> {
    fn new(run: &'a Run<'a>, segment: usize, shard: usize) -> Result<Self> {
        let parts = &run.segments[segment];
        let workers = parts.stream.iter().map(|step| run.worker(*step)).collect::<Result<Vec<_>>>()?;
        let keyers = parts
            .barriers
            .iter()
            .map(|step| Keyer::new(&run.recipe.steps[*step]))
            .collect::<Result<Vec<_>>>()?;
        let sink = |kind: &str| Sink::create(run.folder.temporary(&run.shard(segment, shard, kind)));
        let last = segment + 1 == run.segments.len();
        Ok(Self {
            run,
            rows: (!run.by_reference).then(|| sink("rows")).transpose()?,
            index: sink("index")?,
            keys: parts.barriers.iter().map(|step| sink(&format!("keys-{step}"))).collect::<Result<_>>()?,
            broken: sink("broken")?,
            ids: Ids::default(),
            done: Done { steps: parts.stream.iter().map(|_| Tally::default()).collect(), ..Done::default() },
            wall: vec![0.0; 1 + workers.len() + keyers.len()],
            began: (Instant::now(), thread_cpu()),
            room: Vec::new(),
            count_words: last && run.recipe.output.form == Form::Dataset,
            workers,
            keyers,
        })
    }

    fn read(&mut self, shard: &intake::Shard) -> Result<()> {
        let run = self.run;
        // Two closures share the stream, one at a time.
        let cell = std::cell::RefCell::new(self);
        intake::read(
            run.input,
            shard,
            &run.recipe.read,
            &mut |record| {
                let mut stream = cell.borrow_mut();
                let bytes = record.text.len();
                stream.done.read.pass(bytes, bytes);
                let place = record.line.clone().map(|line| Place {
                    offset: line.start,
                    length: (line.end - line.start) as u32,
                    text: bytes as u32,
                });
                stream.document(Document::of(record), place)
            },
            &mut |broken| cell.borrow_mut().skip(&Skip::of(broken)),
        )
    }

    /// Reads what the segment before wrote, without what its barriers removed.
    fn read_back(&mut self, segment: usize, shard: usize) -> Result<()> {
        let (rows, places) = (self.run.rows(segment, shard)?, self.run.index(segment, shard)?.places()?);
        let alive = self.run.alive(segment, shard)?;
        let mut line = Vec::new();
        for (place, _) in places.into_iter().zip(alive).filter(|(_, alive)| *alive) {
            rows.line(place, &mut line)?;
            let line = Line::parse(&line)?;
            let document = Document {
                id: line.id,
                text: line.text,
                form: intake::Form::Text,
                url: line.url,
                source: line.source,
                author: line.author,
                contributor: line.contributor,
                licence: line.licence,
                path: line.path,
                metadata: line.metadata.map(|metadata| Cow::Borrowed(metadata.get())),
            };
            self.document(document, None)?;
        }
        Ok(())
    }

    fn skip(&mut self, skip: &Skip) -> Result<()> {
        self.done.read.skip(skip);
        serde_json::to_writer(&mut self.room, skip).map_err(Error::internal)?;
        self.room.push(b'\n');
        let put = self.broken.put(&self.room);
        self.room.clear();
        put
    }

    fn document(&mut self, mut document: Document<'_>, place: Option<Place>) -> Result<()> {
        for (at, worker) in self.workers.iter_mut().enumerate() {
            let (began, before) = (Instant::now(), document.text.len());
            let reason = worker.apply(&mut document)?;
            self.wall[1 + at] += began.elapsed().as_secs_f64();
            let tally = &mut self.done.steps[at];
            if let Some(reason) = reason {
                tally.drop(&reason, before as u64, || Example::of(&document));
                return Ok(());
            }
            tally.pass(before, document.text.len());
        }
        self.keep(&document, place)
    }

    fn keep(&mut self, document: &Document<'_>, place: Option<Place>) -> Result<()> {
        for (at, keyer) in self.keyers.iter_mut().enumerate() {
            let began = Instant::now();
            self.keys[at].put(keyer.key(document))?;
            self.wall[1 + self.workers.len() + at] += began.elapsed().as_secs_f64();
        }
        let place = match (&mut self.rows, place) {
            (Some(rows), _) => {
                let tokens = self.count_words.then(|| crate::words::count(&document.text));
                rows.put_line(&line_of(document, tokens)?, &mut self.room)?
            }
            (None, Some(place)) => place,
            (None, None) => return Err(Error::internal(std::io::Error::other("a record without a place"))),
        };
        self.room.clear();
        self.index.put(&place.to_bytes())?;
        self.ids.push(&document.id);
        self.done.documents = self.done.documents.checked_add(1).ok_or_else(too_many)?;
        Ok(())
    }

    fn finish(self, segment: usize, shard: usize) -> Result<()> {
        let Self { run, workers, rows, index, keys, broken, ids, mut done, wall, began, .. } = self;
        for worker in &workers {
            for (name, count) in worker.counts() {
                *done.counts.entry(name).or_default() += count;
            }
        }
        let kinds = run.segments[segment].barriers.iter().map(|step| format!("keys-{step}"));
        let mut kinds: Vec<String> = kinds.collect();
        keys.into_iter().try_for_each(Sink::close)?;
        for (sink, kind) in [(rows, "rows"), (Some(index), "index"), (Some(broken), "broken")] {
            if let Some(sink) = sink {
                sink.close()?;
                kinds.push(kind.to_owned());
            }
        }
        ids.write(run.folder.temporary(&run.shard(segment, shard, "ids")))?;
        kinds.push("ids".to_owned());
        for kind in kinds {
            run.folder.finish(&run.shard(segment, shard, &kind))?;
        }
        done.seconds = spread(&wall, began);
        // Last of all: whoever sees this sees the rest.
        run.folder.write_json(&run.shard(segment, shard, "json"), &done)
    }
}

/// CPU seconds of the thread since `began`, spread by wall time; what no part took is reading and writing.
fn spread(wall: &[f64], began: (Instant, f64)) -> Vec<f64> {
    let (total, cpu) = (began.0.elapsed().as_secs_f64(), thread_cpu() - began.1);
    let mut wall = wall.to_vec();
    wall[0] = (total - wall[1..].iter().sum::<f64>()).max(0.0);
    wall.iter().map(|part| part * cpu / total.max(1e-9)).collect()
}

fn too_many() -> Error {
    Error::limited("corpus_input_too_large", "a part of the input holds over 4 billion documents; split it")
}

/// Whether lines of the input can be used as they are: nothing changes them and nothing reads them again.
pub fn by_reference(recipe: &Recipe, plan: &intake::Plan, input: &Path) -> bool {
    let only_barriers = recipe.steps.iter().all(|step| step.is_barrier());
    let records = recipe.output.form == Form::Records && recipe.read.encoding.is_empty();
    only_barriers
        && records
        && plan.shards.iter().all(|shard| match &shard.pieces[..] {
            [piece] => is_plain_jsonl(&file_of(input, piece)),
            _ => false,
        })
}

/// Whether a file is JSONL, not packed, in UTF-8 without a byte order mark.
fn is_plain_jsonl(path: &Path) -> bool {
    let plain = intake::Kind { format: intake::Format::Jsonl, packing: intake::Packing::Plain };
    let mut head = [0; 2];
    let mut read = || std::fs::File::open(path)?.read(&mut head);
    intake::Kind::of(&path.to_string_lossy()) == Some(plain)
        && read().is_ok_and(|read| head[..read].iter().all(|byte| (1..0x80).contains(byte)))
}

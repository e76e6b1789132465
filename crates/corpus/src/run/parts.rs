//! The output's data files: each holds what is left of some shards that follow each other.

use super::{
    Run,
    folder::unwritable,
    ids,
    rows::{Line, Place, Sink, Source},
};
use crate::{
    recipe::{Form, Format},
    report::{Ledger, Profile},
    words,
};
use kernel::Result;
use serde::{Deserialize, Serialize};
use std::{
    fs::File,
    io::{Read, Seek, SeekFrom},
    ops::Range,
};

/// A data file is closed after about so many bytes of text.
const PART_BYTES: u64 = 256 << 20;

/// Which shards go into which file.
#[derive(Debug)]
pub struct Parts {
    /// Ranges of shards.
    pub shards: Vec<Range<usize>>,
    /// Documents whose hash is below this are held out.
    pub held_below: u64,
    format: Format,
}

/// What a part holds.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Written {
    /// Documents in the data file.
    pub documents: u64,
    /// Bytes of their text.
    pub bytes: u64,
    /// Their words; 0 when they are not counted.
    pub tokens: u64,
    /// The same of the documents that are held out.
    pub held: (u64, u64, u64),
    /// Who gave what.
    pub ledger: Ledger,
    /// What the texts look like.
    pub profile: Profile,
}

/// The folder that becomes the output.
pub const OUT: &str = "out";

impl Parts {
    /// Number of data files.
    pub fn len(&self) -> usize {
        self.shards.len()
    }

    /// The data file of a part.
    pub fn file(&self, part: usize) -> String {
        let ending = match self.format {
            Format::Jsonl => "jsonl",
            Format::Parquet => "parquet",
        };
        format!("data/train-{part:05}-of-{:05}.{ending}", self.len())
    }

    /// The name of what became of a part.
    pub fn written(part: usize) -> String {
        format!("parts/{part:05}.json")
    }

    /// Lines of a part's documents that are held out.
    pub fn held(part: usize) -> String {
        format!("parts/{part:05}.held")
    }
}

/// Divides the shards, and finds who is held out.
pub fn plan(run: &Run<'_>) -> Result<Parts> {
    run.folder.folder("parts")?;
    run.folder.folder(&format!("{OUT}/data"))?;
    let (segment, mut shards, mut start, mut bytes) = (run.last_segment(), Vec::new(), 0, 0);
    let mut left = 0_u64;
    for shard in 0..run.plan.shards.len() {
        let places = run.index(segment, shard)?.places()?;
        let alive = run.alive(segment, shard)?;
        for (place, _) in places.iter().zip(alive).filter(|(_, alive)| *alive) {
            bytes += u64::from(place.text);
            left += 1;
        }
        if bytes >= PART_BYTES {
            shards.push(start..shard + 1);
            (start, bytes) = (shard + 1, 0);
        }
    }
    if bytes > 0 || shards.is_empty() {
        shards.push(start..run.plan.shards.len());
    }
    let held_below = held_below(run, left)?;
    Ok(Parts { shards, held_below, format: run.recipe.output.format })
}

/// The hash below which documents are held out: the share asked for, and as many more as reach the least number, but
/// never more than a fifth by that. It depends on ids alone, so a document stays on its side from version to version.
fn held_below(run: &Run<'_>, left: u64) -> Result<u64> {
    let options = &run.recipe.output.heldout;
    if run.recipe.output.form == Form::Records {
        return Ok(0);
    }
    let share = ((u128::from(options.share_ppm) << 64) / 1_000_000) as u64;
    let least = (options.documents as u64).min(left / 5) as usize;
    let segment = run.last_segment();
    let mut smallest = std::collections::BinaryHeap::new();
    for shard in 0..run.plan.shards.len() {
        let alive = run.alive(segment, shard)?;
        let path = run.folder.path(&run.shard(segment, shard, "ids"));
        ids::merge(&[path], &mut |id, _, number| {
            if alive[number as usize] {
                smallest.push(held_hash(id));
                if smallest.len() > least {
                    smallest.pop();
                }
            }
            Ok(())
        })?;
    }
    Ok(share.max(smallest.peek().map_or(0, |largest| largest.saturating_add(1))))
}

/// What decides whether the document of this id is held out.
fn held_hash(id: &[u8]) -> u64 {
    let seeded = id.iter().fold(0x6865_6c64_6f75_7431, |hash: u64, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    words::mix(seeded)
}

/// Writes part number `part`, unless that is done.
pub fn write(run: &Run<'_>, parts: &Parts, part: usize) -> Result<()> {
    if run.folder.has(&Parts::written(part)) {
        return Ok(());
    }
    let data = format!("{OUT}/{}", parts.file(part));
    let written = match run.recipe.output.form {
        Form::Records => copy(run, parts.shards[part].clone(), &data)?,
        Form::Dataset => dataset(run, parts, part, &data)?,
    };
    run.folder.finish(&data)?;
    run.folder.write_json(&Parts::written(part), &written)
}

/// What is left of a shard: places of its lines, and whether each is held out.
fn left(run: &Run<'_>, held_below: u64, shard: usize) -> Result<Vec<(Place, bool)>> {
    let segment = run.last_segment();
    let alive = run.alive(segment, shard)?;
    let mut held = vec![false; alive.len()];
    if held_below > 0 {
        let path = run.folder.path(&run.shard(segment, shard, "ids"));
        ids::merge(&[path], &mut |id, _, number| {
            held[number as usize] = held_hash(id) < held_below;
            Ok(())
        })?;
    }
    let places = run.index(segment, shard)?.places()?;
    let all = places.into_iter().zip(held).zip(alive);
    Ok(all.filter_map(|(place, alive)| alive.then_some(place)).collect())
}

/// Copies lines as they are: neighbours in one go, inside the system.
fn copy(run: &Run<'_>, shards: Range<usize>, data: &str) -> Result<Written> {
    let path = run.folder.temporary(data);
    let failed = |error| unwritable(&path, error);
    let mut target = File::create(&path).map_err(failed)?;
    let mut written = Written::default();
    for shard in shards {
        let source = run.rows(run.last_segment(), shard)?;
        let mut run_of: Option<(u64, u64)> = None;
        for (place, _) in left(run, 0, shard)? {
            written.documents += 1;
            written.bytes += u64::from(place.text);
            let (from, to) = (place.offset, place.offset + u64::from(place.length));
            run_of = match run_of {
                Some((start, end)) if end == from => Some((start, to)),
                earlier => {
                    copy_range(&source, earlier, &mut target).map_err(failed)?;
                    Some((from, to))
                }
            };
        }
        copy_range(&source, run_of, &mut target).map_err(failed)?;
    }
    Ok(written)
}

fn copy_range(source: &Source, range: Option<(u64, u64)>, target: &mut File) -> std::io::Result<()> {
    let Some((from, to)) = range else { return Ok(()) };
    let mut file = source.file();
    file.seek(SeekFrom::Start(from))?;
    let copied = std::io::copy(&mut file.take(to - from), target)?;
    if copied < to - from {
        return Err(std::io::Error::other(format!(
            "{} became shorter while it was read",
            source.path().display()
        )));
    }
    // The last line of a file may lack its end.
    let mut last = [0];
    std::os::unix::fs::FileExt::read_exact_at(file, &mut last, to - 1)?;
    if last != *b"\n" {
        std::io::Write::write_all(target, b"\n")?;
    }
    Ok(())
}

fn dataset(run: &Run<'_>, parts: &Parts, part: usize, data: &str) -> Result<Written> {
    let mut table = Table::create(run, data)?;
    let mut held = Sink::create(run.folder.temporary(&Parts::held(part)))?;
    let (mut written, mut bytes) = (Written::default(), Vec::new());
    for shard in parts.shards[part].clone() {
        let source = run.rows(run.last_segment(), shard)?;
        for (place, is_held) in left(run, parts.held_below, shard)? {
            source.line(place, &mut bytes)?;
            let line = Line::parse(&bytes)?;
            let sums = [1, u64::from(place.text), line.tokens.unwrap_or(0)];
            written.ledger.add(&line);
            written.profile.add(&line.text);
            if is_held {
                written.held.0 += sums[0];
                written.held.1 += sums[1];
                written.held.2 += sums[2];
                held.put(&bytes)?;
            } else {
                written.documents += sums[0];
                written.bytes += sums[1];
                written.tokens += sums[2];
                table.add(&line, &bytes)?;
            }
        }
    }
    table.close()?;
    held.close()?;
    run.folder.finish(&Parts::held(part))?;
    Ok(written)
}

/// A data file in the format that is asked for.
pub enum Table {
    /// JSON lines.
    Jsonl(Sink),
    /// Apache Parquet.
    Parquet(Box<super::parquet::Writer>),
}

impl Table {
    /// Creates the file that becomes `data`.
    pub fn create(run: &Run<'_>, data: &str) -> Result<Self> {
        let path = run.folder.temporary(data);
        Ok(match run.recipe.output.format {
            Format::Jsonl => Self::Jsonl(Sink::create(path)?),
            Format::Parquet => Self::Parquet(Box::new(super::parquet::Writer::create(path)?)),
        })
    }

    /// Adds a document, given parsed and as its line.
    pub fn add(&mut self, line: &Line<'_>, bytes: &[u8]) -> Result<()> {
        match self {
            Self::Jsonl(sink) => sink.put(bytes),
            Self::Parquet(writer) => writer.add(line),
        }
    }

    /// Completes the file.
    pub fn close(self) -> Result<()> {
        match self {
            Self::Jsonl(sink) => sink.close(),
            Self::Parquet(writer) => writer.close(),
        }
    }
}

//! What waits for the last document: which of them give way to which.

use super::{
    Run,
    folder::unreadable,
    ids,
    rows::{Line, Place},
};
use crate::{
    recipe::Step,
    report::{self, Cluster, EXAMPLES, Example, Report, Tally},
};
use kernel::Result;
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    fs::File,
    io::{BufReader, Read},
    os::unix::fs::FileExt,
    time::Instant,
};

/// What a barrier found.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Found {
    /// Its counts.
    pub step: report::Step,
    /// Its largest groups.
    pub clusters: Vec<Cluster>,
}

/// The name of what barrier `step` found.
pub fn found_name(segment: usize, step: usize) -> String {
    format!("{segment}/barrier-{step}.json")
}

fn gives_name(segment: usize, step: usize) -> String {
    format!("{segment}/barrier-{step}.gives")
}

/// Compares all documents of a segment by its barrier number `at`, unless that is done.
pub fn barrier(run: &Run<'_>, segment: usize, at: usize, workers: usize) -> Result<()> {
    let step = run.segments[segment].barriers[at];
    if run.folder.has(&found_name(segment, step)) {
        return Ok(());
    }
    let (began, cpu) = (Instant::now(), super::clock::process_cpu());
    let bases = run.bases(segment)?;
    let before = match at.checked_sub(1) {
        None => None,
        Some(at) => Some(read_gives(
            run,
            segment,
            run.segments[segment].barriers[at],
            0,
            bases[bases.len() - 1] as usize,
        )?),
    };
    let comparison = Comparison { run, segment, step, bases, before, workers };
    let gives = comparison.gives()?;
    let bytes: Vec<u8> = gives.iter().flat_map(|other| other.to_le_bytes()).collect();
    run.folder.write(&gives_name(segment, step), &bytes)?;
    let mut found = comparison.account(&gives)?;
    found.step.wall_seconds = began.elapsed().as_secs_f64();
    found.step.cpu_seconds = super::clock::process_cpu() - cpu;
    run.folder.write_json(&found_name(segment, step), &found)
}

/// Which documents of a shard barrier `step` and those before it left.
pub fn alive(run: &Run<'_>, segment: usize, step: usize, base: u32, count: usize) -> Result<Vec<bool>> {
    let gives = read_gives(run, segment, step, base, count)?;
    Ok((base..).zip(gives).map(|(number, other)| number == other).collect())
}

fn read_gives(run: &Run<'_>, segment: usize, step: usize, base: u32, count: usize) -> Result<Vec<u32>> {
    let path = run.folder.path(&gives_name(segment, step));
    let mut bytes = vec![0; count * 4];
    let file = File::open(&path).map_err(|error| unreadable(&path, error))?;
    file.read_exact_at(&mut bytes, u64::from(base) * 4).map_err(|error| unreadable(&path, error))?;
    Ok(bytes
        .chunks_exact(4)
        .map(|four| four.iter().rev().fold(0, |value, byte| (value << 8) | u32::from(*byte)))
        .collect())
}

/// One comparison of all documents.
pub struct Comparison<'a> {
    pub run: &'a Run<'a>,
    segment: usize,
    step: usize,
    bases: &'a [u32],
    /// What the barrier before said: the document itself for those that are left.
    before: Option<Vec<u32>>,
    pub workers: usize,
}

impl Comparison<'_> {
    fn documents(&self) -> u32 {
        self.bases[self.bases.len() - 1]
    }

    fn is_left(&self, number: u32) -> bool {
        self.before.as_ref().is_none_or(|before| before[number as usize] == number)
    }

    /// For each document the one that it gives way to, or itself.
    fn gives(&self) -> Result<Vec<u32>> {
        let ranks = self.ranks()?;
        let room = self.run.folder.folder(&format!("{}/room-{}", self.segment, self.step))?;
        let mut gives = match &self.run.recipe.steps[self.step] {
            Step::Near(options) => super::same::near(self, options, &room, &ranks)?,
            _ => super::same::exact(self, &room, &ranks)?,
        };
        if let Some(before) = &self.before {
            for (given, before) in
                gives.iter_mut().zip(before).zip(0..).filter_map(|((given, before), number): (_, u32)| {
                    (*before != number).then_some((given, before))
                })
            {
                *given = *before;
            }
        }
        std::fs::remove_dir_all(&room).map_err(|error| super::folder::unwritable(&room, error))?;
        Ok(gives)
    }

    /// The place of each document in the order of all ids: the smallest stays.
    fn ranks(&self) -> Result<Vec<u32>> {
        let mut ranks = vec![0; self.documents() as usize];
        let mut next = 0;
        ids::merge(&self.run.id_files(self.segment), &mut |_, shard, number| {
            ranks[(self.bases[shard] + number) as usize] = next;
            next += 1;
            Ok(())
        })?;
        Ok(ranks)
    }

    /// Calls `each` with the number and key of every document that is left.
    pub fn keys(&self, width: usize, each: &mut dyn FnMut(u32, &[u8]) -> Result<()>) -> Result<()> {
        let mut key = vec![0; width];
        for shard in 0..self.run.plan.shards.len() {
            let path =
                self.run.folder.path(&self.run.shard(self.segment, shard, &format!("keys-{}", self.step)));
            let failed = |error| unreadable(&path, error);
            let mut file = BufReader::with_capacity(256 << 10, File::open(&path).map_err(failed)?);
            for number in self.bases[shard]..self.bases[shard + 1] {
                file.read_exact(&mut key).map_err(failed)?;
                if self.is_left(number) {
                    each(number, &key)?;
                }
            }
        }
        Ok(())
    }

    fn shard_of(&self, number: u32) -> usize {
        self.bases.partition_point(|base| *base <= number) - 1
    }

    fn place(&self, number: u32) -> Result<Place> {
        let shard = self.shard_of(number);
        self.run.index(self.segment, shard)?.place(number - self.bases[shard])
    }

    /// The line of a document.
    pub fn line(&self, number: u32) -> Result<Vec<u8>> {
        let mut line = Vec::new();
        self.run.rows(self.segment, self.shard_of(number))?.line(self.place(number)?, &mut line)?;
        Ok(line)
    }

    fn example(&self, number: u32) -> Result<Example> {
        let line = self.line(number)?;
        if self.run.by_reference {
            return self.record(&line, &mut |record| Example {
                id: record.id.to_string(),
                path: record.path.to_owned(),
                text: report::excerpt(&record.text),
            });
        }
        let line = Line::parse(&line)?;
        Ok(Example { id: line.id.into(), path: line.path.into(), text: report::excerpt(&line.text) })
    }

    /// Counts what gave way.
    fn account(&self, gives: &[u32]) -> Result<Found> {
        let name = self.run.recipe.steps[self.step].name();
        let reason = format!("{name}_duplicate");
        let mut tally = Tally::default();
        let mut groups: BTreeMap<u32, u32> = BTreeMap::new();
        for shard in 0..self.run.plan.shards.len() {
            let places = self.run.index(self.segment, shard)?.places()?;
            for (number, place) in (self.bases[shard]..).zip(places) {
                let other = gives[number as usize];
                if !self.is_left(number) {
                    continue;
                }
                if other == number {
                    tally.pass(place.text as usize, place.text as usize);
                } else {
                    tally.drop_in_order(&reason, u64::from(place.text), || self.example(number))?;
                    *groups.entry(other).or_default() += 1;
                }
            }
        }
        Ok(Found { step: tally.step(name), clusters: self.clusters(&groups, gives)? })
    }

    /// The largest groups, with a few of what they dropped.
    fn clusters(&self, groups: &BTreeMap<u32, u32>, gives: &[u32]) -> Result<Vec<Cluster>> {
        let mut largest: Vec<_> = groups.iter().map(|(kept, dropped)| (*dropped, *kept)).collect();
        largest.sort_unstable_by_key(|(dropped, kept)| (std::cmp::Reverse(*dropped), *kept));
        largest.truncate(Report::CLUSTERS);
        let mut examples: BTreeMap<u32, Vec<u32>> =
            largest.iter().map(|(_, kept)| (*kept, Vec::new())).collect();
        for (number, other) in
            (0..).zip(gives).filter(|(number, other)| number != *other && self.is_left(*number))
        {
            if let Some(few) = examples.get_mut(other).filter(|few| few.len() < EXAMPLES) {
                few.push(number);
            }
        }
        let cluster = |(dropped, kept): (u32, u32)| {
            let few = examples[&kept].iter().map(|number| self.example(*number)).collect::<Result<_>>()?;
            Ok(Cluster { kept: self.example(kept)?, dropped: u64::from(dropped), examples: few })
        };
        largest.into_iter().map(cluster).collect()
    }
}

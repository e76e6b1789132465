//! The end of a run: the report, the card and the lists, then the whole folder becomes the output.

use super::{
    Run,
    barrier::{Found, found_name},
    clock,
    folder::unwritable,
    ids,
    parts::{OUT, Parts, Table, Written},
    rows::{Line, Sink},
};
use crate::{
    licence::{Licences, Terms},
    recipe::{self, Form, Recipe},
    report::{self, Cluster, Report, Share, Skip, Split, Step, Tally},
};
use kernel::{Error, Result};
use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{BufRead, BufReader, Write},
    path::Path,
    time::Instant,
};

/// Name of the held-out data file, without its ending.
const HELD: &str = "data/heldout-00000-of-00001";

/// The report of `output` when the run `fingerprint` made it; an error when something else is there.
pub fn finished(output: &Path, fingerprint: &str) -> Result<Option<Report>> {
    let occupied = match fs::read_dir(output) {
        Ok(mut entries) => entries.next().is_some(),
        Err(_) => output.symlink_metadata().is_ok(),
    };
    if !occupied {
        return Ok(None);
    }
    let report = fs::read(output.join("report.json")).ok();
    let report: Option<Report> = report.and_then(|bytes| serde_json::from_slice(&bytes).ok());
    match report {
        Some(report) if report.fingerprint == fingerprint => Ok(Some(report)),
        _ => {
            let text = format!(
                "{} exists and is neither empty nor made from this recipe and input. Choose another output, or \
                 remove it first",
                output.display()
            );
            Err(Error::conflict("corpus_output_exists", text))
        }
    }
}

/// Writes what belongs to the output as a whole, and publishes it.
pub fn finish(run: &Run<'_>, parts: &Parts, fingerprint: &str, began: Instant) -> Result<Report> {
    let mut sum = Written::default();
    for part in 0..parts.len() {
        sum.merge(run.folder.read_json(&Parts::written(part))?);
    }
    let Account { steps, clusters, counts } = account(run)?;
    let dataset = run.recipe.output.form == Form::Dataset;
    if dataset && sum.documents + sum.held.0 == 0 {
        return Err(nothing_left(&steps));
    }
    let licences = sum.ledger.licences();
    let terms = terms(run.recipe, &licences)?;
    let splits = splits(run, parts, &sum)?;
    kept_ids(run)?;
    skipped(run)?;
    let mut sources = sum.ledger.sources();
    let sources_total = sources.len() as u64;
    sources.truncate(Report::SOURCES);
    let report = Report {
        title: run.recipe.title.clone(),
        toolchain: env!("CARGO_PKG_VERSION").to_owned(),
        recipe: run.recipe.without_secrets(),
        fingerprint: fingerprint.to_owned(),
        steps,
        counts,
        splits,
        licences,
        terms,
        sources,
        sources_total,
        documents_cjk: sum.profile.documents_cjk,
        lengths: sum.profile.lengths.clone(),
        clusters,
        wall_seconds: began.elapsed().as_secs_f64(),
        cpu_seconds: clock::process_cpu(),
        peak_memory_bytes: clock::peak_memory(),
    };
    if dataset {
        report::write_documents(&run.folder.path(OUT), &report, &sum.ledger)?;
    }
    let mut json = serde_json::to_vec_pretty(&report).map_err(Error::internal)?;
    json.push(b'\n');
    run.folder.write(&format!("{OUT}/report.json"), &json)?;
    run.folder.publish(OUT)?;
    Ok(report)
}

/// What became of the documents.
#[derive(Default)]
struct Account {
    /// In the order of the recipe, after `read`.
    steps: Vec<Step>,
    clusters: Vec<Cluster>,
    counts: BTreeMap<String, u64>,
}

fn account(run: &Run<'_>) -> Result<Account> {
    let Account { mut steps, mut clusters, mut counts } = Account::default();
    for (segment, parts) in run.segments.iter().enumerate() {
        let mut read = Tally::default();
        let mut tallies: Vec<Tally> = parts.stream.iter().map(|_| Tally::default()).collect();
        let mut seconds = vec![0.0; 1 + parts.stream.len() + parts.barriers.len()];
        for shard in 0..run.plan.shards.len() {
            let done = run.done(segment, shard)?;
            read.merge(done.read);
            tallies.iter_mut().zip(done.steps).for_each(|(tally, more)| tally.merge(more));
            seconds.iter_mut().zip(done.seconds).for_each(|(sum, more)| *sum += more);
            done.counts.into_iter().for_each(|(name, count)| *counts.entry(name).or_default() += count);
        }
        if segment == 0 {
            run.plan.broken.iter().for_each(|broken| read.skip(&Skip::of(broken.clone())));
            steps.push(Step { cpu_seconds: seconds[0], ..read.step("read") });
        }
        for (at, (step, tally)) in parts.stream.iter().zip(tallies).enumerate() {
            steps.push(Step { cpu_seconds: seconds[1 + at], ..tally.step(run.recipe.steps[*step].name()) });
        }
        for (at, step) in parts.barriers.iter().enumerate() {
            let found: Found = run.folder.read_json(&found_name(segment, *step))?;
            let cpu_seconds = found.step.cpu_seconds + seconds[1 + parts.stream.len() + at];
            steps.push(Step { cpu_seconds, ..found.step });
            clusters.extend(found.clusters);
        }
    }
    clusters.sort_by(|a: &Cluster, b: &Cluster| b.dropped.cmp(&a.dropped).then_with(|| a.kept.cmp(&b.kept)));
    clusters.truncate(Report::CLUSTERS);
    Ok(Account { steps, clusters, counts })
}

/// What all licences that stayed allow together; none when the recipe does not ask.
fn terms(recipe: &Recipe, shares: &[Share]) -> Result<Option<Terms>> {
    let asked = recipe.steps.iter().find_map(|step| match step {
        recipe::Step::Licence(options) => Some(options),
        _ => None,
    });
    let Some(options) = asked else { return Ok(None) };
    let known = Licences::new(&options.records)?;
    let (terms, reasons) = known.mix(shares.iter().map(|share| share.name.as_str()));
    if options.refuse_impossible && !reasons.is_empty() {
        let text = format!(
            "these licences can't be together in one work: {}. Leave one side out, or set `refuse_impossible = false` \
             and give the parts on apart",
            reasons.join("; ")
        );
        return Err(Error::invalid("corpus_licence_impossible", text));
    }
    Ok(Some(terms))
}

/// The parts of the data set; writes the held-out file.
fn splits(run: &Run<'_>, parts: &Parts, sum: &Written) -> Result<Vec<Split>> {
    let files = (0..parts.len()).map(|part| parts.file(part)).collect();
    let train =
        Split { name: "train".into(), files, documents: sum.documents, bytes: sum.bytes, tokens: sum.tokens };
    if run.recipe.output.form == Form::Records {
        return Ok(vec![train]);
    }
    let ending = parts.file(0).rsplit('.').next().unwrap_or_default().to_owned();
    let name = format!("{HELD}.{ending}");
    let data = format!("{OUT}/{name}");
    let mut table = Table::create(run, &data)?;
    for part in 0..parts.len() {
        let path = run.folder.path(&Parts::held(part));
        let failed = |error| super::folder::unreadable(&path, error);
        let mut reader = BufReader::new(File::open(&path).map_err(failed)?);
        let mut bytes = Vec::new();
        while reader.read_until(b'\n', &mut bytes).map_err(failed)? > 0 {
            table.add(&Line::parse(&bytes)?, &bytes)?;
            bytes.clear();
        }
    }
    table.close()?;
    run.folder.finish(&data)?;
    let (documents, bytes, tokens) = sum.held;
    Ok(vec![train, Split { name: "heldout".into(), files: vec![name], documents, bytes, tokens }])
}

/// All ids that are left, in order, one a line.
fn kept_ids(run: &Run<'_>) -> Result<()> {
    let segment = run.last_segment();
    let shards = 0..run.plan.shards.len();
    let alive: Vec<Vec<bool>> = shards.map(|shard| run.alive(segment, shard)).collect::<Result<_>>()?;
    let name = format!("{OUT}/kept-ids.txt");
    let mut sink = Sink::create(run.folder.temporary(&name))?;
    ids::merge(&run.id_files(segment), &mut |id, shard, number| {
        if alive[shard][number as usize] {
            let clean: Vec<u8> = id.iter().map(|byte| if *byte == b'\n' { b' ' } else { *byte }).collect();
            sink.put(&clean)?;
            sink.put(b"\n")?;
        }
        Ok(())
    })?;
    sink.close()?;
    run.folder.finish(&name)
}

/// What could not be read: files by their names, then parts of files in the order of the shards.
fn skipped(run: &Run<'_>) -> Result<()> {
    let name = format!("{OUT}/skipped.jsonl");
    let path = run.folder.temporary(&name);
    let failed = |error| unwritable(&path, error);
    let mut target = File::create(&path).map_err(failed)?;
    for broken in &run.plan.broken {
        let line = serde_json::to_vec(&Skip::of(broken.clone())).map_err(Error::internal)?;
        target.write_all(&line).and_then(|()| target.write_all(b"\n")).map_err(failed)?;
    }
    for shard in 0..run.plan.shards.len() {
        let broken = run.folder.path(&run.shard(0, shard, "broken"));
        let mut source = File::open(&broken).map_err(|error| super::folder::unreadable(&broken, error))?;
        std::io::copy(&mut source, &mut target).map_err(failed)?;
    }
    run.folder.finish(&name)
}

/// Says what became of everything, because there is no output to look it up in.
fn nothing_left(steps: &[Step]) -> Error {
    let drops = steps.iter().flat_map(|step| step.drops.iter().map(move |drop| (step, drop)));
    let mut reasons: Vec<String> = drops
        .map(|(step, drop)| {
            let example = drop.examples.first().map_or("", |example| &example.path);
            format!("{} {} at {} (such as {example})", drop.documents, drop.reason, step.name)
        })
        .collect();
    if reasons.is_empty() {
        reasons.push("it holds no files".into());
    }
    let text = format!(
        "no document of the input is left: {}. Check the input or loosen the filters",
        reasons.join("; ")
    );
    Error::invalid("corpus_nothing_left", text)
}

impl Written {
    fn merge(&mut self, other: Self) {
        self.documents += other.documents;
        self.bytes += other.bytes;
        self.tokens += other.tokens;
        self.held.0 += other.held.0;
        self.held.1 += other.held.1;
        self.held.2 += other.held.2;
        self.ledger.merge(other.ledger);
        self.profile.merge(&other.profile);
    }
}

//! Reading and the workers: from the input to cleaned documents in the order of their ids.

use super::{
    spool::Spools,
    worker::{Document, Found, Worker},
};
use crate::{
    Options,
    read::{self, Item, Skip},
    report::{Step, Tally},
};
use kernel::{Error, Result};
use std::{
    fs::File,
    path::Path,
    sync::{Arc, Mutex, PoisonError, mpsc},
};

/// Small files are handed over together, up to so many bytes.
const BATCH_BYTES: usize = 256 << 10;

/// Everything that the first pass found.
#[derive(Debug)]
pub struct Gathered {
    /// Documents that passed the filters, sorted by id and content.
    pub documents: Vec<Document>,
    /// Their lines.
    pub spools: Spools,
    /// What was not read, sorted by path.
    pub skips: Vec<Skip>,
    /// The steps so far.
    pub steps: Vec<Step>,
}

/// Reads `input` and works on it with as many threads as `options` say, spooling into `folder`.
pub fn gather(
    input: &Path,
    folder: &Path,
    options: &Options,
    progress: &mut dyn FnMut(f64),
) -> Result<Gathered> {
    let workers = options.workers();
    let (send, receive) = mpsc::sync_channel::<Vec<Item>>(workers);
    let receive = Arc::new(Mutex::new(receive));
    let (read, found) = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..workers as u32)
            .map(|number| {
                let receive = receive.clone();
                scope.spawn(move || work(options, folder, number, &receive))
            })
            .collect();
        // When every worker has failed the channel closes, and reading stops with it.
        drop(receive);
        let read = feed(input, options, send, progress);
        let found: Vec<_> = threads
            .into_iter()
            .map(|thread| thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect();
        (read, found)
    });
    let found = found.into_iter().collect::<Result<Vec<_>>>()?;
    merge(read?, found)
}

fn work(
    options: &Options,
    folder: &Path,
    number: u32,
    items: &Mutex<mpsc::Receiver<Vec<Item>>>,
) -> Result<(Found, File)> {
    let mut worker = Worker::new(options, folder, number)?;
    loop {
        let batch = items.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(batch) = batch else { return worker.finish() };
        for item in batch {
            worker.item(item)?;
        }
    }
}

/// Reads everything, handing it over in batches.
fn feed(
    input: &Path,
    options: &Options,
    send: mpsc::SyncSender<Vec<Item>>,
    progress: &mut dyn FnMut(f64),
) -> Result<read::Reader> {
    // The workers' own error is the one that is reported.
    let gone = |_| Error::unavailable("corpus_output_unwritable", "the corpus workers stopped");
    let (mut batch, mut bytes) = (Vec::new(), 0);
    let mut sink = |item: Item| {
        bytes += item.bytes.len();
        batch.push(item);
        if bytes >= BATCH_BYTES {
            bytes = 0;
            send.send(std::mem::take(&mut batch)).map_err(gone)?;
        }
        Ok(())
    };
    let read = read::read(input, &options.limits, &mut sink, progress)?;
    send.send(batch).map_err(gone)?;
    Ok(read)
}

/// Adds up what the reader and the workers found.
fn merge(read: read::Reader, found: Vec<(Found, File)>) -> Result<Gathered> {
    let mut tallies: [Tally; 4] = Default::default();
    let (mut documents, mut skips, mut spools) = (Vec::new(), read.skips, Spools::default());
    skips.iter().for_each(|skip| tallies[0].skip(skip));
    for (found, spool) in found {
        let Found { documents: more, skips: skipped, read, extract, normalise, filter } = found;
        for (tally, other) in tallies.iter_mut().zip([read, extract, normalise, filter]) {
            tally.merge(other);
        }
        documents.extend(more);
        skips.extend(skipped);
        spools.0.push(spool);
    }
    documents.sort_unstable_by_key(|document| (document.id, document.content));
    skips.sort();
    let names = ["read", "extract", "normalise", "filter"];
    let steps: Vec<_> = tallies.into_iter().zip(names).map(|(tally, name)| tally.step(name)).collect();
    if documents.is_empty() {
        return Err(nothing_left(&steps));
    }
    Ok(Gathered { documents, spools, skips, steps })
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

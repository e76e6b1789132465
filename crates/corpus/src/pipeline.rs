//! The whole run: one thread reads, workers extract, clean, judge and hash; then duplicates, split, output.
//!
//! Workers keep a few hundred bytes a document in memory and write the document itself to a file of their own
//! beside the output. Everything that is counted adds up in any order, and documents are put in the order of
//! their ids before anything depends on order.

mod duplicates;
mod gather;
mod output;
mod spool;
mod worker;

use crate::{Options, report::Report};
use kernel::{Error, Result};
use std::path::Path;

/// How far a run is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Progress {
    /// What it does now: `read`, `duplicates` or `write`.
    pub step: &'static str,
    /// Share of the whole run that is done, from 0 to 1.
    pub fraction: f64,
}

/// Cleans the folder or zip at `input` into the new folder `output` and tells `progress` how far it is.
///
/// `output` must not exist or be empty. It is written as a whole: when this fails, it is as it was before.
pub fn clean(
    input: &Path,
    output: &Path,
    options: &Options,
    progress: &mut dyn FnMut(Progress),
) -> Result<Report> {
    options.check()?;
    let staging = output::Staging::create(output)?;
    let gathered = gather::gather(input, staging.path(), options, &mut |done| {
        progress(Progress { step: "read", fraction: done * 0.7 });
    })?;
    progress(Progress { step: "duplicates", fraction: 0.7 });
    let chosen = duplicates::remove(&gathered, options)?;
    progress(Progress { step: "write", fraction: 0.9 });
    let report = output::write(staging, gathered, chosen, options)?;
    progress(Progress { step: "write", fraction: 1.0 });
    Ok(report)
}

/// A failure to write beside the output, with what to do about it.
fn unwritable(path: &Path, error: std::io::Error) -> Error {
    let text = format!(
        "cannot write {}: {error}. Free some space or choose another folder, then run again; nothing was left behind",
        path.display()
    );
    Error::unavailable("corpus_output_unwritable", text)
}

//! The output folder: written beside its place, then renamed.

use super::{duplicates::Chosen, gather::Gathered, unwritable, worker::id_text};
use crate::{
    Options,
    report::{Ledger, Report, Split, card},
};
use kernel::{Error, Result};
use serde::Serialize;
use std::{
    fs::{self, File},
    io::{BufWriter, Write},
    path::{Path, PathBuf},
};

/// A folder beside the output that is removed unless it became the output.
#[derive(Debug)]
pub struct Staging {
    path: PathBuf,
    target: PathBuf,
}

impl Staging {
    /// Creates the folder; refuses a target that already holds something.
    pub fn create(target: &Path) -> Result<Self> {
        let shown = target.display();
        let occupied = match fs::read_dir(target) {
            Ok(mut entries) => entries.next().is_some(),
            Err(_) => target.symlink_metadata().is_ok(),
        };
        if occupied {
            let text = format!(
                "{shown} exists and is not an empty folder. Choose another output, or remove it first"
            );
            return Err(Error::conflict("corpus_output_exists", text));
        }
        let name = target.file_name().and_then(|name| name.to_str()).ok_or_else(|| {
            Error::invalid(
                "corpus_output_exists",
                format!("{shown} cannot name a new folder. Choose another output"),
            )
        })?;
        let path = target.with_file_name(format!(".{name}.partial-{}", std::process::id()));
        fs::create_dir_all(path.join("data")).map_err(|error| unwritable(&path, error))?;
        Ok(Self { path, target: target.to_owned() })
    }

    /// The folder to write into.
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn commit(self) -> Result<()> {
        fs::rename(&self.path, &self.target).map_err(|error| unwritable(&self.target, error))
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        // After a commit there is nothing of that name; otherwise this is the best that can be done.
        let _ = fs::remove_dir_all(&self.path);
    }
}

/// Writes everything and makes it the output.
pub fn write(staging: Staging, gathered: Gathered, chosen: Chosen, options: &Options) -> Result<Report> {
    let folder = staging.path();
    let (splits, ledger) = data(folder, &gathered, &chosen)?;
    let cjk = chosen.documents.iter().filter(|(index, _)| gathered.documents[*index as usize].cjk).count();
    let mut sources = ledger.sources();
    let sources_total = sources.len() as u64;
    sources.truncate(Report::SOURCES);
    let report = Report {
        title: options.title.clone(),
        toolchain: env!("CARGO_PKG_VERSION").to_owned(),
        options: options.clone(),
        steps: gathered.steps.into_iter().chain(chosen.steps).collect(),
        splits,
        licences: ledger.licences(),
        sources,
        sources_total,
        documents_cjk: cjk as u64,
        clusters: chosen.clusters,
    };
    lines(&folder.join("skipped.jsonl"), &gathered.skips)?;
    lines(&folder.join("contributions.jsonl"), &ledger.contributions())?;
    let mut json = serde_json::to_vec_pretty(&report).map_err(Error::internal)?;
    json.push(b'\n');
    for (name, bytes) in [("report.json", json), ("README.md", card(&report).into_bytes())] {
        let path = folder.join(name);
        fs::write(&path, bytes).map_err(|error| unwritable(&path, error))?;
    }
    staging.commit()?;
    Ok(report)
}

/// Writes the data files and sums up who gave what.
fn data(folder: &Path, gathered: &Gathered, chosen: &Chosen) -> Result<(Vec<Split>, Ledger)> {
    let mut ledger = Ledger::default();
    let mut splits = Vec::new();
    for (name, held) in [("train", false), ("heldout", true)] {
        let file = format!("data/{name}-00000-of-00001.jsonl");
        let mut split = Split { name: name.to_owned(), file, documents: 0, bytes: 0, tokens: 0 };
        let path = folder.join(&split.file);
        let failed = |error| unwritable(&path, error);
        let mut writer = BufWriter::with_capacity(1 << 20, File::create(&path).map_err(failed)?);
        for (index, _) in chosen.documents.iter().filter(|(_, heldout)| *heldout == held) {
            let document = &gathered.documents[*index as usize];
            writer.write_all(&gathered.spools.line(document.place)?).map_err(failed)?;
            let (bytes, tokens) = (u64::from(document.bytes), u64::from(document.tokens));
            ledger.add(&document.origin, bytes, tokens, || id_text(document.id));
            split.documents += 1;
            split.bytes += bytes;
            split.tokens += tokens;
        }
        writer.into_inner().map_err(|error| failed(error.into_error()))?;
        splits.push(split);
    }
    Ok((splits, ledger))
}

fn lines<T: Serialize>(path: &Path, rows: &[T]) -> Result<()> {
    let mut bytes = Vec::new();
    for row in rows {
        serde_json::to_writer(&mut bytes, row).map_err(Error::internal)?;
        bytes.push(b'\n');
    }
    fs::write(path, bytes).map_err(|error| unwritable(path, error))
}

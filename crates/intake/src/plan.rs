//! What there is to read, cut into shards. The cuts depend on the input and the options alone.

mod cut;
mod root;

pub(crate) use root::{Root, is_hidden, is_provenance};

use crate::{
    Broken, Options,
    kind::{Kind, READABLE},
    provenance::{Origin, Provenance},
};
use kernel::{Error, Result};
use serde::{Deserialize, Serialize};
use std::{fs::File, path::Path};

/// Most small files of one shard.
const MAX_PIECES: usize = 256;

/// An input, looked over.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// All that is to be read, in the order of paths and positions.
    pub shards: Vec<Shard>,
    /// Files that won't be read, sorted.
    pub broken: Vec<Broken>,
    /// Files that will be read.
    pub files: usize,
    /// Their bytes, as they lie on the disk.
    pub bytes: u64,
}

/// What one worker reads at once: part of a large file, a file, or some small ones.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shard {
    /// Its files or parts, in order.
    pub pieces: Vec<Piece>,
    /// Their bytes, as they lie on the disk.
    pub bytes: u64,
}

/// A file or a part of one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Piece {
    /// Path below the input, with `/` between parts.
    pub path: String,
    /// Which part.
    pub part: Part,
    /// Its bytes, as they lie on the disk.
    pub bytes: u64,
    /// What a provenance file beside or above it says.
    pub origin: Origin,
}

/// Which part of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// All of it.
    Whole,
    /// What begins in these bytes: lines of JSONL, members of a packed WARC.
    Bytes {
        /// The first byte.
        start: u64,
        /// The byte behind the last.
        end: u64,
    },
    /// These of its entries in the order of their paths, or of its row groups.
    Entries {
        /// The first, from 0.
        start: usize,
        /// The one behind the last.
        end: usize,
    },
}

/// The files of an input, as they lie on the disk.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Listing {
    /// Files that will be read, in the order of their paths.
    pub files: Vec<Listed>,
    /// Files that say where others come from.
    pub provenance: Vec<Listed>,
    /// What won't be read, sorted.
    pub broken: Vec<Broken>,
}

/// A file of an input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Path below the input, with `/` between parts.
    pub path: String,
    /// Its size.
    pub bytes: u64,
}

/// Lists `input`: a folder, a file, or a pattern such as `data/**/*.jsonl.zst`. Nothing is opened.
pub fn list(input: &Path, options: &Options) -> Result<Listing> {
    options.check()?;
    listing(&Root::of(input)?, options)
}

/// Opens a file that [`list`] found.
pub fn open(input: &Path, path: &str) -> Result<File> {
    Root::of(input)?.open(path).map_err(|error| {
        Error::invalid("corpus_input_unreadable", format!("{path} cannot be opened: {error}"))
    })
}

fn listing(root: &Root, options: &Options) -> Result<Listing> {
    let (files, broken) = root.files(options)?;
    let mut listing = Listing { broken, ..Listing::default() };
    for file in files {
        if is_provenance(&file.path) && !root.is_file() {
            listing.provenance.push(file);
        } else if Kind::of(&file.path).is_some() {
            listing.files.push(file);
        } else {
            let text = format!("files of this kind are not read; {READABLE}");
            listing.broken.push(Broken::file(&file.path, "kind_unknown", text, file.bytes));
        }
    }
    listing.broken.sort();
    Ok(listing)
}

/// Looks over `input`, as [`list`] takes it, and cuts it into shards.
///
/// Fails only when nothing of it can be opened, or a provenance file can't be believed.
pub fn plan(input: &Path, options: &Options) -> Result<Plan> {
    options.check()?;
    let root = Root::of(input)?;
    let listing = listing(&root, options)?;
    let mut provenance = Provenance::default();
    for file in &listing.provenance {
        let opened = root.open(&file.path).map_err(|error| {
            Error::invalid("corpus_provenance_invalid", format!("{} cannot be opened: {error}", file.path))
        })?;
        provenance.add(&file.path, opened)?;
    }
    let mut plan = Plan { broken: listing.broken, ..Plan::default() };
    let mut group = Shard::default();
    let most = options.shard_bytes / 8;
    for file in &listing.files {
        let origin = provenance.of(&file.path);
        plan.files += 1;
        plan.bytes += file.bytes;
        let parts = cut::parts(&root, file, options);
        let small = parts.len() == 1 && file.bytes < most;
        if !small || group.bytes + file.bytes > most || group.pieces.len() == MAX_PIECES {
            plan.push(std::mem::take(&mut group));
        }
        for (part, bytes) in parts {
            group.bytes += bytes;
            group.pieces.push(Piece { path: file.path.clone(), part, bytes, origin: (*origin).clone() });
            if !small {
                plan.push(std::mem::take(&mut group));
            }
        }
    }
    plan.push(group);
    Ok(plan)
}

impl Plan {
    fn push(&mut self, shard: Shard) {
        if !shard.pieces.is_empty() {
            self.shards.push(shard);
        }
    }
}

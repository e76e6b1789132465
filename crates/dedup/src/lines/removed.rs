//! Which parts to remove from which document.

use super::KIND;
use crate::{
    Resources,
    folder::{at, damaged},
    groups,
    order::Order,
    pairs::Pairs,
    rows::Reader,
};
use kernel::Result;
use std::{
    fs::File,
    io::{BufWriter, Write},
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
};

/// The repeated parts of all documents, on disk; 8 bytes of memory a document.
#[derive(Debug)]
pub struct Removed {
    path: PathBuf,
    file: File,
    /// Where the parts of each document start, and where the last ends.
    starts: Vec<u64>,
}

impl Removed {
    /// Finds the repeated parts among all that was written to `folder`. `ranks` gives each document's place
    /// in the order in which the first keeps a part; within a document the first place keeps it.
    ///
    /// # Errors
    /// `dedup_ranks_invalid` when `ranks` is no permutation, `dedup_spill` and `dedup_spill_damaged` for
    /// files.
    pub fn find(folder: &Path, ranks: &[u32], resources: Resources) -> Result<Self> {
        let order = Order::new(ranks)?;
        let reader = Reader::open(folder, KIND)?;
        let bytes = reader.rows().saturating_mul(8);
        let partitions = bytes.div_ceil(resources.memory_bytes.max(1)).clamp(1, 256) as usize;
        let pairs = Pairs::create(folder, "repeated", order.len(), partitions)?;
        let record = |document, [high, low]: [u64; 2]| {
            Ok((high, (low >> 32) as u32, order.rank(document)?, low as u32))
        };
        groups::sorted(&reader, &[0], resources, record, |records| {
            let same = records.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1));
            let mut repeated: Vec<_> = same
                .flat_map(|same| &same[1..])
                .map(|(_, _, rank, part)| (order.document(*rank), *part))
                .collect();
            repeated.sort_unstable();
            pairs.add(&repeated)
        })?;
        Self::write(folder.join("repeated.parts"), &pairs, order.len())
    }

    fn write(path: PathBuf, pairs: &Pairs, documents: u32) -> Result<Self> {
        let file = File::options().read(true).write(true).create(true).truncate(true).open(&path);
        let mut writer = BufWriter::new(file.map_err(at(&path))?);
        let mut starts = Vec::with_capacity(documents as usize + 1);
        let mut written = 0;
        for partition in 0..pairs.partitions() {
            for (document, part) in pairs.sorted(partition)? {
                starts.resize(document as usize + 1, written);
                writer.write_all(&part.to_le_bytes()).map_err(at(&path))?;
                written += 1;
            }
        }
        starts.resize(documents as usize + 1, written);
        let file = writer.into_inner().map_err(|error| at(&path)(error.into_error()))?;
        Ok(Self { path, file, starts })
    }

    /// How many parts are removed from all documents together.
    pub fn total(&self) -> u64 {
        self.starts.last().copied().unwrap_or_default()
    }

    /// The parts to remove from a document, numbered from 0, ascending: see
    /// [`Options::without`](super::Options::without). Several threads may ask.
    ///
    /// # Errors
    /// `dedup_spill` when the file can't be read.
    pub fn of(&self, document: u32) -> Result<Vec<u32>> {
        let bounds = self.starts.get(document as usize).zip(self.starts.get(document as usize + 1));
        let Some((start, end)) = bounds.filter(|(start, end)| start < end) else { return Ok(Vec::new()) };
        let mut bytes = vec![0; (end - start) as usize * 4];
        self.file.read_exact_at(&mut bytes, start * 4).map_err(at(&self.path))?;
        let parts: Vec<_> = bytes
            .chunks_exact(4)
            .map(|part| u32::from_le_bytes(part.try_into().unwrap_or_default()))
            .collect();
        if parts.is_sorted() { Ok(parts) } else { Err(damaged(&self.path)) }
    }
}

impl Drop for Removed {
    fn drop(&mut self) {
        // What is left behind is made anew by the next run.
        let _ = std::fs::remove_file(&self.path);
    }
}

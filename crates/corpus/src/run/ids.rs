//! Ids in order: each shard's sorted in a file, all of them merged without holding them.

use super::folder::unreadable;
use super::rows::Sink;
use kernel::{Error, Result};
use std::{
    cmp::Reverse,
    collections::BinaryHeap,
    fs::File,
    io::{BufReader, Read},
    path::PathBuf,
};

/// The ids of one shard while it is read, without an allocation each.
#[derive(Debug, Default)]
pub struct Ids {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl Ids {
    /// Adds the id of the next document.
    pub fn push(&mut self, id: &str) {
        self.bytes.extend_from_slice(id.as_bytes());
        self.ends.push(self.bytes.len());
    }

    fn get(&self, number: u32) -> &[u8] {
        let number = number as usize;
        let start = number.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.bytes[start..self.ends[number]]
    }

    /// Writes them in their order, each with the number of its document.
    pub fn write(&self, path: PathBuf) -> Result<()> {
        let mut order: Vec<u32> = (0..self.ends.len() as u32).collect();
        order.sort_unstable_by(|a, b| self.get(*a).cmp(self.get(*b)).then(a.cmp(b)));
        let mut sink = Sink::create(path)?;
        for number in order {
            let id = self.get(number);
            let length = u32::try_from(id.len()).map_err(Error::internal)?;
            sink.put(&length.to_le_bytes())?;
            sink.put(&number.to_le_bytes())?;
            sink.put(id)?;
        }
        sink.close()
    }
}

/// One shard's ids, being read.
struct Run {
    path: PathBuf,
    file: BufReader<File>,
}

impl Run {
    fn next(&mut self) -> Result<Option<(Vec<u8>, u32)>> {
        let mut head = [0; 8];
        match self.file.read_exact(&mut head) {
            Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => return Ok(None),
            other => other.map_err(|error| unreadable(&self.path, error))?,
        }
        let [length, number] = [&head[..4], &head[4..]]
            .map(|part| part.iter().rev().fold(0_u32, |value, byte| (value << 8) | u32::from(*byte)));
        let mut id = vec![0; length as usize];
        self.file.read_exact(&mut id).map_err(|error| unreadable(&self.path, error))?;
        Ok(Some((id, number)))
    }
}

/// Takes an id, its shard, and the number of its document in the shard.
pub type Each<'a> = dyn FnMut(&[u8], usize, u32) -> Result<()> + 'a;

/// Calls `each` with every id of all shards in order, with the shard and the number of its document in the shard.
/// Equal ids come in the order of shards and documents.
pub fn merge(paths: &[PathBuf], each: &mut Each<'_>) -> Result<()> {
    let mut runs = Vec::with_capacity(paths.len());
    let mut heap = BinaryHeap::new();
    let room = ((16 << 20) / paths.len().max(1)).clamp(4 << 10, 256 << 10);
    for (shard, path) in paths.iter().enumerate() {
        let file = File::open(path).map_err(|error| unreadable(path, error))?;
        let mut run = Run { path: path.clone(), file: BufReader::with_capacity(room, file) };
        if let Some((id, number)) = run.next()? {
            heap.push(Reverse((id, shard, number)));
        }
        runs.push(run);
    }
    while let Some(Reverse((id, shard, number))) = heap.pop() {
        each(&id, shard, number)?;
        if let Some((id, number)) = runs[shard].next()? {
            heap.push(Reverse((id, shard, number)));
        }
    }
    Ok(())
}

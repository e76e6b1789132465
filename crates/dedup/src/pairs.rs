//! Pairs of numbers on disk, sorted by the first: written in any order by several threads, read back in order
//! with bounded memory.

use crate::folder::{at, damaged, make};
use kernel::Result;
use std::{
    fs::File,
    io::Write,
    path::{Path, PathBuf},
    sync::Mutex,
};

/// Bytes that a partition collects before it writes.
const BUFFER: usize = 1 << 16;
/// Open files of one spill at most.
const MOST: usize = 256;

/// Pairs whose first number is below a bound, partitioned by it.
#[derive(Debug)]
pub struct Pairs {
    partitions: Vec<Mutex<Partition>>,
    /// First numbers of a partition.
    width: u32,
}

#[derive(Debug)]
struct Partition {
    path: PathBuf,
    file: File,
    buffer: Vec<u8>,
}

impl Pairs {
    /// An empty spill `name` in `folder` for first numbers below `bound`, in `partitions` files (at most
    /// 256).
    pub fn create(folder: &Path, name: &str, bound: u32, partitions: usize) -> Result<Self> {
        make(folder)?;
        let partitions = partitions.clamp(1, MOST) as u32;
        let width = bound.div_ceil(partitions).max(1);
        let open = |index: u32| {
            let path = folder.join(format!("{name}-{index:03}.pairs"));
            let mut options = File::options();
            let file = options.read(true).write(true).create(true).truncate(true).open(&path);
            Ok(Mutex::new(Partition { file: file.map_err(at(&path))?, path, buffer: Vec::new() }))
        };
        Ok(Self { partitions: (0..bound.div_ceil(width).max(1)).map(open).collect::<Result<_>>()?, width })
    }

    /// Adds pairs; quickest when they are many, sorted or of near numbers.
    pub fn add(&self, pairs: &[(u32, u32)]) -> Result<()> {
        for run in pairs.chunk_by(|a, b| a.0 / self.width == b.0 / self.width) {
            let partition = &self.partitions[(run[0].0 / self.width) as usize];
            let mut partition = partition.lock().unwrap_or_else(|poison| poison.into_inner());
            for (first, second) in run {
                partition.buffer.extend_from_slice(&first.to_le_bytes());
                partition.buffer.extend_from_slice(&second.to_le_bytes());
            }
            if partition.buffer.len() >= BUFFER {
                partition.flush()?;
            }
        }
        Ok(())
    }

    /// Partitions, in the order of their numbers.
    pub fn partitions(&self) -> usize {
        self.partitions.len()
    }

    /// The sorted pairs of a partition, with repeats.
    pub fn sorted(&self, partition: usize) -> Result<Vec<(u32, u32)>> {
        let mut partition = self.partitions[partition].lock().unwrap_or_else(|poison| poison.into_inner());
        partition.flush()?;
        let mut pairs = partition.read()?;
        pairs.sort_unstable();
        Ok(pairs)
    }
}

impl Partition {
    fn flush(&mut self) -> Result<()> {
        self.file.write_all(&self.buffer).map_err(at(&self.path))?;
        self.buffer.clear();
        Ok(())
    }

    fn read(&self) -> Result<Vec<(u32, u32)>> {
        let bytes = std::fs::read(&self.path).map_err(at(&self.path))?;
        if bytes.len() % 8 != 0 {
            return Err(damaged(&self.path));
        }
        let number = |bytes: &[u8]| u32::from_le_bytes(bytes.try_into().unwrap_or_default());
        Ok(bytes.chunks_exact(8).map(|pair| (number(&pair[..4]), number(&pair[4..]))).collect())
    }
}

impl Drop for Pairs {
    fn drop(&mut self) {
        for partition in &mut self.partitions {
            let partition = partition.get_mut().unwrap_or_else(|poison| poison.into_inner());
            // What is left behind is made anew by the next run.
            let _ = std::fs::remove_file(&partition.path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_come_back_sorted_whatever_the_partitions() {
        let folder = tempfile::tempdir().unwrap();
        let pairs: Vec<(u32, u32)> = (0..1000_u32).map(|n| (n * 7919 % 101, n)).collect();
        let mut sorted = pairs.clone();
        sorted.sort_unstable();
        for partitions in [1, 3, 1000] {
            let spill = Pairs::create(folder.path(), "test", 101, partitions).unwrap();
            for some in pairs.chunks(17) {
                spill.add(some).unwrap();
            }
            let all = (0..spill.partitions()).flat_map(|index| spill.sorted(index).unwrap());
            assert_eq!(all.collect::<Vec<_>>(), sorted);
        }
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}

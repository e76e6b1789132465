//! N-grams of candidates on disk, for inputs that can't be read at random places, such as compressed ones:
//! read the input once more and store what [`Candidates::contains`](super::Candidates::contains).

use crate::{
    Shingles,
    folder::{at, damaged, make},
};
use kernel::Result;
use std::{
    fs::File,
    io::Write,
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
    sync::Mutex,
};

/// Takes n-grams; several threads may share one.
#[derive(Debug)]
pub struct ShingleWriter(Mutex<State>);

#[derive(Debug)]
struct State {
    path: PathBuf,
    file: File,
    buffer: Vec<u8>,
    length: u64,
    /// Where the set of a document lies: start and count of hashes.
    places: Vec<(u32, u64, u32)>,
}

impl ShingleWriter {
    /// An empty store in `folder`.
    ///
    /// # Errors
    /// `dedup_spill` when the file can't be made.
    pub fn create(folder: &Path) -> Result<Self> {
        make(folder)?;
        let path = folder.join("candidates.shingles");
        let file = File::options().read(true).write(true).create(true).truncate(true).open(&path);
        let file = file.map_err(at(&path))?;
        Ok(Self(Mutex::new(State { path, file, buffer: Vec::new(), length: 0, places: Vec::new() })))
    }

    /// Stores the n-grams of a document, once.
    ///
    /// # Errors
    /// `dedup_spill` when the file can't be written.
    pub fn add(&self, document: u32, shingles: &Shingles) -> Result<()> {
        let mut state = self.0.lock().unwrap_or_else(|poison| poison.into_inner());
        let place = (document, state.length, shingles.hashes().len() as u32);
        state.places.push(place);
        state.length += shingles.hashes().len() as u64;
        state.buffer.extend(shingles.hashes().iter().flat_map(|hash| hash.to_le_bytes()));
        if state.buffer.len() >= 1 << 20 { state.flush() } else { Ok(()) }
    }

    /// Ends the writing.
    ///
    /// # Errors
    /// `dedup_spill` when the file can't be written.
    pub fn finish(self) -> Result<ShingleStore> {
        let mut state = self.0.into_inner().unwrap_or_else(|poison| poison.into_inner());
        state.flush()?;
        state.places.sort_unstable();
        Ok(ShingleStore(state))
    }
}

impl State {
    fn flush(&mut self) -> Result<()> {
        self.file.write_all(&self.buffer).map_err(at(&self.path))?;
        self.buffer.clear();
        Ok(())
    }
}

/// Stored n-grams; the file goes with it. It takes 16 bytes of memory a stored document.
#[derive(Debug)]
pub struct ShingleStore(State);

impl ShingleStore {
    /// The n-grams of a document; none of one that wasn't stored.
    ///
    /// # Errors
    /// `dedup_spill` when the file can't be read, `dedup_spill_damaged` when it isn't what was written.
    pub fn load(&self, document: u32) -> Result<Shingles> {
        let state = &self.0;
        let Ok(index) = state.places.binary_search_by_key(&document, |place| place.0) else {
            return Ok(Shingles::default());
        };
        let (_, start, count) = state.places[index];
        let mut bytes = vec![0; count as usize * 8];
        state.file.read_exact_at(&mut bytes, start * 8).map_err(at(&state.path))?;
        let hashes =
            bytes.chunks_exact(8).map(|hash| u64::from_le_bytes(hash.try_into().unwrap_or_default()));
        Shingles::from_sorted(hashes.collect()).ok_or_else(|| damaged(&state.path))
    }
}

impl Drop for ShingleStore {
    fn drop(&mut self) {
        // What is left behind is made anew by the next run.
        let _ = std::fs::remove_file(&self.0.path);
    }
}

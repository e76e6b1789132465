//! Which documents are the same, as the `dedup` crate finds it in files of keys.

use super::{barrier::Comparison, rows::Line};
use dedup::{Resources, Shingles, exact, minhash};
use kernel::Result;
use std::{cell::RefCell, path::Path};

/// Bytes of memory for comparing.
const MEMORY_BYTES: u64 = 192 << 20;

/// For each document the one with the same key that it gives way to.
pub fn exact(comparison: &Comparison<'_>, room: &Path, ranks: &[u32]) -> Result<Vec<u32>> {
    let mut writer = exact::Writer::create(room, 0)?;
    comparison.keys(16, &mut |number, key| {
        let key = u128::from_le_bytes(key.try_into().unwrap_or_default());
        // Zero stands for nothing to compare.
        if key == 0 { Ok(()) } else { writer.add(number, key) }
    })?;
    writer.finish()?;
    exact::resolve(room, ranks, resources(comparison))
}

/// For each document the near duplicate that it gives way to.
pub fn near(
    comparison: &Comparison<'_>,
    options: &minhash::Options,
    room: &Path,
    ranks: &[u32],
) -> Result<Vec<u32>> {
    let mut writer = minhash::Bands::create(room, 0, options.bands)?;
    let mut keys = vec![0; options.bands];
    comparison.keys(options.bands * 8, &mut |number, bytes| {
        for (key, bytes) in keys.iter_mut().zip(bytes.chunks_exact(8)) {
            *key = u64::from_le_bytes(bytes.try_into().unwrap_or_default());
        }
        if keys.iter().all(|key| *key == 0) { Ok(()) } else { writer.add(number, &keys) }
    })?;
    writer.finish()?;
    let signer = minhash::Signer::new(options)?;
    // Threads of the comparison each keep a signer of their own.
    thread_local!(static SIGNER: RefCell<Option<minhash::Signer>> = const { RefCell::new(None) });
    let load = |number: u32| -> Result<Shingles> {
        let text = comparison.text(number)?;
        SIGNER.with_borrow_mut(|own| Ok(own.get_or_insert_with(|| signer.clone()).shingles(&text)))
    };
    let verify = options.similarity.map(|similarity| (similarity, &load as &minhash::Load<'_>));
    let gives = minhash::cluster(room, ranks, resources(comparison), verify);
    // This thread may compare with other options next.
    SIGNER.set(None);
    gives
}

fn resources(comparison: &Comparison<'_>) -> Resources {
    Resources { threads: comparison.workers, memory_bytes: MEMORY_BYTES }
}

impl Comparison<'_> {
    /// The text of a document.
    fn text(&self, number: u32) -> Result<String> {
        let line = self.line(number)?;
        if self.run.by_reference {
            return self.record(&line, &mut |record| record.text.to_string());
        }
        Ok(Line::parse(&line)?.text.into_owned())
    }

    /// What `take` takes from a line of the input.
    pub fn record<T>(&self, line: &[u8], take: &mut dyn FnMut(&intake::Record<'_>) -> T) -> Result<T> {
        let mut taken = None;
        intake::read_line(line, &self.run.recipe.read, &mut |record| {
            taken = Some(take(&record));
            Ok(())
        })?;
        taken.ok_or_else(|| {
            let text =
                "a line of the input changed while it was read; leave the input alone until the run ends";
            kernel::Error::conflict("corpus_input_changed", text)
        })
    }
}

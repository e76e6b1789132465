//! Rows that share a key, brought together in bounded memory: the range of keys is cut so finely that the
//! rows of as many ranges as there are threads fit, and each range is read, sorted and walked on its own.
//! Keys are hashes, so ranges are even.

use crate::{Resources, rows::Reader};
use kernel::{Error, Result};
use std::sync::{
    Mutex,
    atomic::{AtomicUsize, Ordering},
};

/// Walks all rows, sorted, range by range: for each of the columns `firsts`, rows of `N` columns from it on
/// become records by `record`, and each range of the first column goes sorted to `visit`. Rows with equal
/// values in the first column come together. Several threads call `visit`, in no order.
pub fn sorted<const N: usize, R: Ord + Send>(
    reader: &Reader,
    firsts: &[usize],
    resources: Resources,
    record: impl Fn(u32, [u64; N]) -> Result<R> + Sync,
    visit: impl Fn(&[R]) -> Result<()> + Sync,
) -> Result<()> {
    let bytes = reader.rows().saturating_mul(size_of::<R>() as u64);
    let share = (resources.memory_bytes / resources.threads.max(1) as u64).max(1 << 20);
    let ranges = bytes.div_ceil(share).clamp(1, 1 << 16);
    let task = |task: usize| -> Result<()> {
        let (first, range) = (firsts[task / ranges as usize], task as u64 % ranges);
        let expected = reader.rows() / ranges;
        let mut records = Vec::with_capacity((expected + expected / 16 + 64) as usize);
        let mut wrong = None;
        reader.scan(first, |document, columns: [u64; N]| {
            if (u128::from(columns[0]) * u128::from(ranges)) >> 64 == u128::from(range) {
                match record(document, columns) {
                    Ok(record) => records.push(record),
                    Err(error) => wrong = Some(error),
                }
            }
        })?;
        records.sort_unstable();
        wrong.map_or_else(|| visit(&records), Err)
    };
    parallel(resources.threads, firsts.len() * ranges as usize, &task)
}

/// Runs tasks `0..count` on threads; the first failure by number counts.
pub fn parallel(threads: usize, count: usize, task: &(dyn Fn(usize) -> Result<()> + Sync)) -> Result<()> {
    let next = AtomicUsize::new(0);
    let failed: Mutex<Option<(usize, Error)>> = Mutex::new(None);
    let work = || loop {
        let index = next.fetch_add(1, Ordering::Relaxed);
        if index >= count {
            return;
        }
        if let Err(error) = task(index) {
            // No task after a failure: the whole has failed.
            next.store(count, Ordering::Relaxed);
            let mut failed = failed.lock().unwrap_or_else(|poison| poison.into_inner());
            if failed.as_ref().is_none_or(|(other, _)| index < *other) {
                *failed = Some((index, error));
            }
        }
    };
    let threads = threads.clamp(1, count.max(1));
    if threads == 1 {
        work();
    } else {
        std::thread::scope(|scope| (0..threads).for_each(|_| drop(scope.spawn(work))));
    }
    failed.into_inner().unwrap_or_else(|poison| poison.into_inner()).map_or(Ok(()), |(_, error)| Err(error))
}

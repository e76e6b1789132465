//! Threads that take one task after the other.

use kernel::Result;
use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicUsize, Ordering::Relaxed},
};

/// Most threads.
const MOST: usize = 256;

/// A number of threads.
#[derive(Debug, Clone, Copy)]
pub struct Pool {
    /// How many.
    pub workers: usize,
}

impl Pool {
    /// `workers` threads, or one per core for 0.
    pub fn new(workers: usize) -> Self {
        let cores = || std::thread::available_parallelism().map_or(1, usize::from);
        Self { workers: if workers == 0 { cores() } else { workers }.clamp(1, MOST) }
    }

    /// Does tasks 0 to `count`, telling `done` the share that is done; after the first failure no further one begins.
    /// The failure of the first task that failed is returned, whichever thread was faster.
    pub fn each(
        &self,
        count: usize,
        task: impl Fn(usize) -> Result<()> + Sync,
        done: &mut (dyn FnMut(f64) + Send),
    ) -> Result<()> {
        let (next, ended) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let failure = Mutex::new(None);
        let done = Mutex::new(done);
        let work = || {
            loop {
                let at = next.fetch_add(1, Relaxed);
                if at >= count {
                    return;
                }
                if let Err(error) = task(at) {
                    next.store(count, Relaxed);
                    let mut failure = failure.lock().unwrap_or_else(PoisonError::into_inner);
                    if failure.as_ref().is_none_or(|(earlier, _)| at < *earlier) {
                        *failure = Some((at, error));
                    }
                    return;
                }
                let ended = ended.fetch_add(1, Relaxed) + 1;
                (done.lock().unwrap_or_else(PoisonError::into_inner))(ended as f64 / count as f64);
            }
        };
        std::thread::scope(|scope| {
            for _ in 1..self.workers.min(count) {
                scope.spawn(work);
            }
            work();
        });
        let failure = failure.into_inner().unwrap_or_else(PoisonError::into_inner);
        failure.map_or(Ok(()), |(_, error)| Err(error))
    }
}

//! Many plays of one trace, side by side.

use kernel::{Error, Result};

/// What `play` makes of each seed, in the order of seeds, on as many threads as there are cores.
pub(super) fn each<T: Send>(seeds: u64, play: impl Fn(u64) -> Result<T> + Sync) -> Result<Vec<T>> {
    let cores = std::thread::available_parallelism().map_or(1, |count| count.get() as u64);
    let threads = cores.min(seeds).max(1);
    let mut played = std::thread::scope(|scope| {
        let play = &play;
        let share = |thread: u64| {
            let mine = (thread..seeds).step_by(threads as usize);
            move || mine.map(|seed| Ok((seed, play(seed)?))).collect::<Result<Vec<_>>>()
        };
        let workers: Vec<_> = (0..threads).map(|thread| scope.spawn(share(thread))).collect();
        let panicked = |_| Err(Error::internal("a simulation thread panicked"));
        let joined = workers.into_iter().map(|worker| worker.join().unwrap_or_else(panicked));
        joined.collect::<Result<Vec<_>>>()
    })?
    .into_iter()
    .flatten()
    .collect::<Vec<_>>();
    played.sort_by_key(|(seed, _)| *seed);
    Ok(played.into_iter().map(|(_, played)| played).collect())
}

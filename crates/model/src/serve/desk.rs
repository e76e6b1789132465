//! Bounds how much is worked on, and how much may wait.

use kernel::{Error, Result};
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Seconds after which a refused caller may try again.
pub const RETRY_SECONDS: u64 = 2;

/// A fixed number of workers, and a fixed number of seats for those who wait.
pub struct Desk {
    seats: Arc<Semaphore>,
    workers: Arc<Semaphore>,
}

/// A place at the desk: waits for a worker, then works.
pub struct Seat {
    _seat: OwnedSemaphorePermit,
    workers: Arc<Semaphore>,
}

impl Desk {
    /// A desk where `workers` work at a time and `queue` more may wait.
    pub fn new(workers: usize, queue: usize) -> Self {
        let workers = workers.max(1);
        Self { seats: Arc::new(Semaphore::new(workers + queue)), workers: Arc::new(Semaphore::new(workers)) }
    }

    /// Takes a seat, if one is free.
    ///
    /// # Errors
    /// `models_busy` when as many as may wait do.
    pub fn sit(&self) -> Result<Seat> {
        let seat = Arc::clone(&self.seats).try_acquire_owned().map_err(|_| {
            let text = format!("Too many calls wait already; try again in {RETRY_SECONDS} seconds.");
            Error::limited("models_busy", text)
        })?;
        Ok(Seat { _seat: seat, workers: Arc::clone(&self.workers) })
    }
}

impl Seat {
    /// Waits for a worker, who is free again when the answer is dropped.
    pub async fn worker(&self) -> Result<OwnedSemaphorePermit> {
        Arc::clone(&self.workers).acquire_owned().await.map_err(Error::internal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn more_than_may_wait_are_refused_until_one_leaves() {
        let desk = Desk::new(1, 1);
        let (first, second) = (desk.sit().unwrap(), desk.sit().unwrap());
        let error = desk.sit().err().unwrap();
        assert_eq!((error.kind, error.code), (kernel::Kind::Limited, "models_busy"));
        let working = first.worker().await.unwrap();
        let waits = tokio::time::timeout(std::time::Duration::from_millis(20), second.worker()).await;
        assert!(waits.is_err());
        drop((working, first));
        drop(second.worker().await.unwrap());
        assert!(desk.sit().is_ok());
    }
}

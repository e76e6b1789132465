//! Reservations: the earliest moment at which a job that doesn't fit now will fit for sure.

use super::queue::Capacity;
use commons::jobs::Resources;
use kernel::Timestamp;

/// A promise to one waiting job, which jobs that pass it must not break (EASY backfilling, Lifka 1995).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reservation {
    /// The latest moment at which the job starts, if all jobs before it run to their wall limit.
    pub starts_by: Timestamp,
    /// What is left beside the job at that moment.
    pub spare: Capacity,
}

impl Reservation {
    /// Whether a job of `need` that starts at `now` leaves the promise unbroken.
    pub fn allows(&self, need: &Resources, now: Timestamp) -> bool {
        now.plus_seconds(need.wall_seconds) <= self.starts_by || self.spare.fits(need)
    }

    /// Notes that a job of `need` starts at `now` beside the promise.
    pub fn pass(&mut self, need: &Resources, now: Timestamp) {
        if now.plus_seconds(need.wall_seconds) > self.starts_by {
            self.spare.take(need);
        }
    }
}

/// The reservation of a job of `need`, when `free` is free and `releases` say what comes free and when.
///
/// `None` when `need` doesn't fit even after all of them.
pub fn reserve(free: Capacity, releases: &[(Timestamp, Resources)], need: &Resources) -> Option<Reservation> {
    let mut ordered: Vec<_> = releases.iter().collect();
    ordered.sort_by_key(|(at, _)| *at);
    let mut at_hand = free;
    let mut starts_by = None;
    for (at, released) in ordered {
        if starts_by.is_some_and(|start| *at > start) {
            break;
        }
        at_hand.give(released);
        if starts_by.is_none() && at_hand.fits(need) {
            starts_by = Some(*at);
        }
    }
    let starts_by = starts_by?;
    at_hand.take(need);
    Some(Reservation { starts_by, spare: at_hand })
}

//! When waiting jobs will probably start, and how good such forecasts were.

use super::{State, state::SlotId};
use crate::world::{JobId, Seconds};
use serde::{Deserialize, Serialize};

/// How good past forecasts were.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Accuracy {
    /// Jobs that were told a start and have started.
    pub starts: u64,
    /// Of these, how many started no later than told, or at most a tenth of their wait later.
    pub kept: u64,
    /// Mean of how far the start was from what was told, early or late.
    pub mean_error_seconds: f64,
    /// Mean of how much later than told jobs started; negative when they started earlier.
    pub mean_late_seconds: f64,
}

impl Accuracy {
    /// Notes that a job which waited since `since` and was told `told` started at `now`.
    pub(super) fn note(&mut self, since: Seconds, told: Seconds, now: Seconds) {
        self.starts += 1;
        let late = (now - told) as f64;
        self.kept += u64::from(late <= (now - since) as f64 / 10.0);
        self.mean_error_seconds += (late.abs() - self.mean_error_seconds) / self.starts as f64;
        self.mean_late_seconds += (late - self.mean_late_seconds) / self.starts as f64;
    }
}

/// Free thousandths of devices over time, as steps: free from this moment to the next.
struct Profile(Vec<(Seconds, i64)>);

impl Profile {
    /// Takes `milli` for `run` seconds at the earliest moment at which they are free throughout.
    fn take(&mut self, milli: i64, run: Seconds) -> Option<Seconds> {
        let mut first = 0;
        let mut at = 0;
        while at < self.0.len() {
            if self.0[at].1 < milli {
                first = at + 1;
            } else if self.0.get(at + 1).is_none_or(|next| next.0 >= self.0[first].0.saturating_add(run)) {
                break;
            }
            at += 1;
        }
        let (start, _) = *self.0.get(first)?;
        let end = start.saturating_add(run);
        let last = self.0.partition_point(|(moment, _)| *moment < end);
        if self.0.get(last).is_none_or(|(moment, _)| *moment > end) {
            let before = self.0[last - 1].1;
            self.0.insert(last, (end, before));
        }
        self.0[first..last].iter_mut().for_each(|(_, free)| *free -= milli);
        Some(start)
    }
}

impl State {
    /// The probable start of the first `most` waiting jobs, in the order in which they are served.
    ///
    /// Plans as conservative backfilling would, over the sum of all devices: where devices are is left out,
    /// so a forecast tends to be early on a fragmented fleet; [`State::accuracy`] says by how much. What a
    /// job is told first is kept, and compared with when it starts.
    pub fn forecast(&mut self, now: Seconds, most: usize) -> Vec<(JobId, Seconds)> {
        let (free, total) = self.fleet.charged();
        let mut profile = self.profile(now, free);
        let mut forecast = Vec::new();
        for at in self.served(now, most) {
            let slot = &self.slots[at as usize];
            let run = slot.remaining + self.policy.restart_seconds + 1;
            let milli = slot.hold.charge_milli.min(total);
            let Some(start) = profile.take(milli, run) else { continue };
            forecast.push((slot.job.id, start));
            let slot = &mut self.slots[at as usize];
            slot.promise.get_or_insert((now, start));
            slot.forecast = Some(start);
        }
        forecast
    }

    /// How good past forecasts were.
    pub fn accuracy(&self) -> Accuracy {
        self.accuracy
    }

    fn profile(&self, now: Seconds, free: i64) -> Profile {
        let mut steps = vec![(now, free)];
        for (ends, at) in &self.ends {
            let charge = self.slots[*at as usize].hold.charge_milli;
            let (moment, free) = steps[steps.len() - 1];
            let ends = (*ends).max(now + 1);
            if moment == ends {
                let last = steps.len() - 1;
                steps[last].1 += charge;
            } else {
                steps.push((ends, free + charge));
            }
        }
        Profile(steps)
    }

    /// The first `most` waiting jobs as they would be served if tenants took turns.
    pub(super) fn served(&self, now: Seconds, most: usize) -> Vec<SlotId> {
        if let Some(only) = self.fresh {
            return vec![only];
        }
        let mut lines: Vec<_> = (0..self.queues.len()).map(|queue| self.queues[queue].iter()).collect();
        let mut jobs = Vec::new();
        let mut turn = 0;
        while jobs.len() < most && !lines.is_empty() {
            turn %= lines.len();
            match lines[turn].next() {
                Some((place, at)) => {
                    let slot = &self.slots[*at as usize];
                    let late = slot.overdue_at <= now;
                    jobs.push((
                        !late,
                        place.priority,
                        if late { slot.overdue_at } else { 0 },
                        jobs.len(),
                        *at,
                    ));
                    turn += 1;
                }
                None => drop(lines.remove(turn)),
            }
        }
        jobs.sort();
        jobs.into_iter().map(|job| job.4).collect()
    }
}

//! How long jobs run: what history and an owner's estimate say together.
//!
//! Run times are kept as counts in classes that grow by the square root of two: for all jobs, for a tenant's
//! jobs of one size, and for jobs of one likeness, each smoothed by the one before. No shape is assumed,
//! which matters: training jobs have two humps, those that fail or test something and end within the hour,
//! and those that run for days. How wrong estimates are is learned too, and an estimate is weighed by that
//! (Bayes' rule, class by class).
//!
//! A belief answers two questions: how long a job that has run for a while will go on, and its Gittins index
//! (Gittins 1979; Scully et al. 2020): the least, over all further lengths of service, of the service that it
//! costs for each completion that it brings. Serving the least index first is the best order for unknown run
//! times on one machine. With sure estimates it is shortest remaining time first; without any it tries
//! newcomers briefly, then lets the long ones finish one after the other instead of sharing.

use crate::{
    hash::QuickMap,
    world::{Job, Seconds, TenantId},
};
use std::{array::from_fn, collections::HashMap};

/// Classes of run times.
const CLASSES: usize = 48;
/// The end of the first class.
const SHORTEST: f32 = 8.0;
/// Runs that are remembered with full weight; older ones fade.
const MEMORY: f32 = 1000.0;
/// What a wider group of jobs weighs in a narrower one's distribution, in runs.
const SMOOTHING: f32 = 10.0;
/// Before any estimate was seen to be right or wrong: give or take a factor of e, believed as 10 runs.
const START_ERROR: (f32, f32, f32) = (10.0, 0.0, 1.0);
/// Less is as good as certain.
const LEAST_VARIANCE: f32 = 0.02;
/// An estimate rules no class out: each is at least so probable, beside one that explains it fully.
const ANYTHING: f32 = 1e-6;
/// Too little to change [`ANYTHING`] when added to it.
const VANISHES: f32 = 1e-15;
/// More than any job's.
const LONGEST_SECONDS: f32 = 1e9;

type Counts = [f32; CLASSES];

/// What is believed of one job's run time.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Belief {
    run: Run,
    /// When its wall-time limit stops it, whatever else is believed; `Seconds::MAX` where nothing does.
    limit: Seconds,
}

#[derive(Debug, Clone, PartialEq)]
enum Run {
    /// This long.
    Sure(Seconds),
    /// So probable in each class.
    Likely(Box<Counts>),
}

/// The end of each class, in seconds.
const ENDS: Counts = {
    let (mut ends, mut class) = ([0.0; CLASSES], 0);
    while class < CLASSES {
        let whole = (1u64 << (class / 2)) as f32 * SHORTEST;
        ends[class] = if class % 2 == 0 { whole } else { whole * std::f32::consts::SQRT_2 };
        class += 1;
    }
    ends
};

fn start_of(class: usize) -> f32 {
    if class == 0 { 0.0 } else { ENDS[class - 1] }
}

fn class_of(seconds: f32) -> usize {
    if seconds <= SHORTEST {
        0
    } else {
        ((seconds / SHORTEST).log2() * 2.0).ceil().min((CLASSES - 1) as f32) as usize
    }
}

impl Belief {
    /// That `job` runs for just `seconds`, or until its limit.
    pub(crate) fn sure(job: &Job, seconds: Seconds) -> Self {
        Self { run: Run::Sure(seconds), limit: limit(job) }
    }

    /// The seconds that a job which has run for `attained` will probably still run.
    pub(crate) fn remaining(&self, attained: Seconds) -> f64 {
        let counts = match &self.run {
            Run::Sure(seconds) if *seconds > attained => {
                return self.cap((*seconds - attained) as f64, attained);
            }
            Run::Sure(_) => return self.cap((attained as f64 * 0.1).max(60.0), attained),
            Run::Likely(counts) => counts,
        };
        let (mut mass, mut sum) = (0.0, 0.0);
        walk(counts, attained, self.limit, |part, middle, _| {
            mass += part;
            sum += part * middle;
        });
        let mean = if mass > 1e-9 { sum / mass } else { attained as f32 };
        self.cap(f64::from(mean), attained)
    }

    /// The Gittins index, as seconds: lower is to be served first.
    pub(crate) fn gittins(&self, attained: Seconds) -> f64 {
        let Run::Likely(counts) = &self.run else { return self.remaining(attained) };
        let (mut dones, mut serveds, mut ends) = ([0.0; CLASSES], [0.0; CLASSES], [0.0; CLASSES]);
        let (mut done, mut served, mut len) = (0.0, 0.0, 0);
        walk(counts, attained, self.limit, |part, middle, end| {
            done += part;
            served += part * middle;
            (dones[len], serveds[len], ends[len]) = (done, served, end);
            len += 1;
        });
        let all: f32 = done;
        let cost = |at: usize| (serveds[at] + (all - dones[at]).max(0.0) * ends[at]) / dones[at];
        let costs: Counts = from_fn(|at| if dones[at] > 1e-6 * all { cost(at) } else { f32::INFINITY });
        let least = costs.iter().fold(f32::INFINITY, |least, cost| if *cost < least { *cost } else { least });
        self.cap(f64::from(if least.is_finite() { least } else { attained as f32 }), attained)
    }

    /// `seconds` within what the limit leaves to a job that has run for `attained`.
    fn cap(&self, seconds: f64, attained: Seconds) -> f64 {
        let left = self.limit.saturating_sub(attained) as f64;
        seconds.min(left).clamp(1.0, f64::from(LONGEST_SECONDS))
    }
}

fn limit(job: &Job) -> Seconds {
    job.limit.unwrap_or(Seconds::MAX)
}

/// Calls with the mass of each class beyond `attained`, and its middle and end counted from there, as they are
/// where a run ends at `limit` at the latest.
fn walk(counts: &Counts, attained: Seconds, limit: Seconds, mut each: impl FnMut(f32, f32, f32)) {
    let attained = (attained.max(0) as f32).min(LONGEST_SECONDS);
    let limit = limit as f32;
    for (class, count) in counts.iter().enumerate().skip(class_of(attained)) {
        let end = ENDS[class];
        let (mut from, mut part) = (start_of(class), *count);
        if from < attained {
            part *= ((end - attained) / (end - from)).max(0.0);
            from = attained;
        }
        let (from, end) = (from.min(limit), end.min(limit));
        each(part, (from + end) / 2.0 - attained, end - attained);
    }
}

/// Run times that were seen in a group of jobs, as counts by class that fade.
#[derive(Debug, Clone)]
struct Seen {
    counts: Counts,
    total: f32,
}

impl Default for Seen {
    fn default() -> Self {
        Self { counts: [0.0; CLASSES], total: 0.0 }
    }
}

impl Seen {
    fn add(&mut self, class: usize) {
        if self.total >= MEMORY {
            // Fading now and then is as good as always, and cheaper.
            self.counts.iter_mut().for_each(|count| *count *= 0.5);
            self.total *= 0.5;
        }
        self.counts[class] += 1.0;
        self.total += 1.0;
    }

    /// The distribution of this group, smoothed by a wider one's.
    fn smoothed(&self, wider: &Counts) -> Counts {
        let all = self.total + SMOOTHING;
        from_fn(|class| (self.counts[class] + SMOOTHING * wider[class]) / all)
    }
}

/// What was seen of run times.
#[derive(Debug, Clone)]
pub(crate) struct History {
    all: Seen,
    sizes: QuickMap<(TenantId, u32), Seen>,
    likenesses: HashMap<u64, Seen>,
    /// Count, mean and mean square of the logarithm of true by estimated run time.
    errors: (f32, f32, f32),
    start: Counts,
}

/// Likenesses that are remembered at most.
const MOST_LIKENESSES: usize = 20_000;

impl Default for History {
    fn default() -> Self {
        // Before anything was seen: two hours, give or take a factor of eight.
        let weight = |class: usize| {
            let off = (ENDS[class].ln() - 7200f32.ln()) / 8f32.ln();
            (-0.5 * off * off).exp()
        };
        let all: f32 = (0..CLASSES).map(weight).sum();
        Self {
            all: Seen::default(),
            sizes: QuickMap::default(),
            likenesses: HashMap::new(),
            errors: START_ERROR,
            start: from_fn(|class| weight(class) / all),
        }
    }
}

impl History {
    fn size(job: &Job) -> (TenantId, u32) {
        (job.tenant, (job.device_milli() / 1000).max(0) as u32)
    }

    /// Notes that `job` ran for `seconds`.
    pub(crate) fn note(&mut self, job: &Job, seconds: Seconds) {
        let class = class_of(seconds as f32);
        self.all.add(class);
        self.sizes.entry(Self::size(job)).or_default().add(class);
        let room = self.likenesses.len() < MOST_LIKENESSES;
        if job.likeness != 0 && (room || self.likenesses.contains_key(&job.likeness)) {
            self.likenesses.entry(job.likeness).or_default().add(class);
        }
        if let Some(estimate) = job.estimate {
            let error = (seconds.max(1) as f32 / estimate.max(1) as f32).ln();
            let (count, mean, square) = &mut self.errors;
            *count = (*count + 1.0).min(MEMORY);
            *mean += (error - *mean) / *count;
            *square += (error * error - *square) / *count;
        }
    }

    /// What is believed of `job`'s run time.
    pub(crate) fn believe(&self, job: &Job) -> Belief {
        let mut counts = self.all.smoothed(&self.start);
        if let Some(seen) = self.sizes.get(&Self::size(job)) {
            counts = seen.smoothed(&counts);
        }
        if let Some(seen) = self.likenesses.get(&job.likeness) {
            counts = seen.smoothed(&counts);
        }
        if let Some(estimate) = job.estimate {
            self.weigh(&mut counts, estimate.max(1) as f32);
        }
        Belief { run: Run::Likely(Box::new(counts)), limit: limit(job) }
    }

    /// Multiplies each class by how well it explains the estimate.
    fn weigh(&self, counts: &mut Counts, estimate: f32) {
        let (_, bias, square) = self.errors;
        let variance = (square - bias * bias).max(LEAST_VARIANCE);
        let expected = estimate.ln() + bias;
        // Classes are equally wide in logarithms.
        let (first, step) = (SHORTEST.ln() - 0.25 * std::f32::consts::LN_2, 0.5 * std::f32::consts::LN_2);
        // A bell curve in equal steps: each value is the one before times a factor that itself shrinks by a
        // constant one. Walked outwards from its middle, where nothing vanishes, it takes three exponentials.
        let middle = (((expected - first) / step).round().max(0.0) as usize).min(CLASSES - 1);
        let off = first + middle as f32 * step - expected;
        let mut bell = [0.0f32; CLASSES];
        let top = (-0.5 * off * off / variance).exp();
        let shrink = (-step * step / variance).exp();
        let ratio = |sign: f32| (-step * (0.5 * step + sign * off) / variance).exp();
        let walk = |cells: &mut dyn Iterator<Item = &mut f32>, mut ratio: f32| {
            let mut value = top;
            for cell in cells {
                if value < VANISHES {
                    break;
                }
                *cell = value;
                value *= ratio;
                ratio *= shrink;
            }
        };
        walk(&mut bell[middle..].iter_mut(), ratio(1.0));
        walk(&mut bell[..=middle].iter_mut().rev(), ratio(-1.0));
        let mut all = 0.0;
        for (count, bell) in counts.iter_mut().zip(bell) {
            *count *= bell + ANYTHING;
            all += *count;
        }
        if all > 0.0 {
            counts.iter_mut().for_each(|count| *count /= all);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::Shape;

    #[test]
    fn classes_follow_one_another() {
        for seconds in [1.0, 8.0, 9.0, 100.0, 3600.0, 1e6] {
            let class = class_of(seconds);
            assert!(start_of(class) < seconds && seconds <= ENDS[class] * 1.0001, "{seconds} {class}");
        }
    }

    #[test]
    fn two_humps_mean_a_short_trial_and_then_no_sharing() {
        let mut history = History::default();
        let job = Job::new(1, 1, Shape::devices(1), 0);
        for _ in 0..200 {
            history.note(&job, 600);
            history.note(&job, 200_000);
        }
        let belief = history.believe(&job);
        let index = |attained| belief.gittins(attained);
        assert!(index(0) < 3000.0, "{}", index(0));
        assert!(index(2000) > 100_000.0, "a trial that didn't end is a long one");
        assert!(index(100_000) < index(2000), "who is halfway goes on before those who just began");
        assert!(belief.remaining(0) < belief.remaining(2000));
    }

    #[test]
    fn a_limit_bounds_what_is_believed() {
        let history = History::default();
        let job = Job::new(1, 1, Shape::devices(1), 0);
        let limited = Job { limit: Some(600), ..job.clone() };
        let (free, bound) = (history.believe(&job), history.believe(&limited));
        assert!(free.remaining(0) > 3600.0, "nothing else is known");
        assert!(bound.remaining(0) < 600.0 && bound.gittins(0) < 600.0);
        assert!(bound.remaining(500) <= 100.0 && bound.gittins(500) <= 100.0);
        assert_eq!(bound.remaining(700), 1.0, "it is about to be stopped");
        let sure = Belief::sure(&limited, 3600);
        assert_eq!((sure.remaining(0), sure.remaining(590)), (600.0, 10.0));
    }

    #[test]
    fn estimates_weigh_what_they_have_proved_to_be_worth() {
        let (mut good, mut bad) = (History::default(), History::default());
        for run in (1..400).map(|at| at * 100) {
            let job = |estimate| Job { estimate: Some(estimate), ..Job::new(1, 1, Shape::devices(1), 0) };
            good.note(&job(run), run);
            bad.note(&job(if run % 200 == 0 { run / 30 } else { run * 30 }.max(1)), run);
        }
        let short = Job { estimate: Some(200), ..Job::new(1, 1, Shape::devices(1), 0) };
        assert!(good.believe(&short).remaining(0) < 1000.0);
        assert!(bad.believe(&short).remaining(0) > 2000.0);
    }
}

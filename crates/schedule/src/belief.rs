//! How long jobs run: what history and an owner's estimate say together.
//!
//! Run times are close to lognormal, and so are the errors of estimates. Both are learned as they are seen, for
//! likenesses and for sizes of a tenant's jobs, and combined by their precision. A belief then answers three
//! questions: how long a job will run, how long one that has run for a while will go on, and its Gittins index
//! (Gittins 1979; Scully et al. 2020): the least, over all further lengths of service, of what serving it that
//! long costs for each completion that it brings. Serving the least index first is the best order for unknown
//! run times on one machine. With sure estimates it is shortest remaining time first; without any, and with the
//! long tails that training jobs have, it is close to least attained service first.

use crate::world::{Job, Seconds, TenantId};
use std::collections::HashMap;

/// What is believed of one job's run time: lognormal with this location and scale.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Belief {
    pub location: f32,
    pub scale: f32,
}

impl Belief {
    /// Certain knowledge.
    pub(crate) fn sure(seconds: Seconds) -> Self {
        Self { location: (seconds.max(1) as f32).ln(), scale: 0.0 }
    }

    /// The middle of what is believed.
    pub(crate) fn median(&self) -> f64 {
        f64::from(self.location).exp()
    }

    /// The seconds that a job which has run for `attained` will probably still run.
    pub(crate) fn remaining(&self, attained: Seconds) -> f64 {
        let (median, attained) = (self.median(), attained.max(0) as f64);
        if self.scale < 0.05 {
            return if median > attained { median - attained } else { (attained * 0.1).max(60.0) };
        }
        let (scale, point) = (f64::from(self.scale), self.standard(attained));
        let beyond = 1.0 - normal_below(point);
        if beyond < 1e-6 {
            return (attained * 0.5).max(60.0);
        }
        let mean = median * (scale * scale / 2.0).exp() * (1.0 - normal_below(point - scale)) / beyond;
        (mean - attained).max(1.0)
    }

    fn standard(&self, seconds: f64) -> f64 {
        if seconds <= 0.0 {
            return f64::NEG_INFINITY;
        }
        (seconds.ln() - f64::from(self.location)) / f64::from(self.scale)
    }

    /// The Gittins index, as seconds: lower is to be served first.
    pub(crate) fn gittins(&self, attained: Seconds) -> f64 {
        if self.scale < 0.05 {
            return self.remaining(attained);
        }
        let (median, scale) = (self.median(), f64::from(self.scale));
        let attained = attained.max(0) as f64;
        let mean = median * (scale * scale / 2.0).exp();
        let start = self.standard(attained);
        let (start_mass, start_mean) = (normal_below(start), normal_below(start - scale));
        let beyond = 1.0 - start_mass;
        if beyond < 1e-6 {
            return attained.max(60.0);
        }
        let mut least = f64::INFINITY;
        let mut length = (median + attained) / 64.0;
        for _ in 0..14 {
            let end = self.standard(attained + length);
            let done = normal_below(end) - start_mass;
            let served = mean * (normal_below(end - scale) - start_mean) - attained * done + length * (beyond - done);
            if done > 1e-9 {
                least = least.min(served / done);
            }
            length *= 2.0;
        }
        least.max(1.0)
    }
}

/// The standard normal distribution function (Abramowitz and Stegun 7.1.26, error below 1e-7).
fn normal_below(point: f64) -> f64 {
    let x = point.abs() / std::f64::consts::SQRT_2;
    let t = 1.0 / (1.0 + 0.327_591_1 * x);
    let poly = ((((1.061_405_429 * t - 1.453_152_027) * t + 1.421_413_741) * t - 0.284_496_736) * t
        + 0.254_829_592)
        * t;
    let tail = 0.5 * poly * (-x * x).exp();
    if point > 0.0 { 1.0 - tail } else { tail }
}

/// Mean and variance, where old observations fade.
#[derive(Debug, Clone, Copy, Default)]
struct Moments {
    count: f64,
    mean: f64,
    square: f64,
}

impl Moments {
    const MEMORY: f64 = 500.0;

    fn add(&mut self, value: f64) {
        let keep = if self.count >= Self::MEMORY { 1.0 - 1.0 / Self::MEMORY } else { 1.0 };
        let (sum, square) = (self.mean * self.count * keep + value, self.square * self.count * keep + value * value);
        self.count = self.count * keep + 1.0;
        self.mean = sum / self.count;
        self.square = square / self.count;
    }

    fn variance(&self) -> f64 {
        (self.square - self.mean * self.mean).max(0.0)
    }

    /// These moments, pulled towards `prior` as if that had been seen `weight` times.
    fn towards(&self, prior: (f64, f64), weight: f64) -> (f64, f64) {
        let sum = self.count + weight;
        let mean = (self.mean * self.count + prior.0 * weight) / sum;
        let between = |value: f64| (value - mean) * (value - mean);
        let variance = (self.count * (self.variance() + between(self.mean)) + weight * (prior.1 + between(prior.0))) / sum;
        (mean, variance)
    }
}

/// What was seen of run times.
#[derive(Debug, Clone, Default)]
pub(crate) struct History {
    all: Moments,
    sizes: HashMap<(TenantId, u32), Moments>,
    likenesses: HashMap<u64, Moments>,
    errors: Moments,
}

/// Before anything was seen: two hours, give or take a factor of ten.
const START: (f64, f64) = (8.88, 5.3);
/// Before any estimate was seen to be right or wrong: right, give or take a factor of e.
const START_ERROR: (f64, f64) = (0.0, 1.0);

impl History {
    fn size(job: &Job) -> (TenantId, u32) {
        (job.tenant, (job.device_milli() / 1000).max(0) as u32)
    }

    /// Notes that `job` ran for `seconds`.
    pub(crate) fn note(&mut self, job: &Job, seconds: Seconds) {
        let value = (seconds.max(1) as f64).ln();
        self.all.add(value);
        self.sizes.entry(Self::size(job)).or_default().add(value);
        if job.likeness != 0 {
            self.likenesses.entry(job.likeness).or_default().add(value);
        }
        if let Some(estimate) = job.estimate {
            self.errors.add(value - (estimate.max(1) as f64).ln());
        }
    }

    /// What is believed of `job`'s run time.
    pub(crate) fn believe(&self, job: &Job) -> Belief {
        let all = self.all.towards(START, 3.0);
        let known = |moments: Option<&Moments>, prior| moments.map_or(prior, |moments| moments.towards(prior, 5.0));
        let mut prior = known(self.sizes.get(&Self::size(job)), all);
        if job.likeness != 0 {
            prior = known(self.likenesses.get(&job.likeness), prior);
        }
        let (location, variance) = match job.estimate {
            Some(estimate) => {
                let (bias, variance) = self.errors.towards(START_ERROR, 10.0);
                let seen = (estimate.max(1) as f64).ln() + bias;
                let (sure, prior_sure) = (1.0 / variance.max(1e-4), 1.0 / prior.1.max(1e-4));
                ((seen * sure + prior.0 * prior_sure) / (sure + prior_sure), 1.0 / (sure + prior_sure))
            }
            None => prior,
        };
        Belief { location: location as f32, scale: variance.sqrt() as f32 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sure_beliefs_rank_by_remaining_time_and_vague_ones_by_attained_service() {
        assert_eq!(Belief::sure(1000).gittins(400).round(), 600.0);
        let vague = Belief { location: 9.0, scale: 2.5 };
        assert!(vague.gittins(10) < vague.gittins(1000));
        assert!(vague.gittins(1000) < vague.gittins(100_000));
        assert!(vague.remaining(100_000) > vague.remaining(100));
    }

    #[test]
    fn history_narrows_what_is_believed() {
        let mut history = History::default();
        let job = Job { likeness: 7, ..Job::new(1, 1, crate::world::Shape::devices(1), 0) };
        let before = history.believe(&job);
        (0..50).for_each(|_| history.note(&job, 600));
        let after = history.believe(&job);
        assert!(after.scale < before.scale && (after.median() - 600.0).abs() < 150.0, "{after:?}");
    }
}

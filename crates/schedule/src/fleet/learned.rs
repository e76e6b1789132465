//! What free device capacity is worth in the end, learned by playing the fleet full.
//!
//! FGD looks one task ahead. But a device with 190 thousandths free is little use now and none later, while a
//! whole free device on a node short of processors looks useful until its last core is gone. So tasks drawn
//! from the mix that has come so far are played onto the empty fleet until far more has arrived than fits,
//! and for each state that a device was left in, it is noted how much of it stayed free to the end. The mean
//! by (model, free cores for each free device, free part) replaces FGD's one-step guess, with that guess as
//! prior where little was seen. Each round of play uses what the one before has learned (policy iteration).

use super::typical::{STEPS, Typical};

/// Classes of free cores for each free device, by factors of the square root of two.
const RATIOS: usize = 16;
/// Free cores for each free device where the second class begins.
const LEAST_CORES: f32 = 0.7;
/// Observations that the prior counts for.
const PRIOR: f32 = 5.0;
/// What an observation is worth one round of play later.
const DECAY: f32 = 0.7;

/// Sums over plays.
#[derive(Clone)]
pub(crate) struct Learned {
    left: Vec<f32>,
    seen: Vec<f32>,
    /// By cell: what the observations say, and the weight of the prior.
    known: Vec<(f32, f32)>,
}

impl Learned {
    pub(crate) fn new(models: usize) -> Self {
        let cells = models * RATIOS * STEPS;
        Self { left: vec![0.0; cells], seen: vec![0.0; cells], known: vec![(0.0, 1.0); cells] }
    }

    fn ratio(cpu_milli: i64, free_milli: i64) -> usize {
        if cpu_milli <= 0 {
            return 0;
        }
        let cores = cpu_milli as f32 / (free_milli.max(1) as f32 * LEAST_CORES);
        // Twice the logarithm to base two, from the number's own exponent.
        let bits = cores.to_bits();
        let exponent = (bits >> 23) as i32 - 127;
        let upper = i32::from(bits & 0x7f_ffff >= 0x35_04f3);
        (exponent * 2 + upper + 1).clamp(0, RATIOS as i32 - 1) as usize
    }

    fn row(model: usize, cpu_milli: i64, free_milli: i64) -> usize {
        (model * RATIOS + Self::ratio(cpu_milli, free_milli)) * STEPS
    }

    /// Where the state of a device with `left` free on this node is kept.
    pub(crate) fn cell(model: usize, cpu_milli: i64, free: &[u16], left: u16) -> usize {
        Self::row(model, cpu_milli, sum(free)) + usize::from(left) / 10
    }

    /// Forgets a part of what was seen, then notes for each cell what stayed free.
    pub(crate) fn note(&mut self, outcomes: impl Iterator<Item = (usize, u16)>) {
        self.left.iter_mut().chain(&mut self.seen).for_each(|sum| *sum *= DECAY);
        for (cell, left) in outcomes {
            self.left[cell] += f32::from(left);
            self.seen[cell] += 1.0;
        }
        for (cell, known) in self.known.iter_mut().enumerate() {
            let all = self.seen[cell] + PRIOR;
            *known = (self.left[cell] / all, PRIOR / all);
        }
    }

    /// What free parts are wasted on a node of this model with so many processors and devices free in all.
    pub(crate) fn on<'a>(
        &'a self,
        typical: &'a Typical,
        model: usize,
        cpu_milli: i64,
        free_milli: i64,
    ) -> Worth<'a> {
        let row = Self::row(model, cpu_milli, free_milli);
        Worth { known: &self.known[row..row + STEPS], next: typical.row(model, cpu_milli) }
    }

    /// The thousandths of `free` that will probably never be used.
    pub(crate) fn waste(&self, typical: &Typical, model: usize, cpu_milli: i64, free: &[u16]) -> f32 {
        let worth = self.on(typical, model, cpu_milli, sum(free));
        free.iter().map(|left| worth.waste(*left)).sum()
    }
}

fn sum(free: &[u16]) -> i64 {
    free.iter().map(|left| i64::from(*left)).sum()
}

/// What free parts of devices are worth on a node in one state.
pub(crate) struct Worth<'a> {
    known: &'a [(f32, f32)],
    next: &'a [f32],
}

impl Worth<'_> {
    /// The thousandths of a device with `left` free that will probably never be used.
    pub(crate) fn waste(&self, left: u16) -> f32 {
        let step = usize::from(left) / 10;
        let (seen, weight) = self.known[step];
        seen + weight * f32::from(left) * (1.0 - self.next[step])
    }
}

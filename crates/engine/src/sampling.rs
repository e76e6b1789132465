//! Choosing a token from scores.

use crate::random::Random;

/// How to choose.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sampling {
    /// 0 takes the likeliest token; 1 follows the model; above 1 is bolder.
    pub temperature: f32,
    /// Choose among the likeliest tokens that together have this probability; 1 means all.
    pub top_p: f32,
    /// Choose among this many likeliest tokens; 0 means all.
    pub top_k: usize,
    /// The same seed makes the same choices.
    pub seed: u64,
}

impl Default for Sampling {
    fn default() -> Self {
        Self { temperature: 1.0, top_p: 1.0, top_k: 0, seed: 0 }
    }
}

/// Chooses one token after another.
pub struct Sampler {
    sampling: Sampling,
    random: Random,
}

impl Sampler {
    /// A sampler at the beginning of its seed's stream.
    pub fn new(sampling: Sampling) -> Self {
        Self { sampling, random: Random::new(sampling.seed) }
    }

    /// The next token. Scores that are not numbers count as impossible.
    pub fn choose(&mut self, logits: &[f32]) -> u32 {
        let likeliest =
            |best: (u32, f32), (id, logit): (u32, f32)| if logit > best.1 { (id, logit) } else { best };
        let scored = || (0u32..).zip(logits.iter().copied());
        let (best, max) = scored().fold((0, f32::NEG_INFINITY), likeliest);
        if self.sampling.temperature <= 0.0 || !max.is_finite() {
            return best;
        }
        let heat = f64::from(self.sampling.temperature);
        let weight = |logit: f32| (f64::from(logit - max) / heat).exp();
        let mut weighted: Vec<(u32, f64)> =
            scored().map(|(id, logit)| (id, weight(logit))).filter(|(_, weight)| *weight > 0.0).collect();
        if self.sampling.top_k > 0 || self.sampling.top_p < 1.0 {
            self.narrow(&mut weighted);
        }
        let total: f64 = weighted.iter().map(|(_, weight)| weight).sum();
        let mut left = self.random.uniform() * total;
        for (id, weight) in &weighted {
            left -= weight;
            if left < 0.0 {
                return *id;
            }
        }
        best
    }

    /// Keeps the likeliest tokens, at least one.
    fn narrow(&self, weighted: &mut Vec<(u32, f64)>) {
        weighted.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        if self.sampling.top_k > 0 {
            weighted.truncate(self.sampling.top_k);
        }
        let enough = f64::from(self.sampling.top_p) * weighted.iter().map(|(_, weight)| weight).sum::<f64>();
        let mut sum = 0.0;
        let kept = weighted.iter().take_while(|(_, weight)| {
            let before = sum;
            sum += weight;
            before < enough
        });
        let kept = kept.count().max(1);
        weighted.truncate(kept);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shares(sampling: Sampling, logits: &[f32]) -> Vec<f64> {
        let mut sampler = Sampler::new(sampling);
        let mut counts = vec![0.0; logits.len()];
        for _ in 0..20_000 {
            counts[sampler.choose(logits) as usize] += 1.0 / 20_000.0;
        }
        counts
    }

    #[test]
    fn choices_follow_the_probabilities() {
        let logits = [0.5f32.ln(), 0.3f32.ln(), 0.2f32.ln()];
        let all = shares(Sampling::default(), &logits);
        assert!((all[0] - 0.5).abs() < 0.02 && (all[2] - 0.2).abs() < 0.02, "{all:?}");
        let two = shares(Sampling { top_p: 0.79, ..Sampling::default() }, &logits);
        assert!((two[0] - 0.625).abs() < 0.02 && two[2] == 0.0, "{two:?}");
        assert_eq!(shares(Sampling { top_k: 1, ..Sampling::default() }, &logits)[0].round(), 1.0);
        assert_eq!(shares(Sampling { temperature: 0.0, ..Sampling::default() }, &logits)[0].round(), 1.0);
    }

    #[test]
    fn broken_scores_do_not_break_the_sampler() {
        let mut sampler = Sampler::new(Sampling::default());
        assert_eq!(sampler.choose(&[f32::NAN, f32::NAN]), 0);
        assert_eq!(sampler.choose(&[f32::NAN, 1.0]), 1);
        assert_eq!(sampler.choose(&[]), 0);
    }
}

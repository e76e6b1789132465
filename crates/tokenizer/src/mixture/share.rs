//! How many documents of each source a phase draws.

use super::{Phase, Source};

/// For each phase and each source the documents to draw.
pub(super) fn draws(sources: &[Source], phases: &[Phase], total: u64) -> Vec<Vec<u64>> {
    let parts: f64 = phases.iter().map(|phase| phase.part).sum();
    let mut left: Vec<f64> = sources.iter().map(|source| source.tokens as f64 * source.max_epochs).collect();
    let mut drawn = vec![0u64; sources.len()];
    let mut tokens = vec![0f64; sources.len()];
    let mut draws = Vec::with_capacity(phases.len());
    for phase in phases {
        let wanted = total as f64 * phase.part / parts.max(f64::MIN_POSITIVE);
        let shares = fill(wanted, &phase.weights, &left);
        let mut phase_draws = Vec::with_capacity(sources.len());
        for (index, source) in sources.iter().enumerate() {
            left[index] = (left[index] - shares[index]).max(0.0);
            tokens[index] += shares[index];
            // Rounded over all phases so far: what one phase rounds away the next gives back.
            let mean = source.tokens as f64 / source.documents.max(1) as f64;
            let until_now = if mean > 0.0 { (tokens[index] / mean).round() as u64 } else { 0 };
            phase_draws.push(until_now - drawn[index]);
            drawn[index] = until_now;
        }
        draws.push(phase_draws);
    }
    draws
}

/// `wanted` shared out by weight, none above its limit; what one leaves goes to the others by weight.
fn fill(wanted: f64, weights: &[f64], limits: &[f64]) -> Vec<f64> {
    let mut shares = vec![0.0; weights.len()];
    let mut is_open: Vec<bool> =
        weights.iter().zip(limits).map(|(weight, limit)| *weight > 0.0 && *limit > 0.0).collect();
    let mut left = wanted;
    loop {
        let open = || (0..weights.len()).filter(|index| is_open[*index]);
        let weight: f64 = open().map(|index| weights[index]).sum();
        if weight <= 0.0 {
            return shares;
        }
        let full: Vec<usize> =
            open().filter(|index| left * weights[*index] / weight >= limits[*index]).collect();
        if full.is_empty() {
            open().for_each(|index| shares[index] = left * weights[index] / weight);
            return shares;
        }
        for index in full {
            shares[index] = limits[index];
            left -= limits[index];
            is_open[index] = false;
        }
    }
}

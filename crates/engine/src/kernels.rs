//! Element-wise kernels and reductions, written so that the compiler vectorises them.

use crate::simd::dispatched;

const LANES: usize = 16;

/// e^x to about one unit in the last place of a 32-bit float; saturates outside [-87, 88].
#[inline(always)]
pub(crate) fn exp(x: f32) -> f32 {
    const ROUND: f32 = 12_582_912.0; // 1.5 · 2^23: adding it leaves the nearest whole number in the low bits
    let x = x.clamp(-87.0, 88.0);
    let shifted = x * std::f32::consts::LOG2_E + ROUND;
    let n = shifted - ROUND;
    let r = x - n * 0.693_359_4 + n * 2.121_944_4e-4;
    let p = 1.0
        + r * (1.0
            + r * (0.5 + r * (0.166_666_67 + r * (0.041_666_67 + r * (8.333_334e-3 + r * 1.388_889e-3)))));
    let exponent = (shifted.to_bits() as i32).wrapping_sub(ROUND.to_bits() as i32);
    p * f32::from_bits(((exponent + 127) << 23) as u32)
}

#[inline(always)]
fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + exp(-x))
}

/// The gradients of `silu(gate) · up` in gate and up.
#[inline(always)]
fn gated_slopes(gate: f32, up: f32, dout: f32) -> (f32, f32) {
    let s = sigmoid(gate);
    let silu = gate * s;
    (dout * up * (s + silu * (1.0 - s)), dout * silu)
}

/// Folds two equally long slices over [`LANES`] independent sums.
#[inline(always)]
fn fold2(a: &[f32], b: &[f32], f: impl Fn(f32, f32, f32) -> f32) -> f32 {
    let (a_chunks, a_rest) = a.as_chunks::<LANES>();
    let (b_chunks, b_rest) = b.as_chunks::<LANES>();
    let mut sums = [0.0f32; LANES];
    for (x, y) in a_chunks.iter().zip(b_chunks) {
        for lane in 0..LANES {
            sums[lane] = f(sums[lane], x[lane], y[lane]);
        }
    }
    for (lane, (x, y)) in a_rest.iter().zip(b_rest).enumerate() {
        sums[lane] = f(sums[lane], *x, *y);
    }
    let mut half = LANES / 2;
    while half > 0 {
        for lane in 0..half {
            sums[lane] += sums[lane + half];
        }
        half /= 2;
    }
    sums[0]
}

#[inline(always)]
fn dot_of<const FMA: bool>(a: &[f32], b: &[f32]) -> f32 {
    fold2(a, b, |sum, x, y| if FMA { x.mul_add(y, sum) } else { sum + x * y })
}

#[inline(always)]
fn max_of(a: &[f32]) -> f32 {
    let (chunks, rest) = a.as_chunks::<LANES>();
    let mut best = [f32::NEG_INFINITY; LANES];
    for chunk in chunks {
        for lane in 0..LANES {
            best[lane] = if chunk[lane] > best[lane] { chunk[lane] } else { best[lane] };
        }
    }
    best.iter().chain(rest).fold(f32::NEG_INFINITY, |m, x| m.max(*x))
}

/// Turns scores into `e^(scale · (x - max))` and returns their sum.
#[inline(always)]
fn exp_sum(row: &mut [f32], scale: f32) -> f32 {
    let max = max_of(row);
    for x in row.iter_mut() {
        *x = exp((*x - max) * scale);
    }
    fold2(row, row, |sum, x, _| sum + x)
}

#[inline(always)]
fn scale_by(row: &mut [f32], factor: f32) {
    for x in row {
        *x *= factor;
    }
}

dispatched! {
    /// Root-mean-square norm of each row of `x` times `weight`, into `out`; `inverse` keeps one factor a row.
    fn norm(x: &[f32], weight: &[f32], epsilon: f32, out: &mut [f32], inverse: &mut [f32]) {
        let width = weight.len();
        for ((x, out), inverse) in x.chunks_exact(width).zip(out.chunks_exact_mut(width)).zip(inverse) {
            let factor = 1.0 / (dot_of::<FMA>(x, x) / width as f32 + epsilon).sqrt();
            *inverse = factor;
            for ((out, x), w) in out.iter_mut().zip(x).zip(weight) {
                *out = x * factor * w;
            }
        }
    }
}

dispatched! {
    /// Backward of [`norm`]: adds to `dx` and to `dweight`. `scratch` holds one row.
    fn norm_back(
        x: &[f32], weight: &[f32], inverse: &[f32], dout: &[f32], dx: &mut [f32], dweight: &mut [f32],
        scratch: &mut [f32],
    ) {
        let width = weight.len();
        let rows = x.chunks_exact(width).zip(dout.chunks_exact(width));
        for (((x, dout), dx), factor) in rows.zip(dx.chunks_exact_mut(width)).zip(inverse) {
            let scaled = &mut scratch[..width];
            for (((s, dw), (x, d)), w) in
                scaled.iter_mut().zip(dweight.iter_mut()).zip(x.iter().zip(dout)).zip(weight)
            {
                *s = d * w;
                *dw += d * x * factor;
            }
            let mean = dot_of::<FMA>(scaled, x) * factor * factor / width as f32;
            for ((dx, s), x) in dx.iter_mut().zip(&*scaled).zip(x) {
                *dx += factor * (s - x * mean);
            }
        }
    }
}

dispatched! {
    /// `out = silu(gate) · up`, where each row of `gate_up` is the gate and then the up part.
    fn gated(gate_up: &[f32], out: &mut [f32], hidden: usize) {
        for (row, out) in gate_up.chunks_exact(2 * hidden).zip(out.chunks_exact_mut(hidden)) {
            let (gate, up) = row.split_at(hidden);
            for ((out, g), u) in out.iter_mut().zip(gate).zip(up) {
                *out = g * sigmoid(*g) * u;
            }
        }
    }
}

dispatched! {
    /// Backward of [`gated`]: overwrites `gate_up` with its gradient.
    fn gated_back(gate_up: &mut [f32], dout: &[f32], hidden: usize) {
        for (row, dout) in gate_up.chunks_exact_mut(2 * hidden).zip(dout.chunks_exact(hidden)) {
            let (gate, up) = row.split_at_mut(hidden);
            let ((gates, gate_rest), (ups, up_rest)) = (gate.as_chunks_mut::<LANES>(), up.as_chunks_mut::<LANES>());
            let (douts, dout_rest) = dout.as_chunks::<LANES>();
            // Both halves of a row change: only through copies can the compiler tell that they don't overlap.
            for ((g, u), d) in gates.iter_mut().zip(ups).zip(douts) {
                let (mut dg, mut du) = ([0.0; LANES], [0.0; LANES]);
                for lane in 0..LANES {
                    (dg[lane], du[lane]) = gated_slopes(g[lane], u[lane], d[lane]);
                }
                (*g, *u) = (dg, du);
            }
            for ((g, u), d) in gate_rest.iter_mut().zip(up_rest).zip(dout_rest) {
                (*g, *u) = gated_slopes(*g, *u, *d);
            }
        }
    }
}

dispatched! {
    /// Rotates the queries and keys of one row (`heads` heads each, side by side) by that row's angles;
    /// `direction` is 1 forward and -1 backward.
    fn rotate(row: &mut [f32], cos: &[f32], sin: &[f32], direction: f32) {
        let half = cos.len();
        for head in row.chunks_exact_mut(2 * half) {
            let (a, b) = head.split_at_mut(half);
            for (((a, b), c), s) in a.iter_mut().zip(b).zip(cos).zip(sin) {
                let s = s * direction;
                (*a, *b) = (*a * c - *b * s, *b * c + *a * s);
            }
        }
    }
}

dispatched! {
    /// Causal softmax of a block of scores: row `i` sees columns `0..=first + i`; the others become 0.
    fn causal_softmax(scores: &mut [f32], columns: usize, first: usize, scale: f32) {
        for (i, row) in scores.chunks_exact_mut(columns).enumerate() {
            let (seen, unseen) = row.split_at_mut((first + i + 1).min(columns));
            let sum = exp_sum(seen, scale);
            scale_by(seen, 1.0 / sum);
            unseen.fill(0.0);
        }
    }
}

dispatched! {
    /// Backward of a softmax: turns the gradients of probabilities, `d`, into those of scores.
    fn softmax_back(probabilities: &[f32], d: &mut [f32], columns: usize) {
        for (p, d) in probabilities.chunks_exact(columns).zip(d.chunks_exact_mut(columns)) {
            let mean = dot_of::<FMA>(p, d);
            for (d, p) in d.iter_mut().zip(p) {
                *d = p * (*d - mean);
            }
        }
    }
}

dispatched! {
    /// Cross-entropy of one row against `target` in nats; the row becomes its gradient times `weight`.
    fn cross_entropy(row: &mut [f32], target: usize, weight: f32) -> f32 {
        let reference = row[target] - max_of(row);
        let sum = exp_sum(row, 1.0);
        scale_by(row, weight / sum);
        row[target] -= weight;
        sum.ln() - reference
    }
}

dispatched! {
    /// Turns logits into log-probabilities in place.
    fn log_softmax(row: &mut [f32]) {
        let max = max_of(row);
        let (chunks, rest) = row.as_chunks::<LANES>();
        let mut sums = [0.0f64; LANES];
        for chunk in chunks {
            for lane in 0..LANES {
                sums[lane] += f64::from(exp(chunk[lane] - max));
            }
        }
        let rest: f64 = rest.iter().map(|x| f64::from(exp(x - max))).sum();
        let shift = max + (sums.iter().sum::<f64>() + rest).ln() as f32;
        for x in row {
            *x -= shift;
        }
    }
}

dispatched! {
    /// `a += b`.
    fn add(a: &mut [f32], b: &[f32]) {
        for (a, b) in a.iter_mut().zip(b) {
            *a += b;
        }
    }
}

dispatched! {
    /// `Σ a b`.
    fn dot(a: &[f32], b: &[f32]) -> f32 {
        dot_of::<FMA>(a, b)
    }
}

dispatched! {
    /// `out = matrix · x` for a row-major matrix; four rows at a time, so that sums do not wait for each other.
    fn matvec(out: &mut [f32], matrix: &[f32], x: &[f32]) {
        let width = x.len();
        let (out4, out_rest) = out.as_chunks_mut::<4>();
        let (rows4, rows_rest) = matrix.split_at(out4.len() * 4 * width);
        for (out, rows) in out4.iter_mut().zip(rows4.chunks_exact(4 * width)) {
            let (ab, cd) = rows.split_at(2 * width);
            let ((a, b), (c, d)) = (ab.split_at(width), cd.split_at(width));
            *out = [dot_of::<FMA>(a, x), dot_of::<FMA>(b, x), dot_of::<FMA>(c, x), dot_of::<FMA>(d, x)];
        }
        for (out, row) in out_rest.iter_mut().zip(rows_rest.chunks_exact(width)) {
            *out = dot_of::<FMA>(row, x);
        }
    }
}

dispatched! {
    /// Attention of one query row over the first rows of a cache of keys and values (rows of all heads side
    /// by side); `scores` has one place for each row that is seen.
    fn attend_one(query: &[f32], keys: &[f32], values: &[f32], head: usize, scores: &mut [f32], out: &mut [f32]) {
        let (width, scale) = (query.len(), 1.0 / (head as f32).sqrt());
        for start in (0..width).step_by(head) {
            let own = start..start + head;
            for (score, key) in scores.iter_mut().zip(keys.chunks_exact(width)) {
                *score = dot_of::<FMA>(&query[own.clone()], &key[own.clone()]);
            }
            let inverse = 1.0 / exp_sum(scores, scale);
            out[own.clone()].fill(0.0);
            for (score, value) in scores.iter().zip(values.chunks_exact(width)) {
                for (out, v) in out[own.clone()].iter_mut().zip(&value[own.clone()]) {
                    *out += score * inverse * v;
                }
            }
        }
    }
}

dispatched! {
    /// One AdamW update of a stretch of weights. `rate` is already corrected for the moments' start at zero,
    /// `shrink` is 1 - rate · decay.
    fn adamw(
        weights: &mut [f32], gradient: &[f32], mean: &mut [f32], square: &mut [f32], clip: f32, rate: f32,
        root: f32, shrink: f32,
    ) {
        const BETA1: f32 = crate::train::BETA1;
        const BETA2: f32 = crate::train::BETA2;
        for (((w, g), m), v) in weights.iter_mut().zip(gradient).zip(mean).zip(square) {
            let g = g * clip;
            *m = BETA1 * *m + (1.0 - BETA1) * g;
            *v = BETA2 * *v + (1.0 - BETA2) * g * g;
            *w = *w * shrink - rate * *m / ((*v).sqrt() * root + 1e-8);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exp_is_near_the_exact_one_everywhere() {
        for step in -8_700..8_800 {
            let x = step as f32 / 100.0;
            let exact = f64::from(x).exp();
            assert!((f64::from(exp(x)) / exact - 1.0).abs() < 4e-7, "exp({x})");
        }
        assert!(exp(-1e9) < 1e-37 && exp(1e9).is_finite());
    }

    #[test]
    fn sums_of_any_length_are_complete() {
        for length in 0..70 {
            let ones = vec![1.0; length];
            assert_eq!(dot(&ones, &ones), length as f32);
            let mut out = vec![0.0; 7];
            matvec(&mut out, &vec![2.0; 7 * length.max(1)], &vec![1.0; length.max(1)]);
            assert_eq!(out, vec![2.0 * length.max(1) as f32; 7]);
        }
    }

    #[test]
    fn log_softmax_sums_to_one() {
        let mut row: Vec<f32> = (0..53).map(|x| (x as f32 * 0.7).sin() * 9.0).collect();
        log_softmax(&mut row);
        assert!((row.iter().map(|x| f64::from(*x).exp()).sum::<f64>() - 1.0).abs() < 1e-5);
    }
}

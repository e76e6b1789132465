//! Causal self-attention of a batch of equally long sequences.

use super::BLOCK;
use crate::{
    Config,
    kernels::{causal_softmax, softmax_back},
    matrix::{View, ViewMut},
};

/// Where attention's matrices lie: queries, keys and values side by side in rows of `3·width`.
pub(super) struct Attention {
    heads: usize,
    head: usize,
    width: usize,
    sequences: usize,
    length: usize,
    scale: f32,
    keep: bool,
}

/// One head of one sequence.
struct Place {
    /// First value of the queries in the `3·width` rows.
    qkv: usize,
    /// First value of the outputs in the `width` rows.
    out: usize,
    /// First probability, where they are kept.
    probabilities: usize,
}

/// One block of query rows: first row, number of rows, number of keys that its last row sees.
struct Rows {
    first: usize,
    count: usize,
    keys: usize,
}

impl Attention {
    pub(super) fn new(config: &Config, sequences: usize, length: usize, keep: bool) -> Self {
        let head = config.head_width();
        let scale = 1.0 / (head as f32).sqrt();
        Self { heads: config.heads, head, width: config.width, sequences, length, scale, keep }
    }

    fn places(&self) -> impl Iterator<Item = Place> {
        (0..self.sequences * self.heads).map(|index| {
            let (sequence, head) = (index / self.heads, index % self.heads);
            let row = sequence * self.length;
            Place {
                qkv: row * 3 * self.width + head * self.head,
                out: row * self.width + head * self.head,
                probabilities: if self.keep { index * self.length * self.length } else { 0 },
            }
        })
    }

    fn blocks(&self) -> impl Iterator<Item = Rows> {
        (0..self.length).step_by(BLOCK).map(|first| {
            let count = BLOCK.min(self.length - first);
            Rows { first, count, keys: first + count }
        })
    }

    /// Where a block's probabilities lie: rows of `keys` values without gaps.
    fn kept(&self, place: &Place, rows: &Rows) -> std::ops::Range<usize> {
        let start = place.probabilities + if self.keep { rows.first * self.length } else { 0 };
        start..start + rows.count * rows.keys
    }

    /// Rows of one head of queries (part 0), keys (1) or values (2).
    fn part<'a>(&self, qkv: &'a [f32], place: &Place, part: usize, first: usize, count: usize) -> View<'a> {
        let start = place.qkv + part * self.width + first * 3 * self.width;
        View::strided(&qkv[start..], count, self.head, 3 * self.width)
    }

    fn part_mut<'a>(
        &self,
        qkv: &'a mut [f32],
        place: &Place,
        part: usize,
        first: usize,
        count: usize,
    ) -> ViewMut<'a> {
        let start = place.qkv + part * self.width + first * 3 * self.width;
        ViewMut::strided(&mut qkv[start..], count, self.head, 3 * self.width)
    }

    /// `out = softmax(q kᵀ / √head, causal) v` for every head; `probabilities` keeps the softmax.
    pub(super) fn forward(&self, qkv: &[f32], probabilities: &mut [f32], out: &mut [f32]) {
        for place in self.places() {
            for rows in self.blocks() {
                let p = &mut probabilities[self.kept(&place, &rows)];
                let queries = self.part(qkv, &place, 0, rows.first, rows.count);
                let keys = self.part(qkv, &place, 1, 0, rows.keys);
                ViewMut::new(p, rows.count, rows.keys).set(1.0, queries, keys.t());
                causal_softmax(p, rows.keys, rows.first, self.scale);
                let start = place.out + rows.first * self.width;
                ViewMut::strided(&mut out[start..], rows.count, self.head, self.width).set(
                    1.0,
                    View::new(p, rows.count, rows.keys),
                    self.part(qkv, &place, 2, 0, rows.keys),
                );
            }
        }
    }

    /// Gradients of queries, keys and values from those of the output, `dout`.
    pub(super) fn backward(
        &self,
        qkv: &[f32],
        probabilities: &[f32],
        dout: &[f32],
        dqkv: &mut [f32],
        dscores: &mut [f32],
    ) {
        dqkv.fill(0.0);
        for place in self.places() {
            for rows in self.blocks() {
                let p = &probabilities[self.kept(&place, &rows)];
                let ds = &mut dscores[..rows.count * rows.keys];
                let start = place.out + rows.first * self.width;
                let dout = View::strided(&dout[start..], rows.count, self.head, self.width);
                let (p_view, values) =
                    (View::new(p, rows.count, rows.keys), self.part(qkv, &place, 2, 0, rows.keys));
                self.part_mut(dqkv, &place, 2, 0, rows.keys).add(1.0, p_view.t(), dout);
                ViewMut::new(ds, rows.count, rows.keys).set(1.0, dout, values.t());
                softmax_back(p, ds, rows.keys);
                let ds = View::new(ds, rows.count, rows.keys);
                let keys = self.part(qkv, &place, 1, 0, rows.keys);
                let queries = self.part(qkv, &place, 0, rows.first, rows.count);
                self.part_mut(dqkv, &place, 0, rows.first, rows.count).add(self.scale, ds, keys);
                self.part_mut(dqkv, &place, 1, 0, rows.keys).add(self.scale, ds.t(), queries);
            }
        }
    }
}

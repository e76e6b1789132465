//! The way back: the loss and its gradient in every weight.

use super::{Back, Memory, Workspace, attention::Attention};
use crate::{
    Model,
    kernels::{add, cross_entropy, gated_back, norm_back, rotate},
    layout::Block,
    matrix::{View, ViewMut},
};

impl Workspace {
    /// Forward and backward: adds the gradient of `weight` times the summed cross-entropy of `targets` to
    /// `gradient` (laid out as the weights) and returns the summed cross-entropy in nats.
    pub(crate) fn learn(
        &mut self,
        model: &Model,
        tokens: &[u32],
        targets: &[u32],
        length: usize,
        weight: f32,
        gradient: &mut [f32],
    ) -> f64 {
        self.forward(model, tokens, length);
        let mut loss = 0.0;
        for (row, target) in self.logits.chunks_exact_mut(model.config.vocabulary).zip(targets) {
            loss += f64::from(cross_entropy(row, *target as usize, weight));
        }
        self.back_head(model, gradient);
        let attention = Attention::new(&model.config, tokens.len() / length, length, true);
        for (block, memory) in model.layout.blocks.iter().zip(&mut self.memories).rev() {
            back_feed_forward(model, block, memory, &mut self.back, gradient);
            back_attend(model, block, &attention, memory, &mut self.back, gradient, length);
        }
        let d = model.config.width;
        for (row, token) in self.back.stream.chunks_exact(d).zip(tokens) {
            let start = model.layout.embed.start + *token as usize * d;
            add(&mut gradient[start..start + d], row);
        }
        loss
    }

    /// Through the output layer (the embedding) and the last norm.
    fn back_head(&mut self, model: &Model, gradient: &mut [f32]) {
        let (d, v) = (model.config.width, model.config.vocabulary);
        let rows = self.stream.len() / d;
        let dlogits = View::new(&self.logits, rows, v);
        let embed = model.layout.embed.clone();
        ViewMut::new(&mut gradient[embed.clone()], v, d).add(
            1.0,
            dlogits.t(),
            View::new(&self.normed, rows, d),
        );
        ViewMut::new(&mut self.back.normed, rows, d).set(
            1.0,
            dlogits,
            View::new(&model.weights[embed], v, d),
        );
        self.back.stream.fill(0.0);
        let norm = model.layout.norm.clone();
        norm_back(
            &self.stream,
            &model.weights[norm.clone()],
            &self.inverse,
            &self.back.normed,
            &mut self.back.stream,
            &mut gradient[norm],
            &mut self.back.row,
        );
    }
}

/// A linear layer `y = x wᵀ`: its weight's gradient is added to, its input's is set.
fn back_linear(
    dout: View<'_>,
    input: View<'_>,
    weights: View<'_>,
    dweights: ViewMut<'_>,
    dinput: ViewMut<'_>,
) {
    dweights.add(1.0, dout.t(), input);
    dinput.set(1.0, dout, weights);
}

fn back_feed_forward(
    model: &Model,
    block: &Block,
    memory: &mut Memory,
    back: &mut Back,
    gradient: &mut [f32],
) {
    let (w, d, f) = (&model.weights, model.config.width, model.config.hidden);
    let rows = back.stream.len() / d;
    back_linear(
        View::new(&back.stream, rows, d),
        View::new(&memory.activated, rows, f),
        View::new(&w[block.down.clone()], d, f),
        ViewMut::new(&mut gradient[block.down.clone()], d, f),
        ViewMut::new(&mut back.hidden, rows, f),
    );
    gated_back(&mut memory.gate_up, &back.hidden, f);
    back_linear(
        View::new(&memory.gate_up, rows, 2 * f),
        View::new(&memory.normed2, rows, d),
        View::new(&w[block.gate_up.clone()], 2 * f, d),
        ViewMut::new(&mut gradient[block.gate_up.clone()], 2 * f, d),
        ViewMut::new(&mut back.normed, rows, d),
    );
    norm_back(
        &memory.middle,
        &w[block.norm2.clone()],
        &memory.inverse2,
        &back.normed,
        &mut back.stream,
        &mut gradient[block.norm2.clone()],
        &mut back.row,
    );
}

fn back_attend(
    model: &Model,
    block: &Block,
    attention: &Attention,
    memory: &mut Memory,
    back: &mut Back,
    gradient: &mut [f32],
    length: usize,
) {
    let (w, d) = (&model.weights, model.config.width);
    let rows = back.stream.len() / d;
    back_linear(
        View::new(&back.stream, rows, d),
        View::new(&memory.attended, rows, d),
        View::new(&w[block.out.clone()], d, d),
        ViewMut::new(&mut gradient[block.out.clone()], d, d),
        ViewMut::new(&mut back.attended, rows, d),
    );
    attention.backward(&memory.qkv, &memory.probabilities, &back.attended, &mut back.qkv, &mut back.scores);
    for (row, values) in back.qkv.chunks_exact_mut(3 * d).enumerate() {
        let (cos, sin) = model.rope.at(row % length);
        rotate(&mut values[..2 * d], cos, sin, -1.0);
    }
    back_linear(
        View::new(&back.qkv, rows, 3 * d),
        View::new(&memory.normed1, rows, d),
        View::new(&w[block.qkv.clone()], 3 * d, d),
        ViewMut::new(&mut gradient[block.qkv.clone()], 3 * d, d),
        ViewMut::new(&mut back.normed, rows, d),
    );
    norm_back(
        &memory.input,
        &w[block.norm1.clone()],
        &memory.inverse1,
        &back.normed,
        &mut back.stream,
        &mut gradient[block.norm1.clone()],
        &mut back.row,
    );
}

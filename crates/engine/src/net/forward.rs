//! The way forward: tokens to scores of the next token.

use std::ops::Range;

use super::{Memory, Workspace, attention::Attention, fit};
use crate::{
    Model,
    kernels::{gated, norm, rotate},
    layout::Block,
    matrix::{View, ViewMut},
};

impl Workspace {
    /// Scores of the next token after every token of `tokens` (sequences of `length` tokens behind each
    /// other), left in `logits`. The caller has checked that tokens exist and `length` fits the context.
    pub(crate) fn forward(&mut self, model: &Model, tokens: &[u32], length: usize) {
        self.run_blocks(model, tokens, length, &mut |_, _| {});
        self.head(model, 0..tokens.len());
    }

    /// Scores of the next token after some rows of the last [`Workspace::run_blocks`], left in `logits`.
    pub(crate) fn head(&mut self, model: &Model, rows: Range<usize>) {
        let (count, d, v) = (rows.len(), model.config.width, model.config.vocabulary);
        fit(&mut self.logits, count * v);
        let embed = View::new(&model.weights[model.layout.embed.clone()], v, d);
        let normed = View::new(&self.normed[rows.start * d..rows.end * d], count, d);
        ViewMut::new(&mut self.logits, count, v).set(1.0, normed, embed.t());
    }

    /// Everything up to the last norm. `each` sees every block's queries, keys and values.
    pub(crate) fn run_blocks(
        &mut self,
        model: &Model,
        tokens: &[u32],
        length: usize,
        each: &mut dyn FnMut(usize, &[f32]),
    ) {
        let config = &model.config;
        let sequences = tokens.len() / length;
        self.prepare(config, sequences, length);
        let d = config.width;
        let embed = &model.weights[model.layout.embed.clone()];
        for (row, token) in self.stream.chunks_exact_mut(d).zip(tokens) {
            let start = *token as usize * d;
            row.copy_from_slice(&embed[start..start + d]);
        }
        let attention = Attention::new(config, sequences, length, self.keep);
        for (index, block) in model.layout.blocks.iter().enumerate() {
            let memory = &mut self.memories[if self.keep { index } else { 0 }];
            attend(model, block, &attention, memory, &mut self.stream, length);
            each(index, &memory.qkv);
            feed_forward(model, block, memory, &mut self.stream);
        }
        let weight = &model.weights[model.layout.norm.clone()];
        norm(&self.stream, weight, config.norm_epsilon, &mut self.normed, &mut self.inverse);
    }
}

fn attend(
    model: &Model,
    block: &Block,
    attention: &Attention,
    memory: &mut Memory,
    stream: &mut [f32],
    length: usize,
) {
    let (w, d) = (&model.weights, model.config.width);
    let rows = stream.len() / d;
    memory.input.copy_from_slice(stream);
    norm(
        stream,
        &w[block.norm1.clone()],
        model.config.norm_epsilon,
        &mut memory.normed1,
        &mut memory.inverse1,
    );
    ViewMut::new(&mut memory.qkv, rows, 3 * d).set(
        1.0,
        View::new(&memory.normed1, rows, d),
        View::new(&w[block.qkv.clone()], 3 * d, d).t(),
    );
    for (row, values) in memory.qkv.chunks_exact_mut(3 * d).enumerate() {
        let (cos, sin) = model.rope.at(row % length);
        rotate(&mut values[..2 * d], cos, sin, 1.0);
    }
    attention.forward(&memory.qkv, &mut memory.probabilities, &mut memory.attended);
    ViewMut::new(stream, rows, d).add(
        1.0,
        View::new(&memory.attended, rows, d),
        View::new(&w[block.out.clone()], d, d).t(),
    );
}

fn feed_forward(model: &Model, block: &Block, memory: &mut Memory, stream: &mut [f32]) {
    let (w, d, f) = (&model.weights, model.config.width, model.config.hidden);
    let rows = stream.len() / d;
    memory.middle.copy_from_slice(stream);
    norm(
        stream,
        &w[block.norm2.clone()],
        model.config.norm_epsilon,
        &mut memory.normed2,
        &mut memory.inverse2,
    );
    ViewMut::new(&mut memory.gate_up, rows, 2 * f).set(
        1.0,
        View::new(&memory.normed2, rows, d),
        View::new(&w[block.gate_up.clone()], 2 * f, d).t(),
    );
    gated(&memory.gate_up, &mut memory.activated, f);
    ViewMut::new(stream, rows, d).add(
        1.0,
        View::new(&memory.activated, rows, f),
        View::new(&w[block.down.clone()], d, f).t(),
    );
}

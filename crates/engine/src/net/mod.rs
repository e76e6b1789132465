//! The network: memory of one pass, forward and backward.

mod attention;
mod backward;
mod forward;
#[cfg(test)]
mod gradients;

use crate::Config;

/// Cosines and sines of the rotary positions, one row a position.
#[derive(Debug)]
pub(crate) struct Rope {
    cos: Vec<f32>,
    sin: Vec<f32>,
    half: usize,
}

impl Rope {
    pub(crate) fn new(config: &Config) -> Self {
        let half = config.head_width() / 2;
        let angle = |position: usize, i: usize| {
            let frequency = f64::from(config.rope_theta).powf(-(i as f64) / half as f64);
            position as f64 * frequency
        };
        let table = |f: fn(f64) -> f64| {
            (0..config.context * half).map(|i| f(angle(i / half, i % half)) as f32).collect::<Vec<_>>()
        };
        Self { cos: table(f64::cos), sin: table(f64::sin), half }
    }

    /// Cosines and sines of one position.
    pub(crate) fn at(&self, position: usize) -> (&[f32], &[f32]) {
        let range = position * self.half..(position + 1) * self.half;
        (&self.cos[range.clone()], &self.sin[range])
    }
}

/// What one block computed on the way forward.
#[derive(Default)]
struct Memory {
    input: Vec<f32>,
    inverse1: Vec<f32>,
    normed1: Vec<f32>,
    qkv: Vec<f32>,
    probabilities: Vec<f32>,
    attended: Vec<f32>,
    middle: Vec<f32>,
    inverse2: Vec<f32>,
    normed2: Vec<f32>,
    gate_up: Vec<f32>,
    activated: Vec<f32>,
}

/// Gradients on the way back.
#[derive(Default)]
struct Back {
    stream: Vec<f32>,
    normed: Vec<f32>,
    qkv: Vec<f32>,
    attended: Vec<f32>,
    hidden: Vec<f32>,
    scores: Vec<f32>,
    row: Vec<f32>,
}

/// Memory for passes over up to `sequences` × `length` tokens; one per thread, used again and again.
pub(crate) struct Workspace {
    keep: bool,
    memories: Vec<Memory>,
    stream: Vec<f32>,
    inverse: Vec<f32>,
    normed: Vec<f32>,
    /// After a forward pass: one row of vocabulary-size scores per token.
    pub(crate) logits: Vec<f32>,
    back: Back,
}

/// Rows of attention scores that are computed at a time; whole blocks above the diagonal are never computed.
const BLOCK: usize = 64;

fn fit(buffer: &mut Vec<f32>, length: usize) {
    buffer.resize(length, 0.0);
}

impl Workspace {
    /// For training: keeps what the way back needs.
    pub(crate) fn training() -> Self {
        Self::empty(true)
    }

    /// For forward passes only: every block uses the same memory.
    pub(crate) fn inference() -> Self {
        Self::empty(false)
    }

    fn empty(keep: bool) -> Self {
        Self {
            keep,
            memories: Vec::new(),
            stream: Vec::new(),
            inverse: Vec::new(),
            normed: Vec::new(),
            logits: Vec::new(),
            back: Back::default(),
        }
    }

    /// Sizes every buffer for a pass.
    fn prepare(&mut self, config: &Config, sequences: usize, length: usize) {
        let rows = sequences * length;
        let (d, f) = (config.width, config.hidden);
        self.memories.resize_with(if self.keep { config.layers } else { 1 }, Memory::default);
        let scores =
            if self.keep { sequences * config.heads * length * length } else { BLOCK.min(length) * length };
        for memory in &mut self.memories {
            for buffer in [
                &mut memory.input,
                &mut memory.normed1,
                &mut memory.attended,
                &mut memory.middle,
                &mut memory.normed2,
            ] {
                fit(buffer, rows * d);
            }
            fit(&mut memory.inverse1, rows);
            fit(&mut memory.inverse2, rows);
            fit(&mut memory.qkv, rows * 3 * d);
            fit(&mut memory.probabilities, scores);
            fit(&mut memory.gate_up, rows * 2 * f);
            fit(&mut memory.activated, rows * f);
        }
        fit(&mut self.stream, rows * d);
        fit(&mut self.normed, rows * d);
        fit(&mut self.inverse, rows);
        if self.keep {
            fit(&mut self.back.stream, rows * d);
            fit(&mut self.back.normed, rows * d);
            fit(&mut self.back.attended, rows * d);
            fit(&mut self.back.qkv, rows * 3 * d);
            fit(&mut self.back.hidden, rows * f);
            fit(&mut self.back.scores, BLOCK.min(length) * length);
            fit(&mut self.back.row, d);
        }
    }
}

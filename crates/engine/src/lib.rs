//! Floor 1: small language models on this machine: tokenizer, training, scoring, generation.
//!
//! The network is a Llama-style transformer (root-mean-square norms, rotary positions, gated SiLU, tied
//! embeddings) in 32-bit floats, forward and backward written by hand over one matrix product. What it
//! writes, `transformers` and `tokenizers` read; what it reads may come from anywhere and is checked.
//!
//! Invariants:
//! - nothing here knows a server, a database or a clock other than the machine's monotonic one;
//! - a file from outside gives a model or a clear [`kernel::Error`], never a panic;
//! - training with a step or token budget gives the same bits for the same seed, thread count and processor;
//! - a folder written by [`Model::save`] appears file by file under its final name only when complete.
//!
//! Map: [`tokenizer`] byte-level BPE · [`Config`] shape of a network · [`Model`] weights and their files ·
//! `net` layers forward and backward · [`Trainer`] optimisation · [`Generator`] one token after another ·
//! `score` log-probabilities of given text · `matrix` and `simd` the only unsafe code.

mod config;
mod files;
mod generate;
mod kernels;
mod layout;
mod matrix;
mod model;
mod net;
mod random;
mod sampling;
mod score;
mod simd;
pub mod tokenizer;
mod train;

pub use config::Config;
pub use files::{CHAT_TEMPLATE, render_chat};
pub use generate::Generator;
pub use model::Model;
pub use sampling::{Sampler, Sampling};
pub use score::{Score, log_softmax_top};
pub use tokenizer::{Decoder, Tokenizer};
pub use train::{StepReport, TrainOptions, Trainer};

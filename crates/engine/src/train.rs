//! Training: batches, AdamW, schedule; data parallel over the batch.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use kernel::{Error, Result};

use crate::{Model, kernels, net::Workspace, random::Random};

pub(crate) const BETA1: f32 = 0.9;
pub(crate) const BETA2: f32 = 0.95;

/// How to train.
#[derive(Clone, Debug)]
pub struct TrainOptions {
    /// Sequences per step.
    pub batch: usize,
    /// Tokens per sequence; at most the network's context.
    pub sequence: usize,
    /// Stop after this many tokens. The same seed then gives the same weights.
    pub token_budget: Option<u64>,
    /// Stop after this much time; the learning rate follows the clock, so runs differ in the last digits.
    pub time_budget: Option<Duration>,
    /// Highest learning rate.
    pub learning_rate: f32,
    /// Decoupled weight decay of the matrices.
    pub weight_decay: f32,
    /// Longest gradient that is not shortened.
    pub clip: f32,
    /// Share of the budget in which the learning rate rises.
    pub warm_up: f32,
    /// Order of the data.
    pub seed: u64,
    /// Threads; part of what makes a run repeatable.
    pub threads: usize,
}

impl Default for TrainOptions {
    fn default() -> Self {
        Self {
            batch: 16,
            sequence: 128,
            token_budget: None,
            time_budget: None,
            learning_rate: 3e-3,
            weight_decay: 0.1,
            clip: 1.0,
            warm_up: 0.05,
            seed: 0,
            threads: 1,
        }
    }
}

/// What one step did.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StepReport {
    /// Number of this step, from 1.
    pub step: u64,
    /// Mean cross-entropy in nats per token before the update.
    pub loss: f64,
    /// Tokens seen so far.
    pub tokens: u64,
    /// Learning rate of this step.
    pub learning_rate: f32,
    /// Length of the gradient before clipping.
    pub gradient_norm: f64,
    /// Share of the budget that is used, up to 1.
    pub progress: f64,
}

/// One thread's memory and its part of the gradient.
struct Lane {
    work: Workspace,
    gradient: Vec<f32>,
    loss: f64,
}

/// Trains one model on one stream of tokens.
pub struct Trainer {
    model: Model,
    options: TrainOptions,
    data: Batches,
    lanes: Vec<Lane>,
    mean: Vec<f32>,
    square: Vec<f32>,
    /// Stretches of weights and whether they decay.
    stretches: Vec<(std::ops::Range<usize>, bool)>,
    step: u64,
    started: Option<Instant>,
}

/// Sequences per pass of one thread: enough rows for the matrix product, few enough for the caches.
const PASS_ROWS: usize = 512;

impl Trainer {
    /// A trainer over `tokens`, documents behind each other.
    ///
    /// # Errors
    /// `training_options_invalid` when a number is out of bounds or the text is shorter than one sequence;
    /// `token_unknown` when a token is not of the model.
    pub fn new(model: Model, tokens: Vec<u32>, options: TrainOptions) -> Result<Self> {
        check(&model, &tokens, &options)?;
        let size = model.weights.len();
        let lane = || Lane { work: Workspace::training(), gradient: vec![0.0; size], loss: 0.0 };
        let tensors = model.layout.tensors(&model.config);
        Ok(Self {
            lanes: (0..options.threads.min(options.batch)).map(|_| lane()).collect(),
            data: Batches::new(tokens, options.sequence, options.seed),
            mean: vec![0.0; size],
            square: vec![0.0; size],
            stretches: tensors.into_iter().map(|t| (t.range, t.shape.len() > 1)).collect(),
            step: 0,
            started: None,
            model,
            options,
        })
    }

    /// The model as it is now.
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// The trained model.
    pub fn into_model(self) -> Model {
        self.model
    }

    /// Tokens seen so far.
    pub fn tokens(&self) -> u64 {
        self.step * (self.options.batch * self.options.sequence) as u64
    }

    /// Share of the budget that is used, up to 1; training is over at 1.
    pub fn progress(&self) -> f64 {
        let by_tokens = self.options.token_budget.map_or(0.0, |budget| self.tokens() as f64 / budget as f64);
        let elapsed = self.started.map_or(Duration::ZERO, |start| start.elapsed());
        let by_time =
            self.options.time_budget.map_or(0.0, |budget| elapsed.as_secs_f64() / budget.as_secs_f64());
        by_tokens.max(by_time).min(1.0)
    }

    /// Learns from the next batch. Call until [`StepReport::progress`] is 1.
    pub fn step(&mut self) -> StepReport {
        self.started.get_or_insert_with(Instant::now);
        let learning_rate = self.learning_rate(self.progress());
        let (inputs, targets) = self.data.next(self.options.batch);
        self.compute_gradient(&inputs, &targets);
        let norm = self.sum_gradients();
        self.step += 1;
        self.update(learning_rate, norm);
        let loss = self.lanes.iter().map(|lane| lane.loss).sum::<f64>() / inputs.len() as f64;
        StepReport {
            step: self.step,
            loss,
            tokens: self.tokens(),
            learning_rate,
            gradient_norm: norm,
            progress: self.progress(),
        }
    }

    /// Linear rise, then a half cosine down to a twentieth.
    fn learning_rate(&self, progress: f64) -> f32 {
        let warm_up = f64::from(self.options.warm_up);
        let factor = if progress < warm_up {
            // The first steps of a clock-driven run come at progress 0; they too must move.
            (progress / warm_up).max(((self.step + 1) as f64 / 100.0).min(0.2))
        } else {
            let along = (progress - warm_up) / (1.0 - warm_up);
            0.05 + 0.95 * 0.5 * (1.0 + (along * std::f64::consts::PI).cos())
        };
        self.options.learning_rate * factor as f32
    }

    /// Each lane takes its share of the batch, pass by pass.
    fn compute_gradient(&mut self, inputs: &[u32], targets: &[u32]) {
        let length = self.options.sequence;
        let share = self.options.batch.div_ceil(self.lanes.len()) * length;
        let pass = (PASS_ROWS / length).max(1) * length;
        let weight = 1.0 / inputs.len() as f32;
        let model = &self.model;
        std::thread::scope(|scope| {
            let parts = inputs.chunks(share).zip(targets.chunks(share));
            for (lane, (inputs, targets)) in self.lanes.iter_mut().zip(parts) {
                scope.spawn(move || {
                    lane.gradient.fill(0.0);
                    lane.loss = 0.0;
                    for (inputs, targets) in inputs.chunks(pass).zip(targets.chunks(pass)) {
                        lane.loss +=
                            lane.work.learn(model, inputs, targets, length, weight, &mut lane.gradient);
                    }
                });
            }
        });
    }

    /// Sums all lanes' gradients into the first, in the lanes' order, and returns the length of the sum.
    fn sum_gradients(&mut self) -> f64 {
        let (first, others) = self.lanes.split_first_mut().expect("at least one lane");
        for other in others.iter() {
            kernels::add(&mut first.gradient, &other.gradient);
        }
        let parts = first.gradient.chunks(4096).map(|part| f64::from(kernels::dot(part, part)));
        parts.sum::<f64>().sqrt()
    }

    fn update(&mut self, learning_rate: f32, norm: f64) {
        let clip =
            if norm.is_finite() { (f64::from(self.options.clip) / norm.max(1e-12)).min(1.0) } else { 0.0 };
        let correct = |beta: f32| 1.0 - f64::from(beta).powf(self.step as f64);
        let rate = (f64::from(learning_rate) / correct(BETA1)) as f32;
        let root = (1.0 / correct(BETA2).sqrt()) as f32;
        let gradient = &self.lanes[0].gradient;
        if !norm.is_finite() {
            return; // one bad batch must not poison every weight
        }
        for (range, decays) in &self.stretches {
            let decay = if *decays { self.options.weight_decay } else { 0.0 };
            kernels::adamw(
                &mut self.model.weights[range.clone()],
                &gradient[range.clone()],
                &mut self.mean[range.clone()],
                &mut self.square[range.clone()],
                clip as f32,
                rate,
                root,
                1.0 - learning_rate * decay,
            );
        }
    }
}

/// Draws sequences: the stream is cut at a random offset, the pieces are shuffled, each is used once per
/// round.
struct Batches {
    tokens: Arc<[u32]>,
    sequence: usize,
    starts: Vec<usize>,
    random: Random,
}

impl Batches {
    fn new(tokens: Vec<u32>, sequence: usize, seed: u64) -> Self {
        Self { tokens: tokens.into(), sequence, starts: Vec::new(), random: Random::new(seed ^ 0xda7a) }
    }

    fn refill(&mut self) {
        let room = self.tokens.len() - 1 - self.sequence;
        let offset = self.random.below(self.sequence.min(room + 1));
        self.starts = (offset..=room).step_by(self.sequence).collect();
        for last in (1..self.starts.len()).rev() {
            self.starts.swap(last, self.random.below(last + 1));
        }
    }

    fn next(&mut self, batch: usize) -> (Vec<u32>, Vec<u32>) {
        let mut inputs = Vec::with_capacity(batch * self.sequence);
        let mut targets = Vec::with_capacity(batch * self.sequence);
        for _ in 0..batch {
            if self.starts.is_empty() {
                self.refill();
            }
            let start = self.starts.pop().expect("refill leaves at least one start");
            inputs.extend_from_slice(&self.tokens[start..start + self.sequence]);
            targets.extend_from_slice(&self.tokens[start + 1..start + 1 + self.sequence]);
        }
        (inputs, targets)
    }
}

fn check(model: &Model, tokens: &[u32], options: &TrainOptions) -> Result<()> {
    let fail = |text: String| Err(Error::invalid("training_options_invalid", text));
    let o = options;
    if !(1..=4096).contains(&o.batch) || !(1..=256).contains(&o.threads) {
        return fail("batch must be from 1 to 4096 and threads from 1 to 256.".into());
    }
    if !(1..=model.config.context).contains(&o.sequence) {
        return fail(format!("sequence must be from 1 to the context of {} tokens.", model.config.context));
    }
    if o.token_budget.unwrap_or(0) == 0 && o.time_budget.is_none_or(|time| time.is_zero()) {
        return fail("give a token budget or a time budget above zero.".into());
    }
    let numbers = [o.learning_rate, o.weight_decay, o.clip, o.warm_up];
    if numbers.iter().any(|x| !x.is_finite() || *x < 0.0) || o.warm_up >= 1.0 || o.clip == 0.0 {
        return fail("learning rate, decay and clip must not be negative, warm-up must be below 1.".into());
    }
    if tokens.len() <= o.sequence {
        return fail(format!(
            "the text has {} tokens; at least {} are needed, one sequence and its next token.",
            tokens.len(),
            o.sequence + 1
        ));
    }
    model.check_tokens(tokens)
}

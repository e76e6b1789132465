//! Log-probabilities of given text.

use kernel::Result;

use crate::{Model, generate::check_length, kernels::log_softmax, net::Workspace};

/// How likely one token was, given those before it.
#[derive(Clone, Debug, PartialEq)]
pub struct Score {
    /// Natural logarithm of its probability.
    pub logprob: f32,
    /// The likeliest tokens at its place with their log-probabilities, best first.
    pub top: Vec<(u32, f32)>,
}

/// Rows of scores that are held at a time.
const ROWS: usize = 128;

impl Model {
    /// Scores of every id after every token, row after row.
    ///
    /// # Errors
    /// `token_unknown`, or `context_length_exceeded` when the text is longer than the context.
    pub fn logits(&self, tokens: &[u32]) -> Result<Vec<f32>> {
        self.check_tokens(tokens)?;
        check_length(self, tokens.len())?;
        let mut work = Workspace::inference();
        if !tokens.is_empty() {
            work.forward(self, tokens, tokens.len());
        }
        Ok(work.logits)
    }

    /// The score of every token but the first, with the `top` likeliest tokens at each place.
    ///
    /// A text longer than the context is read in windows of the context's length, each half a context after
    /// the one before: a window scores only tokens that no earlier one scored. So every token beyond the
    /// first window is judged with at least half a context before it.
    ///
    /// # Errors
    /// `token_unknown` when an id is not of the model.
    pub fn score(&self, tokens: &[u32], top: usize) -> Result<Vec<Score>> {
        self.check_tokens(tokens)?;
        let context = self.config.context;
        let mut scores = Vec::with_capacity(tokens.len().saturating_sub(1));
        let mut work = Workspace::inference();
        let mut start = 0;
        while scores.len() + 1 < tokens.len() {
            let window = &tokens[start..tokens.len().min(start + context)];
            self.score_window(&mut work, window, scores.len() - start, top, &mut scores);
            // The last row of a full window predicts a token outside it; the next window has it inside.
            start += context.div_ceil(2).min(context - 1).max(1);
        }
        Ok(scores)
    }

    /// Scores the tokens of a window behind place `from`.
    fn score_window(
        &self,
        work: &mut Workspace,
        window: &[u32],
        from: usize,
        top: usize,
        scores: &mut Vec<Score>,
    ) {
        work.run_blocks(self, window, window.len(), &mut |_, _| {});
        let last = window.len() - 1;
        for first in (from..last).step_by(ROWS) {
            let rows = first..last.min(first + ROWS);
            work.head(self, rows.clone());
            let targets = &window[rows.start + 1..=rows.end];
            for (row, target) in work.logits.chunks_exact_mut(self.config.vocabulary).zip(targets) {
                scores.push(log_softmax_top(row, *target, top));
            }
        }
    }
}

/// Turns a row of scores into log-probabilities and reads off one token's and the likeliest ones.
pub fn log_softmax_top(row: &mut [f32], token: u32, top: usize) -> Score {
    log_softmax(row);
    let logprob = row.get(token as usize).copied().unwrap_or(f32::NEG_INFINITY);
    let mut best: Vec<(u32, f32)> = Vec::with_capacity(top + 1);
    for (id, value) in (0u32..).zip(row.iter().copied()) {
        if best.len() < top || best.last().is_some_and(|last| value > last.1) {
            let place = best.partition_point(|other| other.1 >= value);
            best.insert(place, (id, value));
            best.truncate(top);
        }
    }
    Score { logprob, top: best }
}

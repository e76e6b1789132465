//! Generation: the prompt in one pass, then one token after another over cached keys and values.

use std::sync::Arc;

use kernel::{Error, Result};

use crate::{
    Model, Sampler,
    kernels::{add, attend_one, gated, matvec, norm, rotate},
    layout::Block,
    net::Workspace,
};

/// Keys and values of one block, one row a position.
struct Cache {
    keys: Vec<f32>,
    values: Vec<f32>,
}

/// Continues one prompt.
pub struct Generator {
    model: Arc<Model>,
    caches: Vec<Cache>,
    position: usize,
    logits: Vec<f32>,
    /// Chosen, but not yet seen by the network.
    pending: Option<u32>,
}

impl Generator {
    /// Reads a prompt. An empty one stands for `<|endoftext|>`, the beginning of a document.
    ///
    /// # Errors
    /// `token_unknown` when an id is not of the model, `context_length_exceeded` when it is too long.
    pub fn new(model: Arc<Model>, prompt: &[u32]) -> Result<Self> {
        let start = [model.tokenizer.end_of_text()];
        let prompt = if prompt.is_empty() { &start } else { prompt };
        model.check_tokens(prompt)?;
        check_length(&model, prompt.len())?;
        let (d, v) = (model.config.width, model.config.vocabulary);
        let mut caches = Vec::with_capacity(model.config.layers);
        let mut work = Workspace::inference();
        work.run_blocks(&model, prompt, prompt.len(), &mut |_, qkv| {
            let part = |part: usize| {
                let rows = qkv.chunks_exact(3 * d);
                rows.flat_map(|row| &row[part * d..(part + 1) * d]).copied().collect::<Vec<_>>()
            };
            caches.push(Cache { keys: part(1), values: part(2) });
        });
        work.head(&model, prompt.len() - 1..prompt.len());
        debug_assert_eq!(work.logits.len(), v);
        Ok(Self { caches, position: prompt.len(), logits: work.logits, pending: None, model })
    }

    /// How many more tokens fit the context.
    pub fn room(&self) -> usize {
        (self.model.config.context - self.position).saturating_sub(usize::from(self.pending.is_some()))
    }

    /// Chooses the next token, which the network reads only when another one is asked for.
    ///
    /// # Errors
    /// `context_length_exceeded` when the context is full.
    pub fn next(&mut self, sampler: &mut Sampler) -> Result<u32> {
        let logits = self.logits()?;
        let token = sampler.choose(logits);
        self.pending = Some(token);
        Ok(token)
    }

    /// Continues with a given token instead of a chosen one.
    ///
    /// # Errors
    /// `token_unknown`, or `context_length_exceeded` when the context is full.
    pub fn push(&mut self, token: u32) -> Result<()> {
        self.model.check_tokens(&[token])?;
        self.logits()?;
        self.pending = Some(token);
        Ok(())
    }

    /// Scores of every id as the next token.
    ///
    /// # Errors
    /// `context_length_exceeded` when the context is full.
    pub fn logits(&mut self) -> Result<&[f32]> {
        if let Some(token) = self.pending {
            check_length(&self.model, self.position + 1)?;
            self.pending = None;
            self.read(token);
        }
        Ok(&self.logits)
    }

    /// One token through the network.
    fn read(&mut self, token: u32) {
        let model = Arc::clone(&self.model);
        let (w, config) = (&model.weights, &model.config);
        let (d, f) = (config.width, config.hidden);
        let start = model.layout.embed.start + token as usize * d;
        let mut stream = w[start..start + d].to_vec();
        let mut normed = vec![0.0; d];
        let mut wide = vec![0.0; (3 * d).max(2 * f)];
        let mut hidden = vec![0.0; f];
        let mut inverse = [0.0];
        for (block, cache) in model.layout.blocks.iter().zip(&mut self.caches) {
            norm(&stream, &w[block.norm1.clone()], config.norm_epsilon, &mut normed, &mut inverse);
            let attended = attend(&model, block, cache, &normed, &mut wide[..3 * d], self.position);
            matvec(&mut normed, &w[block.out.clone()], &attended);
            add(&mut stream, &normed);
            norm(&stream, &w[block.norm2.clone()], config.norm_epsilon, &mut normed, &mut inverse);
            matvec(&mut wide[..2 * f], &w[block.gate_up.clone()], &normed);
            gated(&wide[..2 * f], &mut hidden, f);
            matvec(&mut normed, &w[block.down.clone()], &hidden);
            add(&mut stream, &normed);
        }
        norm(&stream, &w[model.layout.norm.clone()], config.norm_epsilon, &mut normed, &mut inverse);
        matvec(&mut self.logits, &w[model.layout.embed.clone()], &normed);
        self.position += 1;
    }
}

/// Attention of the newest position; its key and value join the cache.
fn attend(
    model: &Model,
    block: &Block,
    cache: &mut Cache,
    normed: &[f32],
    qkv: &mut [f32],
    position: usize,
) -> Vec<f32> {
    let d = model.config.width;
    matvec(qkv, &model.weights[block.qkv.clone()], normed);
    let (cos, sin) = model.rope.at(position);
    rotate(&mut qkv[..2 * d], cos, sin, 1.0);
    cache.keys.extend_from_slice(&qkv[d..2 * d]);
    cache.values.extend_from_slice(&qkv[2 * d..]);
    let mut out = vec![0.0; d];
    let mut scores = vec![0.0; position + 1];
    attend_one(&qkv[..d], &cache.keys, &cache.values, model.config.head_width(), &mut scores, &mut out);
    out
}

pub(crate) fn check_length(model: &Model, tokens: usize) -> Result<()> {
    if tokens <= model.config.context {
        return Ok(());
    }
    let text = format!(
        "This model's maximum context length is {} tokens and {tokens} were asked for; shorten the text.",
        model.config.context
    );
    Err(Error::invalid("context_length_exceeded", text))
}

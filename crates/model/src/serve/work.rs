//! What one call has a model do, on a thread of its own.

use crate::rules::{request::Ask, stops::Stops};
use engine::{
    Decoder, Generator, Model, Sampler, Sampling, Score, log_softmax_top,
    tokenizer::{END_OF_TEXT, Tokenizer},
};
use kernel::{Error, Result};
use std::sync::Arc;

use crate::rules::request::Prompt;

/// Most log-probabilities of one answer, alternatives included.
const MAX_FACTS: i64 = 1_000_000;

/// A call's work: prompts as the model reads them, and what is wanted.
pub struct Work {
    model: Arc<Model>,
    prompts: Vec<Vec<u32>>,
    ask: Ask,
    seed: u64,
}

/// A token of the answer.
#[derive(Debug, Clone)]
pub struct TokenFact {
    /// Its bytes; several tokens may share a character.
    pub bytes: Vec<u8>,
    /// Its log-probability; none for a prompt's first token.
    pub logprob: Option<f32>,
    /// The likeliest tokens at its place.
    pub top: Vec<(Vec<u8>, f32)>,
}

/// A piece of the answer.
#[derive(Debug, Clone)]
pub struct Piece {
    /// Which prompt it answers.
    pub index: usize,
    /// Text to show; may be empty while a character or a stop sequence is unfinished.
    pub text: String,
    /// The tokens read or written since the last piece, when log-probabilities are wanted.
    pub tokens: Vec<TokenFact>,
    /// Why the answer ended, on its last piece: `stop` or `length`.
    pub finish: Option<&'static str>,
}

impl Work {
    /// Reads the prompts with the model's tokenizer and checks that they and the answers fit its context.
    ///
    /// # Errors
    /// `context_length_exceeded`, `token_unknown` for ids that aren't the model's, `request_invalid` when the
    /// answer would be too large.
    pub fn new(model: Arc<Model>, ask: Ask, seed: u64) -> Result<Self> {
        let prompts: Vec<_> = ask.prompts.iter().map(|prompt| read(model.tokenizer(), prompt)).collect();
        for prompt in &prompts {
            check(&model, prompt, ask.max_tokens)?;
        }
        let work = Self { model, prompts, ask, seed };
        let tokens = work.input_tokens() + work.most_output_tokens();
        let facts = work.ask.logprobs.map_or(0, |top| tokens * (top as i64 + 1));
        if facts > MAX_FACTS {
            let text = "So many log-probabilities don't fit one answer; send fewer prompts or ask for fewer alternatives.";
            return Err(Error::invalid("request_invalid", text));
        }
        Ok(work)
    }

    /// Tokens of all prompts.
    pub fn input_tokens(&self) -> i64 {
        self.prompts.iter().map(|prompt| prompt.len() as i64).sum()
    }

    /// The most tokens that all answers together can have.
    pub fn most_output_tokens(&self) -> i64 {
        self.prompts.iter().map(|prompt| self.room(prompt) as i64).sum()
    }

    fn room(&self, prompt: &[u32]) -> usize {
        let fits = self.model.config().context - prompt.len().max(1);
        self.ask.max_tokens.map_or(fits, |most| fits.min(most as usize))
    }

    /// Does it. `emit` takes each piece and says whether anyone still listens; when not, the work ends.
    /// Returns the tokens written, and whether it came to its end.
    pub fn run(&self, emit: &mut dyn FnMut(Piece) -> bool) -> Result<(i64, bool)> {
        let mut written = 0;
        for (index, prompt) in self.prompts.iter().enumerate() {
            if self.ask.echo && !emit(self.echo(index, prompt)?) {
                return Ok((written, false));
            }
            if !self.answer(index, prompt, &mut written, emit)? {
                return Ok((written, false));
            }
        }
        Ok((written, true))
    }

    /// The prompt itself, with its tokens' log-probabilities when they are wanted.
    fn echo(&self, index: usize, prompt: &[u32]) -> Result<Piece> {
        let bytes: Vec<u8> = prompt.iter().flat_map(|id| self.bytes(*id)).collect();
        let mut tokens = Vec::new();
        if let Some(top) = self.ask.logprobs {
            let first =
                prompt.first().map(|id| TokenFact { bytes: self.bytes(*id), logprob: None, top: Vec::new() });
            let scores = self.model.score(prompt, top)?;
            tokens.extend(first);
            tokens.extend(prompt.iter().skip(1).zip(scores).map(|(id, score)| self.fact(*id, score)));
        }
        Ok(Piece { index, text: String::from_utf8_lossy(&bytes).into_owned(), tokens, finish: None })
    }

    /// Writes the answer to one prompt; false when nobody listens any more.
    fn answer(
        &self,
        index: usize,
        prompt: &[u32],
        written: &mut i64,
        emit: &mut dyn FnMut(Piece) -> bool,
    ) -> Result<bool> {
        let end = |text: String, finish| Piece { index, text, tokens: Vec::new(), finish: Some(finish) };
        let room = self.room(prompt);
        if room == 0 {
            return Ok(emit(end(String::new(), "length")));
        }
        let mut generator = Generator::new(Arc::clone(&self.model), prompt)?;
        let (temperature, top_p) = (self.ask.temperature, self.ask.top_p);
        let seed = self.seed.wrapping_add(index as u64);
        let mut sampler = Sampler::new(Sampling { temperature, top_p, top_k: 0, seed });
        let (mut decoder, mut stops) = (Decoder::default(), Stops::new(self.ask.stop.clone()));
        for _ in 0..room {
            let (token, fact) = self.choose(&mut generator, &mut sampler)?;
            if token == self.model.tokenizer().end_of_text() {
                let (text, _) = stops.push(&decoder.finish());
                return Ok(emit(end(text + &stops.finish(), "stop")));
            }
            *written += 1;
            let (text, stopped) = stops.push(&decoder.push(self.model.tokenizer(), token));
            let finish = stopped.then_some("stop");
            if !emit(Piece { index, text, tokens: fact.into_iter().collect(), finish }) {
                return Ok(false);
            }
            if stopped {
                return Ok(true);
            }
        }
        let (text, _) = stops.push(&decoder.finish());
        Ok(emit(end(text + &stops.finish(), "length")))
    }

    fn choose(&self, generator: &mut Generator, sampler: &mut Sampler) -> Result<(u32, Option<TokenFact>)> {
        let Some(top) = self.ask.logprobs else {
            return Ok((generator.next(sampler)?, None));
        };
        let mut row = generator.logits()?.to_vec();
        let token = sampler.choose(&row);
        generator.push(token)?;
        Ok((token, Some(self.fact(token, log_softmax_top(&mut row, token, top)))))
    }

    fn fact(&self, id: u32, score: Score) -> TokenFact {
        let top = score.top.into_iter().map(|(id, logprob)| (self.bytes(id), logprob)).collect();
        TokenFact { bytes: self.bytes(id), logprob: Some(score.logprob), top }
    }

    fn bytes(&self, id: u32) -> Vec<u8> {
        let tokenizer = self.model.tokenizer();
        if id == tokenizer.end_of_text() { END_OF_TEXT.into() } else { tokenizer.bytes_of(id).to_vec() }
    }
}

/// A text prompt may begin with `<|endoftext|>`, the mark of a document's beginning, as the special token it
/// is; anywhere else the mark is plain text, so that nobody's text can end a document.
fn read(tokenizer: &Tokenizer, prompt: &Prompt) -> Vec<u32> {
    match prompt {
        Prompt::Ids(ids) => ids.clone(),
        Prompt::Text(text) => match text.strip_prefix(END_OF_TEXT) {
            Some(rest) => [vec![tokenizer.end_of_text()], tokenizer.encode(rest)].concat(),
            None => tokenizer.encode(text),
        },
    }
}

fn check(model: &Model, prompt: &[u32], max_tokens: Option<u32>) -> Result<()> {
    let config = model.config();
    if let Some(id) = prompt.iter().find(|id| **id as usize >= config.vocabulary) {
        let text = format!("Token {id} does not exist; this model's ids end at {}.", config.vocabulary - 1);
        return Err(Error::invalid("token_unknown", text));
    }
    // The empty prompt is read as the mark of a document's beginning, which takes a place.
    let places = prompt.len().max(1) + max_tokens.map_or(1, |most| most as usize);
    if places <= config.context {
        return Ok(());
    }
    let text = format!(
        "This model's maximum context length is {} tokens, however you requested {places} tokens ({} in the \
         prompt, the rest for the completion). Shorten the prompt or ask for fewer tokens.",
        config.context,
        prompt.len()
    );
    Err(Error::invalid("context_length_exceeded", text))
}

//! A model behind any OpenAI-compatible endpoint, asked for the log-probabilities of text that it is given.
//!
//! One request is `POST {url}/v1/completions` with `echo: true`, `max_tokens: 0` and `logprobs: 1`. The first
//! token of a prompt has no log-probability, so a text that is scored whole is put behind the end-of-text mark
//! (as lm-evaluation-harness does for rolling log-likelihoods): every byte of the text is then paid for. A
//! token belongs to what is scored when it starts there or reaches into it.

use crate::documents::boundary_at_or_before;
use kernel::{Error, Kind, Result};
use serde::Deserialize;
use serde_json::{Value, json};
use std::{
    sync::atomic::{AtomicU64, Ordering},
    thread::sleep,
    time::Duration,
};

/// Tries of one request before it is given up.
const TRIES: u32 = 6;
/// Wait before the second try; each further wait is twice as long.
const FIRST_WAIT: Duration = Duration::from_millis(200);
/// Longest wait that an endpoint may ask for.
const LONGEST_WAIT: Duration = Duration::from_secs(10);
/// Longest time for one request and its answer.
const TIMEOUT: Duration = Duration::from_secs(120);
/// Largest answer that is read, in bytes.
const ANSWER_BYTES: u64 = 16 << 20;
/// A text below this length is no longer split when the endpoint finds it too long.
const LEAST_BYTES: usize = 32;
/// Code under which OpenAI's protocol refuses a prompt that passes the model's context.
const TOO_LONG: &str = "context_length_exceeded";

/// Where a model answers, and how a text's beginning is marked for it.
#[derive(Clone)]
pub struct Endpoint {
    url: String,
    token: Option<String>,
    model: String,
    start: String,
    agent: ureq::Agent,
    answered: std::sync::Arc<AtomicU64>,
}

impl Endpoint {
    /// The model served as `model` at `url` (with or without a closing `/v1`), called with `token` if one is given.
    pub fn new(url: &str, token: Option<String>, model: &str) -> Result<Self> {
        let url = url.trim_end_matches('/').trim_end_matches("/v1").to_owned();
        if !url.starts_with("http://") && !url.starts_with("https://") {
            let text = format!("“{url}” is no endpoint; give its address, such as http://127.0.0.1:8080");
            return Err(Error::invalid("evaluation_endpoint_invalid", text));
        }
        let config =
            ureq::Agent::config_builder().http_status_as_error(false).timeout_global(Some(TIMEOUT)).build();
        let (model, start) = (model.to_owned(), "<|endoftext|>".to_owned());
        Ok(Self { url, token, model, start, agent: config.into(), answered: Default::default() })
    }

    /// Name under which the model is served.
    pub fn model(&self) -> &str {
        &self.model
    }

    /// Requests answered so far.
    pub fn answered(&self) -> u64 {
        self.answered.load(Ordering::Relaxed)
    }

    /// The log-probability (natural) of a text from its beginning. What is too long for the model's context is
    /// scored in windows, each from its own beginning.
    pub fn text_logprob(&self, text: &str) -> Result<f64> {
        match self.logprob(&self.start, text) {
            Err(error) if error.code == TOO_LONG && text.len() > LEAST_BYTES => {
                let (head, tail) = text.split_at(boundary_at_or_before(text, text.len() / 2));
                Ok(self.text_logprob(head)? + self.text_logprob(tail)?)
            }
            other => other,
        }
    }

    /// The log-probability (natural) of each choice after `passage`. A passage too long for the model's context
    /// loses its beginning, for all choices alike.
    pub fn choice_logprobs(&self, passage: &str, choices: &[String]) -> Result<Vec<f64>> {
        match choices.iter().map(|choice| self.logprob(passage, choice)).collect() {
            Err(error) if error.code == TOO_LONG && passage.len() > LEAST_BYTES => {
                let tail = &passage[boundary_at_or_before(passage, passage.len() / 2)..];
                self.choice_logprobs(tail, choices)
            }
            other => other,
        }
    }

    fn logprob(&self, before: &str, text: &str) -> Result<f64> {
        let body = json!({
            "model": self.model, "prompt": format!("{before}{text}"),
            "max_tokens": 0, "echo": true, "logprobs": 1, "temperature": 0,
        });
        let answer: Answer =
            serde_json::from_value(self.post(&body)?).map_err(|cause| malformed(&cause.to_string()))?;
        let [choice] = answer.choices.as_slice() else {
            return Err(malformed("it does not have exactly one choice"));
        };
        let logprobs = choice.logprobs.as_ref();
        logprobs.ok_or_else(|| malformed("it has no logprobs"))?.sum_from(before.chars().count() as u64)
    }

    fn post(&self, body: &Value) -> Result<Value> {
        let mut wait = FIRST_WAIT;
        for attempt in 1.. {
            let (asked_wait, error) = match self.try_post(body) {
                Ok(answer) => return Ok(answer),
                Err(refused) => refused,
            };
            let passing = matches!(error.kind, Kind::Unavailable | Kind::Limited);
            if !passing || attempt == TRIES {
                return Err(error);
            }
            sleep(asked_wait.unwrap_or(wait).min(LONGEST_WAIT));
            wait *= 2;
        }
        unreachable!("the loop returns at its last attempt")
    }

    /// One try; a failure comes with the wait that the endpoint asks for, if it does.
    fn try_post(&self, body: &Value) -> Result<Value, (Option<Duration>, Error)> {
        let mut request = self.agent.post(format!("{}/v1/completions", self.url));
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let mut response = request.send_json(body).map_err(|cause| (None, unreachable(&self.url, &cause)))?;
        let status = response.status().as_u16();
        let header = response.headers().get("retry-after").and_then(|value| value.to_str().ok());
        let asked_wait = header.and_then(|value| value.parse().ok()).map(Duration::from_secs);
        let text = response.body_mut().with_config().limit(ANSWER_BYTES).read_to_string();
        let text = text.map_err(|cause| (asked_wait, unreachable(&self.url, &cause)))?;
        let answer = serde_json::from_str(&text);
        if status == 200 {
            self.answered.fetch_add(1, Ordering::Relaxed);
            return answer.map_err(|cause| (None, malformed(&cause.to_string())));
        }
        Err((asked_wait, refused(&self.url, status, &answer.unwrap_or(Value::String(text)))))
    }
}

#[derive(Deserialize)]
struct Answer {
    choices: Vec<Choice>,
}

#[derive(Deserialize)]
struct Choice {
    logprobs: Option<Logprobs>,
}

/// `text_offset` counts characters, as OpenAI's does.
#[derive(Deserialize)]
struct Logprobs {
    token_logprobs: Vec<Option<f64>>,
    text_offset: Vec<u64>,
}

impl Logprobs {
    /// The sum over the tokens that start at character `from` or later, or reach past it.
    fn sum_from(&self, from: u64) -> Result<f64> {
        if self.token_logprobs.len() != self.text_offset.len() || self.text_offset.is_empty() {
            return Err(malformed("token_logprobs and text_offset do not match"));
        }
        let ends = self.text_offset[1..].iter().chain(std::iter::once(&u64::MAX));
        let mut sum = 0.0;
        for ((logprob, &start), &end) in self.token_logprobs.iter().zip(&self.text_offset).zip(ends) {
            if start >= from || end > from {
                let logprob = logprob.ok_or_else(|| malformed("a scored token's log-probability is null"))?;
                if !logprob.is_finite() || logprob > 1e-3 {
                    return Err(malformed("a log-probability is above zero"));
                }
                sum += logprob;
            }
        }
        Ok(sum)
    }
}

fn malformed(why: &str) -> Error {
    let text = format!("the endpoint's answer can't be scored: {why}; it must support echo and logprobs");
    Error::invalid("evaluation_answer_invalid", text)
}

fn unreachable(url: &str, cause: &ureq::Error) -> Error {
    let text = format!("{url} does not answer: {cause}; check the address and that the server is up");
    Error::unavailable("evaluation_endpoint_unreachable", text)
}

fn refused(url: &str, status: u16, answer: &Value) -> Error {
    let error = &answer["error"];
    let said = error["message"].as_str().or(answer.as_str()).unwrap_or("no reason given");
    let said: String = said.chars().take(300).collect();
    if error["code"] == TOO_LONG {
        return Error::invalid(TOO_LONG, said);
    }
    let text = format!("{url} refused with status {status}: {said}");
    match status {
        429 => Error::limited("evaluation_endpoint_refused", text),
        502..=504 => Error::unavailable("evaluation_endpoint_refused", text),
        _ => Error::invalid("evaluation_endpoint_refused", text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn logprobs(tokens: &[(u64, Option<f64>)]) -> Logprobs {
        Logprobs {
            text_offset: tokens.iter().map(|token| token.0).collect(),
            token_logprobs: tokens.iter().map(|token| token.1).collect(),
        }
    }

    #[test]
    fn counts_tokens_that_start_in_the_text_or_reach_into_it() {
        let tokens = [(0, None), (3, Some(-1.0)), (6, Some(-2.0)), (6, Some(-4.0)), (7, Some(-8.0))];
        assert_eq!(logprobs(&tokens).sum_from(6).unwrap(), -14.0);
        assert_eq!(logprobs(&tokens).sum_from(5).unwrap(), -15.0);
        assert_eq!(logprobs(&tokens).sum_from(7).unwrap(), -8.0);
    }

    #[test]
    fn refuses_answers_that_cannot_be_right() {
        assert!(logprobs(&[]).sum_from(0).is_err());
        assert!(logprobs(&[(0, None)]).sum_from(0).is_err());
        assert!(logprobs(&[(0, Some(0.5))]).sum_from(0).is_err());
        assert!(logprobs(&[(0, Some(f64::NAN))]).sum_from(0).is_err());
        let uneven = Logprobs { text_offset: vec![0, 1], token_logprobs: vec![Some(-1.0)] };
        assert!(uneven.sum_from(0).is_err());
    }
}

//! The shapes of OpenAI's answers.

use crate::serve::{Piece, TokenFact, Usage};
use serde_json::{Map, Value, json};

/// Which API was called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Door {
    /// `/v1/chat/completions`.
    Chat,
    /// `/v1/completions`.
    Completion,
}

impl Door {
    pub(super) fn prefix(self) -> &'static str {
        if self == Self::Chat { "chatcmpl" } else { "cmpl" }
    }
}

/// What all parts of one answer share.
pub(super) struct Head {
    pub(super) door: Door,
    pub(super) id: String,
    pub(super) created: i64,
    pub(super) model: String,
    pub(super) logprobs: bool,
    pub(super) include_usage: bool,
}

/// An answer as it grows, one choice for each prompt.
pub(super) struct Whole(Vec<Choice>);

#[derive(Default)]
struct Choice {
    text: String,
    tokens: Vec<TokenFact>,
    finish: Option<&'static str>,
}

impl Whole {
    pub(super) fn new(prompts: usize) -> Self {
        Self((0..prompts).map(|_| Choice::default()).collect())
    }

    pub(super) fn take(&mut self, piece: Piece) {
        if let Some(choice) = self.0.get_mut(piece.index) {
            choice.text.push_str(&piece.text);
            choice.tokens.extend(piece.tokens);
            choice.finish = piece.finish.or(choice.finish);
        }
    }
}

impl Head {
    fn envelope(&self, object: &str, choices: Vec<Value>) -> Value {
        json!({
            "id": self.id, "object": object, "created": self.created, "model": self.model, "choices": choices
        })
    }

    /// The answer in one piece.
    pub(super) fn whole(&self, whole: Whole, usage: Usage) -> Value {
        let choices = whole.0.into_iter().enumerate().map(|(index, choice)| {
            let logprobs = self.logprobs(&choice.tokens, &mut Offset::default());
            match self.door {
                Door::Chat => json!({
                    "index": index,
                    "message": {"role": "assistant", "content": choice.text, "refusal": null},
                    "logprobs": logprobs, "finish_reason": choice.finish
                }),
                Door::Completion => json!({
                    "index": index, "text": choice.text, "logprobs": logprobs, "finish_reason": choice.finish
                }),
            }
        });
        let object = if self.door == Door::Chat { "chat.completion" } else { "text_completion" };
        let mut body = self.envelope(object, choices.collect());
        body["usage"] = usage_of(usage);
        body
    }

    /// One part of a streamed answer.
    pub(super) fn chunk(&self, piece: &Piece, offset: &mut Offset) -> Value {
        let logprobs = self.logprobs(&piece.tokens, offset);
        let choice = match self.door {
            Door::Chat => {
                let delta = if piece.text.is_empty() { json!({}) } else { json!({"content": piece.text}) };
                json!({"index": piece.index, "delta": delta, "logprobs": logprobs, "finish_reason": piece.finish})
            }
            Door::Completion => json!({
                "index": piece.index, "text": piece.text, "logprobs": logprobs, "finish_reason": piece.finish
            }),
        };
        self.chunk_of(vec![choice])
    }

    /// The part that opens a streamed chat.
    pub(super) fn first_chunk(&self) -> Option<Value> {
        let delta = json!({"role": "assistant", "content": ""});
        (self.door == Door::Chat).then(|| {
            self.chunk_of(vec![json!({"index": 0, "delta": delta, "logprobs": null, "finish_reason": null})])
        })
    }

    /// The part that tells the usage at the end of a stream, when it was asked for.
    pub(super) fn usage_chunk(&self, usage: Usage) -> Option<Value> {
        self.include_usage.then(|| {
            let mut chunk = self.chunk_of(Vec::new());
            chunk["usage"] = usage_of(usage);
            chunk
        })
    }

    fn chunk_of(&self, choices: Vec<Value>) -> Value {
        let object = if self.door == Door::Chat { "chat.completion.chunk" } else { "text_completion" };
        let mut chunk = self.envelope(object, choices);
        if self.include_usage {
            chunk["usage"] = Value::Null;
        }
        chunk
    }

    fn logprobs(&self, tokens: &[TokenFact], offset: &mut Offset) -> Value {
        match self.door {
            _ if !self.logprobs => Value::Null,
            Door::Chat => {
                json!({"content": tokens.iter().map(chat_fact).collect::<Vec<_>>(), "refusal": null})
            }
            Door::Completion => completion_facts(tokens, offset),
        }
    }
}

fn usage_of(usage: Usage) -> Value {
    json!({
        "prompt_tokens": usage.input_tokens, "completion_tokens": usage.output_tokens,
        "total_tokens": usage.input_tokens + usage.output_tokens
    })
}

/// How OpenAI writes a token: as text, or as `bytes:\x..` when it is only a part of a character.
fn written(bytes: &[u8]) -> String {
    std::str::from_utf8(bytes).map_or_else(
        |_| bytes.iter().fold("bytes:".to_owned(), |text, byte| text + &format!("\\x{byte:02x}")),
        str::to_owned,
    )
}

fn chat_fact(fact: &TokenFact) -> Value {
    let one = |bytes: &[u8], logprob: Option<f32>| json!({"token": written(bytes), "logprob": logprob, "bytes": bytes});
    let mut token = one(&fact.bytes, fact.logprob);
    token["top_logprobs"] = fact.top.iter().map(|(bytes, logprob)| one(bytes, Some(*logprob))).collect();
    token
}

/// Where the next token begins in its choice's text, counted in characters.
#[derive(Debug, Default)]
pub(super) struct Offset {
    started: usize,
}

impl Offset {
    /// The character that a token begins in; moves behind the token.
    fn step(&mut self, bytes: &[u8]) -> usize {
        let continues = |byte: &u8| byte & 0xc0 == 0x80;
        let inside = bytes.first().is_some_and(continues);
        let place = if inside { self.started.saturating_sub(1) } else { self.started };
        self.started += bytes.iter().filter(|byte| !continues(byte)).count();
        place
    }
}

fn completion_facts(tokens: &[TokenFact], offset: &mut Offset) -> Value {
    let offsets: Vec<usize> = tokens.iter().map(|fact| offset.step(&fact.bytes)).collect();
    let top = |fact: &TokenFact| match fact.logprob {
        None => Value::Null,
        Some(_) => {
            let top = fact.top.iter().map(|(bytes, logprob)| (written(bytes), json!(logprob)));
            Value::Object(top.collect::<Map<_, _>>())
        }
    };
    json!({
        "tokens": tokens.iter().map(|fact| written(&fact.bytes)).collect::<Vec<_>>(),
        "token_logprobs": tokens.iter().map(|fact| fact.logprob).collect::<Vec<_>>(),
        "top_logprobs": tokens.iter().map(top).collect::<Vec<_>>(),
        "text_offset": offsets,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_count_characters_even_when_tokens_split_them() {
        let mut offset = Offset::default();
        let places: Vec<_> =
            [&b"a"[..], b"\xe6\xa8", b"\xa1", b" b", b"c"].iter().map(|bytes| offset.step(bytes)).collect();
        assert_eq!(places, [0, 1, 1, 2, 4]);
        assert_eq!(
            (written(b"\xe6\xa8"), written(" é".as_bytes())),
            ("bytes:\\xe6\\xa8".into(), " é".into())
        );
    }
}

//! What a caller asks for: OpenAI's request bodies, checked and made uniform.

use kernel::{Error, Result};
use serde_json::Value;

/// Most prompts of one request.
const MAX_PROMPTS: usize = 64;
/// Most alternatives at each place.
const MAX_TOP: u64 = 20;
/// Most stop sequences, and the longest one in bytes.
const MAX_STOPS: usize = 4;
const MAX_STOP_BYTES: usize = 256;
/// Tokens that `/v1/completions` writes when not told, as OpenAI's does.
const DEFAULT_COMPLETION: u32 = 16;

/// A prompt before the model's tokenizer has seen it.
#[derive(Debug, Clone, PartialEq)]
pub enum Prompt {
    /// Text.
    Text(String),
    /// Token ids.
    Ids(Vec<u32>),
}

/// What is asked of a model, whichever door it came through.
#[derive(Debug, Clone, PartialEq)]
pub struct Ask {
    /// The served model's name.
    pub model: String,
    /// At least one.
    pub prompts: Vec<Prompt>,
    /// Tokens to write at the most; `None` means as many as fit.
    pub max_tokens: Option<u32>,
    /// 0 to 2.
    pub temperature: f32,
    /// Above 0, up to 1.
    pub top_p: f32,
    /// Makes the choices repeatable.
    pub seed: Option<u64>,
    /// Sequences that end the text.
    pub stop: Vec<String>,
    /// Whether the answer begins with the prompt.
    pub echo: bool,
    /// Alternatives at each place; `None` when no log-probabilities are wanted.
    pub logprobs: Option<usize>,
    /// Whether the answer comes as it is written.
    pub stream: bool,
    /// Whether a stream ends with the usage.
    pub include_usage: bool,
}

fn invalid(text: impl Into<String>) -> Error {
    Error::invalid("request_invalid", text.into())
}

/// Reads the body of `POST /v1/completions`.
pub fn completion(body: &[u8]) -> Result<Ask> {
    let body = parse(body)?;
    refuse_unsupported(&body)?;
    let logprobs = whole(&body, "logprobs", 0, MAX_TOP)?.map(|top| top as usize);
    let max_tokens = whole(&body, "max_tokens", 0, u64::from(u32::MAX))?.map(|most| most as u32);
    common(&body, prompts(&body["prompt"])?, Some(max_tokens.unwrap_or(DEFAULT_COMPLETION)), logprobs)
}

/// Reads the body of `POST /v1/chat/completions`.
pub fn chat(body: &[u8]) -> Result<Ask> {
    let body = parse(body)?;
    refuse_unsupported(&body)?;
    let most = whole(&body, "max_completion_tokens", 1, u64::from(u32::MAX))?;
    let most = most.or(whole(&body, "max_tokens", 1, u64::from(u32::MAX))?).map(|most| most as u32);
    let top = whole(&body, "top_logprobs", 0, MAX_TOP)?;
    let logprobs = match (flag(&body, "logprobs")?, top) {
        (false, Some(top)) if top > 0 => return Err(invalid("top_logprobs needs logprobs to be true.")),
        (wanted, top) => wanted.then(|| top.unwrap_or(0) as usize),
    };
    let contents = messages(&body["messages"])?;
    let prompt = engine::render_chat(contents.iter().map(String::as_str));
    let mut ask = common(&body, vec![Prompt::Text(prompt)], most, logprobs)?;
    ask.echo = false;
    Ok(ask)
}

fn parse(body: &[u8]) -> Result<Value> {
    let body: Value =
        serde_json::from_slice(body).map_err(|e| invalid(format!("The request's body is not JSON: {e}.")))?;
    if body.is_object() { Ok(body) } else { Err(invalid("The request's body must be a JSON object.")) }
}

fn common(
    body: &Value,
    prompts: Vec<Prompt>,
    max_tokens: Option<u32>,
    logprobs: Option<usize>,
) -> Result<Ask> {
    let model = body["model"].as_str().filter(|name| !name.is_empty());
    let seed = match &body["seed"] {
        Value::Null => None,
        seed => Some(seed.as_i64().ok_or_else(|| invalid("seed must be a whole number."))? as u64),
    };
    let top_p = number(body, "top_p", 0.0, 1.0)?.unwrap_or(1.0);
    Ok(Ask {
        model: model
            .ok_or_else(|| invalid("model must name a model; GET /v1/models lists them."))?
            .to_owned(),
        prompts,
        max_tokens,
        temperature: number(body, "temperature", 0.0, 2.0)?.unwrap_or(1.0) as f32,
        top_p: top_p as f32,
        seed,
        stop: stops(&body["stop"])?,
        echo: flag(body, "echo")?,
        logprobs,
        stream: flag(body, "stream")?,
        include_usage: flag(&body["stream_options"], "include_usage")?,
    })
}

/// Fields that would change the answer in ways that these models can't.
fn refuse_unsupported(body: &Value) -> Result<()> {
    let nothing = |value: &Value| {
        value.is_null()
            || *value == 0
            || *value == 0.0
            || *value == ""
            || value.as_array().is_some_and(Vec::is_empty)
            || value.as_object().is_some_and(serde_json::Map::is_empty)
    };
    let one = |value: &Value| value.is_null() || *value == 1;
    let plain = |value: &Value| value.is_null() || value["type"] == "text";
    let refused =
        ["tools", "functions", "suffix", "presence_penalty", "frequency_penalty", "logit_bias", "audio"]
            .into_iter()
            .find(|name| !nothing(&body[*name]))
            .or_else(|| ["n", "best_of"].into_iter().find(|name| !one(&body[*name])))
            .or_else(|| (!plain(&body["response_format"])).then_some("response_format"));
    match refused {
        None => Ok(()),
        Some(name @ ("n" | "best_of")) => Err(Error::invalid(
            "unsupported_parameter",
            format!("{name} must be 1: these models give one answer; send the request again for another."),
        )),
        Some(name) => Err(Error::invalid(
            "unsupported_parameter",
            format!("{name} is not supported by the models served here; leave it out."),
        )),
    }
}

fn flag(body: &Value, name: &str) -> Result<bool> {
    match &body[name] {
        Value::Null => Ok(false),
        Value::Bool(flag) => Ok(*flag),
        _ => Err(invalid(format!("{name} must be true or false."))),
    }
}

fn whole(body: &Value, name: &str, low: u64, high: u64) -> Result<Option<u64>> {
    match &body[name] {
        Value::Null => Ok(None),
        value => match value.as_u64().filter(|value| (low..=high).contains(value)) {
            Some(value) => Ok(Some(value)),
            None => Err(invalid(format!("{name} must be a whole number from {low} to {high}."))),
        },
    }
}

fn number(body: &Value, name: &str, low: f64, high: f64) -> Result<Option<f64>> {
    match &body[name] {
        Value::Null => Ok(None),
        value => match value.as_f64().filter(|value| (low..=high).contains(value)) {
            Some(value) => Ok(Some(value)),
            None => Err(invalid(format!("{name} must be a number from {low} to {high}."))),
        },
    }
}

fn stops(value: &Value) -> Result<Vec<String>> {
    let shape = || {
        let text = format!("stop must be a text or up to {MAX_STOPS} texts of 1 to {MAX_STOP_BYTES} bytes.");
        invalid(text)
    };
    let stops: Vec<String> = match value {
        Value::Null => Vec::new(),
        Value::String(stop) => vec![stop.clone()],
        Value::Array(stops) if stops.len() <= MAX_STOPS => stops
            .iter()
            .map(|stop| stop.as_str().map(str::to_owned))
            .collect::<Option<_>>()
            .ok_or_else(shape)?,
        _ => return Err(shape()),
    };
    match stops.iter().all(|stop| (1..=MAX_STOP_BYTES).contains(&stop.len())) {
        true => Ok(stops),
        false => Err(shape()),
    }
}

/// A prompt is a text, several texts, token ids, or several lists of them.
fn prompts(value: &Value) -> Result<Vec<Prompt>> {
    let shape =
        || invalid(format!("prompt must be a text, token ids, or 1 to {MAX_PROMPTS} of either in a list."));
    let prompts = match value {
        Value::Null => vec![Prompt::Text(String::new())],
        Value::String(text) => vec![Prompt::Text(text.clone())],
        Value::Array(items) if items.first().is_some_and(Value::is_number) => {
            vec![ids(items).ok_or_else(shape)?]
        }
        Value::Array(items) => items
            .iter()
            .map(|item| match item {
                Value::String(text) => Some(Prompt::Text(text.clone())),
                Value::Array(items) => ids(items),
                _ => None,
            })
            .collect::<Option<Vec<_>>>()
            .ok_or_else(shape)?,
        _ => return Err(shape()),
    };
    if (1..=MAX_PROMPTS).contains(&prompts.len()) { Ok(prompts) } else { Err(shape()) }
}

fn ids(items: &[Value]) -> Option<Prompt> {
    let id = |item: &Value| item.as_u64().and_then(|id| u32::try_from(id).ok());
    items.iter().map(id).collect::<Option<_>>().map(Prompt::Ids)
}

/// The texts of the messages, in order.
fn messages(value: &Value) -> Result<Vec<String>> {
    let messages = value.as_array().filter(|messages| !messages.is_empty());
    let messages = messages.ok_or_else(|| invalid("messages must be a list with at least one message."))?;
    messages.iter().enumerate().map(|(place, message)| content(place, message)).collect()
}

fn content(place: usize, message: &Value) -> Result<String> {
    let role = message["role"].as_str();
    if !matches!(role, Some("system" | "developer" | "user" | "assistant")) {
        return Err(invalid(format!("messages[{place}].role must be system, developer, user or assistant.")));
    }
    let text = match &message["content"] {
        Value::String(text) => Some(text.clone()),
        Value::Array(parts) => {
            let texts = parts.iter().map(|part| match &part["type"] {
                kind if kind == "text" => part["text"].as_str(),
                _ => None,
            });
            texts.collect::<Option<String>>()
        }
        _ => None,
    };
    text.ok_or_else(|| invalid(format!("messages[{place}].content must be a text or parts of type text.")))
}

#[cfg(test)]
mod tests;

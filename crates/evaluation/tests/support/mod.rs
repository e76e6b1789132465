//! An n-gram model served over HTTP with OpenAI's completions protocol, one token per character, so that every
//! expected number is known exactly.
#![allow(dead_code)] // each test file uses its part

use axum::{Json, Router, extract::State, http::StatusCode, response::IntoResponse, routing::post};
use evaluation::ngram::Ngram;
use serde_json::{Value, json};
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

/// How the server behaves.
pub struct Server {
    /// The model that answers.
    pub model: Ngram,
    /// Prompts of more bytes are refused, as by a model with a short context.
    pub context_bytes: usize,
    /// This many first requests are answered with 503.
    pub failures: u64,
    /// Requests that came in.
    pub requests: AtomicU64,
}

async fn complete(State(server): State<Arc<Server>>, Json(body): Json<Value>) -> axum::response::Response {
    if server.requests.fetch_add(1, Ordering::Relaxed) < server.failures {
        return (StatusCode::SERVICE_UNAVAILABLE, [("retry-after", "0")], "warming up").into_response();
    }
    let prompt = body["prompt"].as_str().unwrap();
    if prompt.len() > server.context_bytes {
        let error = json!({"error": {"code": "context_length_exceeded", "message": "too long"}});
        return (StatusCode::BAD_REQUEST, Json(error)).into_response();
    }
    // The mark stands alone; what follows it is scored from its own beginning, as the baseline scores it.
    let (mark, text) = prompt.split_at(if prompt.starts_with("<|endoftext|>") { 13 } else { 0 });
    let mut logprobs = if mark.is_empty() { vec![] } else { vec![Value::Null] };
    let mut offsets = if mark.is_empty() { vec![] } else { vec![0] };
    for (count, (place, character)) in text.char_indices().enumerate() {
        let bytes = &text.as_bytes()[..place + character.len_utf8()];
        let first = mark.is_empty() && place == 0;
        logprobs.push(if first { Value::Null } else { server.model.logprob(bytes, place).into() });
        offsets.push(mark.len() + count);
    }
    let logprobs = json!({"tokens": [], "token_logprobs": logprobs, "text_offset": offsets});
    Json(json!({"choices": [{"text": prompt, "logprobs": logprobs}]})).into_response()
}

/// Serves until the test's runtime ends; gives the address.
pub async fn serve(server: Server) -> (String, Arc<Server>) {
    let server = Arc::new(server);
    let router = Router::new().route("/v1/completions", post(complete)).with_state(server.clone());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    (format!("http://{address}/v1"), server)
}

/// Texts in English and Chinese that share their sentences.
pub fn texts(from: usize, count: usize) -> Vec<String> {
    let sentence = |seed: usize| {
        [
            "the scheduler places jobs",
            "语料经过清洗与去重",
            "a ledger keeps its balance",
            "模型在保留文档上评测",
        ][seed % 4]
    };
    let text =
        |index: usize| (0..40).map(|n| format!("{} {} ", sentence(index * 7 + n * n), index + n)).collect();
    (from..from + count).map(text).collect()
}

/// JSON lines with one document per text.
pub fn lines_of(texts: &[String]) -> String {
    let line =
        |(index, text)| format!("{}\n", json!({"id": format!("d{index}"), "text": text, "source": "test"}));
    texts.iter().enumerate().map(line).collect()
}

/// The baseline's kind of model, trained on `texts`.
pub fn trained(texts: &[String]) -> Ngram {
    Ngram::train(texts.iter().map(|text| text.as_bytes()))
}

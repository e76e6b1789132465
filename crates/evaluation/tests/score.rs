//! Scores a real endpoint over HTTP: an n-gram model served with OpenAI's completions protocol, one token per
//! character, so that every expected number is known exactly.

use axum::{Json, Router, extract::State, http::StatusCode, response::IntoResponse, routing::post};
use evaluation::{Endpoint, Limits, Options, ngram::Ngram, score};
use serde_json::{Value, json};
use std::{
    io::Write,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

struct Server {
    model: Ngram,
    /// Prompts of more bytes are refused, as by a model with a short context.
    context_bytes: usize,
    /// This many first requests are answered with 503.
    failures: u64,
    requests: AtomicU64,
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
fn serve(runtime: &tokio::runtime::Runtime, server: Server) -> (String, Arc<Server>) {
    let server = Arc::new(server);
    let router = Router::new().route("/v1/completions", post(complete)).with_state(server.clone());
    let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
    let address = listener.local_addr().unwrap();
    runtime.spawn(async move { axum::serve(listener, router).await });
    (format!("http://{address}/v1"), server)
}

fn texts(from: usize, count: usize) -> Vec<String> {
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

fn file_of(texts: &[String]) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    for (index, text) in texts.iter().enumerate() {
        writeln!(file, "{}", json!({"id": format!("d{index}"), "text": text, "source": "test"})).unwrap();
    }
    file
}

fn options() -> Options {
    Options { seed: 11, limits: Limits { documents: 12, questions: 12, resamples: 200, ..Limits::default() } }
}

fn trained(texts: &[String]) -> Ngram {
    Ngram::train(texts.iter().map(|text| text.as_bytes()))
}

#[test]
fn a_model_equal_to_the_baseline_gets_its_scores_and_no_significance() {
    let (train, held) = (texts(0, 30), texts(100, 15));
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let model = trained(&train);
    let (url, server) =
        serve(&runtime, Server { model, context_bytes: 1 << 20, failures: 3, requests: 0.into() });
    let endpoint = Endpoint::new(&url, Some("secret".into()), "twin").unwrap();
    let (train, held) = (file_of(&train), file_of(&held));
    let outcome = score(&endpoint, train.path(), held.path(), &options(), &|_, _| {}).unwrap();
    assert_eq!(outcome.requests, 12 + 4 * 12);
    assert_eq!(server.requests.load(Ordering::Relaxed), outcome.requests + 3, "three failures were retried");
    for task in &outcome.tasks {
        assert!((task.model.value - task.baseline.value).abs() < 1e-9, "{task:?}");
        assert!(!task.is_significant() && task.items == 12);
        assert!(task.model.low <= task.model.value && task.model.value <= task.model.high);
    }
    let again = score(&endpoint, train.path(), held.path(), &options(), &|_, _| {}).unwrap();
    assert_eq!(
        outcome.tasks, again.tasks,
        "the same seed gives the same figures, in whatever order answers come"
    );
}

#[test]
fn an_untrained_model_is_significantly_worse_than_the_baseline() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let server = Server { model: trained(&[]), context_bytes: 1 << 20, failures: 0, requests: 0.into() };
    let (url, _) = serve(&runtime, server);
    let endpoint = Endpoint::new(&url, None, "blank").unwrap();
    let (train, held) = (file_of(&texts(0, 30)), file_of(&texts(100, 15)));
    let outcome = score(&endpoint, train.path(), held.path(), &options(), &|_, _| {}).unwrap();
    let task = &outcome.tasks[0];
    assert!((task.model.value - 8.0).abs() < 1e-9, "knowing nothing costs eight bits a byte: {task:?}");
    assert!(task.is_significant() && task.difference.low > 0.0);
}

#[test]
fn a_short_context_is_met_with_windows() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let server = Server { model: trained(&[]), context_bytes: 150, failures: 0, requests: 0.into() };
    let (url, _) = serve(&runtime, server);
    let endpoint = Endpoint::new(&url, None, "short").unwrap();
    let text = "字".repeat(200);
    let logprob = endpoint.text_logprob(&text).unwrap();
    assert!(
        (logprob - 600.0 * (1.0f64 / 256.0).ln()).abs() < 1e-6,
        "every byte is still paid for: {logprob}"
    );
    let choices = ["甲".to_owned(), "乙乙".to_owned()];
    assert_eq!(endpoint.choice_logprobs(&text, &choices).unwrap().len(), 2);
}

#[test]
fn failures_say_what_and_where() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    runtime.spawn(async move { axum::serve(listener, Router::new()).await });
    let refused = Endpoint::new(&url, None, "none").unwrap().text_logprob("some text").unwrap_err();
    assert_eq!(refused.code, "evaluation_endpoint_refused");
    assert!(refused.to_string().contains("404"), "{refused}");
    assert!(Endpoint::new("file:///etc/passwd", None, "none").is_err());
    let wild = Limits { resamples: 0, ..Limits::default() };
    assert_eq!(wild.check().unwrap_err().code, "evaluation_limits_invalid");
}

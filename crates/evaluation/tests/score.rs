//! Scores a real endpoint over HTTP, and meets its failures.

mod support;

use axum::Router;
use evaluation::{Endpoint, Limits, Options, score};
use std::sync::atomic::Ordering;
use support::{Server, lines_of, serve, texts, trained};

fn dataset(train: &[String], held: &[String]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("data")).unwrap();
    for (split, texts) in [("train", train), ("heldout", held)] {
        let path = folder.path().join(format!("data/{split}-00000-of-00001.jsonl"));
        std::fs::write(path, lines_of(texts)).unwrap();
    }
    folder
}

fn options() -> Options {
    Options { seed: 11, limits: Limits { documents: 12, questions: 12, resamples: 200, ..Limits::default() } }
}

#[test]
fn a_model_equal_to_the_baseline_gets_its_scores_and_no_significance() {
    let (train, held) = (texts(0, 30), texts(100, 15));
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let model = trained(&train);
    let (url, server) =
        runtime.block_on(serve(Server { model, context_bytes: 1 << 20, failures: 3, requests: 0.into() }));
    let endpoint = Endpoint::new(&url, Some("secret".into()), "twin").unwrap();
    let folder = dataset(&train, &held);
    let outcome = score(&endpoint, folder.path(), &options(), &|_, _| {}).unwrap();
    assert_eq!(outcome.requests, 12 + 4 * 12);
    assert_eq!(server.requests.load(Ordering::Relaxed), outcome.requests + 3, "three failures were retried");
    for task in &outcome.tasks {
        assert!((task.model.value - task.baseline.value).abs() < 1e-9, "{task:?}");
        assert!(!task.is_significant() && task.items == 12);
        assert!(task.model.low <= task.model.value && task.model.value <= task.model.high);
    }
    let again = score(&endpoint, folder.path(), &options(), &|_, _| {}).unwrap();
    assert_eq!(
        outcome.tasks, again.tasks,
        "the same seed gives the same figures, in whatever order answers come"
    );
}

#[test]
fn an_untrained_model_is_significantly_worse_than_the_baseline() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let server = Server { model: trained(&[]), context_bytes: 1 << 20, failures: 0, requests: 0.into() };
    let (url, _) = runtime.block_on(serve(server));
    let endpoint = Endpoint::new(&url, None, "blank").unwrap();
    let folder = dataset(&texts(0, 30), &texts(100, 15));
    let outcome = score(&endpoint, folder.path(), &options(), &|_, _| {}).unwrap();
    let task = &outcome.tasks[0];
    assert!((task.model.value - 8.0).abs() < 1e-9, "knowing nothing costs eight bits a byte: {task:?}");
    assert!(task.is_significant() && task.difference.low > 0.0);
}

#[test]
fn a_short_context_is_met_with_windows() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let server = Server { model: trained(&[]), context_bytes: 150, failures: 0, requests: 0.into() };
    let (url, _) = runtime.block_on(serve(server));
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

//! The gateway through its doors: answers, money, and what others may not see.

use crate::world::{MODEL, World};
use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use commons::{
    billing::{self, ChargeState},
    ids::Charge,
    ledger::{self, CNY},
};
use futures::StreamExt;
use kernel::Id;
use serde_json::{Value, json};
use testkit::{Kit, Reply};
use tower::ServiceExt;

async fn balance(world: &World, org: Id<commons::ids::Org>, code: &'static str) -> (i64, i64) {
    let read = world.kit.commons.db.write(move |tx| {
        Box::pin(async move {
            let account = ledger::account(tx, Some(org), code, CNY, Some(0)).await?;
            ledger::balance(tx, account).await
        })
    });
    let balance = read.await.unwrap();
    (balance.posted_micros, balance.held_micros)
}

async fn charge_of(world: &World, reply: &Reply) -> billing::Charge {
    let id: Id<Charge> = reply.headers["x-mosu-charge"].to_str().unwrap().parse().unwrap();
    billing::get(world.kit.commons.db.pool(), id).await.unwrap()
}

fn events(reply: &Reply) -> Vec<Value> {
    let text = reply.text();
    let lines: Vec<_> = text.split("\n\n").filter(|line| !line.is_empty()).collect();
    assert_eq!(*lines.last().unwrap(), "data: [DONE]");
    let json = |line: &&str| serde_json::from_str(line.strip_prefix("data: ").unwrap()).unwrap();
    lines[..lines.len() - 1].iter().map(json).collect()
}

async fn a_call_is_answered_and_settled(kit: Kit) {
    let world = World::serving(kit).await;
    let body = json!({"model": MODEL, "prompt": "The crate", "max_tokens": 8, "temperature": 0, "seed": 1});
    let reply = world.post("/v1/completions", body).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.text());
    let answer = reply.json();
    assert!(reply.headers["x-request-id"].to_str().unwrap().starts_with("req_"));
    assert!(!answer["choices"][0]["text"].as_str().unwrap().is_empty(), "{answer}");
    let (read, written) = (&answer["usage"]["prompt_tokens"], &answer["usage"]["completion_tokens"]);
    let cost = read.as_i64().unwrap() + 4 * written.as_i64().unwrap();
    let charge = charge_of(&world, &reply).await;
    assert_eq!((charge.state, charge.amount_micros), (ChargeState::Settled, cost));
    assert_eq!(charge.lines[1].quantity, written.as_i64().unwrap());
    assert!(charge.resource.starts_with("model:acme/tiny@"));
    assert_eq!(balance(&world, world.customer.org, "balance").await, (1_000_000 - cost, 0));
    assert_eq!(balance(&world, world.owner.org, "revenue").await.0, cost);
    // The payer sees the call; the owner of the model is paid and sees no prompt, no caller, no call.
    let calls = world.get("/api/v1/calls", Some(&world.customer_token)).await.json();
    assert_eq!(calls["items"][0]["charge"], json!(charge.id));
    assert_eq!(calls["items"][0]["status"], "completed");
    let others = world.get("/api/v1/calls", Some(&world.owner_token)).await.json();
    assert_eq!(others["items"], json!([]));
    let totals = world.models.totals(kernel::Timestamp(0)).await.unwrap();
    assert_eq!((totals.calls, Some(totals.output_tokens)), (1, written.as_i64()));
}

#[tokio::test]
async fn a_call_is_answered_and_settled_on_sqlite() {
    a_call_is_answered_and_settled(Kit::sqlite().await).await;
}

#[tokio::test]
async fn a_call_is_answered_and_settled_on_postgres() {
    if let Some(kit) = Kit::postgres().await {
        a_call_is_answered_and_settled(kit).await;
    }
}

#[tokio::test]
async fn a_chat_streams_its_text_then_its_usage_then_done() {
    let world = World::serving(Kit::sqlite().await).await;
    let mut body = json!({
        "model": MODEL, "messages": [{"role": "user", "content": "The"}], "max_tokens": 12, "seed": 5,
        "logprobs": true, "top_logprobs": 2
    });
    let whole = world.post("/v1/chat/completions", body.clone()).await.json();
    body["stream"] = json!(true);
    body["stream_options"] = json!({"include_usage": true});
    let reply = world.post("/v1/chat/completions", body).await;
    assert_eq!(reply.headers["content-type"], "text/event-stream; charset=utf-8");
    let events = events(&reply);
    assert_eq!(events[0]["choices"][0]["delta"], json!({"role": "assistant", "content": ""}));
    let text: String =
        events.iter().filter_map(|event| event["choices"][0]["delta"]["content"].as_str()).collect();
    let message = &whole["choices"][0];
    assert_eq!(
        message["message"]["content"],
        json!(text),
        "the same seed gives the same text, streamed or not"
    );
    let last = events.last().unwrap();
    assert_eq!((&last["choices"], &last["usage"]), (&json!([]), &whole["usage"]));
    assert_eq!(events[events.len() - 2]["choices"][0]["finish_reason"], message["finish_reason"]);
    let facts = message["logprobs"]["content"].as_array().unwrap();
    assert!(facts.iter().all(|fact| fact["top_logprobs"].as_array().unwrap().len() == 2));
    assert_eq!(charge_of(&world, &reply).await.state, ChargeState::Settled);
}

#[tokio::test]
async fn given_text_is_scored_token_by_token() {
    let world = World::serving(Kit::sqlite().await).await;
    let text = "<|endoftext|>The crate 模速";
    let body = json!({"model": MODEL, "prompt": [text, "x"], "max_tokens": 0, "echo": true, "logprobs": 1});
    let answer = world.post("/v1/completions", body).await.json();
    let choice = &answer["choices"][0];
    assert_eq!(choice["text"], text);
    assert_eq!(answer["usage"]["completion_tokens"], 0);
    let logprobs = &choice["logprobs"];
    let (tokens, values) =
        (logprobs["tokens"].as_array().unwrap(), logprobs["token_logprobs"].as_array().unwrap());
    assert_eq!((tokens.len(), &tokens[0], &values[0]), (values.len(), &json!("<|endoftext|>"), &Value::Null));
    assert!(values[1..].iter().all(|value| value.as_f64().unwrap() < 0.0));
    assert_eq!((&logprobs["text_offset"][0], &logprobs["text_offset"][1]), (&json!(0), &json!(13)));
    assert_eq!(logprobs["top_logprobs"][1].as_object().unwrap().len(), 1);
    assert_eq!(answer["choices"][1]["text"], "x");
    // Ids are read as they are, and give the same.
    let model = json!({"model": MODEL, "prompt": [0], "max_tokens": 1, "echo": true, "logprobs": 0});
    assert_eq!(world.post("/v1/completions", model).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_stop_sequence_ends_the_answer_and_is_not_shown() {
    let world = World::serving(Kit::sqlite().await).await;
    let body =
        json!({"model": MODEL, "prompt": "The", "max_tokens": 30, "temperature": 0, "stop": [" file"]});
    let answer = world.post("/v1/completions", body).await.json();
    assert_eq!(answer["choices"][0]["finish_reason"], "stop");
    assert!(!answer["choices"][0]["text"].as_str().unwrap().contains(" file"), "{answer}");
}

#[tokio::test]
async fn failures_have_openai_shape_and_cost_nothing() {
    let world = World::serving(Kit::sqlite().await).await;
    let body = |change: Value| {
        let mut body = json!({"model": MODEL, "prompt": "The", "max_tokens": 4});
        body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        body
    };
    for (change, status, code) in [
        (json!({"model": "acme/none"}), 404, "model_not_found"),
        (json!({"max_tokens": 64}), 400, "context_length_exceeded"),
        (json!({"prompt": "word ".repeat(500)}), 400, "context_length_exceeded"),
        (json!({"prompt": [99999]}), 400, "token_unknown"),
        (json!({"temperature": 9}), 400, "request_invalid"),
        (json!({"n": 2}), 400, "unsupported_parameter"),
    ] {
        let reply = world.post("/v1/completions", body(change)).await;
        assert_eq!(reply.status.as_u16(), status, "{}", reply.text());
        assert_eq!(reply.json()["error"]["code"], code);
        assert!(reply.headers.contains_key("x-request-id"));
    }
    assert_eq!(balance(&world, world.customer.org, "balance").await, (1_000_000, 0));
    // The owner has a token and no money: calling is paid for, even the own model.
    let poor = Some(world.owner_token.as_str());
    let reply = world.kit.call(&world.router, "POST", "/v1/completions", poor, Some(body(json!({})))).await;
    assert_eq!(
        (reply.status.as_u16(), reply.json()["error"]["code"].clone()),
        (429, json!("insufficient_quota"))
    );
    for path in ["/v1/models", "/api/v1/models", "/api/v1/calls"] {
        assert_eq!(world.get(path, None).await.status, StatusCode::UNAUTHORIZED);
    }
    let nobody = world.kit.call(&world.router, "POST", "/v1/completions", None, Some(body(json!({})))).await;
    assert_eq!(nobody.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn models_are_listed_as_products() {
    let world = World::serving(Kit::sqlite().await).await;
    let token = Some(world.customer_token.as_str());
    let list = world.get("/v1/models", token).await.json();
    assert_eq!((&list["data"][0]["id"], &list["data"][0]["owned_by"]), (&json!(MODEL), &json!("acme")));
    assert_eq!(world.get("/v1/models/acme/tiny", token).await.json()["id"], MODEL);
    assert_eq!(world.get("/v1/models/acme/none", token).await.json()["error"]["code"], "model_not_found");
    let ours = world.get("/api/v1/models", token).await.json();
    assert_eq!(ours["items"][0]["dataset"], json!(world.dataset));
    assert_eq!(ours["items"][0]["price_output_micros"], 4_000_000);
}

#[tokio::test]
async fn who_leaves_pays_for_what_was_written() {
    let world = World::serving(Kit::sqlite().await).await;
    let body = json!({"model": MODEL, "prompt": "The", "max_tokens": 60, "stream": true});
    let request = Request::post("/v1/completions")
        .header("host", "localhost")
        .header("authorization", format!("Bearer {}", world.customer_token))
        .body(Body::from(body.to_string()))
        .unwrap();
    let response = world.router.clone().oneshot(request).await.unwrap();
    let id: Id<Charge> = response.headers()["x-mosu-charge"].to_str().unwrap().parse().unwrap();
    let mut stream = response.into_body().into_data_stream();
    stream.next().await.unwrap().unwrap();
    drop(stream);
    for _ in 0..200 {
        let charge = billing::get(world.kit.commons.db.pool(), id).await.unwrap();
        if charge.state == ChargeState::Settled {
            assert!(charge.amount_micros > 0 && charge.amount_micros <= charge.max_micros);
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("the charge stayed open");
}

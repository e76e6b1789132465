//! Doors: OpenAI's API under `/v1`, and our own list with prices and lineage.

mod answer;
mod stream;

use crate::{
    ops::Models,
    rules::request::{self, Ask},
    serve::{Message, Running, Work},
    types::Served,
};
use answer::{Door, Head, Whole};
use axum::{
    Json,
    body::Bytes,
    extract::{DefaultBodyLimit, Path, Query, State},
    handler::Handler,
    http::HeaderValue,
    response::{IntoResponse, Response},
};
use commons::{
    Commons,
    http::{Envelope, Fail, Routes, Rule},
    identity::{Caller, Scope},
    ids::Request,
};
use kernel::{Error, Id, Kind, PageRequest, Result};
use serde_json::{Value, json};

/// Most bytes of a request's body.
const MAX_BODY: usize = 2 << 20;

impl Models {
    /// The gateway's routes.
    pub fn routes(&self, commons: &Commons) -> Routes {
        let call = Rule::Needs(Scope::Call);
        let bounded = DefaultBodyLimit::max(MAX_BODY);
        let open_ai = Routes::new(commons, Envelope::OpenAi)
            .get("/v1/models", call, list_models, self.clone())
            .get("/v1/models/{*id}", call, get_model, self.clone())
            .post("/v1/chat/completions", call, create_chat_completion.layer(bounded), self.clone())
            .post("/v1/completions", call, create_completion.layer(bounded), self.clone());
        let ours = Routes::new(commons, Envelope::Problem)
            .get("/api/v1/models", Rule::Needs(Scope::Read), list_served, self.clone())
            .get("/api/v1/calls", Rule::Needs(Scope::Read), list_calls, self.clone());
        open_ai.merge(ours)
    }
}

async fn list_served(State(models): State<Models>) -> Result<Json<Value>, Fail> {
    Ok(Json(json!({"items": models.list().await?})))
}

async fn list_calls(
    State(models): State<Models>,
    caller: Caller,
    Query(page): Query<PageRequest>,
) -> Result<Json<Value>, Fail> {
    Ok(Json(json!(models.calls(&caller, &page).await?)))
}

fn card(served: &Served) -> Value {
    let owner = served.name.split('/').next();
    json!({
        "id": served.name, "object": "model", "created": served.registered_at.0.div_euclid(1_000_000),
        "owned_by": owner
    })
}

async fn list_models(State(models): State<Models>) -> Result<Json<Value>, Fail> {
    let cards: Vec<_> = models.list().await?.iter().map(card).collect();
    Ok(Json(json!({"object": "list", "data": cards})))
}

async fn get_model(State(models): State<Models>, Path(id): Path<String>) -> Result<Json<Value>, Fail> {
    Ok(Json(card(&models.get(&id).await?)))
}

async fn create_chat_completion(State(models): State<Models>, caller: Caller, body: Bytes) -> Response {
    answer(&models, &caller, Door::Chat, request::chat(&body)).await
}

async fn create_completion(State(models): State<Models>, caller: Caller, body: Bytes) -> Response {
    answer(&models, &caller, Door::Completion, request::completion(&body)).await
}

/// Every answer, good or bad, names its request.
async fn answer(models: &Models, caller: &Caller, door: Door, ask: Result<Ask>) -> Response {
    let id = Id::<Request>::generate();
    let answered = match ask {
        Ok(ask) => try_answer(models, caller, door, ask, id).await,
        Err(error) => Err(error),
    };
    let mut response = answered.unwrap_or_else(|error| {
        let busy = matches!(error.kind, Kind::Limited | Kind::Unavailable);
        let mut response = Fail(error).into_response();
        if busy {
            response.headers_mut().insert("retry-after", HeaderValue::from_static("2"));
        }
        response
    });
    set(&mut response, "x-request-id", &id.to_string());
    response
}

fn set(response: &mut Response, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
}

async fn try_answer(
    models: &Models,
    caller: &Caller,
    door: Door,
    ask: Ask,
    id: Id<Request>,
) -> Result<Response> {
    let served = models.get(&ask.model).await?;
    let seat = models.desk.sit()?;
    let model = models.shelf.get(&models.hub, &served.reference).await?;
    let head = Head {
        door,
        id: format!("{}-{id}", door.prefix()),
        created: models.commons.now().0.div_euclid(1_000_000),
        model: served.name.clone(),
        logprobs: ask.logprobs.is_some(),
        include_usage: ask.include_usage,
    };
    let (streams, prompts) = (ask.stream, ask.prompts.len());
    let seed = ask.seed.unwrap_or_else(|| seed_of(id));
    let work = tokio::task::spawn_blocking(move || Work::new(model, ask, seed));
    let work = work.await.map_err(Error::internal)??;
    let running = models.start(caller, id, served, work, seat).await?;
    let charge = running.charge;
    let mut response =
        if streams { stream::respond(head, running) } else { whole(head, prompts, running).await? };
    set(&mut response, "x-mosu-charge", &charge.to_string());
    Ok(response)
}

/// Ids are unique, so two calls without a seed get different answers.
fn seed_of(id: Id<Request>) -> u64 {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut hasher = DefaultHasher::new();
    id.to_string().hash(&mut hasher);
    hasher.finish()
}

async fn whole(head: Head, prompts: usize, mut running: Running) -> Result<Response> {
    let mut whole = Whole::new(prompts);
    while let Some(message) = running.messages.recv().await {
        match message {
            Message::Piece(piece) => whole.take(piece),
            Message::Done(usage) => return Ok(Json(head.whole(whole, usage)).into_response()),
            Message::Failed(error) => return Err(error),
        }
    }
    Err(Error::internal("the pump ended without an ending"))
}

//! `mosu up`: the server, its operator, and its background loops.

use crate::{
    client::write_key,
    config::Config,
    metrics,
    output::is_watched,
    platforms::{OPERATOR, Platforms},
};
use anyhow::{Context, Result};
use axum::{
    Json, Router,
    extract::Request,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use commons::{
    Commons, audit,
    http::{Envelope, Facts, Fail, Routes, Rule},
    identity::{self, NewOrg, NewToken, Scopes},
};
use kernel::Error;
use serde_json::{Value, json};
use std::{io::Write, net::SocketAddr, sync::Arc, time::Duration};
use tokio::{net::TcpListener, sync::oneshot};
use tracing_subscriber::EnvFilter;

/// How often expired reservations are given back.
const SWEEP_INTERVAL: Duration = Duration::from_secs(10);

/// A server that listens.
pub struct Running {
    /// Where.
    pub address: SocketAddr,
    /// Dropped or sent to, it stops the server.
    pub stop: oneshot::Sender<()>,
    /// Ends when the server has stopped.
    pub done: tokio::task::JoinHandle<Result<()>>,
}

impl Running {
    /// Its address as a URL.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

/// Runs the server until it is told to stop by a signal.
pub fn up(config: &Config) -> Result<()> {
    start_log(&config.server.log)?;
    runtime()?.block_on(async {
        let running = start(config).await?;
        eprintln!("Mosu is up at {}", running.url());
        stop_signal().await?;
        eprintln!("stopping; running jobs go on and are found again by the next start");
        let _ = running.stop.send(());
        running.done.await?
    })
}

/// The runtime that a server lives in.
pub fn runtime() -> Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_multi_thread().enable_all().build()?)
}

/// Sends the log to stderr.
pub fn start_log(filter: &str) -> Result<()> {
    let filter =
        EnvFilter::try_new(filter).context("server.log is no filter; one looks like info,sqlx=warn")?;
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(is_watched())
        .with_writer(std::io::stderr)
        .finish();
    // A second server in one process keeps the first one's log.
    let _ = tracing::subscriber::set_global_default(subscriber);
    Ok(())
}

/// Ends when the process is asked to end.
pub async fn stop_signal() -> Result<()> {
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
    Ok(())
}

/// Starts a server: opens the platforms, makes the operator at the first start, and listens.
pub async fn start(config: &Config) -> Result<Running> {
    let listener = TcpListener::bind(&config.server.listen).await.map_err(|error| {
        let text = format!("can't listen on {}: {error}; choose another with --listen", config.server.listen);
        Error::invalid("listen_failed", text)
    })?;
    let address = listener.local_addr()?;
    let url = format!("http://{address}");
    let platforms = Platforms::open(config, &url).await?;
    let data = &config.server.data;
    if let Some(secret) = ensure_operator(&platforms.commons).await? {
        write_key(data, OPERATOR, secret.reveal())?;
        eprintln!("the operator's token lies in {}", data.join("tokens").join(OPERATOR).display());
    }
    write_endpoint(data, &url)?;
    let router = router(&platforms);
    let (stop, stopped) = oneshot::channel::<()>();
    let sweeper = tokio::spawn(sweep(platforms.clone()));
    let loops = [sweeper, tokio::spawn(async move { platforms.run_jobs().await })];
    let done = tokio::spawn(async move {
        let listener = axum::serve::ListenerExt::tap_io(listener, |stream| {
            // Without this, a streamed token waits for the acknowledgement of the one before.
            let _ = stream.set_nodelay(true);
        });
        let served = axum::serve(listener, router).with_graceful_shutdown(async {
            let _ = stopped.await;
        });
        let outcome = served.await.map_err(anyhow::Error::from);
        loops.iter().for_each(tokio::task::JoinHandle::abort);
        outcome
    });
    Ok(Running { address, stop, done })
}

fn write_endpoint(data: &std::path::Path, url: &str) -> Result<()> {
    let staged = data.join(".endpoint.new");
    let mut file = std::fs::File::create(&staged)?;
    writeln!(file, "{url}")?;
    std::fs::rename(staged, data.join("endpoint")).context("the data folder can't be written")
}

/// Makes the operator's organisation when there is none; returns its first token.
async fn ensure_operator(commons: &Commons) -> Result<Option<identity::Secret>> {
    if identity::find_org_by_slug(commons.db.pool(), OPERATOR).await.is_ok() {
        return Ok(None);
    }
    let now = commons.now();
    let made = commons.db.write(move |tx| {
        Box::pin(async move {
            let name = "Community operator 社区运营方".to_owned();
            let org = NewOrg { slug: OPERATOR.to_owned(), name, operator: true, profile: Value::Null };
            let org = identity::create_org(tx, now, &org).await?;
            let token = NewToken {
                org,
                person: None,
                job: None,
                name: "first token".into(),
                scopes: Scopes::operator(),
                expires_at: None,
            };
            let (_, secret) = identity::mint_token(tx, now, &token).await?;
            audit::record(tx, now, "system", "operator.create", &org.to_string(), json!({})).await?;
            Ok(secret)
        })
    });
    Ok(Some(made.await?))
}

async fn sweep(platforms: Platforms) {
    loop {
        tokio::time::sleep(SWEEP_INTERVAL).await;
        match platforms.sweep().await {
            Ok(0) => {}
            Ok(count) => tracing::info!(count, "expired charges and vouchers were given back"),
            Err(error) => tracing::error!(error = error.chain(), "what expired can't be given back"),
        }
    }
}

/// Every route of the server with its rule.
pub fn routes(platforms: &Platforms) -> Routes {
    let health = Routes::new(&platforms.commons, Envelope::Problem).get(
        "/healthz",
        Rule::Public,
        healthz,
        platforms.commons.clone(),
    );
    platforms.routes().merge(health).merge(metrics::routes(platforms))
}

fn router(platforms: &Platforms) -> Router {
    routes(platforms).into_router().fallback(unknown_route).method_not_allowed_fallback(wrong_method)
}

async fn healthz(commons: axum::extract::State<Commons>) -> Result<Json<Value>, Fail> {
    // A chain that can be read says that the database answers.
    identity::find_org_by_slug(commons.db.pool(), OPERATOR).await?;
    Ok(Json(json!({"status": "ok", "version": env!("CARGO_PKG_VERSION")})))
}

async fn unknown_route(request: Request) -> Response {
    let facts = Facts { uri: request.uri().clone(), headers: request.headers().clone() };
    let path = facts.uri.path();
    let (envelope, error) = match hub::http::unknown_route(path) {
        Some(error) => (Envelope::Hub, error),
        None if path.starts_with("/v1/") => (
            Envelope::OpenAi,
            Error::not_found("route_missing", "this part of OpenAI's API is not served here"),
        ),
        None if path.starts_with("/api/") => {
            (Envelope::Problem, Error::not_found("route_missing", "there is no such route"))
        }
        None => (
            Envelope::Page(Arc::new(console::errors::render)),
            Error::not_found("page_missing", "there is no such page"),
        ),
    };
    envelope.render(Fail(error).into_response(), &facts)
}

async fn wrong_method() -> Response {
    let body = json!({"status": 405, "code": "method_not_allowed", "title": "Method Not Allowed",
        "detail": "this address doesn't answer to this method"});
    (StatusCode::METHOD_NOT_ALLOWED, Json(body)).into_response()
}

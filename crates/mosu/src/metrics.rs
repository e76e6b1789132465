//! `GET /metrics`: what the server counts, for Prometheus.

use crate::platforms::Platforms;
use axum::{
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use commons::{
    Commons,
    http::{Envelope, Fail, Routes, Rule},
    identity::Scope,
    metrics::{CONTENT_TYPE, Counter, Registry, gauge},
};
use std::sync::atomic::Ordering;

/// The route, for tokens that may watch.
pub fn routes(platforms: &Platforms) -> Routes {
    let routes = Routes::new(&platforms.commons, Envelope::Problem);
    routes.get("/metrics", Rule::Needs(Scope::Watch), metrics, platforms.clone())
}

async fn metrics(State(platforms): State<Platforms>) -> Result<Response, Fail> {
    let text = platforms.commons.metrics.text(|registry| {
        platforms.measure(registry);
        measure_database(&platforms.commons, registry);
        measure_process(registry);
    })?;
    Ok(([(header::CONTENT_TYPE, CONTENT_TYPE)], text).into_response())
}

fn measure_database(commons: &Commons, registry: &mut Registry) {
    let written = commons.db.written();
    for (name, help, value) in [
        ("mosu_database_operations", "Changes that callers asked for", &written.operations),
        ("mosu_database_commits", "Durable commits that they shared", &written.commits),
    ] {
        count(registry, name, help, value.load(Ordering::Relaxed));
    }
}

/// Under the names that Prometheus' own libraries give them.
fn measure_process(registry: &mut Registry) {
    let pid = std::process::id();
    for (name, help, value) in [
        ("process_resident_memory_bytes", "Memory of this server", cell::process::resident_bytes(pid)),
        ("process_open_fds", "Files and connections that it has open", open_files()),
    ] {
        gauge(registry, name, help, [([], value as f64)]);
    }
    let seconds = Counter::<f64, std::sync::atomic::AtomicU64>::default();
    seconds.inc_by(cell::process::cpu_micros(pid) as f64 / 1e6);
    registry.register("process_cpu_seconds", "Processor time that it used", seconds);
}

fn open_files() -> i64 {
    std::fs::read_dir("/proc/self/fd").map_or(0, |files| files.count() as i64)
}

fn count(registry: &mut Registry, name: &str, help: &str, value: u64) {
    let counter: Counter = Counter::default();
    counter.inc_by(value);
    registry.register(name, help, counter);
}

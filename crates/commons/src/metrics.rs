//! What is counted for whoever watches the server, in Prometheus' text format (OpenMetrics 1.0).
//!
//! Totals only: no label names a person or a job, nor an organisation other than in the name of a model that is
//! served to all; and each label has few values. Names follow Prometheus' rules: `mosu_` first, the unit last.

use axum::http::{Method, StatusCode};
use kernel::{Error, Result};
use prometheus_client::{
    encoding::text::{encode_eof, encode_registry},
    metrics::gauge::Gauge,
    registry::Metric,
};
use std::{
    borrow::Cow,
    sync::{Mutex, PoisonError, atomic::AtomicU64},
    time::Duration,
};

pub use prometheus_client::{
    metrics::{counter::Counter, family::Family, histogram::Histogram},
    registry::Registry,
};

/// What tells the values of one name apart.
pub type Labels<const N: usize> = [(&'static str, Cow<'static, str>); N];

/// Media type of [`Metrics::text`].
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Upper bounds of an answer's time, in seconds.
const ANSWER_SECONDS: [f64; 8] = [0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10.0, 60.0];

/// What was counted since the server started.
#[derive(Debug)]
pub struct Metrics {
    registry: Mutex<Registry>,
    requests: Family<Labels<3>, Counter>,
    seconds: Family<Labels<2>, Histogram>,
}

impl Default for Metrics {
    fn default() -> Self {
        let requests = Family::default();
        let seconds = Family::new_with_constructor((|| Histogram::new(ANSWER_SECONDS)) as fn() -> Histogram);
        let metrics =
            Self { registry: Mutex::default(), requests: requests.clone(), seconds: seconds.clone() };
        metrics.register("mosu_http_requests", "Requests that were answered", requests);
        metrics.register(
            "mosu_http_request_seconds",
            "From a request to the beginning of its answer",
            seconds,
        );
        metrics
    }
}

impl Metrics {
    /// Adds something that a platform counts.
    pub fn register(&self, name: &str, help: &str, metric: impl Metric) {
        self.registry.lock().unwrap_or_else(PoisonError::into_inner).register(name, help, metric);
    }

    /// Counts an answer of `route`, which is its pattern, not a path with somebody's names.
    pub(crate) fn note_answer(&self, method: &Method, route: &str, status: StatusCode, took: Duration) {
        let method = ("method", Cow::from(method.to_string()));
        let route = ("route", Cow::from(route.to_owned()));
        let seconds = self.seconds.get_or_create_owned(&[method.clone(), route.clone()]);
        seconds.observe(took.as_secs_f64());
        let status = ("status", Cow::from(status.as_str().to_owned()));
        self.requests.get_or_create_owned(&[method, route, status]).inc();
    }

    /// All that was counted, and what `measure` adds about this moment.
    pub fn text(&self, measure: impl FnOnce(&mut Registry)) -> Result<String> {
        let mut present = Registry::default();
        measure(&mut present);
        let mut text = String::new();
        let counted = self.registry.lock().unwrap_or_else(PoisonError::into_inner);
        encode_registry(&mut text, &counted)
            .and_then(|()| encode_registry(&mut text, &present))
            .and_then(|()| encode_eof(&mut text))
            .map_err(Error::internal)?;
        Ok(text)
    }
}

/// Adds a gauge with a value for each of the labels.
pub fn gauge<const N: usize>(
    registry: &mut Registry,
    name: &str,
    help: &str,
    values: impl IntoIterator<Item = (Labels<N>, f64)>,
) {
    let family = Family::<Labels<N>, Gauge<f64, AtomicU64>>::default();
    for (labels, value) in values {
        family.get_or_create_owned(&labels).set(value);
    }
    registry.register(name, help, family);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_counted_and_what_is_now_are_one_text() {
        let metrics = Metrics::default();
        for took in [3, 300] {
            metrics.note_answer(
                &Method::GET,
                "/api/v1/jobs/{id}",
                StatusCode::OK,
                Duration::from_millis(took),
            );
        }
        let text = metrics.text(|present| {
            gauge(present, "mosu_jobs", "Jobs", [([("state", "waiting".into())], 7.0)]);
        });
        let text = text.unwrap();
        for line in [
            "mosu_http_requests_total{method=\"GET\",route=\"/api/v1/jobs/{id}\",status=\"200\"} 2",
            "mosu_http_request_seconds_bucket{le=\"0.005\",method=\"GET\",route=\"/api/v1/jobs/{id}\"} 1",
            "mosu_http_request_seconds_count{method=\"GET\",route=\"/api/v1/jobs/{id}\"} 2",
            "# TYPE mosu_jobs gauge",
            "mosu_jobs{state=\"waiting\"} 7.0",
        ] {
            assert!(text.lines().any(|found| found == line), "{line} isn't in\n{text}");
        }
        assert!(text.ends_with("# EOF\n"));
    }
}

//! What Prometheus is told of the API, beside what the ledger tells.

use axum::extract::State;
use axum::http::{Method, header};
use axum::response::{IntoResponse, Response};
use prometheus::{HistogramOpts, HistogramVec, IntCounterVec, IntGauge, Opts, Registry};

use crate::app::{App, blocking};
use crate::problem::Problem;

/// The metrics of the API.
pub(crate) struct HttpMetrics {
    requests: IntCounterVec,
    command_seconds: HistogramVec,
    pub(crate) live_feeds: IntGauge,
    pub(crate) connections: IntGauge,
}

/// From half a millisecond to ten seconds: a command waits for a disk at least once.
const SECONDS: [f64; 10] = [5e-4, 1e-3, 2.5e-3, 5e-3, 1e-2, 5e-2, 0.25, 1.0, 2.5, 10.0];

impl HttpMetrics {
    /// Makes and registers them.
    pub(crate) fn new(registry: &Registry) -> HttpMetrics {
        let requests = Opts::new("tributary_http_requests_total", "Requests, by endpoint, method and status.");
        let seconds = HistogramOpts::new(
            "tributary_command_duration_seconds",
            "Answering what appends to the ledger, by endpoint and method.",
        );
        let metrics = HttpMetrics {
            requests: IntCounterVec::new(requests, &["endpoint", "method", "status"]).expect("well formed"),
            command_seconds: HistogramVec::new(seconds.buckets(SECONDS.to_vec()), &["endpoint", "method"])
                .expect("well formed"),
            live_feeds: IntGauge::new("tributary_live_feeds", "Feeds that go on live.").expect("well formed"),
            connections: IntGauge::new("tributary_http_connections", "Open connections.").expect("well formed"),
        };
        let collectors: [Box<dyn prometheus::core::Collector>; 4] = [
            Box::new(metrics.requests.clone()),
            Box::new(metrics.command_seconds.clone()),
            Box::new(metrics.live_feeds.clone()),
            Box::new(metrics.connections.clone()),
        ];
        for collector in collectors {
            if let Err(error) = registry.register(collector) {
                tracing::error!(%error, "a metric of the API is not shown");
            }
        }
        metrics
    }
}

impl App {
    /// Counts a request that was answered after so many seconds. An endpoint is a template, never a path as sent.
    pub(crate) fn count_request(&self, endpoint: &str, method: &Method, status: u16, seconds: f64) {
        let method = known_method(method);
        self.metrics().requests.with_label_values(&[endpoint, method, &status.to_string()]).inc();
        match method {
            "GET" | "HEAD" => self.process_metrics().observe_query(endpoint, seconds),
            "POST" | "PUT" | "PATCH" => {
                self.metrics().command_seconds.with_label_values(&[endpoint, method]).observe(seconds);
            }
            _ => {}
        }
    }
}

/// Methods that are made up share one name.
fn known_method(method: &Method) -> &'static str {
    const KNOWN: [&str; 8] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT"];
    KNOWN.into_iter().find(|known| *known == method.as_str()).unwrap_or("other")
}

/// Everything that Prometheus is told.
#[utoipa::path(
    get, path = "/metrics", tag = "about", security(()),
    responses((status = 200, body = String, content_type = "text/plain", description = "Prometheus' text format."))
)]
pub(crate) async fn get_metrics(State(app): State<App>) -> Result<Response, Problem> {
    let text = blocking(move || match app.ledger_if_open() {
        Some(ledger) => ledger.metrics_text(),
        None => {
            let opening = [app.opening()];
            app.process_metrics().set_readiness(&opening, &opening);
            app.process_metrics().text()
        }
    });
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text.await?).into_response())
}

//! What Prometheus is told of the API, beside what the ledger tells.

use axum::http::Method;
use ingest::metrics::{Kind, Metrics};
use prometheus::{HistogramOpts, HistogramVec, IntCounterVec, IntGauge, Opts};

use crate::auth::Refreshed;
use crate::live_places::LivePlaces;
use crate::server::connections::{Admission, Closed};

/// The metrics of the API. Clones are the same.
#[derive(Clone)]
pub(crate) struct HttpMetrics {
    requests: IntCounterVec,
    command_seconds: HistogramVec,
    pub(crate) connections: IntGauge,
    pub(crate) connections_max: IntGauge,
    refused: IntCounterVec,
    closed: IntCounterVec,
    live_feeds: IntGauge,
    live_pages: IntGauge,
    live_refused: IntCounterVec,
    keys_asked: IntCounterVec,
    rated: IntCounterVec,
}

const COMMAND_SECONDS: &str = "tributary_command_duration_seconds";

/// From half a millisecond to ten seconds: a command waits for a disk at least once.
const SECONDS: [f64; 10] = [5e-4, 1e-3, 2.5e-3, 5e-3, 1e-2, 5e-2, 0.25, 1.0, 2.5, 10.0];

impl HttpMetrics {
    /// Makes and registers them.
    pub(crate) fn new(process: &Metrics) -> HttpMetrics {
        let requests = Opts::new("tributary_http_requests_total", "Requests, by endpoint, method and status.");
        let seconds =
            HistogramOpts::new(COMMAND_SECONDS, "Answering what appends to the ledger, by endpoint and method.");
        let metrics = HttpMetrics {
            requests: IntCounterVec::new(requests, &["endpoint", "method", "status"]).expect("well formed"),
            command_seconds: HistogramVec::new(seconds.buckets(SECONDS.to_vec()), &["endpoint", "method"])
                .expect("well formed"),
            connections: gauge("tributary_http_connections", "Open connections."),
            connections_max: gauge(
                "tributary_http_connections_max",
                "The most connections that are served at a time; 0 before it listens.",
            ),
            refused: counters(
                "tributary_http_connections_refused_total",
                "Connections that there was no place for.",
                "reason",
            ),
            closed: counters(
                "tributary_http_connections_closed_total",
                "Connections that were closed before their clients closed them.",
                "reason",
            ),
            live_feeds: gauge("tributary_live_feeds", "Feeds that go on live."),
            live_pages: gauge("tributary_live_pages", "Open pages that are told when the ledger grows."),
            live_refused: counters("tributary_live_refused_total", "Live streams that there was no place for.", "kind"),
            keys_asked: counters(
                "tributary_provider_keys_asked_total",
                "Times the provider was asked for the keys of tokens, by what came of it.",
                "outcome",
            ),
            rated: counters(
                "tributary_http_rate_refused_total",
                "Requests refused because one caller or one address asks too often.",
                "of",
            ),
        };
        for of in ["caller", "address"] {
            metrics.rated.with_label_values(&[of]);
        }
        for refreshed in [Refreshed::Taken, Refreshed::Failed] {
            metrics.keys_asked.with_label_values(&[refreshed.as_str()]);
        }
        for why in Closed::ALL {
            metrics.closed.with_label_values(&[why.as_str()]);
        }
        let collectors: [(Kind, Box<dyn prometheus::core::Collector>); 11] = [
            (Kind::Counter, Box::new(metrics.requests.clone())),
            (Kind::Histogram, Box::new(metrics.command_seconds.clone())),
            (Kind::Gauge, Box::new(metrics.connections.clone())),
            (Kind::Gauge, Box::new(metrics.connections_max.clone())),
            (Kind::Counter, Box::new(metrics.refused.clone())),
            (Kind::Counter, Box::new(metrics.closed.clone())),
            (Kind::Gauge, Box::new(metrics.live_feeds.clone())),
            (Kind::Gauge, Box::new(metrics.live_pages.clone())),
            (Kind::Counter, Box::new(metrics.live_refused.clone())),
            (Kind::Counter, Box::new(metrics.keys_asked.clone())),
            (Kind::Counter, Box::new(metrics.rated.clone())),
        ];
        for (kind, collector) in collectors {
            if let Err(error) = process.register(kind, collector) {
                tracing::error!(%error, "a metric of the API is not shown");
            }
        }
        metrics
    }

    /// The places for live feeds.
    pub(crate) fn live_feeds(&self, max: usize) -> LivePlaces {
        let refused = self.live_refused.with_label_values(&["feeds"]);
        LivePlaces::new(max, "live feeds", self.live_feeds.clone(), refused)
    }

    /// The places for pages that are told when the ledger grows.
    pub(crate) fn live_pages(&self, max: usize) -> LivePlaces {
        let refused = self.live_refused.with_label_values(&["pages"]);
        LivePlaces::new(max, "live pages", self.live_pages.clone(), refused)
    }

    /// Counts a connection for which there was no place.
    pub(crate) fn count_admission(&self, admission: Admission) {
        let reason = match admission {
            Admission::Served => return,
            Admission::Full => "full",
            Admission::TooManyOfAddress => "address",
        };
        self.refused.with_label_values(&[reason]).inc();
    }

    /// Counts what came of asking a provider for its keys, if it was asked.
    pub(crate) fn count_keys_asked(&self, outcome: Option<Refreshed>) {
        if let Some(outcome) = outcome {
            self.keys_asked.with_label_values(&[outcome.as_str()]).inc();
        }
    }

    /// Counts a request that was refused because somebody asks too often.
    pub(crate) fn count_rated(&self, of: &str, is_refused: bool) {
        if is_refused {
            self.rated.with_label_values(&[of]).inc();
        }
    }

    /// Counts a connection that the server closed.
    pub(crate) fn count_closed(&self, why: Closed) {
        self.closed.with_label_values(&[why.as_str()]).inc();
    }

    /// Counts a request that was answered after so many seconds. An endpoint is a template, never a path as sent.
    pub(crate) fn count_request(&self, process: &Metrics, endpoint: &str, method: &Method, status: u16, seconds: f64) {
        let method = known_method(method);
        self.requests.with_label_values(&[endpoint, method, &status.to_string()]).inc();
        match method {
            "GET" | "HEAD" => process.observe_query(endpoint, seconds),
            "POST" | "PUT" | "PATCH" => {
                self.command_seconds.with_label_values(&[endpoint, method]).observe(seconds);
                process.exemplar(COMMAND_SECONDS, &[endpoint, method], &SECONDS, seconds);
            }
            _ => {}
        }
    }
}

// Names and labels are written here in the source.

fn gauge(name: &str, help: &str) -> IntGauge {
    IntGauge::new(name, help).expect("well formed")
}

fn counters(name: &str, help: &str, label: &str) -> IntCounterVec {
    IntCounterVec::new(Opts::new(name, help), &[label]).expect("well formed")
}

/// Methods that are made up share one name.
fn known_method(method: &Method) -> &'static str {
    const KNOWN: [&str; 8] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT"];
    KNOWN.into_iter().find(|known| *known == method.as_str()).unwrap_or("other")
}

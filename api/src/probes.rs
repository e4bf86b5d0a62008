//! Whether the process lives, whether it answers for the whole ledger, and whether it takes in all that it is to take
//! in; and its metrics.

use axum::Json;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use ingest::metrics::MetricsFormat;
use ingest::{Missing, ReplayProgress};
use serde::Serialize;
use utoipa::ToSchema;

use crate::accept::is_named;
use crate::app::{App, blocking};
use crate::missing::MissingPart;
use crate::parameters::{Given, INGEST, parameters, read_query_string};
use crate::problem::{Problem, ProblemKind};

parameters! { ReadyParameters: INGEST }

/// The formats of metrics, by media type.
const TEXT: &str = "text/plain";
const OPEN_METRICS: &str = "application/openmetrics-text";

/// What tells an orchestrator and a monitor how it is. It is answered when nothing else is.
pub(crate) const PROBES: [&str; 3] = ["/healthz", "/readyz", "/metrics"];

/// Whether a path is that of a probe.
pub(crate) fn is_probe(path: &str) -> bool {
    PROBES.contains(&path)
}

/// `GET /healthz`.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Health {
    /// `alive`, always.
    status: &'static str,
}

/// `GET /readyz`, where it is ready.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Ready {
    /// True.
    ready: bool,
    /// Nothing; where something is missing, the problem names it.
    missing: Vec<MissingPart>,
    /// The position that answers reflect.
    position: u64,
}

/// The process lives.
#[utoipa::path(get, path = "/healthz", tag = "about", security(()), responses((status = 200, body = Health)))]
pub(crate) async fn get_health() -> Json<Health> {
    Json(Health { status: "alive" })
}

/// Ready once it answers for the whole ledger, whatever becomes of the sources; with `ingest=true` only if, besides,
/// everything that it is to read is being read. Else 503 and what is missing.
#[utoipa::path(
    get, path = "/readyz", tag = "about", security(()), params(ReadyParameters),
    responses(
        (status = 200, body = Ready),
        (status = 400, body = crate::problem::ProblemDetails<'static>, content_type = "application/problem+json", description = "A parameter is wrong"),
        (status = 503, body = crate::problem::ProblemDetails<'static>, content_type = "application/problem+json", description = "What is missing."),
    )
)]
pub(crate) async fn get_readiness(State(app): State<App>, RawQuery(query): RawQuery) -> Result<Json<Ready>, Problem> {
    let parameters = read_query_string(query.as_deref().unwrap_or_default())?;
    let to_ingest = Given::of(&parameters, ReadyParameters::ALL)?.get(&INGEST)?.unwrap_or(false);
    let (missing, position) = blocking(move || missing(&app, to_ingest)).await?;
    match position.filter(|_| missing.is_empty()) {
        Some(position) => Ok(Json(Ready { ready: true, missing: Vec::new(), position })),
        None => Err(not_ready(missing)),
    }
}

/// What is missing, and the position that answers reflect, if there are any.
fn missing(app: &App, to_ingest: bool) -> (Vec<Missing>, Option<u64>) {
    let Some(ledger) = app.ledger_if_open() else { return (vec![app.opening()], None) };
    let readiness = ledger.readiness();
    let missing = if to_ingest { readiness.missing_to_ingest() } else { readiness.missing_to_answer() };
    (missing, Some(ledger.position()))
}

fn not_ready(missing: Vec<Missing>) -> Problem {
    let names: Vec<&str> = missing.iter().map(|missing| &*missing.what).collect();
    let detail = format!("not ready: {}; `missing` says why", names.join(", "));
    let missing = missing.into_iter().map(MissingPart::from).collect();
    Problem { missing, ..Problem::new(ProblemKind::Unavailable, detail) }
}

impl App {
    /// What is missing while there is no ledger yet: how far its opening is.
    pub(crate) fn opening(&self) -> Missing {
        let replayed =
            |replay: ReplayProgress| format!("it is being replayed: at position {} of {}", replay.position, replay.to);
        if let Some(waits) = self.waits() {
            return waits;
        }
        if let Some(detail) = self.snapshot() {
            return Missing { what: "ledger".to_owned(), detail };
        }
        let detail = self.replay().map_or_else(|| "it is being opened".to_owned(), replayed);
        Missing { what: "ledger".to_owned(), detail }
    }
}

/// Everything that Prometheus is told: in OpenMetrics' text format, with exemplars, where `Accept` prefers it by name, as
/// Prometheus does; else in its own.
#[utoipa::path(
    get, path = "/metrics", tag = "about", security(()),
    responses((
        status = 200, description = "Prometheus' text format, or OpenMetrics'.",
        content((String = "text/plain"), (String = "application/openmetrics-text")),
    ))
)]
pub(crate) async fn get_metrics(State(app): State<App>, headers: HeaderMap) -> Result<Response, Problem> {
    let (format, content_type) = if is_named(&headers, (OPEN_METRICS, "1.0.0"), TEXT) {
        (MetricsFormat::OpenMetrics, "application/openmetrics-text; version=1.0.0; charset=utf-8")
    } else {
        // Who takes neither is told all the same.
        (MetricsFormat::Prometheus, "text/plain; version=0.0.4; charset=utf-8")
    };
    let text = blocking(move || match app.ledger_if_open() {
        Some(ledger) => ledger.metrics_text_in(format),
        None => {
            if let Some(ledger) = app.waiting() {
                ledger.measure_replication();
            }
            let opening = [app.opening()];
            app.process_metrics().set_readiness(&opening, &opening);
            app.process_metrics().text_in(format)
        }
    });
    Ok(([(header::CONTENT_TYPE, content_type)], text.await?).into_response())
}

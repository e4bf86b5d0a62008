//! Whether a router lives and routes, and its metrics: answered beside it, on threads of their own.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Context;
use api::{App, Authenticator, MissingPart, Problem, ProblemKind, serve_own_probes};
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use ingest::metrics::Metrics;
use ingest::{Clock, Missing, SystemClock};
use route::RouteMetrics;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

use crate::config::{Key, Settings};
use crate::exit::Failure;
use crate::resources;

/// What is told: of the process, and of its router.
#[derive(Clone)]
struct Told {
    process: Arc<Metrics>,
    router: RouteMetrics,
}

/// Answers at this address until what is given is dropped. No token is asked for, and no TLS spoken.
///
/// # Errors
/// If it cannot listen there.
pub(super) fn answer(
    listen: SocketAddr,
    settings: &Settings,
    process: Arc<Metrics>,
    router: &RouteMetrics,
) -> Result<Runtime, Failure> {
    let runtime = resources::runtime()?;
    let listener = runtime.block_on(TcpListener::bind(listen)).with_context(|| {
        format!(
            "can't listen on {listen} for probes: choose another address in {} or --listen",
            Key::RouteListen.name()
        )
    })?;
    process.settings_taken(SystemClock::new().now());
    let app = App::with(Authenticator::open(), Arc::clone(&process), settings.http.options.clone());
    let told = Told { process, router: router.clone() };
    let probes = Router::new()
        .route("/healthz", get(health))
        .route("/readyz", get(readiness))
        .route("/metrics", get(metrics))
        .with_state(told);
    runtime.spawn(serve_own_probes(listener, app, probes, settings.http.limits.clone(), std::future::pending()));
    Ok(runtime)
}

async fn health() -> Json<Value> {
    Json(json!({ "status": "alive" }))
}

/// Ready while it reads what its group gives it.
async fn readiness(State(told): State<Told>) -> Response {
    let missing = told.router.missing();
    if missing.is_empty() {
        return Json(json!({ "ready": true, "missing": [], "partitions": told.router.partitions() })).into_response();
    }
    let all: Vec<String> = missing.iter().map(Missing::to_string).collect();
    let mut problem = Problem::new(ProblemKind::Unavailable, format!("not ready: {}", all.join("; ")));
    problem.missing = missing.into_iter().map(MissingPart::from).collect();
    problem.into_response()
}

async fn metrics(State(told): State<Told>) -> Response {
    let missing = told.router.missing();
    told.process.set_readiness(&missing, &missing);
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], told.process.text()).into_response()
}

//! Whether the process lives, and whether its numbers are whole.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::{App, blocking};
use crate::problem::Problem;

/// `GET /healthz`.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Health {
    /// `alive`, always.
    status: &'static str,
}

/// `GET /readyz`.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Ready {
    /// Whether the numbers reflect the ledger, and the ledger what can be read.
    ready: bool,
    /// What is missing, in words.
    missing: Vec<String>,
    /// What is not read, and is not meant to be, in words.
    unread: Vec<String>,
    /// The position that answers reflect; null while the ledger is replayed.
    position: Option<u64>,
}

/// The process lives.
#[utoipa::path(get, path = "/healthz", tag = "about", security(()), responses((status = 200, body = Health)))]
pub(crate) async fn get_health() -> Json<Health> {
    Json(Health { status: "alive" })
}

/// Ready once caught up with the ledger; else 503 and what is missing.
#[utoipa::path(
    get, path = "/readyz", tag = "about", security(()),
    responses((status = 200, body = Ready), (status = 503, body = Ready, description = "What is missing."))
)]
pub(crate) async fn get_readiness(State(app): State<App>) -> Result<Response, Problem> {
    let ready = blocking(move || readiness(&app)).await?;
    let status = if ready.ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    Ok((status, Json(ready)).into_response())
}

fn readiness(app: &App) -> Ready {
    let Some(ledger) = app.ledger_if_open() else {
        let replay = app.replay().map_or_else(
            || "the ledger is being opened".to_owned(),
            |replay| format!("the ledger is being replayed: at position {} of {}", replay.position, replay.to),
        );
        return Ready { ready: false, missing: vec![replay], unread: Vec::new(), position: None };
    };
    let readiness = ledger.readiness();
    let mut missing = Vec::new();
    if !readiness.caught_up {
        missing.push("the state is behind the ledger".to_owned());
    }
    if let Some(failure) = &readiness.failure {
        missing.push(format!("the ledger takes nothing more: {failure}"));
    }
    let (lost, unread): (Vec<_>, Vec<_>) = readiness.unread.iter().partition(|unread| unread.why.needs_help());
    missing.extend(lost.iter().map(ToString::to_string));
    let unread = unread.iter().map(ToString::to_string).collect();
    Ready { ready: readiness.is_ready(), missing, unread, position: Some(ledger.position()) }
}

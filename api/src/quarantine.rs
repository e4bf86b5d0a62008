//! What operators do to quarantined events: try them again, replace them, set them aside.

use axum::extract::{Request, State};
use ingest::{Acted, Handle, Operator, QuarantineError};
use ledger::QuarantineId;

use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::asking::Asking;
use crate::body::{ACT_REASON, BodyFields, Shape, body, receive};
use crate::caller::Privilege;
use crate::commands::{not_taken, read_body};
use crate::content_type::require_media_type;
use crate::events::{EventResult, single};
use crate::openapi::CommandRefusals;
use crate::parameters::{ACT_REASON_PARAMETER, Given, parameters};
use crate::problem::{Problem, ProblemKind};
use crate::query::Answer;
use crate::query::quarantine::{Bytes, id_of_path, not_there, row};
use crate::views::{QuarantineAct, QuarantineRow};

parameters! { ActParameters: }
parameters! { ReplaceParameters: ACT_REASON_PARAMETER }

body!(DiscardBody, "Why an event is not wanted.", required: [ACT_REASON], optional: []);
body!(RedriveBody, "Why an event is tried again.", optional: [ACT_REASON], may be absent);

const MEDIA_TYPES: &[&str] = &["application/cloudevents+json"];
/// As of a body of events: what is too large for an event is quarantined like any other.
const BODY_BYTES_MAX: usize = 32 * 1024 * 1024;

/// A quarantined event after something was done to it. One that got in is no longer in quarantine: its state is
/// `redriven`.
#[derive(Debug, Serialize, ToSchema)]
pub struct ActedRow {
    #[serde(flatten)]
    row: QuarantineRow,
    /// What became of the event that was tried; null of a discard.
    outcome: Option<EventResult>,
}

/// The row of an event to which something was done: as it is now, or as it was if it has left quarantine.
///
/// # Errors
/// If the ledger cannot be read.
pub fn acted_row(ledger: &Handle, operator: &Operator, acted: Acted) -> Result<ActedRow, Problem> {
    let now = ledger.read(|view| view.quarantine().get(acted.before.id));
    let mut row = row(&ledger.reader(), now.unwrap_or(acted.before), Bytes::Whole)?;
    let outcome = acted.outcome.map(EventResult::from);
    if now.is_none() {
        row.state = "redriven";
        row.act = Some(QuarantineAct {
            kind: "redriven",
            by: operator.by.clone(),
            at: acted.at,
            why: operator.why.clone(),
            position: outcome.as_ref().and_then(|outcome| outcome.position),
        });
    }
    Ok(ActedRow { row, outcome })
}

/// Tries a quarantined event again: what is accepted or a duplicate leaves quarantine, all else stays, and is open.
#[utoipa::path(
    post, path = "/v1/quarantine/{id}/redrive", tag = "operation",
    params(("id" = u64, Path, description = "Its number."), ActParameters), request_body = RedriveBody,
    responses((status = 200, body = ActedRow), CommandRefusals)
)]
pub(crate) async fn post_redrive(State(app): State<App>, asking: Asking, request: Request) -> Result<Answer, Problem> {
    let why = receive_fields(&asking, request, RedriveBody::SHAPE).await?.get(&ACT_REASON)?.unwrap_or_default();
    act(app, asking, why, |ledger, id, operator| Ok(ledger.redrive(&[id], operator)?.pop())).await
}

/// Says of a quarantined event that it is not wanted. It is kept, and listed as discarded; a redrive takes it back.
#[utoipa::path(
    post, path = "/v1/quarantine/{id}/discard", tag = "operation",
    params(("id" = u64, Path, description = "Its number."), ActParameters), request_body = DiscardBody,
    responses((status = 200, body = ActedRow), CommandRefusals)
)]
pub(crate) async fn post_discard(State(app): State<App>, asking: Asking, request: Request) -> Result<Answer, Problem> {
    let why = receive_fields(&asking, request, DiscardBody::SHAPE).await?.require(&ACT_REASON)?;
    act(app, asking, why, |ledger, id, operator| Ok(ledger.discard(&[id], operator)?.pop())).await
}

/// Puts a mended event in the place of a quarantined one. It is judged as any event: only if it is accepted or a
/// duplicate the old one is replaced; else it is quarantined itself, and `outcome` says why.
#[utoipa::path(
    post, path = "/v1/quarantine/{id}/replace", tag = "operation",
    params(("id" = u64, Path, description = "Its number."), ReplaceParameters),
    request_body(content((serde_json::Value = "application/cloudevents+json")), description = "One CloudEvent in JSON."),
    responses((status = 200, body = ActedRow), CommandRefusals)
)]
pub(crate) async fn post_replace(State(app): State<App>, asking: Asking, request: Request) -> Result<Answer, Problem> {
    let (parts, body) = request.into_parts();
    asking.caller.require(Privilege::Operate)?;
    let why = Given::of(&asking.parameters, ReplaceParameters::ALL)?.get(&ACT_REASON_PARAMETER)?.unwrap_or_default();
    require_media_type(&parts.headers, MEDIA_TYPES)?;
    let body = receive(&parts.headers, body, BODY_BYTES_MAX).await?;
    let mended = single(&body)?.as_bytes().to_vec();
    act(app, asking, why, move |ledger, id, operator| Ok(Some(ledger.replace(id, &mended, operator)?))).await
}

/// The fields of a body, if its bearer may act.
async fn receive_fields(asking: &Asking, request: Request, shape: Shape) -> Result<BodyFields, Problem> {
    asking.caller.require(Privilege::Operate)?;
    Given::of(&asking.parameters, ActParameters::ALL)?;
    let (parts, body) = request.into_parts();
    read_body(&parts.headers, body, shape).await
}

/// Does something to the event that the path names, and answers its row.
async fn act(
    app: App,
    asking: Asking,
    why: String,
    act: impl FnOnce(&Handle, QuarantineId, &Operator) -> Result<Option<Acted>, QuarantineError> + Send + 'static,
) -> Result<Answer, Problem> {
    let ledger = app.ledger()?.clone();
    let name = asking.path.first().to_owned();
    let id = id_of_path(&name).ok_or_else(|| not_there(&name))?;
    let actor = Some(app.actor(&asking.caller, &asking.came));
    let operator = Operator { by: asking.caller.in_words(), why, actor };
    app.write(move || {
        let acted = act(&ledger, id, &operator).map_err(|error| refused(&ledger, error))?;
        Answer::json(&acted_row(&ledger, &operator, acted.ok_or_else(|| not_there(&name))?)?)
    })
    .await?
}

/// Why nothing was done: 404 where there is no such event, 409 where its state does not allow it.
pub fn refused(ledger: &Handle, error: QuarantineError) -> Problem {
    match error {
        QuarantineError::NotThere { id } => match ledger.read(|view| view.quarantine().get(id)) {
            None => not_there(&id.0.to_string()),
            Some(row) => {
                let detail = format!("the quarantined event {} is {}", id.0, row.state.as_str());
                Problem::new(ProblemKind::Conflict, detail)
            }
        },
        QuarantineError::ReadOnly | QuarantineError::Closed(_) => {
            Problem::new(ProblemKind::ReadOnly, error.to_string())
        }
        QuarantineError::Refused(refusal) => not_taken(refusal),
        QuarantineError::Ledger(error) => Problem::internal(&error),
        QuarantineError::Stopped(stopped) => Problem::new(ProblemKind::Unavailable, stopped.to_string()),
    }
}

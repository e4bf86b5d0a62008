//! What was quarantined and why, whole: for operators.

use axum::extract::State;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ledger::{QuarantineId, QuarantinedEvent};
use projections::query::{read_cursor, write_cursor};
use projections::views::{List, QuarantineRow};

use super::{Answer, Asked};
use crate::app::App;
use crate::asking::Asking;
use crate::caller::Privilege;
use crate::openapi::Refusals;
use crate::parameters::{CURSOR, Given, parameters};
use crate::problem::{Problem, ProblemKind};

parameters! { QuarantineParameters: LIMIT, CURSOR }

/// A page ends before it has more raw bytes than this, whatever its limit: one event may have millions.
const PAGE_RAW_BYTES_MAX: usize = 8 * 1024 * 1024;

pub(crate) fn quarantine(asked: &Asked<'_>) -> Result<List<QuarantineRow>, Problem> {
    asked.caller.require(Privilege::Operate)?;
    let given = Given::of(asked.parameters, QuarantineParameters::ALL)?;
    let request = given.page()?;
    let after = request.cursor.as_deref().map(after_cursor).transpose()?;
    let total = asked.view.quarantine_len() as u64;
    let mut heads = asked.view.quarantine(after).peekable();
    let (mut rows, mut raw_bytes) = (Vec::new(), 0);
    while rows.len() < request.limit
        && let Some(head) = heads.peek()
    {
        raw_bytes += head.location.length as usize;
        if raw_bytes > PAGE_RAW_BYTES_MAX && !rows.is_empty() {
            break;
        }
        let event = asked.ledger.quarantined(head.location).map_err(|error| Problem::internal(&error))?;
        rows.push(row(event));
        heads.next();
    }
    let next_cursor = heads.peek().and_then(|_| rows.last().map(|row| cursor_after(QuarantineId(row.id))));
    Ok(List { rows, total, next_cursor, as_of: asked.view.as_of() })
}

fn row(event: QuarantinedEvent) -> QuarantineRow {
    QuarantineRow {
        id: event.id.0,
        reason: event.rejection.reason.as_str(),
        field: event.rejection.field,
        detail: event.rejection.detail,
        origin: event.origin,
        received_at: event.received_at,
        raw: STANDARD.encode(event.raw),
    }
}

/// The list that a cursor belongs to.
const LIST: &str = "quarantine";

/// A cursor of this list holds the id of the last row.
pub fn cursor_after(last: QuarantineId) -> String {
    write_cursor(&(LIST, last.0))
}

/// The id that a cursor of this list holds.
pub fn after_cursor(text: &str) -> Result<QuarantineId, Problem> {
    let held = read_cursor::<(String, u64)>(text).filter(|(list, _)| list == LIST);
    let detail = "not a cursor that this list gave, or not whole: give `next_cursor` as it stands in the answer";
    let refused = || Problem::of_field(ProblemKind::InvalidParameter, CURSOR.name, detail);
    held.map(|(_, last)| QuarantineId(last)).ok_or_else(refused)
}

/// What is in quarantine, oldest first, with its bytes as they came. A page ends early where they are many.
#[utoipa::path(
    get, path = "/v1/quarantine", tag = "operation", params(QuarantineParameters),
    responses((status = 200, body = List<QuarantineRow>), Refusals)
)]
pub(crate) async fn get_quarantine(State(app): State<App>, asking: Asking) -> Result<Answer, Problem> {
    app.answer_now(asking, |asked, _| Answer::json(&quarantine(asked)?)).await
}

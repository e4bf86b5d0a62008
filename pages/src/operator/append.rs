//! An event that an operator writes by a form. It goes the way of `POST /v1/events`, with the source of all commands;
//! what the reader of events would refuse is told to the form instead of being quarantined.

use api::events::{EventResult, Layout, submit};
use api::{Privilege, Problem, ProblemKind};
use projections::commands::COMMAND_SOURCE;
use schemas::json::read_event;
use schemas::{EventType, Rejection};
use serde_json::{Value, json};

use crate::submission::{KEY_FIELD, Submission};
use crate::words::words;

/// An event as a form gives it.
pub(super) struct Draft {
    /// Its type.
    pub(super) event_type: EventType,
    /// Its time as entered; empty means now.
    pub(super) time: String,
    /// Its `data`.
    pub(super) data: Value,
}

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Taken {
    /// It was appended.
    Appended,
    /// The form was sent before.
    Before,
}

impl Taken {
    /// Says what was done, in a sentence.
    pub(super) fn say(self, done: &str) -> String {
        match self {
            Taken::Appended => words!("operator-done", done = done),
            Taken::Before => words!("operator-done-once", done = done),
        }
    }
}

/// Appends a draft, and waits until it is durable. A form sent twice does it once: its key is the event's id.
pub(super) async fn append(submission: &Submission, draft: Draft) -> Result<Taken, Problem> {
    submission.require_command()?;
    submission.visit.caller.require(Privilege::PostEvents)?;
    let ledger = submission.visit.site.app.ledger()?.clone();
    if let Some(why) = ledger.closed_because() {
        return Err(Problem::new(ProblemKind::ReadOnly, why));
    }
    let key = submission.fields.get(KEY_FIELD);
    if key.is_empty() || key.len() > 64 {
        return Err(Problem::new(ProblemKind::InvalidBody, "the form lacks its key: reload the page"));
    }
    let id = format!("operator-{key}");
    let (origin, actor) = (submission.visit.caller.in_words(), submission.visit.actor());
    submission
        .visit
        .site
        .app
        .write(move || {
            let now = ledger.now();
            let time = if draft.time.is_empty() { now.to_string() } else { draft.time };
            let event = json!({
                "specversion": "1.0",
                "type": draft.event_type.name(),
                "source": COMMAND_SOURCE,
                "id": id,
                "time": time,
                "data": draft.data,
            });
            let text = event.to_string();
            read_event(text.as_bytes(), now).map_err(refused)?;
            let results = submit(&ledger, text.as_bytes(), Layout::Json, &origin, &actor)?;
            results.into_iter().next().map_or(Ok(Taken::Before), taken)
        })
        .await?
}

fn refused(rejection: Rejection) -> Problem {
    match rejection.field {
        Some(field) => {
            // The reader begins with the field's name, which stands beside it here.
            let detail = rejection.detail.strip_prefix(&*format!("{field}: ")).unwrap_or(&rejection.detail).to_owned();
            Problem::of_field(ProblemKind::BreaksRule, field, detail)
        }
        None => Problem::new(ProblemKind::BreaksRule, rejection.detail),
    }
}

fn taken(result: EventResult) -> Result<Taken, Problem> {
    match (result.outcome, result.detail) {
        ("accepted", _) => Ok(Taken::Appended),
        ("duplicate", _) => Ok(Taken::Before),
        (_, detail) => {
            let detail = detail.unwrap_or_else(|| "the ledger did not take the event".to_owned());
            Err(Problem { field: result.field, ..Problem::new(ProblemKind::Conflict, detail) })
        }
    }
}

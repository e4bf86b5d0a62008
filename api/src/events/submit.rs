//! Reads the events of a body and sends them in, in batches that a frame of the ledger takes.

use ingest::{Handle, SubmitError};
use ledger::{Actor, Batch, Outcome};
use schemas::json::Predictor;

use super::EventResult;
use super::split::{Layout, split};
use crate::commands::not_taken;
use crate::problem::{Problem, ProblemKind};

const BATCH_EVENTS_MAX: usize = 10_000;
const BATCH_BYTES_MAX: usize = 8 * 1024 * 1024;

/// Sends in the events of a body, in order, and tells what became of each. Who sends them is told in words for those that
/// are quarantined, and kept with all of them.
pub fn submit(
    ledger: &Handle,
    body: &[u8],
    layout: Layout,
    who: &str,
    actor: &Actor,
) -> Result<Vec<EventResult>, Problem> {
    let mut results = Vec::new();
    read(ledger, body, layout, who, &mut |mut batch| {
        batch.set_actor(Some(actor.clone()));
        send(ledger, batch, &mut results)
    })?;
    Ok(results)
}

/// Reads the events of a body, and gives them in batches, in order.
///
/// # Errors
/// If the body cannot be split; and what `give` fails with.
pub(super) fn read(
    ledger: &Handle,
    body: &[u8],
    layout: Layout,
    who: &str,
    give: &mut dyn FnMut(Batch) -> Result<(), Problem>,
) -> Result<(), Problem> {
    let events = split(body, layout)?;
    let what = match layout {
        Layout::Json => "event",
        Layout::Lines => "line",
    };
    let arrived = ledger.arrival();
    let mut reader = Predictor::new();
    let mut batch = Batch::new(ledger.dictionary(), arrived);
    for (number, text) in events {
        let origin = || format!("POST /v1/events by {who}, {what} {number}");
        match reader.read_event(text, arrived) {
            Ok(event) => batch.push_event(&event, text, origin),
            Err(rejection) => batch.push_rejected(rejection, text.to_vec(), origin()),
        }
        if batch.len() >= BATCH_EVENTS_MAX || batch.bytes() >= BATCH_BYTES_MAX {
            let full = std::mem::replace(&mut batch, Batch::new(ledger.dictionary(), arrived));
            give(full)?;
        }
    }
    if !batch.is_empty() {
        give(batch)?;
    }
    Ok(())
}

fn send(ledger: &Handle, batch: Batch, results: &mut Vec<EventResult>) -> Result<(), Problem> {
    let outcomes = ledger.submit(batch).map_err(|error| {
        let mut problem = match error {
            SubmitError::Refused(refusal) => not_taken(refusal),
            SubmitError::Stopped(stopped) => Problem::new(ProblemKind::Unavailable, stopped.to_string()),
        };
        problem.detail = format!(
            "{}. The first {} events are durable: send all again later, what is repeated has no effect",
            problem.detail,
            results.len()
        );
        problem
    })?;
    results.extend(outcomes.into_iter().map(EventResult::from));
    Ok(())
}

impl From<Outcome> for EventResult {
    fn from(outcome: Outcome) -> EventResult {
        let at = |outcome: &'static str, position: u64| EventResult {
            outcome,
            position: Some(position),
            reason: None,
            field: None,
            detail: None,
        };
        match outcome {
            Outcome::Accepted { position } => at("accepted", position),
            Outcome::Duplicate { of } => at("duplicate", of),
            Outcome::Quarantined { rejection, .. } => EventResult {
                outcome: "quarantined",
                position: None,
                reason: Some(rejection.reason.as_str()),
                field: rejection.field,
                detail: Some(rejection.detail),
            },
        }
    }
}

//! What the engine is given in a step, as the model takes it, and in the engine's own form.

use std::sync::Arc;

use ingest::traces::Way;
use ingest::{CommandError, Done, Handle, Reply, Work};
use ledger::{Actor, Batch, Outcome, QuarantineId};
use parking_lot::Mutex;
use projections::commands::Command;
use schemas::{Rejection, Uid};

use crate::arrival::Arrival;
use crate::topic::TOPIC;

/// A work, as the model takes it.
#[derive(Clone, Debug)]
pub(crate) enum Given {
    /// Messages of a partition, and the offset to read next.
    Messages { partition: i32, arrivals: Vec<Arrival>, next_offset: i64 },
    /// Events that a request brings.
    Request { arrivals: Vec<Arrival> },
    /// A second try of a quarantined event.
    Redrive { id: QuarantineId, arrival: Arrival },
    /// Another event in the place of a quarantined one.
    Replace { id: QuarantineId, arrival: Arrival },
    /// A quarantined event that is not wanted.
    Discard { id: QuarantineId },
    /// A command.
    Command { uid: Uid, command: Command, key: Option<String> },
    /// A checkpoint now.
    Checkpoint,
}

/// What came back for a work, if anybody waited.
#[derive(Default)]
pub(crate) struct Answers {
    pub(crate) outcomes: Option<Vec<Outcome>>,
    pub(crate) done: Option<Result<Done, CommandError>>,
}

impl Given {
    /// Whether nothing else may share its step.
    pub(crate) fn is_alone(&self) -> bool {
        matches!(self, Given::Redrive { .. } | Given::Replace { .. } | Given::Discard { .. })
    }

    /// Who gives it: none of what is read from a topic.
    pub(crate) fn actor(&self) -> Option<Actor> {
        let (who, role) = match self {
            Given::Messages { .. } | Given::Checkpoint => return None,
            Given::Request { arrivals } => (arrivals.len().to_string(), "service"),
            Given::Redrive { id, .. } | Given::Replace { id, .. } | Given::Discard { id } => {
                (id.0.to_string(), "operator")
            }
            Given::Command { uid, .. } => (uid.to_string(), "affiliate"),
        };
        Some(Actor { who: Some(who), role: role.to_owned(), address: None, request_id: None })
    }

    /// The engine's form of it. Whoever hangs up gets no answer.
    pub(crate) fn work(&self, handle: &Handle, answers: &Arc<Mutex<Answers>>, hangs_up: bool) -> Work {
        let mut batch = handle.batch();
        batch.set_actor(self.actor());
        match self {
            Given::Messages { partition, arrivals, next_offset } => {
                arrivals.iter().for_each(|arrival| push(arrival, &mut batch));
                batch.set_offset(TOPIC, *partition, *next_offset);
            }
            Given::Request { arrivals } => {
                arrivals.iter().for_each(|arrival| push(arrival, &mut batch));
            }
            Given::Redrive { id, arrival } => {
                batch.redrive_by(*id, "an operator", "");
                push(arrival, &mut batch);
            }
            Given::Replace { id, arrival } => {
                batch.replace(*id, "an operator", "mended");
                push(arrival, &mut batch);
            }
            Given::Discard { id } => batch.discard(*id, "an operator", "not wanted"),
            Given::Command { uid, command, key } => {
                let reply = to_command(answers, hangs_up);
                return Work::Command {
                    uid: *uid,
                    command: command.clone(),
                    key: key.clone(),
                    actor: self.actor(),
                    way: Way::default(),
                    reply,
                };
            }
            Given::Checkpoint => return Work::Checkpoint,
        }
        Work::Batch { batch, way: Way::default(), reply: (!hangs_up).then(|| to_batch(answers)) }
    }
}

fn to_batch(answers: &Arc<Mutex<Answers>>) -> Reply<Vec<Outcome>> {
    let answers = Arc::clone(answers);
    Box::new(move |outcomes| answers.lock().outcomes = Some(outcomes))
}

fn to_command(answers: &Arc<Mutex<Answers>>, hangs_up: bool) -> Reply<Result<Done, CommandError>> {
    let answers = Arc::clone(answers);
    Box::new(move |done| {
        if !hangs_up {
            answers.lock().done = Some(done);
        }
    })
}

/// Puts what arrived into a batch.
pub(crate) fn push(arrival: &Arrival, batch: &mut Batch) {
    let origin = arrival.origin.clone();
    match &arrival.read {
        Ok(event) => batch.push_event(event, &arrival.raw, || origin),
        Err(reason) => {
            batch.push_rejected(Rejection::new(*reason, "what was sent is no event"), arrival.raw.clone(), origin);
        }
    }
}

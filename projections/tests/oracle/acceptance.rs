//! What becomes of a valid event (SPEC 1): accepted, a duplicate, or quarantined as a conflict.

use schemas::{Body, Event};

use super::{Entry, Position};

/// What became of a valid event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It stands at this position.
    Accepted {
        /// Where it stands.
        position: Position,
    },
    /// The same identity stands already.
    Duplicate {
        /// Where the event that it repeats stands.
        of: Position,
    },
    /// It contradicts an accepted fact.
    Conflict,
}

/// Holds an event against what was accepted before it: first duplicate, then conflict.
pub(super) fn judge(accepted: &[Entry], event: &Event<'_>) -> Outcome {
    if let Some(original) = accepted.iter().find(|entry| same_identity(&entry.event, event)) {
        return Outcome::Duplicate { of: original.position };
    }
    if accepted.iter().any(|entry| contradicts(&entry.event, event)) {
        return Outcome::Conflict;
    }
    Outcome::Accepted { position: accepted.len() as Position + 1 }
}

/// Identity is whose event it is, source and id; the type is no part of it.
fn same_identity(one: &Event<'_>, other: &Event<'_>) -> bool {
    one.stream() == other.stream() && one.source == other.source && one.id == other.id
}

/// A second registration of a uid, or a code that the accepted event gives to another owner.
fn contradicts(accepted: &Event<'_>, event: &Event<'_>) -> bool {
    match (&accepted.body, &event.body) {
        (Body::Registration(first), Body::Registration(second)) => first.uid == second.uid,
        (Body::Code(first), Body::Code(second)) => first.code == second.code && first.owner_uid != second.owner_uid,
        _ => false,
    }
}

//! The audit: what was done by whom.

use schemas::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::Actor;

/// Something that was done: a command, events sent in, or a decision on a quarantined event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct AuditRow {
    /// Its number: 1, 2, 3, … in the order of the ledger. It stays.
    pub id: u64,
    /// Where the first event stands that was accepted of it; where none was, the last position before it.
    pub position: u64,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// Who did it.
    pub actor: Actor,
    /// `events`: a command, or events sent in; `discarded`, `replaced` or `redriven`: that was done to a quarantined event.
    #[schema(value_type = String)]
    pub what: &'static str,
    /// How many events were accepted of it.
    pub events: u64,
    /// How many were newly quarantined.
    pub quarantined: u64,
    /// The first event accepted of it; of a decision the event that came of it, or that it repeats. Null where there is none.
    pub event: Option<AuditEvent>,
    /// The number in quarantine of what was decided on; else null.
    pub quarantine_id: Option<u64>,
    /// Why it was decided so; null of what is no decision.
    pub reason: Option<String>,
}

/// An event, named.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct AuditEvent {
    /// CloudEvents `source`.
    pub source: String,
    /// CloudEvents `id`.
    pub id: String,
    /// CloudEvents `type`.
    #[serde(rename = "type")]
    #[schema(value_type = String)]
    pub event_type: &'static str,
    /// When it happened.
    pub time: Timestamp,
    /// Where it stands in the ledger.
    pub position: u64,
}

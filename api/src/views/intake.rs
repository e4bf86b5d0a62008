//! The shape of the answer about what came in, day by day.

use schemas::Day;
use serde::Serialize;
use utoipa::ToSchema;

use super::AsOf;

/// What came in on one UTC day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct IntakeDay {
    /// The day.
    pub date: Day,
    /// How many entries were recorded on it.
    pub recorded: u64,
    /// How many events that arrived on it are in quarantine, whatever has become of them there.
    pub quarantined: u64,
    /// Of those, the ones that are too large.
    pub too_large: u64,
    /// Those that are no event.
    pub malformed: u64,
    /// Those of a type that is not known.
    pub unknown_type: u64,
    /// Those with a field that cannot be.
    pub invalid_field: u64,
    /// Those that contradict what was recorded.
    pub conflict: u64,
}

/// `GET /v1/intake`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Intake {
    /// The first day.
    pub from: Day,
    /// The last day.
    pub to: Day,
    /// How many entries were recorded on all of them.
    pub recorded: u64,
    /// How many events that arrived on them are in quarantine.
    pub quarantined: u64,
    /// The days in order, empty ones too.
    pub points: Vec<IntakeDay>,
    /// What the answer reflects.
    pub as_of: AsOf,
}

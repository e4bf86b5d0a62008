//! What operators see: positions, counts, quarantine.

use std::collections::BTreeMap;

use schemas::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::AsOf;

/// How far a Kafka partition has been read into the ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct KafkaOffset {
    /// The topic.
    pub topic: String,
    /// The partition.
    pub partition: i32,
    /// The offset that will be read next.
    pub next_offset: i64,
}

/// `GET /v1/status`, as far as the ledger tells it; the daemon adds lag.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Status {
    /// The ledger's position.
    pub position: u64,
    /// Events accepted.
    pub accepted: u64,
    /// Duplicates counted by source.
    pub duplicate: BTreeMap<String, u64>,
    /// Events in quarantine by reason.
    pub quarantined: BTreeMap<String, u64>,
    /// Trades stamped before their account's registration.
    pub trades_before_registration: u64,
    /// How far each Kafka partition has been read.
    pub offsets: Vec<KafkaOffset>,
    /// What the answer reflects.
    pub as_of: AsOf,
}

/// A row of `GET /v1/quarantine`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct QuarantineRow {
    /// Its number.
    pub id: u64,
    /// Why.
    #[schema(value_type = String)]
    pub reason: &'static str,
    /// The field that was wrong, where one was.
    pub field: Option<String>,
    /// A sentence.
    pub detail: String,
    /// Where it came from.
    pub origin: String,
    /// When it arrived.
    pub received_at: Timestamp,
    /// Its bytes, base64.
    pub raw: String,
}

//! What operators see: positions, counts, quarantine.

use std::collections::BTreeMap;

use schemas::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::AsOf;
use super::shown::{Shown, shaped};

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

shaped!(struct KafkaOffset { topic, partition, next_offset });

/// How many events quarantine holds, by what has become of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct QuarantineCounts {
    /// Nobody has decided on them.
    pub open: u64,
    /// Not wanted.
    pub discarded: u64,
    /// Another event took their place.
    pub replaced: u64,
}

shaped!(struct QuarantineCounts { open, discarded, replaced });

/// A topic that an operator took for a new one of its name: what was read of the one before counts no more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct AcceptedTopic {
    /// The topic.
    pub topic: String,
    /// Who did it.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

shaped!(struct AcceptedTopic { topic, by, at });

/// `GET /v1/status`, as far as the ledger tells it; the daemon adds lag.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Status {
    /// The ledger's position.
    pub position: u64,
    /// Events accepted.
    pub accepted: u64,
    /// Duplicates counted by source: the first 10,000 sources by name, all others together as `(other sources)`.
    pub duplicate: BTreeMap<String, u64>,
    /// Events read that ended in quarantine and did not get in since, by reason: each time one came again counts.
    pub quarantined: BTreeMap<String, u64>,
    /// How many events quarantine holds: those that came again once, those that left it not.
    pub quarantine: QuarantineCounts,
    /// Trades stamped before their account's registration.
    pub trades_before_registration: u64,
    /// How far each Kafka partition has been read.
    pub offsets: Vec<KafkaOffset>,
    /// The topics that operators took for new ones of their names, in the order in which they did.
    pub topics_accepted: Vec<AcceptedTopic>,
    /// What the answer reflects.
    pub as_of: AsOf,
}

shaped!(struct Status {
    position, accepted, duplicate, quarantined, quarantine, trades_before_registration, offsets, topics_accepted, as_of
});

/// What an operator did to a quarantined event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct QuarantineAct {
    /// `discarded`, `replaced` or `redriven`.
    #[schema(value_type = String)]
    pub kind: &'static str,
    /// Who did it.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// Why; empty where nothing was said.
    pub why: String,
    /// Where the event stands that came of it, or the one that it repeats; null where none did.
    pub position: Option<u64>,
}

/// A row of `GET /v1/quarantine`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct QuarantineRow {
    /// Its number.
    pub id: u64,
    /// What has become of it: `open`, `discarded`, `replaced`; in the answer to a redrive that got it in, `redriven`.
    #[schema(value_type = String)]
    pub state: &'static str,
    /// Why it was quarantined, by the last try.
    #[schema(value_type = String)]
    pub reason: &'static str,
    /// The field that was wrong, where one was.
    pub field: Option<String>,
    /// A sentence.
    pub detail: String,
    /// Where it came from.
    pub origin: String,
    /// When it first arrived.
    pub received_at: Timestamp,
    /// How many times the same bytes came again from the same origin.
    pub repeated: u64,
    /// The last that an operator did to it; null if none did anything.
    pub act: Option<QuarantineAct>,
    /// Its bytes, base64; null where they were not asked for.
    pub raw: Option<String>,
}

//! What operators see: positions, counts, quarantine.

use std::collections::BTreeMap;

use schemas::Timestamp;

use super::AsOf;

/// How far a Kafka partition has been read into the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KafkaOffset {
    /// The topic.
    pub topic: String,
    /// The partition.
    pub partition: i32,
    /// The offset that will be read next.
    pub next_offset: i64,
}

/// How many events quarantine holds, by what has become of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuarantineCounts {
    /// Nobody has decided on them.
    pub open: u64,
    /// Not wanted.
    pub discarded: u64,
    /// Another event took their place.
    pub replaced: u64,
}

/// A topic that an operator took for a new one of its name: what was read of the one before counts no more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AcceptedTopic {
    /// The topic.
    pub topic: String,
    /// Who did it.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

/// `GET /v1/status`, as far as the ledger tells it; the daemon adds lag.
#[derive(Clone, Debug, PartialEq, Eq)]
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

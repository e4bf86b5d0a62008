//! How a member takes part in an election.

use ingest::kafka::KafkaOptions;

use crate::member::MemberOptions;

/// What an election goes by.
#[derive(Clone, Debug)]
pub struct ElectionOptions {
    /// How the brokers are spoken to. Topics and group are not those of events.
    pub kafka: KafkaOptions,
    /// The topic, with one partition, of this ledger alone. The group has its name.
    pub topic: String,
    /// The member.
    pub member: MemberOptions,
}

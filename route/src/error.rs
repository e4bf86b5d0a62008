//! Why routing cannot go on.

use ingest::kafka::KafkaError as SettingsError;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};

use crate::home::PARTITIONS_MAX;

/// Why routing cannot go on, or cannot begin.
#[derive(Debug, thiserror::Error)]
pub enum RouteError {
    /// The settings cannot be meant.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// A topic would be read and written.
    #[error(
        "topic {topic} is written by the router, so it cannot be read by it too: name the topics that producers write"
    )]
    ReadsItsOwn {
        /// The topic.
        topic: String,
    },
    /// A topic is not there.
    #[error("there is no topic {topic}: make it, {how}")]
    NoSuchTopic {
        /// The topic.
        topic: String,
        /// With what.
        how: &'static str,
    },
    /// The platform's topic would have no order.
    #[error("topic {topic} has {found} partitions, and must have one: all shards have to read it in one order")]
    PlatformPartitions {
        /// The topic.
        topic: String,
        /// How many it has.
        found: u32,
    },
    /// Shards could not tell which partitions are whose.
    #[error("topic {heads} has {found} partitions, and must have as many as {accounts}, which has {partitions}")]
    HeadsPartitions {
        /// The topic of heads.
        heads: String,
        /// How many it has.
        found: u32,
        /// That of accounts.
        accounts: String,
        /// How many that has.
        partitions: u32,
    },
    /// So many would be no use.
    #[error("topic {topic} has {found} partitions; at most {PARTITIONS_MAX} can be used")]
    TooManyPartitions {
        /// The topic.
        topic: String,
        /// How many it has.
        found: u32,
    },
    /// Families would be divided.
    #[error(
        "topic {topic} has {found} partitions, and {before} when events were put there: families would be divided. Make a \
         topic of another prefix, route into it from the beginning under another group, and let new shards read it"
    )]
    PartitionsChanged {
        /// The topic.
        topic: String,
        /// How many it has.
        found: u32,
        /// How many it had.
        before: u32,
    },
    /// Another router has its name.
    #[error("another router runs under the id {id}: each needs its own (route.id, --id)")]
    Fenced {
        /// The id.
        id: String,
    },
    /// A topic takes no message as large as one that is there.
    #[error(
        "a message of {bytes} bytes does not fit into topic {topic}: raise its max.message.bytes above that of the topics \
         that are read. Nothing was skipped"
    )]
    TooLarge {
        /// The topic.
        topic: String,
        /// The message's bytes.
        bytes: usize,
    },
    /// What is to be read next is gone.
    #[error(
        "what comes next is gone from the broker ({detail}): retention took it, or the topic is another one. Nothing was \
         skipped; to go on, set the group's offsets (kafka-consumer-groups --reset-offsets)"
    )]
    Lost {
        /// What the client said.
        detail: String,
    },
    /// What is put into a topic of shards would come back to the ledger that it is from.
    #[error(
        "the ledger in {ledger} has read topic {topic}: other shards need topics of another prefix (route.prefix, --prefix)"
    )]
    ReadByLedger {
        /// The topic.
        topic: String,
        /// The ledger's directory.
        ledger: String,
    },
    /// A ledger cannot be read.
    #[error("the ledger in {ledger}: {error}")]
    Ledger {
        /// Its directory.
        ledger: String,
        /// Why.
        error: Box<ledger::LedgerError>,
    },
    /// It may pass.
    #[error("{0}")]
    Broken(String),
}

impl RouteError {
    /// Whether to try again does not help.
    #[must_use]
    pub fn is_final(&self) -> bool {
        match self {
            RouteError::Fenced { .. } if mutants::mutant!("fenced-router-goes-on") => false,
            RouteError::Broken(_) => false,
            RouteError::Settings(_)
            | RouteError::ReadsItsOwn { .. }
            | RouteError::NoSuchTopic { .. }
            | RouteError::PlatformPartitions { .. }
            | RouteError::HeadsPartitions { .. }
            | RouteError::TooManyPartitions { .. }
            | RouteError::PartitionsChanged { .. }
            | RouteError::Fenced { .. }
            | RouteError::TooLarge { .. }
            | RouteError::ReadByLedger { .. }
            | RouteError::Ledger { .. }
            | RouteError::Lost { .. } => true,
        }
    }

    /// Whether the settings are wrong.
    #[must_use]
    pub fn is_usage(&self) -> bool {
        matches!(self, RouteError::Settings(_) | RouteError::ReadsItsOwn { .. } | RouteError::ReadByLedger { .. })
    }

    /// What an error of the client comes to, for a router of this id.
    pub(crate) fn of_client(error: &KafkaError, id: &str) -> RouteError {
        let code =
            if let KafkaError::Transaction(error) = error { Some(error.code()) } else { error.rdkafka_error_code() };
        match code {
            Some(
                RDKafkaErrorCode::Fenced
                | RDKafkaErrorCode::ProducerFenced
                | RDKafkaErrorCode::InvalidProducerEpoch
                | RDKafkaErrorCode::FencedInstanceId,
            ) => RouteError::Fenced { id: id.to_owned() },
            Some(RDKafkaErrorCode::AutoOffsetReset | RDKafkaErrorCode::OffsetOutOfRange) => {
                RouteError::Lost { detail: error.to_string() }
            }
            Some(_) | None => RouteError::Broken(error.to_string()),
        }
    }
}

//! How many partitions the topics have that routers write and shards read.

use std::time::Duration;

use ingest::kafka::KafkaOptions;
use rdkafka::client::ClientContext;
use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerContext};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};

use crate::clients::{Talk, reader_config};
use crate::error::RouteError;
use crate::home::PARTITIONS_MAX;
use crate::topics::Topics;

/// How long a broker may take to tell of a topic.
const TIMEOUT: Duration = Duration::from_secs(15);

/// How many partitions a topic has; none if it is not there.
///
/// # Errors
/// If no broker answers.
pub(crate) fn count<C: ClientContext + ConsumerContext>(
    consumer: &BaseConsumer<C>,
    topic: &str,
) -> Result<Option<u32>, RouteError> {
    let metadata = consumer.fetch_metadata(Some(topic), TIMEOUT);
    let metadata =
        metadata.map_err(|error| RouteError::Broken(format!("no broker tells of topic {topic}: {error}")))?;
    let Some(described) = metadata.topics().iter().find(|described| described.name() == topic) else {
        return Ok(None);
    };
    match described.error().map(RDKafkaErrorCode::from) {
        None => Ok(Some(described.partitions().len() as u32).filter(|count| *count > 0)),
        Some(RDKafkaErrorCode::UnknownTopicOrPartition | RDKafkaErrorCode::UnknownTopic) => Ok(None),
        Some(code) => Err(RouteError::Broken(format!("topic {topic}: {code}"))),
    }
}

/// Asks the brokers how many partitions of accounts there are, and whether all topics are as they have to be.
///
/// # Errors
/// If one is missing or has too many or too few partitions, or no broker answers, which may pass.
pub fn count_partitions(options: &KafkaOptions, topics: &Topics) -> Result<u32, RouteError> {
    let consumer = reader_config(options)?.create_with_context(Talk::new(options));
    let consumer: BaseConsumer<Talk> = consumer.map_err(|error: KafkaError| RouteError::Broken(error.to_string()))?;
    partitions(&consumer, topics)
}

/// How many partitions of accounts there are, once all topics are as they have to be.
///
/// # Errors
/// If one is missing or has too many or too few partitions, or no broker answers.
pub(crate) fn partitions<C: ClientContext + ConsumerContext>(
    consumer: &BaseConsumer<C>,
    topics: &Topics,
) -> Result<u32, RouteError> {
    let there = |topic: &str, how: &'static str| {
        count(consumer, topic)?.ok_or_else(|| RouteError::NoSuchTopic { topic: topic.to_owned(), how })
    };
    let partitions =
        there(&topics.accounts, "with as many partitions as there will ever be shards, or some times more")?;
    if partitions > PARTITIONS_MAX {
        return Err(RouteError::TooManyPartitions { topic: topics.accounts.clone(), found: partitions });
    }
    let found = there(&topics.platform, "with one partition")?;
    if found != 1 {
        return Err(RouteError::PlatformPartitions { topic: topics.platform.clone(), found });
    }
    let found = there(&topics.heads, "with as many partitions as the topic of accounts")?;
    if found != partitions {
        let (heads, accounts) = (topics.heads.clone(), topics.accounts.clone());
        return Err(RouteError::HeadsPartitions { heads, found, accounts, partitions });
    }
    Ok(partitions)
}

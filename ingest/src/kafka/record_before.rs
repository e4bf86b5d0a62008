//! The records before the offsets that are read next, to hold them against what is kept of them.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError as ClientError;
use rdkafka::message::Message;
use rdkafka::{Offset, TopicPartitionList};
use xxhash_rust::xxh3::xxh3_64;

use super::client;
use super::options::KafkaOptions;
use super::silent::Silent;

/// How long the brokers may take to give all the records.
const TIMEOUT: Duration = Duration::from_secs(5);

/// What lies before an offset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RecordBefore {
    /// A record whose value has this XXH3.
    Is(u64),
    /// None any more: retention or compaction took it, or it is a mark of a transaction.
    Gone,
}

/// Looks at the records before these offsets of a topic, by a client of its own. A partition that is not in the answer
/// was not answered for.
pub(super) fn records_before(
    options: &KafkaOptions,
    topic: &str,
    next_offsets: &[(i32, i64)],
) -> BTreeMap<i32, RecordBefore> {
    let mut found = BTreeMap::new();
    let Ok(consumer) = assigned(options, topic, next_offsets) else { return found };
    let until = Instant::now() + TIMEOUT;
    while found.len() < next_offsets.len() {
        let wait = until.saturating_duration_since(Instant::now());
        if wait.is_zero() {
            break;
        }
        match consumer.poll(wait) {
            Some(Ok(message)) => {
                let partition = message.partition();
                let before = next_offsets.iter().find(|(number, _)| *number == partition).map(|(_, next)| next - 1);
                let is_it = before == Some(message.offset());
                let record = message
                    .payload()
                    .filter(|_| is_it && !mutants::mutant!("record-before-not-looked-at"))
                    .map_or(RecordBefore::Gone, |value| RecordBefore::Is(xxh3_64(value)));
                // Later messages of a partition say nothing of it.
                found.entry(partition).or_insert(record);
            }
            Some(Err(ClientError::PartitionEOF(partition))) => {
                found.entry(partition).or_insert(RecordBefore::Gone);
            }
            // What the client gets over by itself is waited for, and the rest not answered.
            Some(Err(_)) | None => {}
        }
    }
    found
}

fn assigned(
    options: &KafkaOptions,
    topic: &str,
    next_offsets: &[(i32, i64)],
) -> Result<BaseConsumer<Silent>, super::KafkaError> {
    let mut config = client::config(options)?;
    // No member of a group: it is given its partitions here.
    config.remove("group.protocol");
    config.set("group.id", client::NO_GROUP).set("enable.partition.eof", "true");
    let consumer: BaseConsumer<Silent> = config.create_with_context(Silent { tokens: options.tokens.clone() })?;
    let mut list = TopicPartitionList::new();
    for (partition, next) in next_offsets {
        list.add_partition_offset(topic, *partition, Offset::Offset(next - 1))?;
    }
    consumer.assign(&list)?;
    Ok(consumer)
}

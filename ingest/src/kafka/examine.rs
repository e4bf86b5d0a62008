//! What brokers say of the topics that are to be read, for who looks whether an installation is sound. Nothing comes into a
//! ledger by it, no group is joined and no offset committed.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use rdkafka::admin::{AdminClient, AdminOptions, ResourceSpecifier};
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerContext};
use rdkafka::error::{KafkaError as ClientError, RDKafkaErrorCode};
use rdkafka::message::Message;
use rdkafka::{ClientContext, Offset, Statistics, TopicPartitionList};
use schemas::json::read_event;
use schemas::{StreamKey, Timestamp, Uid};

use super::client;
use super::options::{KafkaMode, KafkaOptions};

/// How long a broker may take for each answer.
const TIMEOUT: Duration = Duration::from_secs(10);

/// So many messages are looked at of a topic at most, the last ones of each partition.
const SAMPLE: usize = 2_000;

/// How long is waited for them.
const SAMPLE_TIMEOUT: Duration = Duration::from_secs(10);

/// What was found of a topic.
#[derive(Clone, Debug)]
pub struct TopicFacts {
    /// Its name.
    pub topic: String,
    /// Its partitions that are to be read here; `None` if there is no such topic.
    pub partitions: Option<Vec<PartitionFacts>>,
    /// Its settings by their names, or why the broker does not tell them.
    pub settings: Result<BTreeMap<String, String>, String>,
    /// Some of its last messages.
    pub sample: Vec<Sampled>,
}

/// What was found of a partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PartitionFacts {
    /// Its number.
    pub partition: i32,
    /// The first offset that the broker has, and the one after the last; `None` if it does not say.
    pub watermarks: Option<(i64, i64)>,
}

/// A message that was looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sampled {
    /// The partition it lies in.
    pub partition: i32,
    /// When it was written, as its topic says.
    pub written: Option<Timestamp>,
    /// Whether it has a key.
    pub has_key: bool,
    /// Whether it is an event that would be taken.
    pub is_event: bool,
    /// The account that it is about, if it is an event about one.
    pub account: Option<Uid>,
}

/// Why nothing could be found out.
#[derive(Debug, thiserror::Error)]
pub enum ExamineError {
    /// The settings cannot be meant.
    #[error(transparent)]
    Options(#[from] super::KafkaError),
    /// No broker answered.
    #[error("no broker of {brokers} answers: {detail}")]
    Unreachable {
        /// The brokers that were asked.
        brokers: String,
        /// What the client said.
        detail: String,
    },
}

/// What the client said last, of why it cannot speak to a broker.
#[derive(Default)]
struct Heard {
    said: Mutex<Option<String>>,
}

impl ClientContext for Heard {
    fn log(&self, _: RDKafkaLogLevel, _: &str, _: &str) {}

    fn stats(&self, _: Statistics) {}

    fn error(&self, error: ClientError, reason: &str) {
        // That all brokers are down is said after each reason why one is.
        if error.rdkafka_error_code() != Some(RDKafkaErrorCode::AllBrokersDown) {
            *self.said.lock() = Some(reason.to_owned());
        }
    }
}

impl ConsumerContext for Heard {}

/// Asks the brokers about the topics. `now` is the moment by which messages are judged.
///
/// # Errors
/// If the settings cannot be meant, or no broker answers.
pub async fn examine(options: &KafkaOptions, now: Timestamp) -> Result<Vec<TopicFacts>, ExamineError> {
    let mut config = client::config(options)?;
    // No member of a group: it is given its partitions here.
    config.remove("group.protocol");
    config.set("group.id", client::NO_GROUP).set("enable.partition.eof", "true");
    let consumer: BaseConsumer<Heard> =
        config.create_with_context(Heard::default()).map_err(super::KafkaError::from)?;
    let admin: AdminClient<Heard> = config.create_with_context(Heard::default()).map_err(super::KafkaError::from)?;
    let mut facts = Vec::new();
    for topic in &options.topics {
        let partitions = partitions(&consumer, options, topic)?;
        let settings = match partitions {
            Some(_) => settings(&admin, topic).await,
            None => Err("there is no such topic".to_owned()),
        };
        let sample =
            partitions.as_deref().map_or_else(Vec::new, |partitions| sample(&consumer, topic, partitions, now));
        facts.push(TopicFacts { topic: topic.clone(), partitions, settings, sample });
    }
    Ok(facts)
}

/// The partitions of a topic that are to be read here; `None` if there is no such topic.
fn partitions(
    consumer: &BaseConsumer<Heard>,
    options: &KafkaOptions,
    topic: &str,
) -> Result<Option<Vec<PartitionFacts>>, ExamineError> {
    let unreachable = |detail: String| {
        // What the client heard comes with its events.
        let _ = consumer.poll(Duration::from_millis(200));
        let detail = consumer.context().said.lock().take().unwrap_or(detail);
        ExamineError::Unreachable { brokers: options.brokers.join(","), detail }
    };
    let metadata = consumer.fetch_metadata(Some(topic), TIMEOUT).map_err(|error| unreachable(error.to_string()))?;
    let Some(described) = metadata.topics().iter().find(|described| described.name() == topic) else {
        return Ok(None);
    };
    match described.error().map(RDKafkaErrorCode::from) {
        None => {}
        Some(RDKafkaErrorCode::UnknownTopicOrPartition | RDKafkaErrorCode::UnknownTopic) => return Ok(None),
        Some(code) => return Err(unreachable(format!("topic {topic}: {code}"))),
    }
    let numbers = described.partitions().iter().map(rdkafka::metadata::MetadataPartition::id);
    let wanted = numbers.filter(|number| match &options.mode {
        KafkaMode::Group => true,
        KafkaMode::Static | KafkaMode::Subset(_) => options.wants(topic, *number),
    });
    Ok(Some(
        wanted
            .map(|partition| PartitionFacts {
                partition,
                watermarks: consumer.fetch_watermarks(topic, partition, TIMEOUT).ok(),
            })
            .collect(),
    ))
}

async fn settings(admin: &AdminClient<Heard>, topic: &str) -> Result<BTreeMap<String, String>, String> {
    let options = AdminOptions::new().request_timeout(Some(TIMEOUT));
    let described = admin.describe_configs(&[ResourceSpecifier::Topic(topic)], &options).await;
    let resources = described.map_err(|error| error.to_string())?;
    let resource =
        resources.into_iter().next().ok_or("the broker tells of no topic")?.map_err(|code| code.to_string())?;
    let known = resource.entries.into_iter().filter_map(|entry| Some((entry.name, entry.value?)));
    Ok(known.collect())
}

/// The last messages of each partition, as far as they come in time.
fn sample(consumer: &BaseConsumer<Heard>, topic: &str, partitions: &[PartitionFacts], now: Timestamp) -> Vec<Sampled> {
    let each = (SAMPLE / partitions.len().max(1)).max(1) as i64;
    let mut list = TopicPartitionList::new();
    let mut open = 0;
    for PartitionFacts { partition, watermarks } in partitions {
        let Some((earliest, end)) = watermarks.filter(|(earliest, end)| earliest < end) else { continue };
        // Only an offset that is none is refused.
        if list.add_partition_offset(topic, *partition, Offset::Offset((end - each).max(earliest))).is_ok() {
            open += 1;
        }
    }
    let mut found = Vec::new();
    if open == 0 || consumer.assign(&list).is_err() {
        return found;
    }
    let until = Instant::now() + SAMPLE_TIMEOUT;
    while open > 0 && found.len() < SAMPLE {
        let wait = until.saturating_duration_since(Instant::now());
        if wait.is_zero() {
            break;
        }
        match consumer.poll(wait) {
            Some(Ok(message)) => found.push(Sampled::of(&message, now)),
            Some(Err(ClientError::PartitionEOF(_))) => open -= 1,
            // What the client gets over by itself is waited for.
            Some(Err(_)) | None => {}
        }
    }
    // It is assigned anew for the next topic.
    let _ = consumer.unassign();
    found
}

impl Sampled {
    fn of(message: &impl Message, now: Timestamp) -> Sampled {
        let event = message.payload().and_then(|value| read_event(value, now).ok());
        Sampled {
            partition: message.partition(),
            written: message.timestamp().to_millis().map(|millis| Timestamp(millis.saturating_mul(1_000))),
            has_key: message.key().is_some(),
            is_event: event.is_some(),
            account: event.and_then(|event| match event.stream() {
                StreamKey::Account(uid) => Some(uid),
                StreamKey::Name(_) | StreamKey::Platform => None,
            }),
        }
    }
}

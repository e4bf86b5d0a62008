//! Whether producers key events by the family already: then shards can read their topic as it is, and no router is needed.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use ingest::kafka::{KafkaOptions, passes_by_itself};
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::message::BorrowedMessage;
use rdkafka::{Message, Offset, TopicPartitionList};
use schemas::json::Predictor;

use crate::clients::{Talk, reader_config};
use crate::destination::{Destination, destination};
use crate::error::RouteError;
use crate::far_future::FAR_FUTURE;
use crate::murmur2::partition_of_uid;
use crate::parents::Parents;
use crate::partition_counts::count;

/// How long there may be neither a message nor an end.
const SILENT_MAX: Duration = Duration::from_secs(60);

/// What topics hold, by families.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FamilyCheck {
    /// The topics that were read.
    pub topics: Vec<String>,
    /// Messages that they held when it began.
    pub messages: u64,
    /// Events that are of one family.
    pub of_families: u64,
    /// Those of them that lie in another partition than the key of the family's head leads to, with all parents known that
    /// the topics tell of.
    pub apart: u64,
    /// Events that all shards have to know and that do not stand in a topic of one partition, apart from families' events.
    pub of_platform: u64,
    /// Messages that could not be read.
    pub unreadable: u64,
    /// Sub-accounts whose registration was read.
    pub sub_accounts: u64,
    /// The first event that lies apart: where, whose, and where it would have to lie.
    pub example: Option<String>,
}

impl FamilyCheck {
    /// Whether shards cannot read the topics as they are.
    #[must_use]
    pub fn needs_router(&self) -> bool {
        self.apart > 0 || self.of_platform > 0
    }
}

/// Reads topics from their beginning to where they end now, twice: first for who is whose parent, then for where each event
/// lies. Takes the memory of [`Parents`].
///
/// # Errors
/// If a topic is not there, or no broker answers.
pub fn check_families(options: &KafkaOptions, stop: &dyn Fn() -> bool) -> Result<FamilyCheck, RouteError> {
    let mut found = FamilyCheck { topics: options.topics.clone(), ..FamilyCheck::default() };
    let mut read = Predictor::new();
    let mut parents = Parents::new();
    each_message(options, stop, &mut |message, _| {
        if let Some(Ok(event)) = message.payload().map(|text| read.read_event(text, FAR_FUTURE)) {
            parents.learn(&event);
        }
    })?;
    // Of each topic: events of families, and of the platform in more than one partition or in one.
    let mut held: BTreeMap<String, (u64, [u64; 2])> = BTreeMap::new();
    each_message(options, stop, &mut |message, partitions| {
        found.messages += 1;
        let Some(Ok(event)) = message.payload().map(|text| read.read_event(text, FAR_FUTURE)) else {
            found.unreadable += 1;
            return;
        };
        let (of_families, of_platform) = held.entry(message.topic().to_owned()).or_default();
        match destination(&event, &mut parents) {
            Destination::Platform => of_platform[usize::from(partitions == 1)] += 1,
            Destination::Family(head) => {
                found.of_families += 1;
                *of_families += 1;
                let belongs = partition_of_uid(head, partitions);
                if message.partition() != belongs as i32 {
                    found.apart += 1;
                    let (topic, partition, offset) = (message.topic(), message.partition(), message.offset());
                    found.example.get_or_insert_with(|| {
                        format!(
                            "{topic}[{partition}]@{offset}, of the family of {head}, whose key leads to partition {belongs}"
                        )
                    });
                }
            }
        }
    })?;
    found.sub_accounts = parents.len() as u64;
    let misplaced =
        |(of_families, [of_many, of_one]): &(u64, [u64; 2])| of_many + if *of_families > 0 { *of_one } else { 0 };
    found.of_platform = held.values().map(misplaced).sum();
    Ok(found)
}

/// Gives each message of the topics, up to their ends as they are now, with how many partitions its topic has.
fn each_message(
    options: &KafkaOptions,
    stop: &dyn Fn() -> bool,
    take: &mut dyn FnMut(&BorrowedMessage<'_>, u32),
) -> Result<(), RouteError> {
    let broken = |error: KafkaError| RouteError::Broken(error.to_string());
    let consumer: BaseConsumer<Talk> =
        reader_config(options)?.create_with_context(Talk::new(options)).map_err(broken)?;
    let mut list = TopicPartitionList::new();
    let (mut counts, mut open) = (Vec::new(), 0u32);
    for topic in &options.topics {
        let how = "or see whether the name is right";
        let partitions =
            count(&consumer, topic)?.ok_or_else(|| RouteError::NoSuchTopic { topic: topic.clone(), how })?;
        for partition in 0..partitions {
            list.add_partition_offset(topic, partition as i32, Offset::Beginning).map_err(broken)?;
        }
        open += partitions;
        counts.push((topic.as_str(), partitions));
    }
    consumer.assign(&list).map_err(broken)?;
    let mut silent_since = Instant::now();
    while open > 0 {
        if stop() {
            return Err(RouteError::Broken("broken off".to_owned()));
        }
        match consumer.poll(Duration::from_millis(200)) {
            Some(Ok(message)) => {
                silent_since = Instant::now();
                let of_topic = counts.iter().find(|(topic, _)| *topic == message.topic());
                take(&message, of_topic.map_or(1, |(_, partitions)| *partitions));
            }
            // What comes behind an end is not looked for.
            Some(Err(KafkaError::PartitionEOF(_))) => open = open.saturating_sub(1),
            Some(Err(error)) if passes_by_itself(&error) => {}
            Some(Err(error)) => return Err(broken(error)),
            None if silent_since.elapsed() > SILENT_MAX => {
                return Err(RouteError::Broken("no broker gives what the topics hold".to_owned()));
            }
            None => {}
        }
    }
    Ok(())
}

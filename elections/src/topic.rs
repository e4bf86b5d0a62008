//! The topic of an election: its clients, whether it is as it has to be, and its messages in their order.

use std::error::Error;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use ingest::kafka::{KafkaError, KafkaOptions, TokenSource, oauth_token};
use rdkafka::client::OAuthToken;
use rdkafka::config::{ClientConfig, RDKafkaLogLevel};
use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerContext};
use rdkafka::error::{KafkaError as ClientError, RDKafkaErrorCode};
use rdkafka::message::{DeliveryResult, Message};
use rdkafka::producer::{BaseRecord, Producer, ProducerContext, ThreadedProducer};
use rdkafka::{ClientContext, Offset, TopicPartitionList};

use crate::options::ElectionOptions;
use crate::record::Record;

/// How long a broker may take to tell of a topic.
const TIMEOUT: Duration = Duration::from_secs(10);
/// A message that no broker has taken for so long is given up: what it says may not be so any more.
const GIVE_UP_MS: &str = "3000";

/// Why an election cannot be taken part in.
#[derive(Debug, thiserror::Error)]
pub enum ElectError {
    /// The topic is not there.
    #[error(
        "there is no topic {topic}: make it with one partition, compacted, on as many brokers as there are (replication.elect_topic)"
    )]
    NoTopic {
        /// Its name.
        topic: String,
    },
    /// It has more than one partition: each could be held by another member.
    #[error(
        "topic {topic} has {found} partitions: who leads is who holds the one partition of a topic that has no other"
    )]
    Partitions {
        /// Its name.
        topic: String,
        /// How many it has.
        found: usize,
    },
    /// No broker tells of it, which may pass.
    #[error("topic {topic} cannot be read just now: {why}")]
    Unreachable {
        /// Its name.
        topic: String,
        /// Why not.
        why: String,
    },
    /// The client cannot be made.
    #[error(transparent)]
    Client(#[from] KafkaError),
    /// There is no thread.
    #[error("no thread to take part in the election: {0}")]
    NoThread(std::io::Error),
}

impl ElectError {
    /// Whether it may pass by itself.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        matches!(self, ElectError::Unreachable { .. })
    }
}

/// What clients say: to the log.
pub(crate) struct Talk {
    tokens: Option<TokenSource>,
    /// Why the last message was not taken, if it was not.
    not_taken: Mutex<Option<String>>,
    /// What the brokers refuse, as the client told it last.
    refused: Mutex<Option<String>>,
}

impl Talk {
    pub(crate) fn new(options: &KafkaOptions) -> Talk {
        Talk { tokens: options.tokens.clone(), not_taken: Mutex::default(), refused: Mutex::default() }
    }
}

fn lock(of: &Mutex<Option<String>>) -> MutexGuard<'_, Option<String>> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

impl ClientContext for Talk {
    const ENABLE_REFRESH_OAUTH_TOKEN: bool = true;

    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        tracing::debug!(target: "librdkafka", ?level, facility, "{message}");
    }

    fn error(&self, error: ClientError, reason: &str) {
        tracing::debug!(%error, reason, "the Kafka client of the election reports an error");
        if error.rdkafka_error_code() == Some(RDKafkaErrorCode::Authentication) {
            *lock(&self.refused) = Some(reason.to_owned());
        }
    }

    fn generate_oauth_token(&self, _: Option<&str>) -> Result<OAuthToken, Box<dyn Error>> {
        oauth_token(self.tokens.as_ref())
    }
}

impl ConsumerContext for Talk {}

impl ProducerContext for Talk {
    type DeliveryOpaque = ();

    fn delivery(&self, result: &DeliveryResult<'_>, (): ()) {
        let why = match result {
            Ok(_) => {
                *lock(&self.refused) = None;
                None
            }
            Err((error, _)) => {
                // What is still to be said is said again.
                tracing::debug!(%error, "a message of the election was not taken");
                Some(lock(&self.refused).clone().unwrap_or_else(|| error.to_string()))
            }
        };
        *lock(&self.not_taken) = why;
    }
}

/// What consumers of an election are made from.
pub(crate) fn client_config(options: &ElectionOptions) -> Result<ClientConfig, KafkaError> {
    let mut config = options.kafka.quiet_config()?;
    for name in ["group.protocol", "group.instance.id"] {
        config.remove(name);
    }
    hear_soon(&mut config);
    Ok(config)
}

/// Has a client hear soon of a broker that is back.
fn hear_soon(config: &mut ClientConfig) {
    config.set("reconnect.backoff.max.ms", "500").set("socket.connection.setup.timeout.ms", "3000");
}

/// The messages of the topic, from the first on.
pub(crate) struct TopicReader {
    consumer: BaseConsumer<Talk>,
    topic: String,
    is_at_end: bool,
    /// Why nothing can be read, if so, and since when.
    trouble: Option<(String, Instant)>,
}

impl TopicReader {
    /// Begins to read.
    ///
    /// # Errors
    /// If the topic is not as it has to be, or no broker tells.
    pub(crate) fn open(options: &ElectionOptions) -> Result<TopicReader, ElectError> {
        let mut config = client_config(options)?;
        // librdkafka assigns nothing to a client without a group; nothing is committed under it.
        config.set("group.id", format!("{}-uncommitted", options.topic));
        config.set("enable.partition.eof", "true").set("fetch.wait.max.ms", "100");
        let talk = Talk::new(&options.kafka);
        let consumer: BaseConsumer<Talk> = config.create_with_context(talk).map_err(KafkaError::from)?;
        let topic = options.topic.clone();
        check(&consumer, &topic)?;
        let mut list = TopicPartitionList::new();
        let assigned = list.add_partition_offset(&topic, 0, Offset::Beginning).and_then(|()| consumer.assign(&list));
        assigned.map_err(KafkaError::from)?;
        Ok(TopicReader { consumer, topic, is_at_end: false, trouble: None })
    }

    /// Whether everything was read that was there when it was looked last.
    pub(crate) fn is_at_end(&self) -> bool {
        self.is_at_end
    }

    /// Why nothing can be read.
    pub(crate) fn trouble(&self) -> Option<&str> {
        self.trouble.as_ref().map(|(why, _)| why.as_str())
    }

    /// The next message, waiting for it at most so long. A message that is none of an election is passed over.
    pub(crate) fn next(&mut self, wait: Duration) -> Option<Record> {
        loop {
            match self.consumer.poll(wait)? {
                Ok(message) => {
                    self.trouble = None;
                    let Some(payload) = message.payload() else { continue };
                    match serde_json::from_slice(payload) {
                        Ok(record) => return Some(record),
                        Err(error) => {
                            let (topic, offset) = (&self.topic, message.offset());
                            tracing::warn!(topic, offset, %error, "a message that is none of an election is passed over");
                        }
                    }
                }
                Err(ClientError::PartitionEOF(_)) => {
                    self.is_at_end = true;
                    self.trouble = None;
                    return None;
                }
                Err(error) => {
                    let why = error.to_string();
                    if self.trouble.as_ref().is_none_or(|(said, _)| *said != why) {
                        tracing::warn!(topic = self.topic, why, "the topic of the election cannot be read just now");
                        self.trouble = Some((why, Instant::now()));
                    }
                    return None;
                }
            }
        }
    }
}

/// Whether the topic has one partition.
fn check(consumer: &BaseConsumer<Talk>, topic: &str) -> Result<(), ElectError> {
    let unreachable = |why: String| ElectError::Unreachable { topic: topic.to_owned(), why };
    let metadata = consumer.fetch_metadata(Some(topic), TIMEOUT).map_err(|error| unreachable(error.to_string()))?;
    let described = metadata.topics().iter().find(|described| described.name() == topic);
    let none = || ElectError::NoTopic { topic: topic.to_owned() };
    let described = described.ok_or_else(none)?;
    match described.error().map(RDKafkaErrorCode::from) {
        None => {}
        Some(RDKafkaErrorCode::UnknownTopicOrPartition | RDKafkaErrorCode::UnknownTopic) => return Err(none()),
        Some(code) => return Err(unreachable(code.to_string())),
    }
    match described.partitions().len() {
        0 => Err(none()),
        1 => Ok(()),
        found => Err(ElectError::Partitions { topic: topic.to_owned(), found }),
    }
}

/// What writes to the topic.
pub(crate) struct TopicWriter {
    producer: ThreadedProducer<Talk>,
    topic: String,
}

impl TopicWriter {
    pub(crate) fn open(options: &ElectionOptions) -> Result<TopicWriter, ElectError> {
        let mut config = options.kafka.producer_config()?;
        hear_soon(&mut config);
        config.set("linger.ms", "0").set("message.timeout.ms", GIVE_UP_MS);
        let talk = Talk::new(&options.kafka);
        let producer = config.create_with_context(talk).map_err(KafkaError::from)?;
        Ok(TopicWriter { producer, topic: options.topic.clone() })
    }

    /// Why what was written last does not stand there, if so.
    pub(crate) fn trouble(&self) -> Option<String> {
        let not_taken = lock(&self.producer.context().not_taken);
        not_taken.as_ref().map(|why| format!("what is said to topic {} is not taken: {why}", self.topic))
    }

    /// Writes a message; whether it stands there is known once it is read.
    pub(crate) fn write(&self, record: &Record) {
        let Ok(payload) = serde_json::to_vec(record) else { return };
        self.put(&record.key(), Some(&payload));
    }

    /// Takes away what stands under a key.
    pub(crate) fn remove(&self, key: &str) {
        self.put(key, None);
    }

    fn put(&self, key: &str, payload: Option<&[u8]>) {
        let record = BaseRecord::<str, [u8]>::to(&self.topic).partition(0).key(key);
        let record = match payload {
            Some(payload) => record.payload(payload),
            None => record,
        };
        if let Err((error, _)) = self.producer.send(record) {
            tracing::debug!(%error, "a message of the election was not taken");
        }
    }
}

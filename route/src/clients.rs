//! The clients of Kafka: their properties, and what they say.

use std::error::Error;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use ingest::kafka::{KafkaOptions, TokenSource, oauth_token};
use rdkafka::client::OAuthToken;
use rdkafka::config::{ClientConfig, RDKafkaLogLevel};
use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerContext};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::{DeliveryResult, Message, ToBytes};
use rdkafka::producer::{BaseRecord, ProducerContext, ThreadedProducer};
use rdkafka::types::RDKafkaRespErr;
use rdkafka::{ClientContext, Offset, Statistics, TopicPartitionList};

use crate::error::RouteError;
use crate::measured::RouteMetrics;
use crate::options::RouterOptions;

/// How long a broker may take to say where a group's reading goes on.
const TIMEOUT: Duration = Duration::from_secs(15);

/// What begins the note that is committed beside an offset: of how many partitions the topic of accounts had.
const NOTE: &str = "partitions=";

/// What a producer says in any case, unless the settings say it: a message as large as any topic can hold is passed on.
const OF_PRODUCERS: &[(&str, &str)] =
    &[("message.max.bytes", "100000000"), ("compression.type", "lz4"), ("linger.ms", "5")];

/// A producer whose messages are durable on all replicas, each once.
pub(crate) fn producer_config(options: &KafkaOptions) -> Result<ClientConfig, RouteError> {
    let mut config = options.producer_config()?;
    for (name, value) in OF_PRODUCERS {
        if !options.properties.contains_key(*name) {
            config.set(*name, *value);
        }
    }
    Ok(config)
}

/// A producer of one router's transactions.
pub(crate) fn transactional_config(options: &RouterOptions) -> Result<ClientConfig, RouteError> {
    let mut config = producer_config(&options.kafka)?;
    config.set("transactional.id", format!("{}-{}", options.group(), options.id));
    if !options.kafka.properties.contains_key("transaction.timeout.ms") {
        config.set("transaction.timeout.ms", "60000");
    }
    Ok(config)
}

/// A member of the routers' group. All that it was given is taken away and given anew whenever the group changes, so that
/// nothing that was read before is passed on after. Its statistics are read.
pub(crate) fn source_config(options: &RouterOptions) -> Result<ClientConfig, RouteError> {
    let mut config = options.kafka.client_config()?;
    config.remove("group.protocol");
    config.set("group.id", options.group()).set("group.instance.id", &options.id);
    config.set("partition.assignment.strategy", "range,roundrobin").set("isolation.level", "read_committed");
    if !options.kafka.properties.contains_key("session.timeout.ms") {
        config.set("session.timeout.ms", "10000");
    }
    Ok(config)
}

/// A reader of whole topics, that belongs to no group.
pub(crate) fn reader_config(options: &KafkaOptions) -> Result<ClientConfig, RouteError> {
    let mut config = options.quiet_config()?;
    config.remove("group.protocol");
    config.remove("group.instance.id");
    // librdkafka assigns nothing to a client without a group; nothing is committed under it.
    config.set("group.id", "tributary-route-uncommitted");
    config.set("isolation.level", "read_committed").set("enable.partition.eof", "true");
    Ok(config)
}

/// What clients say that belong to no group: to the log.
#[derive(Default)]
pub(crate) struct Talk {
    tokens: Option<TokenSource>,
    /// The first message since [`Talk::take_failed`] that was not delivered: why, to which topic, how many bytes.
    failed: Mutex<Option<(RDKafkaErrorCode, String, usize)>>,
}

impl Talk {
    pub(crate) fn new(options: &KafkaOptions) -> Talk {
        Talk { tokens: options.tokens.clone(), failed: Mutex::default() }
    }

    /// Why a message was not delivered, if one was not.
    pub(crate) fn take_failed(&self) -> Option<(RDKafkaErrorCode, String, usize)> {
        self.failed.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

fn log(level: RDKafkaLogLevel, facility: &str, message: &str) {
    match level {
        RDKafkaLogLevel::Emerg
        | RDKafkaLogLevel::Alert
        | RDKafkaLogLevel::Critical
        | RDKafkaLogLevel::Error
        | RDKafkaLogLevel::Warning => tracing::warn!(target: "librdkafka", facility, "{message}"),
        RDKafkaLogLevel::Notice | RDKafkaLogLevel::Info => {
            tracing::info!(target: "librdkafka", facility, "{message}");
        }
        RDKafkaLogLevel::Debug => tracing::debug!(target: "librdkafka", facility, "{message}"),
    }
}

impl ClientContext for Talk {
    const ENABLE_REFRESH_OAUTH_TOKEN: bool = true;

    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        log(level, facility, message);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        // That there is nothing more at the moment is asked for, and no error.
        if error.rdkafka_error_code() != Some(RDKafkaErrorCode::PartitionEOF) {
            tracing::warn!(%error, reason, "the Kafka client reports an error");
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
        if let Err((error, message)) = result {
            let code = error.rdkafka_error_code().unwrap_or(RDKafkaErrorCode::Unknown);
            let bytes = message.payload_len() + message.key_len();
            let mut failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
            // What is given up for the failure of another says nothing.
            if code != RDKafkaErrorCode::PurgeQueue && code != RDKafkaErrorCode::PurgeInflight {
                failed.get_or_insert((code, message.topic().to_owned(), bytes));
            }
        }
    }
}

/// What the member of the group says, and what the group gives it.
pub(crate) struct GroupTalk {
    talk: Talk,
    id: String,
    brokers: String,
    accounts: String,
    partitions: u32,
    metrics: RouteMetrics,
    /// How often the group gave or took anything: what was read before is not to be passed on after.
    changes: AtomicU64,
    /// Why what the group gave cannot be read.
    refusal: Mutex<Option<RouteError>>,
}

impl GroupTalk {
    pub(crate) fn new(options: &RouterOptions, partitions: u32) -> GroupTalk {
        GroupTalk {
            talk: Talk::new(&options.kafka),
            id: options.id.clone(),
            brokers: options.kafka.brokers.join(","),
            accounts: options.topics.accounts.clone(),
            partitions,
            metrics: options.metrics.clone(),
            changes: AtomicU64::new(0),
            refusal: Mutex::default(),
        }
    }

    pub(crate) fn changes(&self) -> u64 {
        self.changes.load(Ordering::Acquire)
    }

    pub(crate) fn take_refusal(&self) -> Option<RouteError> {
        self.refusal.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// The note to be committed beside an offset.
    pub(crate) fn note(&self) -> String {
        format!("{NOTE}{}", self.partitions)
    }

    /// Where the reading of each partition goes on: where the last transaction ended, or at the beginning.
    fn starts(
        &self,
        consumer: &BaseConsumer<GroupTalk>,
        list: &TopicPartitionList,
    ) -> Result<TopicPartitionList, RouteError> {
        let of_client = |error: KafkaError| RouteError::of_client(&error, &self.id);
        let committed = consumer.committed_offsets(list.clone(), TIMEOUT).map_err(of_client)?;
        let mut starts = TopicPartitionList::new();
        for place in committed.elements() {
            place.error().map_err(of_client)?;
            let offset = match place.offset() {
                Offset::Offset(next) => Offset::Offset(next),
                Offset::Beginning | Offset::End | Offset::Stored | Offset::Invalid | Offset::OffsetTail(_) => {
                    Offset::Beginning
                }
            };
            let before = place.metadata().strip_prefix(NOTE).and_then(|count| count.parse().ok());
            if let Some(before) = before.filter(|before| *before != self.partitions) {
                let (topic, found) = (self.accounts.clone(), self.partitions);
                return Err(RouteError::PartitionsChanged { topic, found, before });
            }
            tracing::info!(topic = place.topic(), partition = place.partition(), ?offset, "routing");
            starts.add_partition_offset(place.topic(), place.partition(), offset).map_err(of_client)?;
        }
        Ok(starts)
    }
}

impl ClientContext for GroupTalk {
    const ENABLE_REFRESH_OAUTH_TOKEN: bool = true;

    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        log(level, facility, message);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        if error.rdkafka_error_code() == Some(RDKafkaErrorCode::AllBrokersDown) {
            self.metrics.cut_off(&self.brokers, reason);
        }
        self.talk.error(error, reason);
    }

    /// Where partitions begin and end, as the brokers said with what was fetched last.
    fn stats(&self, statistics: Statistics) {
        if statistics.brokers.values().any(|broker| broker.state == "UP") {
            self.metrics.answered();
        }
        for topic in statistics.topics.values() {
            for (partition, figures) in &topic.partitions {
                // With open transactions the stable end lies before the end, and nothing beyond it can be read.
                let end = if figures.ls_offset >= 0 { figures.ls_offset } else { figures.hi_offset };
                if end >= 0 {
                    self.metrics.reaches(&topic.topic, *partition, (figures.lo_offset.max(0), end));
                }
            }
        }
    }

    fn generate_oauth_token(&self, config: Option<&str>) -> Result<OAuthToken, Box<dyn Error>> {
        self.talk.generate_oauth_token(config)
    }
}

impl ConsumerContext for GroupTalk {
    fn rebalance(&self, consumer: &BaseConsumer<GroupTalk>, error: RDKafkaRespErr, list: &mut TopicPartitionList) {
        self.changes.fetch_add(1, Ordering::AcqRel);
        let done = if error == RDKafkaRespErr::RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS {
            let starts = self.starts(consumer, list).unwrap_or_else(|why| {
                self.refusal.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(why);
                TopicPartitionList::new()
            });
            let given = starts.elements();
            self.metrics.given(given.iter().map(|place| {
                let next = if let Offset::Offset(next) = place.offset() { Some(next) } else { None };
                ((place.topic().to_owned(), place.partition()), next)
            }));
            consumer.assign(&starts)
        } else {
            tracing::info!("the group takes the partitions back");
            self.metrics.taken_back();
            consumer.unassign()
        };
        if let Err(error) = done {
            tracing::error!(%error, "the client did not take what the group gave");
        }
    }
}

/// Gives a record to a producer; where that has its hands full, waits for so long at most.
///
/// # Errors
/// Why it does not take it.
pub(crate) fn put<K: ToBytes + ?Sized, P: ToBytes + ?Sized, C: ProducerContext<DeliveryOpaque = ()>>(
    producer: &ThreadedProducer<C>,
    record: BaseRecord<'_, K, P>,
    patience: Duration,
) -> Result<(), KafkaError> {
    let (mut record, until) = (record, Instant::now() + patience);
    loop {
        match producer.send(record) {
            Ok(()) => return Ok(()),
            Err((KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull), again)) if Instant::now() < until => {
                std::thread::sleep(Duration::from_millis(5));
                record = again;
            }
            Err((error, _)) => return Err(error),
        }
    }
}

//! One life of a router's clients: what the group gives is read, routed and written, a transaction at a time, until
//! something fails. What a transaction that failed had read is read again by the next session.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use ingest::kafka::passes_by_itself;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::OwnedMessage;
use rdkafka::producer::{BaseRecord, Producer, ThreadedProducer};
use rdkafka::{Message, Offset, TopicPartitionList};
use schemas::json::Predictor;

use crate::clients::{GroupTalk, Talk, put, source_config, transactional_config};
use crate::destination::{Destination, destination};
use crate::error::RouteError;
use crate::far_future::FAR_FUTURE;
use crate::murmur2::{partition_of_key, partition_of_uid};
use crate::options::RouterOptions;
use crate::partition_counts::{count, partitions};
use crate::platform_reader::{Known, PlatformReader};

/// How long the client is asked for a message when there is none.
const WAIT: Duration = Duration::from_millis(100);
/// So many messages, or bytes of them, are one transaction at most, and so long is gathered for it.
const MESSAGES_MAX: usize = 20_000;
const BYTES_MAX: usize = 16 << 20;
const GATHER_MAX: Duration = Duration::from_millis(200);
/// How long a step of a transaction may take.
const STEP: Duration = Duration::from_secs(60);
/// How often it is looked whether the topic of accounts is as it was.
const LOOK_EVERY: Duration = Duration::from_secs(30);

/// What was routed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Routed {
    /// To the partition of a family.
    pub to_families: u64,
    /// To all shards.
    pub to_platform: u64,
    /// What could not be read, and went on by its own key.
    pub unreadable: u64,
    /// Transactions.
    pub transactions: u64,
}

pub(crate) struct Session<'o> {
    options: &'o RouterOptions,
    source: BaseConsumer<GroupTalk>,
    producer: ThreadedProducer<Talk>,
    platform: PlatformReader,
    partitions: u32,
    looked: Instant,
    read: Predictor,
}

impl<'o> Session<'o> {
    /// Makes the clients, reads the platform's topic to its end, takes back what a predecessor of this id had not finished,
    /// and joins the group.
    pub(crate) fn open(
        options: &'o RouterOptions,
        known: &mut Known,
        stop: &dyn Fn() -> bool,
    ) -> Result<Session<'o>, RouteError> {
        let of_client = |error: KafkaError| RouteError::of_client(&error, &options.id);
        let mut platform = PlatformReader::open(&options.kafka, &options.topics.platform, known.next())?;
        let partitions = partitions(platform.client(), &options.topics)?;
        for topic in &options.kafka.topics {
            if count(platform.client(), topic)?.is_none() {
                return Err(RouteError::NoSuchTopic { topic: topic.clone(), how: "or see whether the name is right" });
            }
        }
        let producer: ThreadedProducer<Talk> =
            transactional_config(options)?.create_with_context(Talk::new(&options.kafka)).map_err(of_client)?;
        producer.init_transactions(STEP).map_err(of_client)?;
        // Read after that: nothing of a predecessor comes any more.
        platform.read_to_end(known, stop)?;
        let source: BaseConsumer<GroupTalk> =
            source_config(options)?.create_with_context(GroupTalk::new(options, partitions)).map_err(of_client)?;
        let topics: Vec<&str> = options.kafka.topics.iter().map(String::as_str).collect();
        source.subscribe(&topics).map_err(of_client)?;
        let (looked, read) = (Instant::now(), Predictor::new());
        Ok(Session { options, source, producer, platform, partitions, looked, read })
    }

    /// Routes what there is, up to some number; waits a little if there is nothing.
    pub(crate) fn turn(&mut self, known: &mut Known, routed: &mut Routed) -> Result<(), RouteError> {
        self.look_at_topics()?;
        let batch = self.gather()?;
        if batch.is_empty() {
            return Ok(());
        }
        self.platform.catch_up(known)?;
        self.producer.begin_transaction().map_err(|error| self.of_client(&error))?;
        let mut of_batch = *routed;
        if let Err(error) = self.write(&batch, known, &mut of_batch) {
            // It is taken back in any case: at the latest when the next session begins.
            if !error.is_final()
                && let Err(error) = self.producer.abort_transaction(STEP)
            {
                tracing::debug!(%error, "the transaction is taken back when the next session begins");
            }
            return Err(error);
        }
        of_batch.transactions += 1;
        *routed = of_batch;
        Ok(())
    }

    fn of_client(&self, error: &KafkaError) -> RouteError {
        let failed = self.producer.context().take_failed();
        if let Some((RDKafkaErrorCode::MessageSizeTooLarge, topic, bytes)) = failed {
            return RouteError::TooLarge { topic, bytes };
        }
        let error = RouteError::of_client(error, &self.options.id);
        if let (RouteError::Broken(said), Some((code, topic, _))) = (&error, failed) {
            return RouteError::Broken(format!("{said} (topic {topic}: {code})"));
        }
        error
    }

    fn look_at_topics(&mut self) -> Result<(), RouteError> {
        if self.looked.elapsed() < LOOK_EVERY {
            return Ok(());
        }
        self.looked = Instant::now();
        let topic = &self.options.topics.accounts;
        match count(self.platform.client(), topic) {
            Ok(Some(found)) if found != self.partitions => {
                Err(RouteError::PartitionsChanged { topic: topic.clone(), found, before: self.partitions })
            }
            // Who does not answer now is asked again.
            Ok(_) | Err(_) => Ok(()),
        }
    }

    /// Takes what there is. What was read before the group took anything away is let go.
    fn gather(&self) -> Result<Vec<OwnedMessage>, RouteError> {
        let context = self.source.context();
        let (mut batch, mut bytes, mut changes) = (Vec::new(), 0, context.changes());
        let began = Instant::now();
        while batch.len() < MESSAGES_MAX && bytes < BYTES_MAX && began.elapsed() < GATHER_MAX {
            let polled = self.source.poll(if batch.is_empty() { WAIT } else { Duration::from_millis(5) });
            if let Some(refusal) = context.take_refusal() {
                return Err(refusal);
            }
            if context.changes() != changes {
                (bytes, changes) = (0, context.changes());
                batch.clear();
            }
            match polled {
                Some(Ok(message)) => {
                    bytes += message.payload_len() + message.key_len();
                    batch.push(message.detach());
                }
                Some(Err(error)) if passes_by_itself(&error) => {}
                Some(Err(error)) => return Err(RouteError::of_client(&error, &self.options.id)),
                None => break,
            }
        }
        Ok(batch)
    }

    /// Writes a batch, with the offsets that it was read up to, all or nothing.
    fn write(&mut self, batch: &[OwnedMessage], known: &mut Known, routed: &mut Routed) -> Result<(), RouteError> {
        let mut next: BTreeMap<(&str, i32), i64> = BTreeMap::new();
        for message in batch {
            self.route(message, known, routed)?;
            next.insert((message.topic(), message.partition()), message.offset() + 1);
        }
        let mut offsets = TopicPartitionList::new();
        let note = self.source.context().note();
        for ((topic, partition), next) in next {
            let mut place = offsets.add_partition(topic, partition);
            place.set_offset(Offset::Offset(next)).map_err(|error| self.of_client(&error))?;
            place.set_metadata(&note);
        }
        let group = self.source.group_metadata();
        let group = group.ok_or_else(|| RouteError::Broken("the client is in no group".to_owned()))?;
        self.step(|producer| producer.send_offsets_to_transaction(&offsets, &group, STEP))?;
        self.step(|producer| producer.commit_transaction(STEP))
    }

    /// A step of a transaction, again where the client says that this may help.
    fn step(&self, step: impl Fn(&ThreadedProducer<Talk>) -> Result<(), KafkaError>) -> Result<(), RouteError> {
        let until = Instant::now() + STEP;
        loop {
            match step(&self.producer) {
                Ok(()) => return Ok(()),
                Err(KafkaError::Transaction(error)) if error.is_retriable() && Instant::now() < until => {}
                Err(error) => return Err(self.of_client(&error)),
            }
        }
    }

    fn route(&mut self, message: &OwnedMessage, known: &mut Known, routed: &mut Routed) -> Result<(), RouteError> {
        let event = message.payload().and_then(|text| self.read.read_event(text, FAR_FUTURE).ok());
        let Some(event) = event else {
            routed.unreadable += 1;
            let partition = match message.key() {
                Some(key) => partition_of_key(key, self.partitions),
                None => message.partition().unsigned_abs() % self.partitions,
            };
            return self.put(message, &self.options.topics.accounts, partition, message.key());
        };
        known.parents.expect(&event);
        match destination(&event, &mut known.parents) {
            Destination::Platform => {
                routed.to_platform += 1;
                self.put(message, &self.options.topics.platform, 0, message.key())
            }
            Destination::Family(head) => {
                routed.to_families += 1;
                let partition = partition_of_uid(head, self.partitions);
                self.put(message, &self.options.topics.accounts, partition, Some(head.to_string().as_bytes()))
            }
        }
    }

    /// Gives a message to the producer, as it is but for its key; waits where it has its hands full.
    fn put(&self, message: &OwnedMessage, topic: &str, partition: u32, key: Option<&[u8]>) -> Result<(), RouteError> {
        // There are at most `PARTITIONS_MAX`.
        let mut record: BaseRecord<'_, [u8], [u8]> = BaseRecord::to(topic).partition(partition as i32);
        record.key = key;
        record.payload = message.payload();
        record.timestamp = message.timestamp().to_millis();
        record.headers = message.headers().cloned();
        put(&self.producer, record, STEP).map_err(|error| {
            if error.rdkafka_error_code() == Some(RDKafkaErrorCode::MessageSizeTooLarge) {
                let bytes = message.payload().map_or(0, <[u8]>::len) + key.map_or(0, <[u8]>::len);
                return RouteError::TooLarge { topic: topic.to_owned(), bytes };
            }
            self.of_client(&error)
        })
    }
}

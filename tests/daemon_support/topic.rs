//! A topic seen from the other side: what sends to it, and where it ends.

use std::collections::BTreeMap;
use std::time::Duration;

use rdkafka::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use serde_json::Value;

use super::history::key;

const TIMEOUT: Duration = Duration::from_secs(60);

/// Sends lines to a topic, in their order within each key.
pub struct Sender {
    producer: BaseProducer,
    topic: String,
    /// How many were sent.
    pub count: u64,
}

impl Sender {
    pub fn new(brokers: &str, topic: &str) -> Sender {
        let mut config = ClientConfig::new();
        for (name, value) in [
            ("bootstrap.servers", brokers),
            ("enable.idempotence", "true"),
            ("compression.type", "lz4"),
            ("linger.ms", "20"),
            ("message.max.bytes", "20000000"),
            ("queue.buffering.max.kbytes", "262144"),
            ("topic.metadata.refresh.interval.ms", "200"),
        ] {
            config.set(name, value);
        }
        Sender { producer: config.create().expect("a producer"), topic: topic.to_owned(), count: 0 }
    }

    pub fn send(&mut self, line: &[u8]) {
        let key = key(line);
        let mut record = BaseRecord::<str, [u8]>::to(&self.topic).payload(line);
        if let Some(key) = &key {
            record = record.key(key);
        }
        while let Err((error, again)) = self.producer.send(record) {
            assert_eq!(error, KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull));
            self.producer.poll(Duration::from_millis(10));
            record = again;
        }
        self.count += 1;
        if self.count.is_multiple_of(1_000) {
            self.producer.poll(Duration::ZERO);
        }
    }

    /// Waits until the broker has all of it.
    pub fn flush(&self) {
        self.producer.flush(TIMEOUT).expect("sent");
    }

    /// How many partitions the broker says the topic has.
    pub fn partitions(&self) -> usize {
        let metadata = self.producer.client().fetch_metadata(Some(&self.topic), TIMEOUT).expect("described");
        metadata.topics().first().map_or(0, |topic| topic.partitions().len())
    }
}

/// The offset after the last message of each partition.
pub fn ends(brokers: &str, topic: &str) -> BTreeMap<i32, i64> {
    let mut config = ClientConfig::new();
    let consumer: BaseConsumer =
        config.set("bootstrap.servers", brokers).set("group.id", "ends").create().expect("a client");
    let metadata = consumer.fetch_metadata(Some(topic), TIMEOUT).expect("described");
    let partitions = metadata.topics().iter().flat_map(|topic| topic.partitions()).map(|partition| partition.id());
    partitions
        .map(|partition| (partition, consumer.fetch_watermarks(topic, partition, TIMEOUT).expect("watermarks").1))
        .collect()
}

/// How far a daemon has read each partition, by its status.
pub fn reached(status: &Value) -> BTreeMap<i32, i64> {
    let partitions = status["partitions"].as_array().expect("partitions");
    let place = |partition: &Value| {
        let number = i32::try_from(partition["partition"].as_i64()?).ok()?;
        Some((number, partition["next_offset"].as_i64()?))
    };
    partitions.iter().filter_map(place).collect()
}

//! Sends messages to a broker, a real one or librdkafka's mock, and reads them into a ledger.

use std::time::Duration;

use ingest::kafka::{KafkaOptions, KafkaSource};
use ingest::{Handle, Pipeline, PipelineOptions};
use ledger::Storage;
use rdkafka::ClientConfig;
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};

use super::{started, wait_until};

/// A message: its value, or none.
pub type Value = Option<Vec<u8>>;

pub fn producer(brokers: &str, properties: &[(&str, &str)]) -> BaseProducer {
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", brokers).set("queue.buffering.max.kbytes", "1000000");
    config.set("message.max.bytes", "20000000").set("linger.ms", "20");
    for (name, value) in properties {
        config.set(*name, *value);
    }
    config.create().expect("a producer")
}

/// Sends values to a partition, in order, and waits until the broker has them.
pub fn send(producer: &BaseProducer, topic: &str, partition: i32, values: impl IntoIterator<Item = Value>) {
    for value in values {
        let mut record = BaseRecord::<(), [u8]>::to(topic).partition(partition);
        if let Some(value) = &value {
            record = record.payload(value);
        }
        while let Err((_, again)) = producer.send(record) {
            producer.poll(Duration::from_millis(10));
            record = again;
        }
    }
    producer.flush(Duration::from_secs(60)).expect("sent");
}

/// Short pauses, so that a test does not wait.
pub fn options(brokers: &str, topics: &[&str]) -> KafkaOptions {
    let topics = topics.iter().map(|topic| (*topic).to_owned()).collect();
    KafkaOptions {
        refresh: Duration::from_millis(200),
        commit_interval: Duration::from_millis(200),
        retry_pause: Duration::from_millis(200),
        ..KafkaOptions::new(vec![brokers.to_owned()], topics)
    }
}

/// A ledger with Kafka as its source.
pub struct Reading {
    pub pipeline: Pipeline,
    pub source: KafkaSource,
    pub handle: Handle,
}

impl Reading {
    pub fn start(storage: &(impl Storage + Clone + 'static), options: KafkaOptions) -> Reading {
        Reading::start_with(storage, options, PipelineOptions::default())
    }

    pub fn start_with(
        storage: &(impl Storage + Clone + 'static),
        options: KafkaOptions,
        bounds: PipelineOptions,
    ) -> Reading {
        let pipeline = Pipeline::start(started(storage), bounds).expect("threads");
        let source = KafkaSource::start(pipeline.feed(), options).expect("settings that can be meant");
        Reading { handle: pipeline.handle(), pipeline, source }
    }

    /// How many messages the ledger has of these topics, by their offsets.
    pub fn read(&self) -> i64 {
        self.handle.sources().iter().filter_map(|source| source.next_offset).sum()
    }

    pub fn wait_for(&self, messages: i64) {
        wait_until(&format!("{messages} messages"), || {
            assert!(self.handle.readiness().failure.is_none(), "{:?}", self.handle.readiness());
            self.read() >= messages
        });
    }

    /// Which partitions it reads.
    pub fn assigned(&self) -> Vec<(String, i32)> {
        let assigned = self.handle.sources().into_iter().filter(|source| source.assigned);
        assigned.map(|source| (source.topic, source.partition)).collect()
    }

    pub fn stop(self) -> Handle {
        self.source.stop().expect("all that was taken is durable");
        self.pipeline.stop().expect("stopped");
        self.handle
    }
}

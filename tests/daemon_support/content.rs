//! What a topic holds for who reads only what was committed: read by a consumer of the test's own.

use std::collections::BTreeMap;
use std::time::Duration;

use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::{ClientConfig, Message, Offset, TopicPartitionList};

use super::wait_for;

/// The messages of a topic by partition, each with its offset, as far as they were read.
#[derive(Default)]
pub struct Content {
    messages: BTreeMap<i32, Vec<(i64, Vec<u8>)>>,
    /// Where reading goes on.
    next: BTreeMap<i32, i64>,
}

impl Content {
    /// Reads on up to these ends, between which no transaction may be open.
    pub fn read_to(&mut self, brokers: &str, topic: &str, ends: &BTreeMap<i32, i64>) {
        let mut config = ClientConfig::new();
        for (name, value) in [
            ("bootstrap.servers", brokers),
            ("group.id", "content"),
            ("isolation.level", "read_committed"),
            ("enable.auto.commit", "false"),
            ("enable.partition.eof", "true"),
        ] {
            config.set(name, value);
        }
        let consumer: BaseConsumer = config.create().expect("a consumer");
        let mut places = TopicPartitionList::new();
        let mut left: Vec<i32> = Vec::new();
        for (&partition, &end) in ends {
            let next = self.next.insert(partition, end).unwrap_or(0);
            self.messages.entry(partition).or_default();
            if next < end {
                places.add_partition_offset(topic, partition, Offset::Offset(next)).expect("an offset");
                left.push(partition);
            }
        }
        consumer.assign(&places).expect("assigned");
        wait_for(&format!("the content of {topic} up to {ends:?}"), 120, || {
            while !left.is_empty() {
                match consumer.poll(Duration::from_millis(200))? {
                    Ok(message) => {
                        let payload = message.payload().unwrap_or_default().to_vec();
                        self.messages.entry(message.partition()).or_default().push((message.offset(), payload));
                    }
                    Err(KafkaError::PartitionEOF(partition)) => left.retain(|other| *other != partition),
                    Err(error) => println!("the test's own consumer: {error}"),
                }
            }
            Some(())
        });
    }

    /// How many messages there are.
    pub fn len(&self) -> usize {
        self.messages.values().map(Vec::len).sum()
    }

    /// The messages below these offsets, each partition in its order.
    pub fn below<'a>(&'a self, offsets: &BTreeMap<i32, i64>) -> Vec<&'a [u8]> {
        let of_partition = |(partition, messages): (&i32, &'a Vec<(i64, Vec<u8>)>)| {
            let below = offsets.get(partition).copied().unwrap_or(0);
            let end = messages.partition_point(|(offset, _)| *offset < below);
            messages[..end].iter().map(|(_, payload)| payload.as_slice()).collect::<Vec<_>>()
        };
        self.messages.iter().flat_map(of_partition).collect()
    }
}

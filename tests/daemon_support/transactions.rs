//! A producer that sends in transactions and does not commit them all: what a consumer may see is less than what was sent.

use std::time::Duration;

use rand::Rng;
use rand::rngs::StdRng;
use rdkafka::ClientConfig;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};

use super::history::key;

const TIMEOUT: Duration = Duration::from_secs(120);
/// What holds unless something else is set.
const LINES_MAX: usize = 150;
const BROKEN_ONE_IN: u32 = 4;

/// The source of events of which none is ever committed.
pub const NEVER: &str = "/never";

/// Sends lines in transactions, in their order within each key. Some transactions are aborted, and some are left open
/// by a producer that goes away; what was in them is sent again, or is of no line and is sent never.
pub struct Transactions {
    brokers: String,
    topic: String,
    producer: BaseProducer,
    dice: StdRng,
    /// The most lines of one transaction.
    pub lines_max: usize,
    /// One transaction in so many is followed by one that is not committed.
    pub broken_one_in: u32,
    /// How many lines were committed.
    pub committed: u64,
    /// How many transactions were not committed.
    pub broken_off: u64,
    never: u64,
}

impl Transactions {
    pub fn new(brokers: &str, topic: &str, dice: StdRng) -> Transactions {
        let producer = producer(brokers, topic);
        let (brokers, topic) = (brokers.to_owned(), topic.to_owned());
        Transactions {
            brokers,
            topic,
            producer,
            dice,
            lines_max: LINES_MAX,
            broken_one_in: BROKEN_ONE_IN,
            committed: 0,
            broken_off: 0,
            never: 0,
        }
    }

    /// Sends and commits these lines, in several transactions; between two of them it waits for up to `pause`.
    pub fn send(&mut self, lines: &[Vec<u8>], pause: Duration) {
        let mut rest = lines;
        while !rest.is_empty() {
            let (some, more) = rest.split_at(self.dice.random_range(1..=self.lines_max).min(rest.len()));
            if self.dice.random_ratio(1, self.broken_one_in) {
                match self.dice.random_range(0..3) {
                    0 => self.break_off(some, false),
                    how => {
                        let never = self.never(some.len());
                        self.break_off(&never, how == 1);
                    }
                }
            }
            self.begin(some);
            self.commit();
            rest = more;
            std::thread::sleep(pause.mul_f64(self.dice.random_range(0.0..1.0)));
        }
    }

    /// Begins a transaction with these lines, and leaves it open.
    pub fn begin(&mut self, lines: &[Vec<u8>]) {
        self.producer.begin_transaction().expect("begun");
        for line in lines {
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
        }
        self.committed += lines.len() as u64;
    }

    /// Commits what was begun.
    pub fn commit(&self) {
        self.producer.commit_transaction(TIMEOUT).expect("committed");
    }

    /// A transaction that is aborted, or left open by a producer that dies: the next one of its name ends it.
    fn break_off(&mut self, lines: &[Vec<u8>], dies: bool) {
        let committed = self.committed;
        self.begin(lines);
        self.producer.flush(TIMEOUT).expect("the broker has it");
        if dies {
            self.producer = producer(&self.brokers, &self.topic);
        } else {
            self.producer.abort_transaction(TIMEOUT).expect("aborted");
        }
        self.committed = committed;
        self.broken_off += 1;
    }

    /// Events that are valid and would be accepted.
    fn never(&mut self, count: usize) -> Vec<Vec<u8>> {
        let event = |number: u64| {
            format!(
                r#"{{"specversion":"1.0","type":"referral.kyc.v1","source":"{NEVER}","id":"{number}","time":"2025-06-01T00:00:00Z","data":{{"uid":7,"status":"verified"}}}}"#
            )
        };
        let first = self.never;
        self.never += count as u64;
        (first..self.never).map(|number| event(number).into_bytes()).collect()
    }
}

fn producer(brokers: &str, topic: &str) -> BaseProducer {
    let mut config = ClientConfig::new();
    for (name, value) in [
        ("bootstrap.servers", brokers),
        ("transactional.id", topic),
        ("transaction.timeout.ms", "600000"),
        ("compression.type", "lz4"),
        ("linger.ms", "5"),
        // Lines that are too large for an event are sent all the same.
        ("message.max.bytes", "20000000"),
    ] {
        config.set(name, value);
    }
    let producer: BaseProducer = config.create().expect("a producer");
    producer.init_transactions(TIMEOUT).expect("transactions");
    producer
}

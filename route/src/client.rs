//! Kafka's client behind the port of a router's loop.

use std::time::{Duration, Instant};

use ingest::kafka::{ACTOR_HEADER, passes_by_itself};
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::{Headers, OwnedHeaders, OwnedMessage};
use rdkafka::producer::{BaseRecord, Producer, ThreadedProducer};
use rdkafka::{Message, Offset, TopicPartitionList};

use crate::clients::{GroupTalk, Talk, put, reader_config, source_config, transactional_config};
use crate::error::RouteError;
use crate::options::RouterOptions;
use crate::partition_counts::{count, partitions};
use crate::port::{NextOffsets, PlatformRead, RouterPort, SourceMessage};
use crate::session::Outlets;

/// How long a step of a transaction may take.
const STEP: Duration = Duration::from_secs(60);
/// How often it is looked whether the topic of accounts is as it was.
const LOOK_EVERY: Duration = Duration::from_secs(30);

/// The clients of one session.
pub(crate) struct Client<'o> {
    options: &'o RouterOptions,
    /// Of the topics that producers write.
    source: BaseConsumer<GroupTalk>,
    producer: ThreadedProducer<Talk>,
    /// Of the platform's topic.
    platform: BaseConsumer<Talk>,
    partitions: u32,
    began: Instant,
    looked: Instant,
}

impl SourceMessage for OwnedMessage {
    fn topic(&self) -> &str {
        Message::topic(self)
    }

    fn partition(&self) -> i32 {
        Message::partition(self)
    }

    fn offset(&self) -> i64 {
        Message::offset(self)
    }

    fn key(&self) -> Option<&[u8]> {
        Message::key(self)
    }

    fn payload(&self) -> Option<&[u8]> {
        Message::payload(self)
    }
}

impl<'o> Client<'o> {
    /// Makes the clients, and sees that the topics are as they have to be. The platform's topic is read from an offset on.
    ///
    /// # Errors
    /// If the settings or topics are not as they have to be, or no broker answers.
    pub(crate) fn open(options: &'o RouterOptions, next: i64) -> Result<(Client<'o>, Outlets), RouteError> {
        let of_client = |error: KafkaError| RouteError::of_client(&error, &options.id);
        let platform = platform_reader(options, next)?;
        let partitions = partitions(&platform, &options.topics)?;
        for topic in &options.kafka.topics {
            if count(&platform, topic)?.is_none() {
                return Err(RouteError::NoSuchTopic { topic: topic.clone(), how: "or see whether the name is right" });
            }
        }
        let producer: ThreadedProducer<Talk> =
            transactional_config(options)?.create_with_context(Talk::new(&options.kafka)).map_err(of_client)?;
        let source: BaseConsumer<GroupTalk> =
            source_config(options)?.create_with_context(GroupTalk::new(options, partitions)).map_err(of_client)?;
        let (began, looked) = (Instant::now(), Instant::now());
        let client = Client { options, source, producer, platform, partitions, began, looked };
        Ok((client, Outlets { topics: options.topics.clone(), partitions }))
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
}

/// A reader of the platform's topic that begins at an offset.
fn platform_reader(options: &RouterOptions, next: i64) -> Result<BaseConsumer<Talk>, RouteError> {
    let broken = |error: KafkaError| RouteError::Broken(error.to_string());
    let consumer: BaseConsumer<Talk> =
        reader_config(&options.kafka)?.create_with_context(Talk::new(&options.kafka)).map_err(broken)?;
    let mut list = TopicPartitionList::new();
    let offset = if next == 0 { Offset::Beginning } else { Offset::Offset(next) };
    list.add_partition_offset(&options.topics.platform, 0, offset).map_err(broken)?;
    consumer.assign(&list).map_err(broken)?;
    Ok(consumer)
}

impl RouterPort for Client<'_> {
    type Message = OwnedMessage;

    fn take_over(&mut self) -> Result<(), RouteError> {
        self.producer.init_transactions(STEP).map_err(|error| RouteError::of_client(&error, &self.options.id))
    }

    fn join(&mut self) -> Result<(), RouteError> {
        let topics: Vec<&str> = self.options.kafka.topics.iter().map(String::as_str).collect();
        self.source.subscribe(&topics).map_err(|error| RouteError::of_client(&error, &self.options.id))
    }

    fn look_at_topics(&mut self) -> Result<(), RouteError> {
        if self.looked.elapsed() < LOOK_EVERY {
            return Ok(());
        }
        self.looked = Instant::now();
        let topic = &self.options.topics.accounts;
        match count(&self.platform, topic) {
            Ok(Some(found)) if found != self.partitions => {
                Err(RouteError::PartitionsChanged { topic: topic.clone(), found, before: self.partitions })
            }
            // Who does not answer now is asked again.
            Ok(_) | Err(_) => Ok(()),
        }
    }

    fn read_platform(
        &mut self,
        wait: Duration,
        take: &mut dyn FnMut(i64, Option<&[u8]>),
    ) -> Result<PlatformRead, RouteError> {
        match self.platform.poll(wait) {
            Some(Ok(message)) => {
                take(message.offset(), message.payload());
                Ok(PlatformRead::Message)
            }
            Some(Err(KafkaError::PartitionEOF(_))) => Ok(PlatformRead::End),
            Some(Err(error)) if passes_by_itself(&error) => Ok(PlatformRead::Nothing),
            Some(Err(error)) => Err(RouteError::Broken(format!("topic {}: {error}", self.options.topics.platform))),
            None => Ok(PlatformRead::Nothing),
        }
    }

    fn poll(&mut self, wait: Duration) -> Result<Option<OwnedMessage>, RouteError> {
        let polled = self.source.poll(wait);
        if let Some(refusal) = self.source.context().take_refusal() {
            return Err(refusal);
        }
        match polled {
            Some(Ok(message)) => Ok(Some(message.detach())),
            Some(Err(error)) if passes_by_itself(&error) => Ok(None),
            Some(Err(error)) => Err(RouteError::of_client(&error, &self.options.id)),
            None => Ok(None),
        }
    }

    fn changes(&self) -> u64 {
        self.source.context().changes()
    }

    fn begin(&mut self) -> Result<(), RouteError> {
        self.producer.begin_transaction().map_err(|error| self.of_client(&error))
    }

    /// Waits where the producer has its hands full.
    fn put(
        &mut self,
        message: &OwnedMessage,
        topic: &str,
        partition: u32,
        key: Option<&[u8]>,
    ) -> Result<(), RouteError> {
        // There are at most `PARTITIONS_MAX`.
        let mut record: BaseRecord<'_, [u8], [u8]> = BaseRecord::to(topic).partition(partition as i32);
        record.key = key;
        record.payload = Message::payload(message);
        record.timestamp = message.timestamp().to_millis();
        record.headers = message.headers().map(passed_on);
        put(&self.producer, record, STEP).map_err(|error| {
            if error.rdkafka_error_code() == Some(RDKafkaErrorCode::MessageSizeTooLarge) {
                let bytes = Message::payload(message).map_or(0, <[u8]>::len) + key.map_or(0, <[u8]>::len);
                return RouteError::TooLarge { topic: topic.to_owned(), bytes };
            }
            self.of_client(&error)
        })
    }

    fn send_offsets(&mut self, next: &NextOffsets<'_>) -> Result<(), RouteError> {
        let mut offsets = TopicPartitionList::new();
        let note = self.source.context().note();
        for ((topic, partition), next) in next {
            let mut place = offsets.add_partition(topic, *partition);
            place.set_offset(Offset::Offset(*next)).map_err(|error| self.of_client(&error))?;
            place.set_metadata(&note);
        }
        let group = self.source.group_metadata();
        let group = group.ok_or_else(|| RouteError::Broken("the client is in no group".to_owned()))?;
        self.step(|producer| producer.send_offsets_to_transaction(&offsets, &group, STEP))
    }

    fn commit(&mut self) -> Result<(), RouteError> {
        self.step(|producer| producer.commit_transaction(STEP))
    }

    fn abort(&mut self) -> Result<(), RouteError> {
        self.producer.abort_transaction(STEP).map_err(|error| RouteError::of_client(&error, &self.options.id))
    }

    fn now(&self) -> Duration {
        self.began.elapsed()
    }
}

/// The headers of a message, but one that says who gave a command: of that, the shard's own word counts alone.
fn passed_on(headers: &OwnedHeaders) -> OwnedHeaders {
    if headers.iter().all(|header| header.key != ACTOR_HEADER) {
        return headers.clone();
    }
    let kept = headers.iter().filter(|header| header.key != ACTOR_HEADER);
    kept.fold(OwnedHeaders::new(), |kept, header| kept.insert(header))
}

#[cfg(test)]
mod tests {
    use rdkafka::message::Header;

    use super::*;

    #[test]
    fn headers_are_passed_on_but_one_that_says_who_gave_a_command() {
        let of = |names: &[&str]| {
            let value = |name: &str| Some(name.to_uppercase());
            names.iter().fold(OwnedHeaders::new(), |headers, name| {
                headers.insert(Header { key: name, value: value(name).as_ref() })
            })
        };
        let told = |headers: &OwnedHeaders| -> Vec<(String, Option<Vec<u8>>)> {
            headers.iter().map(|header| (header.key.to_owned(), header.value.map(<[u8]>::to_vec))).collect()
        };
        for names in [&["a", "b"][..], &[]] {
            assert_eq!(told(&passed_on(&of(names))), told(&of(names)));
        }
        assert_eq!(told(&passed_on(&of(&[ACTOR_HEADER, "a", ACTOR_HEADER, "b"]))), told(&of(&["a", "b"])));
    }
}

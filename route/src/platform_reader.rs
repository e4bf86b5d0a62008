//! The platform's topic, read from its beginning for who is whose parent, and followed from then on.

use std::time::{Duration, Instant};

use ingest::kafka::{KafkaOptions, passes_by_itself};
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::{Message, Offset, TopicPartitionList};
use schemas::json::Predictor;

use crate::clients::{Talk, reader_config};
use crate::error::RouteError;
use crate::far_future::FAR_FUTURE;
use crate::parents::Parents;

/// How long there may be neither a message nor the end.
const SILENT_MAX: Duration = Duration::from_secs(60);
/// So many messages are taken at most before anything else is looked at.
const AT_ONCE: usize = 100_000;

/// Who is whose parent, as far as the platform's topic was read.
pub(crate) struct PlatformReader {
    consumer: BaseConsumer<Talk>,
    topic: String,
    read: Predictor,
}

impl PlatformReader {
    /// Begins to read at an offset.
    pub(crate) fn open(options: &KafkaOptions, topic: &str, next: i64) -> Result<PlatformReader, RouteError> {
        let broken = |error: KafkaError| RouteError::Broken(error.to_string());
        let consumer: BaseConsumer<Talk> =
            reader_config(options)?.create_with_context(Talk::new(options)).map_err(broken)?;
        let mut list = TopicPartitionList::new();
        let offset = if next == 0 { Offset::Beginning } else { Offset::Offset(next) };
        list.add_partition_offset(topic, 0, offset).map_err(broken)?;
        consumer.assign(&list).map_err(broken)?;
        Ok(PlatformReader { consumer, topic: topic.to_owned(), read: Predictor::new() })
    }

    /// The client, to ask of topics.
    pub(crate) fn client(&self) -> &BaseConsumer<Talk> {
        &self.consumer
    }

    /// Reads up to the end, as it is when it comes there.
    ///
    /// # Errors
    /// If nothing comes.
    pub(crate) fn read_to_end(&mut self, known: &mut Known, stop: &dyn Fn() -> bool) -> Result<(), RouteError> {
        let mut silent_since = Instant::now();
        while !stop() {
            match self.next(known, Duration::from_millis(200))? {
                Next::Message => silent_since = Instant::now(),
                Next::End => return Ok(()),
                Next::Nothing if silent_since.elapsed() > SILENT_MAX => {
                    let topic = &self.topic;
                    return Err(RouteError::Broken(format!("no broker gives what topic {topic} holds")));
                }
                Next::Nothing => {}
            }
        }
        Ok(())
    }

    /// Reads what is there, and waits for nothing.
    pub(crate) fn catch_up(&mut self, known: &mut Known) -> Result<(), RouteError> {
        for _ in 0..AT_ONCE {
            if self.next(known, Duration::ZERO)? == Next::Nothing {
                break;
            }
        }
        Ok(())
    }

    fn next(&mut self, known: &mut Known, wait: Duration) -> Result<Next, RouteError> {
        match self.consumer.poll(wait) {
            Some(Ok(message)) => {
                known.next = message.offset() + 1;
                // What cannot be read was not put there by a router, and is nobody's registration.
                if let Some(Ok(event)) = message.payload().map(|text| self.read.read_event(text, FAR_FUTURE)) {
                    known.parents.learn(&event);
                }
                Ok(Next::Message)
            }
            Some(Err(KafkaError::PartitionEOF(_))) => Ok(Next::End),
            Some(Err(error)) if passes_by_itself(&error) => Ok(Next::Nothing),
            Some(Err(error)) => Err(RouteError::Broken(format!("topic {}: {error}", self.topic))),
            None => Ok(Next::Nothing),
        }
    }
}

/// What was known, and where reading goes on.
#[derive(Default)]
pub(crate) struct Known {
    pub(crate) parents: Parents,
    next: i64,
}

impl Known {
    /// Where reading goes on.
    pub(crate) fn next(&self) -> i64 {
        self.next
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    Message,
    End,
    Nothing,
}

//! A producer that says where in the topic what it was given has come to stand.

use std::error::Error;
use std::sync::mpsc::{Sender, channel};
use std::time::Duration;

use ingest::CommandError;
use ingest::kafka::KafkaOptions;
use rdkafka::ClientContext;
use rdkafka::client::OAuthToken;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::{DeliveryResult, Message, OwnedHeaders};
use rdkafka::producer::{BaseRecord, Producer, ProducerContext, ThreadedProducer};

use crate::clients::{Talk, producer_config};
use crate::error::RouteError;

/// How long the brokers may take to say that they have it, in milliseconds.
const DELIVERY_MILLIS: &str = "5000";
/// How long is waited for their word: longer than they may take.
const WORD: Duration = Duration::from_secs(6);
/// How long they may take to say where the topic ends.
const ASK: Duration = Duration::from_secs(4);

/// What a delivery came to: the offset, or why there is none.
type Delivered = Result<i64, KafkaError>;

/// The producer.
pub(super) struct Delivery {
    producer: ThreadedProducer<Told>,
    topic: String,
}

struct Told {
    talk: Talk,
}

impl Delivery {
    pub(super) fn new(options: &KafkaOptions, topic: &str) -> Result<Delivery, RouteError> {
        let mut config = producer_config(options)?;
        config.set("linger.ms", "0").set("message.timeout.ms", DELIVERY_MILLIS);
        // The end that is asked for is that of all that was put there, also behind transactions that are still open.
        config.set("isolation.level", "read_uncommitted");
        let producer = config.create_with_context(Told { talk: Talk::new(options) });
        let producer = producer.map_err(|error: KafkaError| RouteError::Broken(error.to_string()))?;
        Ok(Delivery { producer, topic: topic.to_owned() })
    }

    /// The offset at which the topic ends now.
    pub(super) fn end(&self) -> Result<i64, CommandError> {
        let marks = self.producer.client().fetch_watermarks(&self.topic, 0, ASK);
        marks
            .map(|(_, end)| end)
            .map_err(|error| CommandError::NoWay(format!("no broker says where topic {} ends: {error}", self.topic)))
    }

    /// Puts an event into the topic, with who gave the command, and gives its offset there.
    pub(super) fn put(&self, key: &str, text: &[u8], actor: Option<OwnedHeaders>) -> Result<i64, CommandError> {
        let (told, word) = channel();
        let mut record: BaseRecord<'_, str, [u8], Box<Sender<Delivered>>> =
            BaseRecord::with_opaque_to(&self.topic, Box::new(told)).partition(0).key(key).payload(text);
        record.headers = actor;
        self.producer.send(record).map_err(|(error, _)| self.refused(&error))?;
        match word.recv_timeout(WORD) {
            Ok(Ok(offset)) => Ok(offset),
            Ok(Err(error)) if is_final(&error) => Err(self.refused(&error)),
            Ok(Err(error)) => Err(CommandError::Unsure(format!("topic {}: {error}", self.topic))),
            Err(_) => {
                Err(CommandError::Unsure(format!("no broker said within {WORD:?} that topic {} has it", self.topic)))
            }
        }
    }

    fn refused(&self, error: &KafkaError) -> CommandError {
        let right = match error.rdkafka_error_code() {
            Some(RDKafkaErrorCode::TopicAuthorizationFailed) => ": the shard's user has to be allowed to write it",
            _ => "",
        };
        CommandError::NoWay(format!("topic {} does not take its event: {error}{right}", self.topic))
    }
}

/// Whether it was not written, and will not be.
fn is_final(error: &KafkaError) -> bool {
    matches!(
        error.rdkafka_error_code(),
        Some(
            RDKafkaErrorCode::MessageSizeTooLarge
                | RDKafkaErrorCode::TopicAuthorizationFailed
                | RDKafkaErrorCode::UnknownTopic
                | RDKafkaErrorCode::UnknownPartition
                | RDKafkaErrorCode::PolicyViolation
        )
    )
}

impl ClientContext for Told {
    const ENABLE_REFRESH_OAUTH_TOKEN: bool = true;

    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        self.talk.log(level, facility, message);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        self.talk.error(error, reason);
    }

    fn generate_oauth_token(&self, config: Option<&str>) -> Result<OAuthToken, Box<dyn Error>> {
        self.talk.generate_oauth_token(config)
    }
}

impl ProducerContext for Told {
    type DeliveryOpaque = Box<Sender<Delivered>>;

    fn delivery(&self, result: &DeliveryResult<'_>, told: Box<Sender<Delivered>>) {
        let delivered = match result {
            Ok(message) => Ok(message.offset()),
            Err((error, _)) => Err(error.clone()),
        };
        // Who waits no longer has been told that nothing is known.
        let _ = told.send(delivered);
    }
}

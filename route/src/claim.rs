//! A shard's claim to be the only one of its number: a place in a group of Kafka's that has room for one. Who started first
//! keeps it; when that one is gone, the next has it.

use std::error::Error;
use std::sync::atomic::{AtomicI32, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use ingest::kafka::KafkaOptions;
use rdkafka::client::OAuthToken;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerContext};
use rdkafka::error::KafkaError;
use rdkafka::types::RDKafkaRespErr;
use rdkafka::{ClientContext, TopicPartitionList};

use crate::clients::{Talk, reader_config};
use crate::error::RouteError;
use crate::home::Home;
use crate::topics::Topics;

/// Longer than the group keeps the place of one that was killed.
const PATIENCE: Duration = Duration::from_secs(25);

/// How long the group waits for one that says nothing, in milliseconds.
const SESSION_MILLIS: &str = "10000";

/// Nobody has said yet how many of the one place are given here.
const UNTOLD: i32 = -1;

/// The claim of this process.
pub(crate) struct Claim {
    member: BaseConsumer<Member>,
    /// Since when the group says that another one has the place.
    without_since: Option<Instant>,
}

/// What a claim comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Claimed {
    /// It is this one's.
    Held,
    /// Not known yet, or the one before may only just be gone.
    Waiting,
    /// Another one has it.
    ByAnother,
}

struct Member {
    talk: Talk,
    given: AtomicI32,
}

/// The group in which the shards of one number claim to be it.
pub(crate) fn group(topics: &Topics, home: &Home) -> String {
    format!("{}.shard-{}", topics.platform, home.number())
}

impl Claim {
    pub(crate) fn make(options: &KafkaOptions, topics: &Topics, home: &Home) -> Result<Claim, RouteError> {
        let broken = |error: KafkaError| RouteError::Broken(error.to_string());
        // Members are given their places in the order of their names, which begin so.
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_micros();
        let mut config = reader_config(options)?;
        config.remove("enable.partition.eof");
        config.set("group.id", group(topics, home)).set("client.id", format!("{since:020}"));
        config.set("partition.assignment.strategy", "range").set("session.timeout.ms", SESSION_MILLIS);
        let context = Member { talk: Talk::new(options), given: AtomicI32::new(UNTOLD) };
        let member: BaseConsumer<Member> = config.create_with_context(context).map_err(broken)?;
        member.subscribe(&[&topics.platform]).map_err(broken)?;
        Ok(Claim { member, without_since: None })
    }

    /// Looks how it stands, and takes so long for it.
    pub(crate) fn look(&mut self, wait: Duration) -> Claimed {
        // No message comes, since nothing is read; what the group says comes with it.
        let _ = self.member.poll(wait);
        match self.member.context().given.load(Ordering::Acquire) {
            0 => {
                let since = *self.without_since.get_or_insert_with(Instant::now);
                if since.elapsed() > PATIENCE { Claimed::ByAnother } else { Claimed::Waiting }
            }
            given => {
                self.without_since = None;
                if given == UNTOLD { Claimed::Waiting } else { Claimed::Held }
            }
        }
    }
}

impl ClientContext for Member {
    const ENABLE_REFRESH_OAUTH_TOKEN: bool = true;

    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        self.talk.log(level, facility, message);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        tracing::debug!(%error, reason, "the claim of the shard");
    }

    fn generate_oauth_token(&self, config: Option<&str>) -> Result<OAuthToken, Box<dyn Error>> {
        self.talk.generate_oauth_token(config)
    }
}

impl ConsumerContext for Member {
    /// Takes note of what the group gives, and reads none of it.
    fn rebalance(&self, consumer: &BaseConsumer<Member>, error: RDKafkaRespErr, list: &mut TopicPartitionList) {
        let is_given = error == RDKafkaRespErr::RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS;
        let given = if is_given { list.count() as i32 } else { UNTOLD };
        self.given.store(given, Ordering::Release);
        let done = if is_given { consumer.assign(&TopicPartitionList::new()) } else { consumer.unassign() };
        if let Err(error) = done {
            tracing::warn!(%error, "the claim of the shard");
        }
    }
}

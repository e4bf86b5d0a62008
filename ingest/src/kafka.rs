//! Kafka as a source. Where reading begins is always the ledger's word, never the broker's: each frame holds the
//! offsets that it brings the ledger to, so what was read and what is held cannot part.
//!
//! What is lost is never skipped. An offset that is gone, a record batch that is damaged or cannot be
//! decompressed: the client would go on behind it, so the reading is broken off there and begun again, at the
//! ledger's place, until it succeeds or somebody acts; readiness says so meanwhile. A topic that was deleted and made
//! again is not the one that was read, and none of it is read until an operator says so.

mod actor;
mod callbacks;
mod client;
mod context;
mod examine;
mod headers;
mod identity;
mod offsets;
mod options;
mod producer;
mod record_before;
mod session;
mod silent;
mod start;
mod tokens;
mod topic_id;
mod troubles;
mod watch;

use std::sync::Arc;
use std::thread::JoinHandle;

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded};

pub use self::actor::{ACTOR_HEADER, actor_headers};
pub use self::examine::{ExamineError, PartitionFacts, Sampled, TopicFacts, examine};
pub use self::options::{AcceptNew, KafkaMode, KafkaOptions};
pub use self::session::passes_by_itself;
use self::session::{Ended, Session};
pub use self::tokens::{BearerToken, TokenSource, Tokens, oauth_token};
use self::troubles::{About, KafkaTroubles};
use crate::pipeline::{Feed, Tally};
use crate::published::Published;
use crate::sources::{SourcePart, WhyUnread};
use crate::threads::{NoThread, start_thread};
use crate::trouble::Course;
use crate::work::Stopped;

/// Why reading from Kafka cannot begin.
#[derive(Debug, thiserror::Error)]
pub enum KafkaError {
    /// The settings ask for what this build has not.
    #[error(
        "{what} is asked for, but not built in: take a build made by cargo build --release --features {feature}, on the \
         system's OpenSSL, or --features {feature}-vendored, on one of its own"
    )]
    NotBuiltIn {
        /// What is missing.
        what: String,
        /// The cargo feature that brings it.
        feature: &'static str,
    },
    /// A property that must be what it is, for no event to be lost and nothing said to be otherwise.
    #[error("the property {name} cannot be set to {value}: {why}")]
    Reserved {
        /// The property.
        name: String,
        /// What it was to be.
        value: String,
        /// What it would do.
        why: &'static str,
    },
    /// No topic is named.
    #[error("no topic to read is named")]
    NoTopic,
    /// What is no name, but to the client a pattern of names: no topic can be called so.
    #[error("{topic} is a pattern, and no topic's name: name each topic to read")]
    Pattern {
        /// What was given for a topic.
        topic: String,
    },
    /// A topic is to be accepted that is not read.
    #[error("topic {topic} is to be accepted as a new one, but is not among the topics that are read")]
    NotRead {
        /// The topic.
        topic: String,
    },
    /// The client takes a property not as it is, or cannot be made.
    #[error("the Kafka client cannot be made: {0}")]
    Client(rdkafka::error::KafkaError),
    /// There is no thread to read in.
    #[error(transparent)]
    NoThread(#[from] NoThread),
}

impl From<rdkafka::error::KafkaError> for KafkaError {
    fn from(cause: rdkafka::error::KafkaError) -> KafkaError {
        KafkaError::Client(cause)
    }
}

/// A source that reads from Kafka, in a thread of its own.
pub struct KafkaSource {
    stop: Sender<()>,
    thread: JoinHandle<Result<Tally, Stopped>>,
}

impl KafkaSource {
    /// Begins to read. A broker that cannot be reached is waited for; readiness and log say so.
    ///
    /// # Errors
    /// If the settings cannot be meant.
    pub fn start(feed: Feed, options: KafkaOptions) -> Result<KafkaSource, KafkaError> {
        let (stop, stopped) = bounded(0);
        let reading = Reading::new(feed, options, stopped);
        reading.await_all();
        // The first client is made here, so that a mistake in the settings is told at once.
        let first = reading.open()?;
        let thread = start_thread("kafka-read", move || reading.run(first))?;
        Ok(KafkaSource { stop, thread })
    }

    /// Ends the reading: what was taken from Kafka is made durable and applied, and nothing more is taken. What
    /// became of all that was read.
    ///
    /// # Errors
    /// If the ledger took not all of it; it is read again after the next start.
    pub fn stop(self) -> Result<Tally, Stopped> {
        let KafkaSource { stop, thread } = self;
        drop(stop);
        // A panic there is as bad as a ledger that takes nothing.
        thread.join().unwrap_or(Err(Stopped))
    }

    /// Whether the reading ended by itself, because the ledger takes nothing more.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.thread.is_finished()
    }
}

/// Reads one session after another until it is told to stop.
struct Reading {
    feed: Feed,
    published: Arc<Published>,
    options: Arc<KafkaOptions>,
    stopped: Receiver<()>,
    offsets: Arc<offsets::Offsets>,
    troubles: Arc<KafkaTroubles>,
}

impl Reading {
    fn new(feed: Feed, options: KafkaOptions, stopped: Receiver<()>) -> Reading {
        let published = feed.published();
        let offsets = Arc::new(offsets::Offsets::new(Arc::clone(&published), &options));
        let troubles = Arc::new(KafkaTroubles::new(&options));
        Reading { feed, published, options: Arc::new(options), stopped, offsets, troubles }
    }

    /// Nothing is read before a broker has answered: it is said from the first moment on.
    fn await_all(&self) {
        let topics = self.options.topics.iter().map(|topic| SourcePart::Topic { topic: topic.clone() });
        let group = match (&self.options.mode, &self.options.group) {
            (KafkaMode::Group, Some(group)) => Some(SourcePart::Group { group: group.clone() }),
            (KafkaMode::Group, None) | (KafkaMode::Static | KafkaMode::Subset(_), _) => None,
        };
        for part in topics.chain(group) {
            self.published.sources.whole(part, Some(WhyUnread::Awaited));
        }
    }

    fn open(&self) -> Result<Session, KafkaError> {
        Session::open(&self.published, &self.options, &self.offsets, &self.troubles)
    }

    fn run(mut self, first: Session) -> Result<Tally, Stopped> {
        let _alarm = self.feed.alarm();
        let mut next: Result<Session, KafkaError> = Ok(first);
        loop {
            let ended = match next {
                Ok(mut session) => session.read(&mut self.feed, &self.stopped)?,
                Err(error) => Ended::Broken { detail: error.to_string() },
            };
            match ended {
                Ended::Stopped => return self.feed.finish(),
                Ended::Broken { detail } => {
                    if let Some(Course { times, lasted }) = self.troubles.met(About::Reading) {
                        let pause = self.options.retry_pause;
                        tracing::error!(%detail, ?pause, times, ?lasted, "reading from Kafka failed; it begins again");
                    }
                    self.await_all();
                    for (topic, partition) in self.offsets.give_up_all() {
                        let why = WhyUnread::Failed { detail: detail.clone() };
                        self.published.sources.unread(&topic, partition, why);
                    }
                }
            }
            if self.stopped.recv_timeout(self.options.retry_pause) != Err(RecvTimeoutError::Timeout) {
                return self.feed.finish();
            }
            next = self.open();
        }
    }
}

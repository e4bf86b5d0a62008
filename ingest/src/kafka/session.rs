//! One client's life: from making it to the stop, or to an error behind which it would go on with something left
//! out.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, TryRecvError, bounded, unbounded};
use parking_lot::Mutex;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer};
use rdkafka::error::{KafkaError as ClientError, RDKafkaErrorCode};
use rdkafka::message::{BorrowedMessage, Message};
use rdkafka::{Offset, TopicPartitionList};

use super::KafkaError;
use super::actor::actor_of;
use super::client;
use super::context::Context;
use super::headers::header;
use super::offsets::Offsets;
use super::options::{KafkaMode, KafkaOptions};
use super::troubles::{About, KafkaTroubles};
use super::watch::{TopicNews, watch};
use crate::pipeline::Feed;
use crate::pipeline::chunk::Chunk;
use crate::published::Published;
use crate::threads::start_thread;
use crate::traces::TraceParent;
use crate::trouble::Course;
use crate::work::Stopped;

/// How long the client is asked for a message when there is none.
const WAIT: Duration = Duration::from_millis(100);

/// How often it is looked whether the client passed something without a message, when none comes.
const PASSED_EVERY: Duration = Duration::from_millis(500);

/// How long is waited for the client to leave its group and close.
const CLOSE: Duration = Duration::from_secs(3);

/// The header that tells to which trace a message belongs (W3C Trace Context).
const TRACEPARENT: &str = "traceparent";

/// So many messages are taken before anything else is looked at.
const AT_ONCE: usize = 1_000;

/// How a session ended.
#[derive(Debug)]
pub(super) enum Ended {
    /// It was told to.
    Stopped,
    /// Reading on would leave something out, or is not possible.
    Broken {
        /// What the client said.
        detail: String,
    },
}

/// A client that reads, and the thread that watches its topics.
pub(super) struct Session {
    consumer: Option<Arc<BaseConsumer<Context>>>,
    options: Arc<KafkaOptions>,
    offsets: Arc<Offsets>,
    news: Receiver<TopicNews>,
    /// Dropped to end the watch.
    stop_watch: Option<Sender<()>>,
    watch: Option<JoinHandle<()>>,
    committed: Instant,
    looked_passed: Instant,
    /// Of each topic, by its number, whether its messages say who gave a command.
    says_actors: Vec<bool>,
}

impl Session {
    /// Makes a client, and begins to look for partitions.
    pub(super) fn open(
        published: &Arc<Published>,
        options: &Arc<KafkaOptions>,
        offsets: &Arc<Offsets>,
        troubles: &Arc<KafkaTroubles>,
    ) -> Result<Session, KafkaError> {
        let (published, options, offsets) = (Arc::clone(published), Arc::clone(options), Arc::clone(offsets));
        let context = Context {
            published,
            options: Arc::clone(&options),
            offsets: Arc::clone(&offsets),
            troubles: Arc::clone(troubles),
            last_error: Mutex::new(None),
            is_over: AtomicBool::new(false),
            unreachable: Mutex::new(None),
        };
        let consumer: BaseConsumer<Context> = client::config(&options)?.create_with_context(context)?;
        if options.mode == KafkaMode::Group {
            let topics: Vec<&str> = options.topics.iter().map(String::as_str).collect();
            consumer.subscribe(&topics)?;
        }
        let consumer = Arc::new(consumer);
        let ((sender, news), (stop_watch, stopped)) = (unbounded(), bounded(0));
        let watch = watch(Arc::clone(&consumer), sender, stopped)?;
        let says_actors = offsets.topics().iter().map(|topic| options.actors_in.contains(topic)).collect();
        Ok(Session {
            says_actors,
            consumer: Some(consumer),
            options,
            offsets,
            news,
            stop_watch: Some(stop_watch),
            watch: Some(watch),
            committed: Instant::now(),
            looked_passed: Instant::now(),
        })
    }

    /// Reads until told to stop or until reading cannot go on. What was taken by then is on its way.
    pub(super) fn read(&mut self, feed: &mut Feed, stopped: &Receiver<()>) -> Result<Ended, Stopped> {
        let Some(consumer) = self.consumer.clone() else { return Ok(Ended::Stopped) };
        let ended = loop {
            if stopped.try_recv() == Err(TryRecvError::Disconnected) {
                break Ended::Stopped;
            }
            if let Err(detail) = self.assign_found(&consumer) {
                break Ended::Broken { detail };
            }
            if let Err(detail) = self.take(&consumer, feed)? {
                break Ended::Broken { detail };
            }
            if self.committed.elapsed() >= self.options.commit_interval {
                self.commit(&consumer);
            }
        };
        self.let_go(feed)?;
        // Where reading begins again, what is kept of the last record is held against the topic: it has to be there.
        feed.flush()?;
        if matches!(ended, Ended::Stopped) {
            self.commit(&consumer);
        }
        Ok(ended)
    }

    /// Takes what there is, up to some number, and lets it go on its way; waits a little if there is nothing, and nothing that
    /// was taken before waits with it. The inner error says why reading must not go on.
    fn take(&mut self, consumer: &BaseConsumer<Context>, feed: &mut Feed) -> Result<Result<(), String>, Stopped> {
        let mut wait = if self.offsets.holds_any() { Duration::ZERO } else { WAIT };
        for _ in 0..AT_ONCE {
            match consumer.poll(wait) {
                Some(Ok(message)) => {
                    // Messages of no other topic than those asked for come.
                    let Some(topic) = self.offsets.topic_of(|| message.topic()) else { continue };
                    let (place, written) = ((message.partition(), message.offset()), message.timestamp().to_millis());
                    let payload = message.payload();
                    let actor = self.says_actors[topic].then(|| actor_of(&message)).flatten();
                    // What an actor did is a batch of its own.
                    let is_alone = actor.is_some();
                    if is_alone {
                        self.let_go(feed)?;
                    }
                    let is_full = self.offsets.take(topic, place, (written, actor), payload, || sender(&message));
                    // A message that is kept would hold all that was fetched with it.
                    drop(message);
                    if is_full || is_alone {
                        self.let_go(feed)?;
                    }
                    wait = Duration::ZERO;
                }
                Some(Err(error)) if passes_by_itself(&error) => break,
                Some(Err(error)) => {
                    let detail = consumer.context().last_error.lock().take();
                    return Ok(Err(detail.unwrap_or_else(|| error.to_string())));
                }
                None => {
                    if wait > Duration::ZERO && self.looked_passed.elapsed() >= PASSED_EVERY {
                        self.pass(consumer);
                    }
                    self.let_go(feed)?;
                    break;
                }
            }
        }
        Ok(Ok(()))
    }

    fn let_go(&self, feed: &mut Feed) -> Result<(), Stopped> {
        self.offsets.let_go(feed.buffers()).map_or(Ok(()), |messages| feed.push(Chunk::Messages(messages)))
    }

    /// Everything up to the client's position was given to us, messages or not.
    fn pass(&mut self, consumer: &BaseConsumer<Context>) {
        self.looked_passed = Instant::now();
        let Ok(position) = consumer.position() else { return };
        let elements = position.elements();
        self.offsets.pass(elements.iter().filter_map(|element| match element.offset() {
            Offset::Offset(next) => Some(((element.topic().to_owned(), element.partition()), next)),
            Offset::Beginning | Offset::End | Offset::Stored | Offset::Invalid | Offset::OffsetTail(_) => None,
        }));
    }

    /// Reads partitions that were found, too. A topic that is no longer what it was is read no further.
    fn assign_found(&self, consumer: &BaseConsumer<Context>) -> Result<(), String> {
        for news in self.news.try_iter() {
            let places = match news {
                TopicNews::Partitions(places) => places,
                TopicNews::Changed { topic, how } => {
                    return Err(format!("topic {topic} is no longer what was read: {how}"));
                }
            };
            // While it was found out where one begins, it may have been found once more.
            let fresh = places.into_iter().filter(|(topic, partition)| !self.offsets.is_assigned(topic, *partition));
            let list = consumer.context().assign(consumer, fresh);
            if list.count() > 0 {
                consumer.incremental_assign(&list).map_err(|error| error.to_string())?;
            }
        }
        Ok(())
    }

    /// Tells the broker how far the ledger is, for tools that show the lag. Nothing depends on it.
    fn commit(&mut self, consumer: &BaseConsumer<Context>) {
        self.committed = Instant::now();
        if !client::commits(&self.options) {
            return;
        }
        let mut list = TopicPartitionList::new();
        for (topic, partition) in self.offsets.assigned() {
            if let Some(next) = self.offsets.durable(&topic, partition) {
                // Only an offset that is none is refused.
                let _ = list.add_partition_offset(&topic, partition, Offset::Offset(next));
            }
        }
        if list.count() > 0
            && let Err(error) = consumer.commit(&list, CommitMode::Async)
        {
            tracing::debug!(%error, "offsets were not committed for tools; the ledger has its own");
        }
    }
}

impl Drop for Session {
    /// Ends the watch and closes the client. Without a broker that answers, both take their time: they are left to
    /// end by themselves then, since everything that was taken is the ledger's already.
    fn drop(&mut self) {
        self.stop_watch = None;
        let (consumer, watch) = (self.consumer.take(), self.watch.take());
        let Some(context) = consumer.as_ref().map(|consumer| Arc::clone(consumer.context())) else { return };
        context.is_over.store(true, Ordering::Release);
        let (closed, waiting) = bounded::<()>(1);
        let closing = start_thread("kafka-close", move || {
            if let Some(watch) = watch {
                let _ = watch.join();
            }
            drop(consumer);
            drop(closed);
        });
        if let Err(error) = closing {
            tracing::debug!(%error, "the Kafka client was closed in this thread");
        }
        if waiting.recv_timeout(CLOSE) == Err(RecvTimeoutError::Timeout)
            && let Some(Course { times, lasted }) = context.troubles.met(About::Closing)
        {
            tracing::warn!(times, ?lasted, "the Kafka client is left to close by itself: no broker answers");
        }
    }
}

/// The trace that a message belongs to, as its sender says.
fn sender(message: &BorrowedMessage<'_>) -> Option<TraceParent> {
    TraceParent::read(std::str::from_utf8(header(message, TRACEPARENT)?).ok()?)
}

/// Whether the client goes on by itself after an error, and leaves nothing out. After any other it has skipped, or
/// will skip, what it could not read.
#[must_use]
pub fn passes_by_itself(error: &ClientError) -> bool {
    if matches!(error, ClientError::PartitionEOF(_)) {
        return true;
    }
    let (ClientError::MessageConsumption(code) | ClientError::Global(code)) = error else { return false };
    matches!(
        code,
        RDKafkaErrorCode::BrokerTransportFailure
            | RDKafkaErrorCode::AllBrokersDown
            | RDKafkaErrorCode::Resolve
            | RDKafkaErrorCode::OperationTimedOut
            | RDKafkaErrorCode::RequestTimedOut
            | RDKafkaErrorCode::Authentication
            | RDKafkaErrorCode::SaslAuthenticationFailed
            | RDKafkaErrorCode::SSL
            | RDKafkaErrorCode::UnknownTopicOrPartition
            | RDKafkaErrorCode::UnknownTopic
            | RDKafkaErrorCode::UnknownPartition
            | RDKafkaErrorCode::LeaderNotAvailable
            | RDKafkaErrorCode::NotLeaderForPartition
            | RDKafkaErrorCode::TopicAuthorizationFailed
            | RDKafkaErrorCode::GroupAuthorizationFailed
            | RDKafkaErrorCode::CoordinatorLoadInProgress
            | RDKafkaErrorCode::CoordinatorNotAvailable
            | RDKafkaErrorCode::NotCoordinator
            | RDKafkaErrorCode::RebalanceInProgress
            | RDKafkaErrorCode::PollExceeded
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn behind_an_error_that_leaves_something_out_nothing_is_read() {
        use RDKafkaErrorCode::*;
        // The client skips the damaged batch and goes on, or gives the partition up.
        for code in [
            BadMessage,
            BadCompression,
            NotImplemented,
            CriticalSystemResource,
            MessageSizeTooLarge,
            InvalidMessage,
            AutoOffsetReset,
            OffsetOutOfRange,
            Unknown,
        ] {
            assert!(!passes_by_itself(&ClientError::MessageConsumption(code)), "{code:?}");
        }
        assert!(!passes_by_itself(&ClientError::MessageConsumptionFatal(BrokerTransportFailure)));
        for code in [BrokerTransportFailure, AllBrokersDown, NotLeaderForPartition, UnknownTopicOrPartition] {
            assert!(passes_by_itself(&ClientError::MessageConsumption(code)), "{code:?}");
        }
        assert!(passes_by_itself(&ClientError::PartitionEOF(0)));
    }
}

//! A shard's daemon sends on what is not its own: a thread that follows the ledger, and remembers how far it came.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use ingest::Handle;
use ingest::kafka::KafkaOptions;
use ledger::{EventReader, Position, ReadError};
use rdkafka::error::KafkaError;
use rdkafka::producer::{BaseRecord, Producer, ThreadedProducer};
use schemas::json::write_event;

use crate::claim::{Claim, Claimed, group};
use crate::clients::{Talk, producer_config, put};
use crate::error::RouteError;
use crate::home::Home;
use crate::murmur2::partition_of_uid;
use crate::progress::{keep_progress, kept_progress};
use crate::sent_on::{GoesOn, sent_on};
use crate::topics::Topics;

/// So many entries are looked at between two looks at everything else.
const AT_ONCE: u64 = 5_000;
/// How long is waited for new ones.
const WAIT: Duration = Duration::from_millis(50);
/// How long the brokers may take for what was sent.
const STEP: Duration = Duration::from_secs(60);
/// How long to wait where it failed.
const PAUSE: Duration = Duration::from_secs(2);
/// How long is waited for its end: what was sent is kept by then, and a client without brokers closes by itself.
const END: Duration = Duration::from_secs(5);
/// How often it is kept how far it is, where nothing was sent.
const KEEP_EVERY: Duration = Duration::from_secs(10);

/// What is sent on, and where to.
#[derive(Clone, Debug)]
pub struct SendingOptions {
    /// How to speak to the brokers.
    pub kafka: KafkaOptions,
    /// Where it goes.
    pub topics: Topics,
    /// Which shard this is.
    pub home: Home,
    /// The file that keeps up to which position it was done. One that is missing, or ahead of the ledger, makes it begin at
    /// the first entry: what was sent before is sent again and changes nothing.
    pub progress: PathBuf,
}

/// The thread. It ends when this is dropped.
pub struct SendingOn {
    shared: Arc<Shared>,
    /// Closed once it has kept how far it came.
    kept: Receiver<()>,
}

#[derive(Default)]
struct Shared {
    is_over: AtomicBool,
    failure: Mutex<Option<String>>,
}

impl SendingOn {
    /// Begins. A broker that cannot be reached is waited for.
    ///
    /// # Errors
    /// If the settings cannot be meant, or there is no thread.
    pub fn start(handle: Handle, options: SendingOptions) -> Result<SendingOn, RouteError> {
        // A mistake in the settings is told at once.
        let mut sender = Sender::make(&options)?;
        let mut claim = Claim::make(&options.kafka, &options.topics, &options.home)?;
        let shared = Arc::new(Shared::default());
        let of_thread = Arc::clone(&shared);
        let thread = std::thread::Builder::new().name("send-on".to_owned());
        let (keeping, kept) = channel();
        let spawned = thread.spawn(move || {
            run(&handle, &options, &mut sender, &mut claim, &of_thread);
            drop(keeping);
        });
        spawned.map_err(|error| RouteError::Broken(format!("no thread to send on in: {error}")))?;
        Ok(SendingOn { shared, kept })
    }

    /// Why this shard must not go on, if so: another one has its number.
    #[must_use]
    pub fn failure(&self) -> Option<String> {
        self.shared.failure.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for SendingOn {
    fn drop(&mut self) {
        self.shared.is_over.store(true, Ordering::Release);
        // It comes to its end, or is left to it.
        let _ = self.kept.recv_timeout(END);
    }
}

fn run(handle: &Handle, options: &SendingOptions, sender: &mut Sender, claim: &mut Claim, shared: &Shared) {
    let kept = kept_progress(&options.progress);
    let mut done = kept.filter(|kept| *kept <= handle.position()).unwrap_or(0);
    let mut looked = Instant::now();
    let mut is_held = false;
    tracing::info!(from = done, position = handle.position(), "sending on what is of other shards");
    while !shared.is_over.load(Ordering::Acquire) {
        match claim.look(if done < handle.position() && is_held { Duration::ZERO } else { WAIT }) {
            Claimed::Held => is_held = true,
            Claimed::Waiting => {
                is_held = false;
                continue;
            }
            Claimed::ByAnother => {
                let (number, of) = (options.home.number(), options.home.of());
                let group = group(&options.topics, &options.home);
                let failure = format!(
                    "another daemon runs as shard {number} of {of} (group {group}), and started earlier: end one of the two. \
                     Nothing is lost by it"
                );
                *shared.failure.lock().unwrap_or_else(PoisonError::into_inner) = Some(failure);
                return;
            }
        }
        match sender.go_on(handle, options, done, &shared.is_over) {
            Ok((reached, sent)) => {
                if reached > done && (sent > 0 || looked.elapsed() >= KEEP_EVERY) {
                    keep(&options.progress, reached);
                    looked = Instant::now();
                }
                done = reached;
            }
            Err(error) => {
                tracing::error!(%error, from = done, pause = ?PAUSE, "sending on failed; it begins again");
                let until = Instant::now() + PAUSE;
                while Instant::now() < until && !shared.is_over.load(Ordering::Acquire) {
                    std::thread::sleep(WAIT);
                }
            }
        }
    }
    keep(&options.progress, done);
}

fn keep(path: &Path, done: Position) {
    if let Err(error) = keep_progress(path, done) {
        tracing::warn!(%error, path = %path.display(), "how far was sent on is not kept: a start sends it again");
    }
}

/// What puts messages into the topics.
struct Sender {
    producer: ThreadedProducer<Talk>,
    text: Vec<u8>,
}

/// Why an entry could not be sent on.
#[derive(Debug, thiserror::Error)]
enum SendError {
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error("{0}")]
    Client(String),
}

impl Sender {
    fn make(options: &SendingOptions) -> Result<Sender, RouteError> {
        let producer = producer_config(&options.kafka)?.create_with_context(Talk::new(&options.kafka));
        let producer = producer.map_err(|error: KafkaError| RouteError::Broken(error.to_string()))?;
        Ok(Sender { producer, text: Vec::new() })
    }

    /// Sends on what goes on of the next entries, and waits until the brokers have it. Up to which position, and how many.
    fn go_on(
        &mut self,
        handle: &Handle,
        options: &SendingOptions,
        done: Position,
        is_over: &AtomicBool,
    ) -> Result<(Position, u64), SendError> {
        if handle.position() <= done {
            return Ok((done, 0));
        }
        // All that hold one are long questions, and one more is there when one of them ends.
        let Ok(snapshot) = handle.snapshot() else { return Ok((done, 0)) };
        let view = snapshot.view();
        let upto = view.state.position().min(done + AT_ONCE);
        let reader: &dyn EventReader = view.reader;
        let mut sent = 0;
        for position in done + 1..=upto {
            sent_on::<SendError>((view.state, reader, &options.home), position, &mut |goes_on| {
                sent += 1;
                self.put(options, &goes_on)
            })?;
        }
        if sent > 0 {
            let until = Instant::now() + STEP;
            while let Err(error) = self.producer.flush(Duration::from_millis(500)) {
                if is_over.load(Ordering::Acquire) || Instant::now() > until {
                    return Err(SendError::Client(error.to_string()));
                }
            }
            if let Some((code, topic, bytes)) = self.producer.context().take_failed() {
                return Err(SendError::Client(format!(
                    "topic {topic} did not take a message of {bytes} bytes: {code}"
                )));
            }
            tracing::debug!(sent, upto, "sent on");
        }
        Ok((upto, sent))
    }

    fn put(&mut self, options: &SendingOptions, goes_on: &GoesOn<'_>) -> Result<(), SendError> {
        self.text.clear();
        let (topic, head) = match goes_on {
            GoesOn::ToFamily { head, event } => {
                write_event(event, &mut self.text);
                (&options.topics.accounts, *head)
            }
            GoesOn::Head { head, event } => {
                write_event(event, &mut self.text);
                (&options.topics.heads, *head)
            }
        };
        let key = head.to_string();
        let partition = partition_of_uid(head, options.home.partitions());
        // There are at most `PARTITIONS_MAX`.
        let mut record: BaseRecord<'_, str, [u8]> = BaseRecord::to(topic).partition(partition as i32);
        record.key = Some(&key);
        record.payload = Some(&self.text);
        put(&self.producer, record, STEP).map_err(|error| SendError::Client(error.to_string()))
    }
}

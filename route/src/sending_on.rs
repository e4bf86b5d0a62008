//! A shard's daemon sends on what is not its own: a thread that follows the ledger, and remembers how far it came.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use ingest::Handle;
use ingest::kafka::KafkaOptions;
use ledger::Position;
use rdkafka::error::KafkaError;
use rdkafka::producer::{BaseRecord, Producer, ThreadedProducer};

use crate::claim::{Claim, Claimed, group};
use crate::clients::{Talk, producer_config, put};
use crate::error::RouteError;
use crate::home::Home;
use crate::progress::{keep_progress, kept_progress};
use crate::sending::{SendError, Sending, SendingPort};
use crate::topics::Topics;

/// How long is waited for new entries.
const WAIT: Duration = Duration::from_millis(50);
/// How long the brokers may take for what was sent.
const STEP: Duration = Duration::from_secs(60);
/// How long to wait where it failed.
const PAUSE: Duration = Duration::from_secs(2);
/// How long is waited for its end: what was sent is kept by then, and a client without brokers closes by itself.
const END: Duration = Duration::from_secs(5);

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
        let client = Client::make(&options)?;
        let mut claim = Claim::make(&options.kafka, &options.topics, &options.home)?;
        let shared = Arc::new(Shared::default());
        let of_thread = Arc::clone(&shared);
        let thread = std::thread::Builder::new().name("send-on".to_owned());
        let (keeping, kept) = channel();
        let spawned = thread.spawn(move || {
            let mut sending = Sending::begin(client, options.topics.clone(), options.home, handle.position());
            run(&handle, &options, &mut sending, &mut claim, &of_thread);
            // The clients may take their time to close.
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

fn run(handle: &Handle, options: &SendingOptions, sending: &mut Sending<Client>, claim: &mut Claim, shared: &Shared) {
    let is_over = || shared.is_over.load(Ordering::Acquire);
    let mut is_held = false;
    tracing::info!(from = sending.done(), position = handle.position(), "sending on what is of other shards");
    while !is_over() {
        match claim.look(if sending.done() < handle.position() && is_held { Duration::ZERO } else { WAIT }) {
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
        if let Err(error) = sending.turn(handle, &is_over) {
            tracing::error!(%error, from = sending.done(), pause = ?PAUSE, "sending on failed; it begins again");
            let until = Instant::now() + PAUSE;
            while Instant::now() < until && !is_over() {
                std::thread::sleep(WAIT);
            }
        }
    }
    sending.end();
}

/// Kafka's client, and the file that keeps how far it came.
struct Client {
    producer: ThreadedProducer<Talk>,
    progress: PathBuf,
    began: Instant,
}

impl Client {
    fn make(options: &SendingOptions) -> Result<Client, RouteError> {
        let producer = producer_config(&options.kafka)?.create_with_context(Talk::new(&options.kafka));
        let producer = producer.map_err(|error: KafkaError| RouteError::Broken(error.to_string()))?;
        Ok(Client { producer, progress: options.progress.clone(), began: Instant::now() })
    }
}

impl SendingPort for Client {
    fn kept(&mut self) -> Option<Position> {
        kept_progress(&self.progress)
    }

    fn keep(&mut self, done: Position) {
        if let Err(error) = keep_progress(&self.progress, done) {
            let path = self.progress.display();
            tracing::warn!(%error, %path, "how far was sent on is not kept: a start sends it again");
        }
    }

    fn put(&mut self, topic: &str, partition: u32, key: &str, text: &[u8]) -> Result<(), SendError> {
        // There are at most `PARTITIONS_MAX`.
        let mut record: BaseRecord<'_, str, [u8]> = BaseRecord::to(topic).partition(partition as i32);
        record.key = Some(key);
        record.payload = Some(text);
        put(&self.producer, record, STEP).map_err(|error| SendError::Client(error.to_string()))
    }

    fn flush(&mut self, is_over: &dyn Fn() -> bool) -> Result<(), SendError> {
        let until = Instant::now() + STEP;
        while let Err(error) = self.producer.flush(Duration::from_millis(500)) {
            if is_over() || Instant::now() > until {
                return Err(SendError::Client(error.to_string()));
            }
        }
        match self.producer.context().take_failed() {
            Some((code, topic, bytes)) => {
                Err(SendError::Client(format!("topic {topic} did not take a message of {bytes} bytes: {code}")))
            }
            None => Ok(()),
        }
    }

    fn now(&self) -> Duration {
        self.began.elapsed()
    }
}

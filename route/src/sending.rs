//! What a shard's sending on does, a step at a time: it follows the ledger, and remembers how far it came. How a broker is
//! asked, and where it is kept how far it came, stands behind a port, as with a router's loop (`port.rs`).

use std::time::Duration;

use ingest::Handle;
use ledger::{EventReader, Position, ReadError};
use schemas::json::write_event;

use crate::home::Home;
use crate::murmur2::partition_of_uid;
use crate::sent_on::{GoesOn, sent_on};
use crate::topics::Topics;

/// So many entries are looked at between two looks at everything else.
const AT_ONCE: u64 = 5_000;
/// How often it is kept how far it is, where nothing was sent.
const KEEP_EVERY: Duration = Duration::from_secs(10);

/// Why an entry could not be sent on. It is tried again.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// The ledger cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The brokers did not take it.
    #[error("{0}")]
    Client(String),
}

/// What sending on asks of Kafka and of the shard's directory.
pub trait SendingPort {
    /// Up to which position it was kept that everything was sent; none where nothing is kept.
    fn kept(&mut self) -> Option<Position>;

    /// Keeps it. What cannot be kept is sent again by the next start, and changes nothing.
    fn keep(&mut self, done: Position);

    /// Gives a message to the producer.
    ///
    /// # Errors
    /// If it is not taken.
    fn put(&mut self, topic: &str, partition: u32, key: &str, text: &[u8]) -> Result<(), SendError>;

    /// Waits until the brokers have all that was given, or it is over.
    ///
    /// # Errors
    /// If they do not have all of it.
    fn flush(&mut self, is_over: &dyn Fn() -> bool) -> Result<(), SendError>;

    /// The time since some moment.
    fn now(&self) -> Duration;
}

/// Sends on what a shard's ledger holds and is not its own.
pub struct Sending<P> {
    port: P,
    topics: Topics,
    home: Home,
    /// Up to which position it is done.
    done: Position,
    kept_at: Duration,
    text: Vec<u8>,
}

impl<P: SendingPort> Sending<P> {
    /// Begins where it was kept that it came to. What is missing, or ahead of the ledger's last position, makes it begin at
    /// the first entry.
    pub fn begin(mut port: P, topics: Topics, home: Home, position: Position) -> Sending<P> {
        let kept = port.kept().filter(|kept| *kept <= position);
        let done = if mutants::mutant!("unsent-forgotten-over-a-restart") { position } else { kept.unwrap_or(0) };
        let kept_at = port.now();
        Sending { port, topics, home, done, kept_at, text: Vec::new() }
    }

    /// Up to which position everything was sent.
    #[must_use]
    pub fn done(&self) -> Position {
        self.done
    }

    /// Sends on what goes on of the next entries, waits until the brokers have it, and keeps how far that is. Gives how many
    /// messages that were.
    ///
    /// # Errors
    /// If not all of it is known to be there: the next turn sends it again.
    pub fn turn(&mut self, handle: &Handle, is_over: &dyn Fn() -> bool) -> Result<u64, SendError> {
        if handle.position() <= self.done {
            return Ok(0);
        }
        // All that hold one are long questions, and one more is there when one of them ends.
        let Ok(snapshot) = handle.snapshot() else { return Ok(0) };
        let view = snapshot.view();
        let upto = view.state.position().min(self.done + AT_ONCE);
        if mutants::mutant!("kept-before-it-was-sent") {
            self.port.keep(upto);
        }
        let reader: &dyn EventReader = view.reader;
        let Sending { port, topics, home, text, .. } = self;
        let mut sent = 0;
        for position in self.done + 1..=upto {
            sent_on::<SendError>((view.state, reader, home), position, &mut |goes_on| {
                sent += 1;
                put(port, (topics, home), &goes_on, text)
            })?;
        }
        if sent > 0 {
            self.port.flush(is_over)?;
            tracing::debug!(sent, upto, "sent on");
        }
        let is_due = sent > 0 || self.port.now().saturating_sub(self.kept_at) >= KEEP_EVERY;
        if upto > self.done && is_due {
            self.port.keep(upto);
            self.kept_at = self.port.now();
        }
        self.done = upto;
        Ok(sent)
    }

    /// Keeps how far it came.
    pub fn end(&mut self) {
        self.port.keep(self.done);
    }
}

fn put<P: SendingPort>(
    port: &mut P,
    (topics, home): (&Topics, &Home),
    goes_on: &GoesOn<'_>,
    text: &mut Vec<u8>,
) -> Result<(), SendError> {
    text.clear();
    let (topic, head) = match goes_on {
        GoesOn::ToFamily { head, event } => {
            write_event(event, text);
            (&topics.accounts, *head)
        }
        GoesOn::Head { head, event } => {
            write_event(event, text);
            (&topics.heads, *head)
        }
    };
    port.put(topic, partition_of_uid(head, home.partitions()), &head.to_string(), text)
}
